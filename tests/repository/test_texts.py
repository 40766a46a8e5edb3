"""Every English text is used.

That everything shown has a text is checked by tests/support/texts.py at run time.
"""

import ast
from collections.abc import Iterator
from enum import StrEnum
import importlib
from itertools import chain
import sys
from types import ModuleType
from unittest.mock import MagicMock

from homeassistant.components.repairs import RepairsFlow
from homeassistant.const import Platform
import pytest

from custom_components import meross_local
from custom_components.meross_local import config_flow, repairs

from . import LANGUAGES, MODULES

ENGLISH = LANGUAGES["en"]
CONFIG = config_flow.MerossLocalConfigFlow
ADD_PLUG = "config_subentries.plug"
# What Home Assistant shows by itself.
BY_HOME_ASSISTANT = {
    "config.abort.already_in_progress",
    "config.abort.reconfigure_successful",
    "config.abort.single_instance_allowed",
    "config.flow_title",
    "config_subentries.plug.entry_type",
    "config_subentries.plug.initiate_flow.reconfigure",
    "config_subentries.plug.initiate_flow.user",
}
# The parts of other paths that no code names.
FRAME = {*Platform, "name", "message", "info", "state", "options"}
FLOWS: dict[str, list[type]] = {
    "config": [CONFIG],
    "options": [type(CONFIG.async_get_options_flow(MagicMock()))],
    ADD_PLUG: [CONFIG.async_get_supported_subentry_types(MagicMock())["plug"]],
    "issues": [
        flow
        for flow in vars(repairs).values()
        if isinstance(flow, type) and issubclass(flow, RepairsFlow)
    ],
}
PACKAGE = {
    f"{meross_local.__name__}.{path.removesuffix('.py').replace('/', '.')}": tree
    for path, tree in MODULES.items()
}


def is_ours(name: str) -> bool:
    """Return whether a module is one of the integration."""
    return name in PACKAGE


def literals(module: ModuleType) -> Iterator[str]:
    """Yield the texts in a module and in the constants that it imports."""
    for node in ast.walk(PACKAGE[module.__name__]):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
    for value in vars(module).values():
        if (
            isinstance(value, type)
            and issubclass(value, StrEnum)
            and value.__module__.startswith("custom_")
        ):
            yield from map(str, value)
        elif isinstance(value, str):
            yield value


def modules_of(flow: type) -> set[ModuleType]:
    """Return the modules of a flow's classes, and those that they import from."""
    own = {sys.modules[base.__module__] for base in flow.__mro__}
    own = {module for module in own if is_ours(module.__name__)}
    imported = {
        sys.modules[value.__module__]
        for module in own
        for value in vars(module).values()
        if is_ours(getattr(value, "__module__", None) or "")
    }
    return own | imported


USED_IN_FLOWS = {
    scope: {*chain(*(literals(module) for f in flows for module in modules_of(f)))}
    for scope, flows in FLOWS.items()
}
USED = {*chain(*(literals(importlib.import_module(name)) for name in PACKAGE))}


def is_used(path: str) -> bool:
    """Return whether the name of a text is in the code that may show it."""
    if path in BY_HOME_ASSISTANT:
        return True
    scope = next((scope for scope in FLOWS if path.startswith(f"{scope}.")), None)
    names = path.removeprefix(f"{scope}.").split(".")
    if scope == "issues" and "fix_flow" not in path:
        return names[0] in USED
    if scope is None:
        # As in entity.switch.outlet.name and exceptions.no_reply.message
        return USED.issuperset({*names[1:]} - FRAME)
    if scope == "issues":
        names = names[2:] if len(names) > 2 else names
    if names[0] == "title":
        return True
    if names[0] != "step":
        return names[1] in USED_IN_FLOWS[scope]
    steps = {names[1], *(names[3:] if "menu_option" in path else ())}
    fields = names[3:] if names[2].startswith("data") else []
    return all(
        any(hasattr(flow, f"async_step_{step}") for flow in FLOWS[scope])
        for step in steps
    ) and USED_IN_FLOWS[scope].issuperset(fields)


def test_every_text_is_used() -> None:
    assert [path for path in ENGLISH if not is_used(path)] == []


@pytest.mark.parametrize(
    "path",
    [
        *("config.abort.nothing", "config.error.no_such", "config.step.nowhere.title"),
        "config.step.user.data.no_field",
        "config.step.reconfigure.menu_options.nowhere",
        f"{ADD_PLUG}.abort.mqtt_not_set_up",
        "options.step.user.title",
        "issues.no_such.title",
        "entity.switch.no_such.name",
        "exceptions.no_such.message",
        "system_health.info.no_such",
    ],
)
def test_a_text_that_is_not_used_is_found(path: str) -> None:
    assert not is_used(path)


def test_every_field_has_a_label_and_a_description() -> None:
    for path in ENGLISH:
        if ".data." in path:
            assert path.replace(".data.", ".data_description.") in ENGLISH
        elif ".data_description." in path:
            assert path.replace(".data_description.", ".data.") in ENGLISH


# Their remedies differ with the place.
OF_THEIR_OWN = {"error.no_answer", "abort.broker_fine", "abort.not_loaded"}


def test_errors_read_the_same_in_every_flow() -> None:
    texts: dict[str, str] = {}
    for path, text in ENGLISH.items():
        kind, name = path.split(".")[-2:]
        if kind in {"error", "abort", "progress"}:
            name = f"{kind}.{name}"
            assert name in OF_THEIR_OWN or texts.setdefault(name, text) == text, path
