"""What hassfest and the HACS action do not check (.github/workflows/validate.yml)."""

import ast
from pathlib import Path
import re

from awesomeversion import AwesomeVersion
from homeassistant.const import Platform
from homeassistant.util.yaml import load_yaml_dict
import pytest

from . import COMPONENT, LANGUAGES, MODULES, ROOT, nodes, read_json

MANIFEST = read_json(COMPONENT / "manifest.json")
OLDEST = AwesomeVersion(read_json(ROOT / "hacs.json")["homeassistant"])


def test_manifest_version_is_the_newest_of_the_changelog() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    versions = re.findall(r"^## (\S+)", changelog, re.MULTILINE)
    assert versions[0] == MANIFEST["version"]
    assert re.fullmatch(r"\d+\.\d+\.\d+(b\d+)?", versions[0])
    assert versions == sorted(versions, key=AwesomeVersion, reverse=True)


def test_no_package_is_required() -> None:
    assert MANIFEST["requirements"] == []


def test_the_oldest_home_assistant_is_the_one_that_is_tested() -> None:
    settings = (ROOT / "pyproject.toml").read_text("utf-8")
    tested = re.search(r"Home Assistant (\d+\.\d+)\.\d+, the\n# oldest", settings)
    oldest = f"{OLDEST.section(0)}.{OLDEST.section(1)}"
    assert tested is not None
    assert tested[1] == oldest
    assert oldest in (ROOT / "README.md").read_text("utf-8")


def test_icons_belong_to_entities_that_exist() -> None:
    for platform, keys in read_json(COMPONENT / "icons.json")["entity"].items():
        for key, icon in keys.items():
            assert f"entity.{platform}.{key}.name" in LANGUAGES["en"]
            assert icon["default"] not in icon.get("state", {}).values()


# English itself is checked by hassfest, and against the code in test_texts.py.
# No sentence of so many words is the same in two languages.
MIN_SENTENCE = 4


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_all_texts(language: str) -> None:
    texts, english = LANGUAGES[language], LANGUAGES["en"]
    assert re.fullmatch(r"[a-z]{2}(-[A-Z]{2}|-[A-Z][a-z]{3})?", language)
    assert texts.keys() == english.keys()
    assert [path for path in texts if not is_fit(texts[path], english[path])] == []
    if language != "en":
        assert [
            path
            for path, text in texts.items()
            if text == english[path] and len(text.split()) >= MIN_SENTENCE
        ] == []


def is_fit(text: str, english: str) -> bool:
    """Return whether a translation can be shown in the place of the English text."""
    return (
        text == text.strip() != ""
        # Hassfest's rules, which it applies to English alone. An apostrophe beside a
        # brace would quote the placeholder.
        and not re.search(r"https?://|www\.|</?[a-zA-Z]+[^>]*>|'{|}'|^\[%key", text)
        and not re.search(r"[{}]", re.sub(r"{\w+}", "", text))
        and set(re.findall(r"{\w+}", text)) == set(re.findall(r"{\w+}", english))
    )


@pytest.mark.parametrize(
    "text", ["", " a {x}", "a", "a {y}", "a {x", "'{x}' a", "<b>{x}</b>", "www.a {x}"]
)
def test_a_text_that_cannot_be_shown_is_found(text: str) -> None:
    assert is_fit("ein {x}", "a {x}")
    assert not is_fit(text, "a {x}")


BRAND_SIZES = {"icon": (256, 256), "logo": (128, 256)}  # shortest side, from and to


def test_brand_images_exist_for_every_screen() -> None:
    for name, (least, most) in BRAND_SIZES.items():
        for theme in ("", "dark_"):
            for suffix, scale in (("", 1), ("@2x", 2)):
                data = (COMPONENT / "brand" / f"{theme}{name}{suffix}.png").read_bytes()
                sides = [int.from_bytes(data[at : at + 4]) for at in (16, 20)]
                assert least * scale <= min(sides) <= most * scale
                assert data[25] in (4, 6)  # with an alpha channel


# Rules of the quality scale that code shows.


def test_platforms_limit_parallel_updates() -> None:
    files = {f"{platform}.py" for platform in Platform} & set(MODULES)
    assert files
    for file in files:
        assert "PARALLEL_UPDATES = " in (COMPONENT / file).read_text("utf-8"), file


def test_the_config_entry_is_typed() -> None:
    annotations = [
        argument.annotation
        for node in nodes()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and "entry.runtime_data" in ast.unparse(node)
        for argument in node.args.args
        if argument.arg == "entry"
    ]
    assert len(annotations) >= 4
    for annotation in annotations:
        assert isinstance(annotation, ast.Name)
        assert annotation.id == "MerossLocalConfigEntry"


ERRORS = {
    *("ConfigEntryAuthFailed", "ConfigEntryError", "ConfigEntryNotReady"),
    *("HomeAssistantError", "ServiceValidationError"),
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


def test_the_http_session_is_home_assistants() -> None:
    names = {node.id for node in nodes() if isinstance(node, ast.Name)}
    assert "ClientSession" not in names


RULES = re.findall(
    r"\S+",
    """
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
    """,
)


def test_every_rule_of_the_quality_scale_has_a_status() -> None:
    quality = load_yaml_dict(COMPONENT / "quality_scale.yaml")["rules"]
    assert len(RULES) == 54
    assert list(quality) == RULES
    for rule, status in quality.items():
        if status != "done":
            assert status.keys() == {"status", "comment"}, rule
            assert status["status"] in {"exempt", "todo"}
            assert len(status["comment"].split()) >= MIN_SENTENCE


# What GitHub reads.


@pytest.mark.parametrize(
    "path", (ROOT / ".github" / "workflows").iterdir(), ids=lambda path: path.name
)
def test_workflows_are_pinned_and_have_least_permissions(path: Path) -> None:
    for action in re.findall(r"uses: (.*)", path.read_text("utf-8")):
        assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40} # \S+", action)
    workflow = load_yaml_dict(path)
    assert workflow["permissions"] == {}
    for job in workflow["jobs"].values():
        assert job["permissions"] == {"contents": "read"}
        assert job["timeout-minutes"] <= 60
        # What others can write never becomes part of a script.
        assert not [step for step in job["steps"] if "${{" in step.get("run", "")]


PAGES = [
    path
    for pattern in ("*.md", "docs/*.md", ".github/*.md")
    for path in sorted(ROOT.glob(pattern))
]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_links_lead_to_files_and_headings(page: Path) -> None:
    own = f"{MANIFEST['documentation']}/blob/main/"
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text("utf-8")):
        target, _, anchor = link.partition("#")
        base = ROOT if target.startswith((own, "/")) else page.parent
        target = target.removeprefix(own).removeprefix("/")
        if "://" in target:
            continue
        file = base / target if target else page
        assert file.exists(), link
        if anchor and file.suffix == ".md":
            assert anchor in anchors(file.read_text("utf-8")), link


def anchors(text: str) -> set[str]:
    """Return the anchors that GitHub gives to the headings of a page."""
    return {
        re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        for heading in re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    }
