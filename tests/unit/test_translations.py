"""Every text that a person may see exists, and none exists that nobody sees."""

import ast
from collections.abc import Iterator
import json
from pathlib import Path
import re
from typing import Any

from homeassistant import const
import pytest

from custom_components import meross_local
from custom_components.meross_local.broker_check import Problem

ROOT = Path(meross_local.__file__).parent
MODULES = {path: ast.parse(path.read_text()) for path in sorted(ROOT.rglob("*.py"))}
TEXTS: dict[str, Any] = json.loads((ROOT / "translations" / "en.json").read_text())

# Home Assistant shows these by itself: no code of ours names them.
BY_HOME_ASSISTANT = {
    "config.abort.already_in_progress",
    "config.abort.reconfigure_successful",
    "config.abort.single_instance_allowed",
    "config.flow_title",
    "config_subentries.plug.entry_type",
}
PLACEHOLDERS = {
    *("code", "command", "count", "firmware", "hardware", "host", "mac", "missing"),
    *("number", "old_broker", "password", "plug", "plugs", "port", "url", "user"),
    "uuid",
}
ADD_PLUG = "config_subentries.plug"
# The part of the texts that each class of flows shows.
FLOWS = {
    "MerossLocalConfigFlow": ["config"],
    "MerossLocalOptionsFlow": ["options"],
    "PlugSubentryFlow": [ADD_PLUG],
    "PlugSteps": [ADD_PLUG],
    "OnWifiSteps": [ADD_PLUG],
    "NewSteps": [ADD_PLUG],
    "SilentSteps": [ADD_PLUG],
    "MerossLanSteps": [ADD_PLUG],
    "KeyRepairFlow": ["issues.unknown_key.fix_flow", "issues.wrong_key.fix_flow"],
    "BrokerRepairFlow": ["issues.missing.fix_flow"],
}
# Those that check a broker.
CHECKERS = ["config", ADD_PLUG, "issues.missing.fix_flow"]
# What they say of a broker in the form that asks for it.
PROBLEMS = set(Problem) - {Problem.LOGIN_REFUSED}


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
    for path, module in MODULES.items():
        if not parts or path.stem in parts:
            yield from ast.walk(module)


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
    of_home_assistant = {
        name: value for name, value in vars(const).items() if "CONF_" in name
    }
    return (
        of_home_assistant
        | {
            target.id: node.value.value
            for node in trees()
            if isinstance(node, ast.AnnAssign)
            and isinstance(target := node.target, ast.Name)
            and isinstance(node.value, ast.Constant)
            and isinstance(node.value.value, str)
        }
        | {
            f"Role.{member.targets[0].id}": member.value.value
            for node in trees("identity")
            if isinstance(node, ast.ClassDef) and node.name == "Role"
            for member in node.body
            if isinstance(member, ast.Assign)
            and isinstance(member.targets[0], ast.Name)
            and isinstance(member.value, ast.Constant)
            and isinstance(member.value.value, str)
        }
    )


NAMES = names_of_texts()
# The forms' schemas that have names, and the modules where those are not shared.
SCHEMAS: dict[tuple[str, str], ast.AST] = {
    (path.stem if name.startswith("_") else "", name): node.value
    for path, tree in MODULES.items()
    for node in ast.walk(tree)
    if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None
    for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
    if isinstance(target, ast.Name) and (name := target.id).lower().endswith("schema")
}


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
    flows = {
        node.name: (path.stem, node)
        for path, tree in MODULES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef) and node.name in FLOWS
    }
    for name, parts in FLOWS.items():
        module, flow = flows[name]
        for part in parts:
            yield from (f"{part}.{text}" for text in shown_by(flow, module))
    # What the function that two flows share finds wrong.
    for part in ("config", ADD_PLUG):
        for node in trees("plug_silent"):
            if isinstance(node, ast.AsyncFunctionDef) and node.name == "async_find":
                yield from (f"{part}.error.{error}" for error in errors(node))
    for call in calls(trees(), "LanError"):
        yield from (f"{ADD_PLUG}.error.{why}" for why in constants(call.args[0], NAMES))


def used_in_checks() -> Iterator[str]:
    """Return the paths of what flows that check a broker show of that."""
    wrong = [error for node in trees("broker_form") for error in errors(node)]
    assert wrong
    for part in CHECKERS:
        yield f"{part}.progress.check"
        yield from (f"{part}.step.check.title", f"{part}.step.login")
        yield from (f"{part}.error.{error}" for error in (*wrong, *PROBLEMS))
    # Where there is no MAC there is no login to tell of, in the step of its own.
    yield f"{ADD_PLUG}.error.{Problem.LOGIN_REFUSED}"


def shown_by(flow: ast.ClassDef, module: str) -> Iterator[str]:
    """Return the paths of what one class of flows shows."""
    for call in calls(ast.walk(flow), "async_abort"):
        yield from (f"abort.{reason}" for reason in given(call, "reason"))
    for call in calls(ast.walk(flow), "async_update_and_abort"):
        reasons = given(call, "reason") or ["reconfigure_successful"]
        yield from (f"abort.{reason}" for reason in reasons)
    yield from forms(flow, module)
    yield from menus(flow)
    for call in calls(ast.walk(flow), "_show_work"):
        for step in constants(call.args[0], NAMES):
            yield from (f"progress.{step}", f"step.{step}.title")
    yield from (f"error.{error}" for node in ast.walk(flow) for error in errors(node))


