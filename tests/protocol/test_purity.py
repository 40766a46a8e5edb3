"""The protocol package stands by itself."""

import subprocess
import sys

_PROGRAM = """
import importlib, pkgutil, sys, types
# The parent imports Home Assistant; the package must not need it.
parent = types.ModuleType("custom_components.meross_local")
parent.__path__ = ["custom_components/meross_local"]
sys.modules["custom_components.meross_local"] = parent
package = importlib.import_module("custom_components.meross_local.meross")
for module in pkgutil.iter_modules(package.__path__):
    importlib.import_module(f"{package.__name__}.{module.name}")
print([name for name in sys.modules if name.split(".")[0] == "homeassistant"])
"""


def test_imports_nothing_of_home_assistant() -> None:
    done = subprocess.run(  # noqa: S603 (our own program)
        [sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
