"""What hassfest, HACS, the Marketplace and GitHub demand, as far as files can show it.

The tools themselves run in containers or on GitHub alone (ecosystem.md 2, 4.4).
"""

import ast
from collections.abc import Iterator
import json
from pathlib import Path
import re
import struct
from typing import Any

from awesomeversion import AwesomeVersion, AwesomeVersionStrategy
from homeassistant.const import Platform
from homeassistant.util.yaml import load_yaml_dict
import pytest

ROOT = Path(__file__).parents[1]
COMPONENT = ROOT / "custom_components" / "meross_local"
DOMAIN = "meross_local"


def read(path: Path) -> dict[str, Any]:
    """Return what is in a file of JSON."""
    content: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return content


MANIFEST = read(COMPONENT / "manifest.json")
HACS = read(ROOT / "hacs.json")
MODULES = {
    path.relative_to(COMPONENT).as_posix(): ast.parse(path.read_text("utf-8"))
    for path in sorted(COMPONENT.rglob("*.py"))
}


def nodes(*modules: str) -> Iterator[ast.AST]:
    """Return all nodes of our modules, or of some of them."""
    for name, module in MODULES.items():
        if not modules or name in modules:
            yield from ast.walk(module)


# The manifest.

REQUIRED = {
    *("domain", "name", "codeowners", "documentation", "iot_class", "version"),
    "issue_tracker",  # HACS alone wants it
}
KNOWN = REQUIRED | {
    *("after_dependencies", "bluetooth", "config_flow", "dependencies", "dhcp"),
    *("disabled", "homekit", "import_executor", "integration_type", "loggers"),
    *("mqtt", "preview_features", "quality_scale", "requirements"),
    *("single_config_entry", "ssdp", "usb", "zeroconf"),
}
# Those that the loader takes.
VERSIONS = [
    AwesomeVersionStrategy.CALVER,
    AwesomeVersionStrategy.SEMVER,
    AwesomeVersionStrategy.SIMPLEVER,
    AwesomeVersionStrategy.BUILDVER,
    AwesomeVersionStrategy.PEP440,
]
# What may be imported without depending on it: hassfest's list, as far as it is ours.
ALLOWED_IMPORTS = {*Platform, "persistent_notification", "system_health", "webhook"}


def test_manifest_has_what_is_required() -> None:
    assert set(MANIFEST) >= REQUIRED
    assert MANIFEST["domain"] == DOMAIN == COMPONENT.name
    assert MANIFEST["codeowners"]
    assert all(re.fullmatch(r"@[\w-]+", owner) for owner in MANIFEST["codeowners"])
    for name in ("documentation", "issue_tracker"):
        assert MANIFEST[name].startswith("https://github.com/")
    assert MANIFEST["iot_class"] == "local_push"
    assert MANIFEST["integration_type"] == "hub"


def test_manifest_has_nothing_unknown() -> None:
    assert set(MANIFEST) <= KNOWN
    # No tier is claimed that nobody has awarded.
    assert MANIFEST.get("quality_scale", "custom") == "custom"


def test_manifest_is_in_order() -> None:
    domain, name, *others = MANIFEST
    assert (domain, name) == ("domain", "name")
    assert others == sorted(others)


def test_manifest_needs_nothing_from_elsewhere() -> None:
    assert MANIFEST["requirements"] == []


def test_version_is_the_newest_of_the_changelog() -> None:
    AwesomeVersion(MANIFEST["version"], ensure_strategy=VERSIONS)
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    versions = re.findall(r"^## (\S+)", changelog, re.MULTILINE)
    assert versions[0] == MANIFEST["version"]
    assert versions == sorted(versions, key=AwesomeVersion, reverse=True)


def test_every_component_that_is_imported_is_depended_on() -> None:
    depends = {*MANIFEST["dependencies"], *MANIFEST.get("after_dependencies", [])}
    for name, module in MODULES.items():
        used = set(imported(module))
        # A file is the place of the component that it is called like.
        assert used <= depends | ALLOWED_IMPORTS | {Path(name).stem}, name


def imported(module: ast.Module) -> Iterator[str]:
    """Return the components of Home Assistant that a module imports."""
    for node in ast.walk(module):
        match node:
            case ast.ImportFrom(module="homeassistant.components", names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(name)) if name.startswith(
                "homeassistant.components."
            ):
                yield name.split(".")[2]


# The folder.


def test_there_is_one_integration_and_no_sources_of_translations() -> None:
    folders = [path.name for path in COMPONENT.parent.iterdir() if path.is_dir()]
    assert [name for name in folders if name != "__pycache__"] == [DOMAIN]
    assert not (COMPONENT / "strings.json").exists()


