"""Benchmarks of a real Home Assistant with simulated plugs: see scripts/bench."""
