"""Every text that a person may see exists, and none exists that nobody sees."""

import ast
from collections.abc import Iterator
import json
from pathlib import Path
import re
from typing import Any

import pytest

from custom_components import meross_local

ROOT = Path(meross_local.__file__).parent
TEXTS: dict[str, Any] = json.loads((ROOT / "translations" / "en.json").read_text())

# Home Assistant shows these by itself: no code of ours names them.
BY_HOME_ASSISTANT = {
    "config.abort.already_in_progress",
    "config.abort.reconfigure_successful",
    "config.abort.single_instance_allowed",
    "config.flow_title",
    "config_subentries.plug.entry_type",
}
FIELDS = ("data", "data_description")
# The part of the texts that each class of flows shows.
FLOWS = {
    "MerossLocalConfigFlow": ["config"],
    "MerossLocalOptionsFlow": ["options"],
    "PlugSubentryFlow": ["config_subentries.plug"],
    "KeyRepairFlow": ["issues.unknown_key.fix_flow", "issues.wrong_key.fix_flow"],
}


def flattened(texts: dict[str, Any], prefix: str = "") -> dict[str, str]:
    """Return all texts by their paths."""
    flat: dict[str, str] = {}
    for name, value in texts.items():
        path = f"{prefix}{name}"
        flat |= (
            flattened(value, f"{path}.") if isinstance(value, dict) else {path: value}
        )
    return flat


FLAT = flattened(TEXTS)


def trees(*parts: str) -> Iterator[ast.AST]:
    """Return all nodes of our modules, or of some of them."""
    for path in sorted(ROOT.rglob("*.py")):
        if not parts or path.stem in parts:
            yield from ast.walk(ast.parse(path.read_text()))


def constants(node: ast.AST | None, module: dict[str, str]) -> list[str]:
    """Return the texts that an expression may be."""
    match node:
        case ast.Constant(value=str(text)):
            return [text]
        case ast.Name(id=name) if name in module:
            return [module[name]]
        case ast.IfExp(body=body, orelse=orelse):
            return constants(body, module) + constants(orelse, module)
        case _:
            return []


def names_of_texts() -> dict[str, str]:
    """Return the values of constants such as CONF_KEY and _UNKNOWN_KEY."""
    return {
        target.id: node.value.value
        for node in trees()
        if isinstance(node, ast.AnnAssign)
        and isinstance(target := node.target, ast.Name)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    } | {
        f"Role.{member.targets[0].id}": member.value.value
        for node in trees("identity")
        if isinstance(node, ast.ClassDef) and node.name == "Role"
        for member in node.body
        if isinstance(member, ast.Assign)
        and isinstance(member.targets[0], ast.Name)
        and isinstance(member.value, ast.Constant)
        and isinstance(member.value.value, str)
    }


NAMES = names_of_texts()


def given(call: ast.Call, name: str) -> list[str]:
    """Return the texts that an argument of a call may be."""
    return [
        text
        for keyword in call.keywords
        if keyword.arg == name
        for text in constants(keyword.value, NAMES)
    ]


def calls(tree: Iterator[ast.AST], name: str) -> Iterator[ast.Call]:
    """Return the calls of a function or method."""
    for node in tree:
        if isinstance(node, ast.Call) and name in (
            getattr(node.func, "attr", ""),
            getattr(node.func, "id", ""),
        ):
            yield node


def used_in_flows() -> Iterator[str]:
    """Return the paths of what flows show: aborts, errors, steps and their fields."""
    for node in trees("config_flow", "repairs"):
        if isinstance(node, ast.ClassDef) and node.name in FLOWS:
            for part in FLOWS[node.name]:
                for path in shown_by(node):
                    yield f"{part}.{path}"
    # What the function that both flows share finds wrong.
    for node in trees("config_flow"):
        if isinstance(node, ast.AsyncFunctionDef) and node.name == "_async_find":
            for part in ("config", "config_subentries.plug"):
                yield from (f"{part}.error.{error}" for error in errors(node))