BRAND_SIZES = {
    **dict.fromkeys(("icon.png", "dark_icon.png"), (256, 256)),
    **dict.fromkeys(("icon@2x.png", "dark_icon@2x.png"), (512, 512)),
}
LOGOS = {
    **dict.fromkeys(("logo.png", "dark_logo.png"), range(128, 257)),
    **dict.fromkeys(("logo@2x.png", "dark_logo@2x.png"), range(256, 513)),
}
WITH_TRANSPARENCY = (4, 6)  # grey or colours, with an alpha channel


def test_brand_images() -> None:
    images = {path.name: path for path in (COMPONENT / "brand").iterdir()}
    assert images.keys() >= {"icon.png", "icon@2x.png"}
    assert images.keys() <= BRAND_SIZES.keys() | LOGOS.keys()
    # Whoever has a sharp screen or a dark one is not forgotten.
    for name in images:
        assert name.replace("@2x", "") in images
        assert name.removeprefix("dark_") in images
    for name, path in images.items():
        width, height, colours = _png(path)
        assert colours in WITH_TRANSPARENCY, name
        if name in BRAND_SIZES:
            assert (width, height) == BRAND_SIZES[name], name
        else:
            assert min(width, height) in LOGOS[name], name


def _png(path: Path) -> tuple[int, int, int]:
    """Return width, height and the kind of colours."""
    data = path.read_bytes()
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    width, height, _, colours = struct.unpack(">IIBB", data[16:26])
    return width, height, colours


def test_icons_are_of_entities_that_exist() -> None:
    icons = read(COMPONENT / "icons.json")
    entities = read(COMPONENT / "translations" / "en.json")["entity"]
    assert set(icons) == {"entity"}
    for platform, keys in icons["entity"].items():
        assert keys.keys() <= entities[platform].keys()
        for icon in keys.values():
            assert set(icon) <= {"default", "state"}
            names = [icon["default"], *icon.get("state", {}).values()]
            assert all(re.fullmatch(r"mdi:[a-z0-9-]+", name) for name in names)
            # One for a state that is like the default says nothing.
            assert icon["default"] not in icon.get("state", {}).values()


# The languages: English is checked against the code by unit/test_translations.py.

LANGUAGES = {
    path.stem: read(path) for path in sorted((COMPONENT / "translations").iterdir())
}
# Hassfest's, as far as it is ours.
SECTIONS = {
    *("title", "config", "config_subentries", "options", "selector", "services"),
    *("system_health", "issues", "device", "entity", "exceptions"),
}
STEPS = {
    *("title", "description", "submit", "data", "data_description", "sections"),
    *("menu_options", "menu_option_descriptions"),
}
# So many words make a sentence, and no language has the same as English.
SENTENCE = 4


def flattened(texts: dict[str, Any], prefix: str = "") -> dict[str, str]:
    """Return all texts by their paths."""
    flat: dict[str, str] = {}
    for name, value in texts.items():
        path = f"{prefix}{name}"
        flat |= (
            flattened(value, f"{path}.") if isinstance(value, dict) else {path: value}
        )
    return flat


TEXTS = {language: flattened(texts) for language, texts in LANGUAGES.items()}
ALL_TEXTS = [(language, path) for language, flat in TEXTS.items() for path in flat]


