"""The translations of the component are what their sources give."""

import json
from pathlib import Path
from typing import Any

import pytest

from scripts.lib import translations
from scripts.lib.translations import TranslationsError, resolve

ENGLISH: dict[str, Any] = {
    "title": "Plug",
    "step": {"title": "[%key:title%]", "submit": "Check"},
}
GERMAN: dict[str, Any] = {"title": "Stecker", "step": {"submit": "Prüfen"}}


def english(**step: str) -> dict[str, Any]:
    """Return the texts of English with others in the step."""
    return {"en": {**ENGLISH, "step": {**ENGLISH["step"], **step}}}


def test_the_resolved_files_are_up_to_date() -> None:
    assert translations.outdated() == []


def test_there_are_eight_languages() -> None:
    languages = {"de", "en", "es", "fr", "it", "nl", "pl", "pt-BR"}
    assert translations.read(translations.SOURCES).keys() == languages
    assert translations.read(translations.RESOLVED).keys() == languages


def test_references_are_resolved_in_the_order_of_english() -> None:
    expected = {
        "en": {"title": "Plug", "step": {"title": "Plug", "submit": "Check"}},
        "de": {"title": "Stecker", "step": {"title": "Stecker", "submit": "Prüfen"}},
    }
    assert json.dumps(resolve({"en": ENGLISH, "de": GERMAN})) == json.dumps(expected)


@pytest.mark.parametrize(
    ("sources", "error"),
    [
        (english(submit="Plug"), "en: step::submit repeats title"),
        (
            english(submit="[%key:step::gone%]"),
            "en: step::submit refers to step::gone, which does not exist",
        ),
        (
            english(submit="[%key:step::title%]"),
            "en: step::submit refers to step::title, which is a reference",
        ),
        (
            {"en": ENGLISH, "de": {"title": "Stecker"}},
            "de: step::submit is missing",
        ),
        (
            {"en": ENGLISH, "de": {**GERMAN, "more": "Mehr"}},
            "de: more is not a text of en",
        ),
        (
            {"en": ENGLISH, "de": {**GERMAN, "step": {**ENGLISH["step"]}}},
            "de: step::title is not a text of en",
        ),
    ],
)
def test_errors_in_the_sources_are_found(
    sources: dict[str, dict[str, Any]], error: str
) -> None:
    with pytest.raises(TranslationsError) as raised:
        resolve(sources)
    assert str(raised.value).splitlines() == [error]


def test_outdated_missing_and_additional_files_are_found(tmp_path: Path) -> None:
    sources, resolved = tmp_path / "sources", tmp_path / "resolved"
    sources.mkdir()
    resolved.mkdir()
    for language, texts in {"en": ENGLISH, "de": GERMAN}.items():
        (sources / f"{language}.json").write_text(json.dumps(texts), "utf-8")
    assert translations.outdated(sources, resolved) == ["de.json", "en.json"]
    translations.write(sources, resolved)
    assert translations.outdated(sources, resolved) == []
    (resolved / "en.json").write_text("{}\n", "utf-8")
    (resolved / "fr.json").write_text("{}\n", "utf-8")
    assert translations.outdated(sources, resolved) == ["en.json", "fr.json"]
