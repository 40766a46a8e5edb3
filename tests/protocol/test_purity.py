"""The protocol package needs no Home Assistant."""

import subprocess
import sys

import pytest

PROGRAM = """
from importlib import import_module
import pkgutil, sys
import tests.protocol.conftest
package = import_module("custom_components.meross_local.meross")
for module in pkgutil.iter_modules(package.__path__):
    import_module(f"{package.__name__}.{module.name}")
print("homeassistant" in sys.modules)
"""


def test_no_module_imports_home_assistant() -> None:
    program = subprocess.run(  # noqa: S603 (our own program)
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True
    )
    assert program.stdout.strip() == "False"


@pytest.mark.skipif(
    hasattr(sys.modules["custom_components.meross_local"], "__file__"),
    reason="tests that need Home Assistant run in the same process",
)
def test_these_tests_run_without_home_assistant() -> None:
    assert "homeassistant" not in sys.modules
