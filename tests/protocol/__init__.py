"""The protocol package, tested without Home Assistant."""