def shown_by(flow: ast.ClassDef) -> Iterator[str]:
    """Return the paths of what one class of flows shows."""
    for call in calls(ast.walk(flow), "async_abort"):
        yield from (f"abort.{reason}" for reason in given(call, "reason"))
    for call in calls(ast.walk(flow), "async_update_and_abort"):
        reasons = given(call, "reason") or ["reconfigure_successful"]
        yield from (f"abort.{reason}" for reason in reasons)
    for call in calls(ast.walk(flow), "async_show_form"):
        yield from (f"step.{step}" for step in given(call, "step_id"))
    yield from (f"error.{error}" for error in errors(flow))


def errors(node: ast.AST) -> Iterator[str]:
    """Return what is written into the errors of forms."""
    for inner in ast.walk(node):
        match inner:
            case ast.Assign(targets=[ast.Subscript(value=ast.Name(id="errors"))]):
                yield from constants(inner.value, NAMES)
            case ast.Return(value=ast.Tuple(elts=[_, ast.Dict(values=values)])):
                for value in values:
                    yield from constants(value, NAMES)


def used_in_errors() -> Iterator[str]:
    """Return the paths of what exceptions say."""
    for name in ("ConfigEntryNotReady", "HomeAssistantError"):
        for call in calls(trees(), name):
            yield from (f"exceptions.{key}" for key in given(call, "translation_key"))
    for call in calls(trees("commander"), "_error"):
        if call.args:
            yield from (f"exceptions.{key}" for key in constants(call.args[0], NAMES))


def used_in_issues() -> Iterator[str]:
    """Return the paths of the repairs."""
    for call in calls(trees("issues"), "async_create_issue"):
        yield from (f"issues.{key}" for key in given(call, "translation_key"))
    for call in calls(trees("issues"), "_report"):
        yield from (f"issues.{key}" for key in constants(call.args[1], NAMES))


def used_by_entities() -> Iterator[str]:
    """Return the paths of the names of entities."""
    for platform in ("sensor", "switch"):
        for node in trees(platform):
            if isinstance(node, ast.Call):
                for key in given(node, "translation_key"):
                    yield f"entity.{platform}.{key}.name"
    # What the channels of a strip are; that of a single plug is the plug's own.
    for role, key in NAMES.items():
        if role.startswith("Role.") and role != "Role.SINGLE":
            yield f"entity.switch.{key}.name"


def used_in_system_health() -> Iterator[str]:
    """Return the paths of what the system page shows."""
    for node in trees("system_health"):
        if isinstance(node, ast.Return) and isinstance(node.value, ast.Dict):
            for key in node.value.keys:
                yield from (f"system_health.info.{k}" for k in constants(key, NAMES))


USED = {
    *BY_HOME_ASSISTANT,
    *used_in_flows(),
    *used_in_errors(),
    *used_in_issues(),
    *used_by_entities(),
    *used_in_system_health(),
    # The buttons of what a subentry flow can begin with.
    "config_subentries.plug.initiate_flow.reconfigure",
    "config_subentries.plug.initiate_flow.user",
}


@pytest.mark.parametrize("path", sorted(USED))
def test_what_is_used_exists(path: str) -> None:
    assert path in FLAT or any(text.startswith(f"{path}.") for text in FLAT)


@pytest.mark.parametrize("path", FLAT)
def test_what_exists_is_used(path: str) -> None:
    assert any(path == used or path.startswith(f"{used}.") for used in USED)


def test_the_ways_of_use_are_found() -> None:
    """Without this a change of form in the code could hide all of them."""
    kinds = {path.split(".")[0] for path in USED}
    assert kinds == set(TEXTS)
    assert len(USED - BY_HOME_ASSISTANT) >= 50


@pytest.mark.parametrize("step", [path for path in FLAT if ".step." in path])
def test_every_field_has_a_name_and_a_word_of_help(step: str) -> None:
    base, _, name = step.rpartition(".")
    if base.endswith(".data"):
        assert f"{base}_description.{name}" in FLAT
    if base.endswith(".data_description"):
        assert f"{base.removesuffix('_description')}.{name}" in FLAT


@pytest.mark.parametrize("path", FLAT)
def test_texts_are_whole_and_placeholders_are_ours(path: str) -> None:
    text = FLAT[path]
    assert text == text.strip()
    placeholders = set(re.findall(r"{(.*?)}", text))
    assert placeholders <= {"code", "count", "number", "plug", "plugs"}
