"""The protocol of Meross plugs: pure Python, no I/O, nothing of Home Assistant."""
