"""The blueprints are tested with Home Assistant."""

pytest_plugins = ["pytest_homeassistant_custom_component.plugins"]
