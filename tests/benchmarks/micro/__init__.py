"""The time of the smallest parts: see scripts/bench micro."""
