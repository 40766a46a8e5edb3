"""Meross Local in a Home Assistant, through Home Assistant's interfaces only."""

from tests import home_assistant  # noqa: F401
