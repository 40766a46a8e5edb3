"""The demo: Home Assistant, a broker and three simulated plugs."""
