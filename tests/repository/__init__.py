"""Tests of the repository's files: what neither mypy nor hassfest checks."""

import ast
from collections.abc import Iterator
import json
from pathlib import Path
from typing import Any

from tests import home_assistant  # noqa: F401

ROOT = Path(__file__).parents[2]
COMPONENT = ROOT / "custom_components" / "meross_local"
# By the path below the component's folder.
MODULES = {
    path.relative_to(COMPONENT).as_posix(): ast.parse(path.read_text("utf-8"))
    for path in sorted(COMPONENT.rglob("*.py"))
}


def read_json(path: Path) -> dict[str, Any]:
    """Return the object in a JSON file."""
    content: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return content


def flatten(texts: dict[str, Any], prefix: str = "") -> dict[str, str]:
    """Return all texts of a translation by their paths, as in `config.abort.x`."""
    flat: dict[str, str] = {}
    for name, value in texts.items():
        path = f"{prefix}{name}"
        flat |= flatten(value, f"{path}.") if isinstance(value, dict) else {path: value}
    return flat


LANGUAGES = {
    path.stem: flatten(read_json(path))
    for path in sorted((COMPONENT / "translations").iterdir())
}


def nodes(*stems: str) -> Iterator[ast.AST]:
    """Yield the syntax nodes of all modules, or of those with these names."""
    for path, module in MODULES.items():
        if not stems or Path(path).stem in stems:
            yield from ast.walk(module)
