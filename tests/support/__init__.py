"""The test kit: Home Assistant, an MQTT broker, simulated plugs and a stepped clock.

`mqtt`, `clock` and `world` simulate what surrounds the integration, `simulation` starts
all of it outside pytest. The other modules are what tests do and look at. `processes`
are real programs, for end-to-end tests and benchmarks.
"""
