"""Write the translations of the component from their sources. Any Python 3 can run it.

translations/en.json has every text. One that repeats another is a reference to it, such
as "[%key:config::step::broker::data::host%]"; references have one step. The other
languages have only the texts that are no references.
"""

from collections.abc import Iterator
import json
from pathlib import Path
import re
import sys
from typing import Any

ROOT = Path(__file__).parents[2]
SOURCES = ROOT / "translations"
RESOLVED = ROOT / "custom_components" / "meross_local" / "translations"
ENGLISH = "en"

_REFERENCE = re.compile(r"\[%key:(.*)%\]")

Texts = dict[str, Any]


class TranslationsError(Exception):
    """The sources have errors; the message has a line for each."""


def flatten(texts: Texts, prefix: str = "") -> dict[str, str]:
    """Return the texts by their paths, such as config::step::broker::title."""
    flat: dict[str, str] = {}
    for name, value in texts.items():
        path = f"{prefix}{name}"
        flat |= (
            flatten(value, f"{path}::") if isinstance(value, dict) else {path: value}
        )
    return flat


def resolve(sources: dict[str, Texts]) -> dict[str, Texts]:
    """Return the resolved texts of each language; raises TranslationsError."""
    flat = {language: flatten(texts) for language, texts in sources.items()}
    if errors := list(_errors(flat)):
        raise TranslationsError("\n".join(errors))
    return {
        language: _fill(sources[ENGLISH], texts) for language, texts in flat.items()
    }


def read(folder: Path = SOURCES) -> dict[str, Texts]:
    """Return the texts of each language in a folder."""
    return {
        path.stem: json.loads(path.read_text("utf-8"))
        for path in sorted(folder.glob("*.json"))
    }


def write(sources: Path = SOURCES, resolved: Path = RESOLVED) -> None:
    """Write the resolved files; raises TranslationsError."""
    for name, content in _contents(sources).items():
        (resolved / name).write_text(content, "utf-8")


def outdated(sources: Path = SOURCES, resolved: Path = RESOLVED) -> list[str]:
    """Return the names of resolved files that differ; raises TranslationsError."""
    found = {path.name: path.read_text("utf-8") for path in resolved.iterdir()}
    return sorted({name for name, _ in _contents(sources).items() ^ found.items()})


def _contents(sources: Path) -> dict[str, str]:
    return {
        f"{language}.json": json.dumps(texts, ensure_ascii=False, indent=2) + "\n"
        for language, texts in resolve(read(sources)).items()
    }


def _errors(sources: dict[str, dict[str, str]]) -> Iterator[str]:
    english = sources[ENGLISH]
    paths: dict[str, str] = {}
    for path, text in english.items():
        key = target(text)
        if key is None:
            if (first := paths.setdefault(text, path)) != path:
                yield f"{ENGLISH}: {path} repeats {first}"
        elif key not in english:
            yield f"{ENGLISH}: {path} refers to {key}, which does not exist"
        elif target(english[key]) is not None:
            yield f"{ENGLISH}: {path} refers to {key}, which is a reference"
    texts = {path for path, text in english.items() if target(text) is None}
    for language in sorted(sources.keys() - {ENGLISH}):
        for path in sorted(texts ^ sources[language].keys()):
            wrong = "is missing" if path in texts else f"is not a text of {ENGLISH}"
            yield f"{language}: {path} {wrong}"


def target(text: str) -> str | None:
    """Return the path that a reference refers to, or None for a text."""
    reference = _REFERENCE.fullmatch(text)
    return reference and reference[1]


def _fill(english: Texts, flat: dict[str, str], prefix: str = "") -> Texts:
    """Return the structure of English with the texts of a language."""
    return {
        name: _fill(value, flat, f"{prefix}{name}::")
        if isinstance(value, dict)
        else flat[target(value) or f"{prefix}{name}"]
        for name, value in english.items()
    }


def main(arguments: list[str]) -> None:
    """Write the resolved files, or check them."""
    if not arguments:
        write()
    elif arguments != ["--check"]:
        raise TranslationsError("usage: scripts/translations [--check]")
    elif names := ", ".join(outdated()):
        raise TranslationsError(f"outdated: {names}. Run scripts/translations.")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except TranslationsError as error:
        sys.exit(f"Error: {error}")
