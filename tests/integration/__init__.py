"""Meross Local in a Home Assistant, through Home Assistant's interfaces only."""
