"""The protocol package needs no Home Assistant.

That none of its modules imports it is checked in tests/repository/test_imports.py.
"""

import sys

import pytest


@pytest.mark.skipif(
    hasattr(sys.modules["custom_components.meross_local"], "__file__"),
    reason="tests that need Home Assistant run in the same process",
)
def test_these_tests_run_without_home_assistant() -> None:
    assert "homeassistant" not in sys.modules