def forms(flow: ast.ClassDef, module: str) -> Iterator[str]:
    """Return the paths of forms and of their fields."""
    schemas = [
        (step, keyword.value)
        for call in calls(ast.walk(flow), "async_show_form")
        for step in given(call, "step_id")
        for keyword in call.keywords
        if keyword.arg == "data_schema"
    ] + [
        # Of the step that calls it.
        (method.name.removeprefix("async_step_"), call.args[0])
        for method in flow.body
        if isinstance(method, ast.AsyncFunctionDef)
        for call in calls(ast.walk(method), "_show_broker")
    ]
    for step, schema in schemas:
        yield f"step.{step}"
        yield from (f"step.{step}.data.{name}" for name in fields(schema, module))


def menus(flow: ast.ClassDef) -> Iterator[str]:
    """Return the paths of menus and of what they offer."""
    for method in flow.body:
        for call in calls(ast.walk(method), "async_show_menu"):
            options = [
                text
                for keyword in call.keywords
                if keyword.arg == "menu_options"
                for text in listed(keyword.value, method)
            ]
            steps = given(call, "step_id")
            # One for several steps, each of which names itself.
            for caller in calls(ast.walk(flow), getattr(method, "name", "")):
                steps += [text for arg in caller.args for text in constants(arg, NAMES)]
            for step in steps:
                yield f"step.{step}"
                yield from (f"step.{step}.menu_options.{option}" for option in options)


def listed(node: ast.AST, method: ast.AST) -> Iterator[str]:
    """Return the texts in a list, also in one that has a name in its method."""
    if isinstance(node, ast.Name):
        for inner in ast.walk(method):
            match inner:
                case ast.Assign(targets=[ast.Name(id=name)]) if name == node.id:
                    yield from texts_in(inner.value)
        for call in calls(ast.walk(method), "append"):
            yield from constants(call.args[0], NAMES)
    else:
        yield from texts_in(node)


def fields(schema: ast.AST, module: str) -> Iterator[str]:
    """Return the names of a form's fields."""
    for node in ast.walk(schema):
        match node:
            # A schema that has a name, here or everywhere.
            case ast.Name(id=name):
                known = SCHEMAS.get((module, name)) or SCHEMAS.get(("", name))
                if known is not None:
                    yield from fields(known, module)
    for marker in ("Required", "Optional"):
        for field in calls(ast.walk(schema), marker):
            yield from constants(field.args[0], NAMES)


def texts_in(node: ast.AST) -> Iterator[str]:
    """Return the texts in a list, or the names in a dict."""
    for inner in node.keys if isinstance(node, ast.Dict) else ast.walk(node):
        yield from constants(inner, NAMES)


def errors(node: ast.AST) -> Iterator[str]:
    """Return what is written into the errors of forms, by this node alone."""
    match node:
        case ast.Assign(targets=[ast.Subscript(value=ast.Name(id="errors"))]):
            yield from constants(node.value, NAMES)
        case ast.Assign(targets=[ast.Attribute(attr="errors")]):
            for inner in ast.walk(node.value):
                if isinstance(inner, ast.Dict):
                    for value in inner.values:
                        yield from constants(value, NAMES)
        case ast.AsyncFunctionDef(name="async_find"):
            for inner in ast.walk(node):
                match inner:
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


def used_in_selectors() -> Iterator[str]:
    """Return the paths of the names of what can be chosen."""
    for call in calls(trees(), "SelectSelectorConfig"):
        yield from (f"selector.{key}.options" for key in given(call, "translation_key"))


def used_in_system_health() -> Iterator[str]:
    """Return the paths of what the system page shows."""
    for node in trees("system_health"):
        if isinstance(node, ast.Return) and isinstance(node.value, ast.Dict):
            for key in node.value.keys:
                yield from (f"system_health.info.{k}" for k in constants(key, NAMES))


USED = {
    *BY_HOME_ASSISTANT,
    *used_in_flows(),
    *used_in_checks(),
    *used_in_errors(),
    *used_in_issues(),
    *used_by_entities(),
    *used_in_selectors(),
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
    assert placeholders <= PLACEHOLDERS


@pytest.mark.parametrize("error", [*sorted(PROBLEMS), "own_name"])
def test_what_is_wrong_with_a_broker_is_told_in_the_same_words(error: str) -> None:
    assert len({FLAT[f"{part}.error.{error}"] for part in CHECKERS}) == 1


@pytest.mark.parametrize(
    "path",
    [
        "progress.check",
        "step.broker.data.host",
        "step.broker.data.port",
        "step.broker.data_description.host",
        "step.broker.data_description.port",
        "step.check.title",
        "step.login.title",
        "step.login.description",
        "step.login.submit",
    ],
)
def test_how_a_broker_is_checked_is_told_in_the_same_words(path: str) -> None:
    forms = {"config": "broker", ADD_PLUG: "move", "issues.missing.fix_flow": "broker"}
    texts = {FLAT[f"{part}.{path}".replace("broker", forms[part])] for part in CHECKERS}
    assert len(texts) == 1
