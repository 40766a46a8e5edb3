"""The time of the smallest parts: see scripts/bench micro."""

from tests import home_assistant  # noqa: F401