@pytest.mark.parametrize("language", LANGUAGES)
def test_languages_are_named_as_home_assistant_names_them(language: str) -> None:
    assert re.fullmatch(r"[a-z]{2}(-[A-Z]{2}|-[A-Z][a-z]{3})?", language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_texts(language: str) -> None:
    assert TEXTS[language].keys() == TEXTS["en"].keys()


@pytest.mark.parametrize(("language", "path"), ALL_TEXTS)
def test_texts_are_fit_to_be_shown(language: str, path: str) -> None:
    text = TEXTS[language][path]
    assert text == text.strip() != ""
    # The rules of hassfest: links are placeholders, and nothing is marked up.
    assert not re.search(r"https?://|www\.", text)
    assert not re.search(r"</?[a-zA-Z]+[^>]*>", text)
    assert not text.startswith("[%key")
    # An apostrophe before a brace takes the placeholder for a quotation.
    assert "'{" not in text
    assert "}'" not in text
    assert placeholders(text) == placeholders(TEXTS["en"][path])
    if language != "en" and len(text.split()) >= SENTENCE:
        assert text != TEXTS["en"][path]


def placeholders(text: str) -> set[str]:
    """Return the placeholders of a text, which must be whole."""
    names = set(re.findall(r"{(\w+)}", text))
    assert not re.search(r"[{}]", re.sub(r"{\w+}", "", text))
    return names


def test_texts_have_the_form_that_home_assistant_knows() -> None:
    texts = LANGUAGES["en"]
    assert set(texts) <= SECTIONS
    assert all(re.fullmatch(r"[a-z0-9_.]+", path) for path in TEXTS["en"])
    for flow in flows(texts):
        for step in flow.get("step", {}).values():
            assert set(step) <= STEPS
            assert step.get("title") != MANIFEST["name"]
            assert (
                step.get("data_description", {}).keys() <= step.get("data", {}).keys()
            )
    for issue in texts["issues"].values():
        assert set(issue) in ({"title", "description"}, {"title", "fix_flow"})
    for exception in texts["exceptions"].values():
        assert set(exception) == {"message"}


def flows(texts: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Return the texts of each flow."""
    yield from (texts["config"], texts["options"], *texts["config_subentries"].values())
    for issue in texts["issues"].values():
        yield issue.get("fix_flow", {})


# HACS and the Marketplace.

HACS_KEYS: dict[str, type] = {
    "name": str,
    "content_in_root": bool,
    "filename": str,
    "hacs": str,
    "hide_default_branch": bool,
    "homeassistant": str,
    "persistent_directory": str,
    "zip_release": bool,
}


def test_hacs_takes_the_repository() -> None:
    assert HACS["name"] == MANIFEST["name"]
    assert {key: type(value) for key, value in HACS.items()} == {
        key: HACS_KEYS[key] for key in HACS
    }
    assert AwesomeVersion(HACS["homeassistant"]).valid
    # A release is installed from its zip: what is on a branch has none.
    assert HACS["zip_release"] is True
    assert HACS["hide_default_branch"] is True
    assert HACS["filename"] == f"{DOMAIN}.zip"
    for name in ("README.md", "LICENSE"):
        assert (ROOT / name).is_file()
    assert (ROOT / "LICENSE").read_text("utf-8").startswith("MIT License")


def test_the_oldest_home_assistant_is_the_one_that_is_tested() -> None:
    floor = (ROOT / "requirements_floor.txt").read_text("utf-8")
    oldest = AwesomeVersion(HACS["homeassistant"])
    tested = re.search(r"supported, (\S+)\.$", floor, re.MULTILINE)
    assert tested is not None
    assert AwesomeVersion(tested[1]).section(0) == oldest.section(0)
    assert AwesomeVersion(tested[1]).section(1) == oldest.section(1)
    major_and_minor = ".".join(HACS["homeassistant"].split(".")[:2])
    assert major_and_minor in (ROOT / "README.md").read_text("utf-8")


# The rules of the quality scale that code shows.


def test_platforms_say_how_many_at_once() -> None:
    files = {f"{platform}.py" for platform in Platform} & set(MODULES)
    assert files
    for file in files:
        assert "PARALLEL_UPDATES" in {
            target.id
            for node in MODULES[file].body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }, file


def test_the_entry_is_typed() -> None:
    entries = [
        argument
        for node in nodes()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for argument in node.args.args
        if argument.arg == "entry" and node.name.startswith("async_")
    ]
    assert len(entries) >= 5
    for entry in entries:
        assert isinstance(entry.annotation, ast.Name)
        assert entry.annotation.id == "MerossLocalConfigEntry"


ERRORS = {
    "ConfigEntryAuthFailed",
    "ConfigEntryError",
    "ConfigEntryNotReady",
    "HomeAssistantError",
    "ServiceValidationError",
}


def test_exceptions_are_translated() -> None:
    raised = [
        {keyword.arg for keyword in node.keywords}
        for node in nodes()
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ERRORS
    ]
    assert raised
    for arguments in raised:
        assert arguments >= {"translation_domain", "translation_key"}


def test_no_session_is_our_own() -> None:
    names = {node.id for node in nodes() if isinstance(node, ast.Name)}
    assert not names & {"ClientSession", "async_create_clientsession"}


# The quality scale's file, and where it can be seen.

RULES = """
    action-setup appropriate-polling brands common-modules config-flow-test-coverage
    config-flow dependency-transparency docs-actions docs-conditions
    docs-high-level-description docs-installation-instructions
    docs-removal-instructions docs-triggers entity-event-setup entity-unique-id
    has-entity-name runtime-data test-before-configure test-before-setup
    unique-config-entry

    action-exceptions config-entry-unloading docs-configuration-parameters
    docs-installation-parameters entity-unavailable integration-owner
    log-when-unavailable parallel-updates reauthentication-flow test-coverage

    devices diagnostics discovery-update-info discovery docs-data-update docs-examples
    docs-known-limitations docs-supported-devices docs-supported-functions
    docs-troubleshooting docs-use-cases dynamic-devices entity-category
    entity-device-class entity-disabled-by-default entity-translations
    exception-translations icon-translations reconfiguration-flow repair-issues
    stale-devices

    async-dependency inject-websession strict-typing
"""
ALL_RULES = re.findall(r"\S+", RULES)
QUALITY: dict[str, Any] = load_yaml_dict(COMPONENT / "quality_scale.yaml")["rules"]
QUALITY_PAGE = (ROOT / "docs" / "quality.md").read_text("utf-8")
PLACES = {
    rule: (where, shown)
    for rule, where, shown in re.findall(
        r"^\| ([a-z-]+) \| (.*?) \|(.*)\|$", QUALITY_PAGE, re.MULTILINE
    )
    if rule != "rule"
}
POINTERS = [
    (rule, pointer)
    for rule, cells in PLACES.items()
    for cell in cells
    for pointer in re.findall(r"`([^`]+\.(?:json|md|png|py|toml|yaml)[^`]*)`", cell)
]


def test_every_rule_of_the_scale_is_there_and_no_other() -> None:
    assert len(ALL_RULES) == len(set(ALL_RULES)) == 54
    assert list(QUALITY) == ALL_RULES
    assert list(PLACES) == list(QUALITY)


@pytest.mark.parametrize("rule", ALL_RULES)
def test_a_rule_is_kept_or_says_why_not(rule: str) -> None:
    said, (where, _) = QUALITY[rule], PLACES[rule]
    if said == "done":
        # Somewhere it can be seen.
        assert rule in {name for name, _ in POINTERS}
        return
    assert set(said) == {"status", "comment"}
    assert said["status"] in {"exempt", "todo"}
    assert len(said["comment"].split()) >= SENTENCE
    assert where.startswith(said["status"]) or said["status"] == "todo"


@pytest.mark.parametrize(("rule", "pointer"), POINTERS)
def test_where_a_rule_can_be_seen_exists(rule: str, pointer: str) -> None:
    assert rule in QUALITY
    name, _, heading = pointer.partition("#")
    name, _, symbol = name.partition("::")
    paths = [base / name for base in (ROOT, COMPONENT, ROOT / "tests")]
    found = [path for path in paths if path.exists()]
    assert found, f"{name} is nowhere"
    text = found[0].read_text("utf-8") if found[0].suffix != ".png" else ""
    if heading:
        assert heading in re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    if symbol:
        assert symbol in defined(ast.parse(text))


def defined(module: ast.Module) -> set[str]:
    """Return the names of functions, classes and types."""
    names = set()
    for node in ast.walk(module):
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                names.add(node.name)
            case ast.TypeAlias(name=ast.Name(id=name)):
                names.add(name)
    return names


# What GitHub reads.

GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
FORMS = sorted(
    path
    for path in (GITHUB / "ISSUE_TEMPLATE").glob("*.yml")
    if path.name != "config.yml"
)


def by_name(path: Path) -> str:
    """Return what a test of a file is called."""
    return path.name


@pytest.mark.parametrize("path", WORKFLOWS, ids=by_name)
def test_workflows_are_pinned_and_may_do_no_more_than_they_need(path: Path) -> None:
    text = path.read_text("utf-8")
    used = re.findall(r"uses: (.*)", text)
    for action in used:
        assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # \S+", action)
    workflow = load_yaml_dict(path)
    assert workflow["permissions"] == {}
    for job in workflow["jobs"].values():
        assert job["permissions"] in ({"contents": "read"}, {"contents": "write"})
        assert (job["permissions"] == {"contents": "write"}) == (
            path.name == "release.yml"
        )
        assert job["timeout-minutes"] <= 60
        for step in job["steps"]:
            # What others can write never becomes part of a script.
            assert "${{" not in step.get("run", "")


@pytest.mark.parametrize("path", FORMS, ids=by_name)
def test_forms_for_issues_are_whole(path: Path) -> None:
    form = load_yaml_dict(path)
    assert form.keys() >= {"name", "description", "body"}
    ids = [field["id"] for field in form["body"] if field["type"] != "markdown"]
    assert len(ids) == len(set(ids))
    for field in form["body"]:
        kinds = {"markdown", "textarea", "input", "dropdown", "checkboxes"}
        assert field["type"] in kinds
        assert field["type"] == "markdown" or field["attributes"]["label"]


PAGES = sorted(
    path
    for pattern in ("*.md", "docs/*.md", ".github/*.md")
    for path in ROOT.glob(pattern)
)


@pytest.mark.parametrize("path", PAGES, ids=by_name)
def test_links_lead_somewhere(path: Path) -> None:
    text = path.read_text("utf-8")
    own = MANIFEST["documentation"]
    for link in re.findall(r"\]\(([^)\s]+)\)", text):
        target, _, anchor = link.partition("#")
        if target.startswith(f"{own}/blob/main/"):
            target = "/" + target.removeprefix(f"{own}/blob/main/")
        if "://" in target:
            continue
        file = ROOT / target[1:] if target.startswith("/") else path.parent / target
        page = path if not target else file
        assert page.exists(), link
        if anchor and page.suffix == ".md":
            assert anchor in anchors(page.read_text("utf-8")), link


def anchors(text: str) -> set[str]:
    """Return the anchors that GitHub gives to the headings of a page."""
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in headings
    }
