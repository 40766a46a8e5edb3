"""Imports Home Assistant's test framework.

Folders whose tests need it import this module in their `__init__.py`, before anything
else, and load the framework's fixtures in their `conftest.py`. What Home Assistant and
its libraries are warned of at import is not ours to change.
"""

import sys
import warnings

import pytest

pytest.register_assert_rewrite("pytest_homeassistant_custom_component")
with warnings.catch_warnings(action="ignore"):
    import pytest_homeassistant_custom_component.plugins  # noqa: F401

# tests/protocol may have put a bare module in its place.
if not hasattr(sys.modules.get("custom_components.meross_local"), "__file__"):
    sys.modules.pop("custom_components.meross_local", None)
