"""Tests of the simulated plugs, and of the program that pairs plugs."""
