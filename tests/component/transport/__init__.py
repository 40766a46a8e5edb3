"""Tests of the component's folder of the same name."""
