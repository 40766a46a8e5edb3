"""Load scripts/pair, which has no suffix and belongs to no package."""

from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path
import sys
from typing import Any

PATH = Path(__file__).parents[2] / "scripts/pair"


def load() -> Any:  # noqa: ANN401 (a module without a suffix has no types)
    """Import the program, without leaving compiled code beside it."""
    loader = SourceFileLoader("meross_pair", str(PATH))
    spec = spec_from_loader(loader.name, loader)
    if spec is None:
        raise ImportError(PATH)
    module = module_from_spec(spec)
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    # Where dataclasses look up the names in their annotations.
    sys.modules[loader.name] = module
    try:
        loader.exec_module(module)
    finally:
        sys.dont_write_bytecode = before
    return module
