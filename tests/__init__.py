"""The tests of Meross Local."""
