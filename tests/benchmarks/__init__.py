"""How long things take, beside Home Assistant's own MQTT switch in the same run."""
