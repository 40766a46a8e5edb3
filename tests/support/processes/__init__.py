"""Starts the real things: a broker and a Home Assistant, each a process of its own."""
