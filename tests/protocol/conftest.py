"""The protocol package is tested without Home Assistant."""

from pathlib import Path
import sys
import types

import custom_components

# Importing the protocol package imports its parent, and that Home Assistant: a bare
# module takes the parent's place, but where other tests run in the same process.
_PARENT = "custom_components.meross_local"
if "homeassistant" not in sys.modules:
    sys.modules[_PARENT] = types.ModuleType(_PARENT)
    sys.modules[_PARENT].__path__ = [
        str(Path(custom_components.__path__[0], "meross_local"))
    ]
