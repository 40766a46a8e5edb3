"""How long the smallest parts take: scripts/bench micro."""

from tests import home_assistant  # noqa: F401
