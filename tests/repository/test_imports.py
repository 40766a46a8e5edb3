"""Imports run in one direction: flows → hub → plug → transport → meross.

docs/architecture.md shows the layers.
"""

import ast
from collections.abc import Iterator, Set as AbstractSet
from graphlib import CycleError, TopologicalSorter

from homeassistant.const import Platform
import pytest

from . import MODULES

ALL = {path.split("/")[0].removesuffix(".py") for path in MODULES}
PLATFORMS = sorted(ALL & {*Platform})
OUTER = {"config_flow", "flows", "repairs", *PLATFORMS}
# By layer, a folder or file: the other layers that it may import.
MAY_IMPORT: dict[str, AbstractSet[str]] = {
    "meross": set(),
    "const": {"meross"},
    "transport": ALL - OUTER - {"plug", "hub", "discovery"},
    "plug": ALL - OUTER - {"hub", "discovery"},
    "hub": ALL - OUTER,
    **dict.fromkeys(
        ["entity", *PLATFORMS], frozenset(["const", "entity", "hub", "plug", "meross"])
    ),
}


def name_of(path: str) -> str:
    """Return the name of one of our modules, in the form `folder.module`."""
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


NAMES = {*map(name_of, MODULES)}


def imports(path: str, module: ast.Module) -> Iterator[str]:
    """Yield our modules that a module imports."""
    package = path.split("/")[:-1]
    for node in ast.walk(module):
        if isinstance(node, ast.ImportFrom) and node.level:
            above = package[: len(package) - node.level + 1]
            base = ".".join([*above, *filter(None, [node.module])])
            for alias in node.names:
                name = f"{base}.{alias.name}".removeprefix(".")
                yield name if name in NAMES else base or "__init__"


IMPORTS = {name_of(path): {*imports(path, module)} for path, module in MODULES.items()}


@pytest.mark.parametrize("layer", MAY_IMPORT)
def test_a_layer_imports_only_what_is_below_it(layer: str) -> None:
    found = {
        name: outside
        for name, imported in IMPORTS.items()
        if name.split(".")[0] == layer
        and (
            outside := {
                other
                for other in imported
                if other.split(".")[0] not in MAY_IMPORT[layer] | {layer}
            }
        )
    }
    assert found == {}


def test_the_protocol_imports_nothing_of_home_assistant() -> None:
    assert [
        path
        for path, module in MODULES.items()
        if path.startswith("meross/")
        for node in ast.walk(module)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in [getattr(node, "module", None), *(a.name for a in node.names)]
        if name and name.split(".")[0] == "homeassistant"
    ] == []


def test_no_modules_import_each_other() -> None:
    try:
        order = [*TopologicalSorter(IMPORTS).static_order()]
    except CycleError as error:
        pytest.fail(" → ".join(error.args[1]))
    assert order


def test_discovery_imports_little_before_there_is_an_entry() -> None:
    """A plug leaves after three Binds without a reply (docs/protocol.md 3.1)."""
    found: set[str] = set()
    new = {"__init__", "config_flow"}
    while new:
        found |= new
        imported: set[str] = set()
        for path, module in MODULES.items():
            if name_of(path) in new:
                # Neither what a function imports nor what only types need.
                imported |= {*imports(path, ast.Module(body=_at_once(module)))}
        new = imported - found
    assert not found & {"hub", "flows.add_plug", "broker_check.check"}
    assert not [name for name in found if name.split(".")[0] == "plug"]
    assert "discovery" in found


def _at_once(module: ast.Module) -> list[ast.stmt]:
    """Return the imports that are executed as a module is imported."""
    return [node for node in module.body if isinstance(node, ast.ImportFrom)]


def test_imports_are_found() -> None:
    source = "from . import const\nfrom .meross import topics\nfrom .. import hub\n"
    module = ast.parse(f"{source}from .const import DOMAIN\nimport json")
    assert [*imports("flows/new.py", module)][2] == "hub"
    assert [*imports("hub.py", ast.parse(source.replace("..", ".")))] == [
        *("const", "meross.topics", "hub"),
    ]
