"""Models: hypothesis plays plugs, their network and people, and looks for a lie."""

from tests import home_assistant  # noqa: F401
