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
    if errors := list(
        _errors({lang: flatten(texts) for lang, texts in sources.items()})
    ):
        raise TranslationsError("\n".join(errors))
    return {
        language: _fill(sources[ENGLISH], flatten(texts))
        for language, texts in sources.items()
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
    expected = _contents(sources)
    found = {path.name: path.read_text("utf-8") for path in resolved.iterdir()}
    names = sorted(expected.keys() | found.keys())
    return [name for name in names if expected.get(name) != found.get(name)]


def _contents(sources: Path) -> dict[str, str]:
    return {
        f"{language}.json": json.dumps(texts, ensure_ascii=False, indent=2) + "\n"
        for language, texts in resolve(read(sources)).items()
    }


def _errors(sources: dict[str, dict[str, str]]) -> Iterator[str]:
    english = sources[ENGLISH]
    targets = {path: target(text) for path, text in english.items()}
    texts = {path: text for path, text in english.items() if targets[path] is None}
    paths = {text: path for path, text in reversed(texts.items())}
    for path, text in texts.items():
        if paths[text] != path:
            yield f"{ENGLISH}: {path} repeats {paths[text]}"
    for path, key in targets.items():
        if key is not None and key not in english:
            yield f"{ENGLISH}: {path} refers to {key}, which does not exist"
        elif key is not None and key not in texts:
            yield f"{ENGLISH}: {path} refers to {key}, which is a reference"
    for language, flat in sources.items():
        if language != ENGLISH:
            yield from (
                f"{language}: {path} is missing" for path in texts - flat.keys()
            )
            yield from (
                f"{language}: {path} is not a text of {ENGLISH}"
                for path in flat.keys() - texts
            )


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
    if arguments == ["--check"]:
        if names := outdated():
            raise TranslationsError(
                f"outdated: {', '.join(names)}. Run scripts/translations."
            )
    elif arguments:
        raise TranslationsError("usage: scripts/translations [--check]")
    else:
        write()


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except TranslationsError as error:
        sys.exit(f"Error: {error}")
