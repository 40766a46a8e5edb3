"""Tests of the repository's files: what neither mypy nor hassfest checks."""

import ast
from collections.abc import Iterator
import json
from pathlib import Path
from typing import Any

from scripts.lib.translations import RESOLVED, flatten, read
from tests import home_assistant  # noqa: F401

ROOT = Path(__file__).parents[2]
COMPONENT = ROOT / "custom_components" / "meross_local"
# By the path below the component's folder.
MODULES = {
    path.relative_to(COMPONENT).as_posix(): ast.parse(path.read_text("utf-8"))
    for path in sorted(COMPONENT.rglob("*.py"))
}
# All texts by language and path, as in `config.abort.x`.
LANGUAGES = {
    language: {path.replace("::", "."): text for path, text in flatten(texts).items()}
    for language, texts in read(RESOLVED).items()
}
FOLDERS = ("blueprints", "custom_components", "demo", "docs", "scripts", "tests")
SUFFIXES = {"", ".md", ".py", ".sh", ".yaml"}


def read_json(path: Path) -> dict[str, Any]:
    """Return the object in a JSON file."""
    content: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return content


def read_all(*but: str) -> dict[str, str]:
    """Return what people read by its path: pages, code and English texts."""
    paths = [*ROOT.glob("*.md"), *COMPONENT.rglob("en.json")]
    for folder in FOLDERS:
        paths += (
            path for path in (ROOT / folder).rglob("*") if path.suffix in SUFFIXES
        )
    return {
        path.relative_to(ROOT).as_posix(): path.read_text("utf-8")
        for path in sorted(paths)
        if path.is_file() and path.name not in but
    }


def nodes() -> Iterator[ast.AST]:
    """Yield the syntax nodes of all modules."""
    for module in MODULES.values():
        yield from ast.walk(module)
