"""The English texts of the integration, as the front end shows them."""

import json
import re
from typing import Any

from tests.support.processes.hass import COMPONENT

_ENGLISH = json.loads((COMPONENT / "translations/en.json").read_text())


def text(path: str, **placeholders: str) -> str:
    """Return a text by its dotted path; all of its placeholders have to be given."""
    return _raw(path).format_map(placeholders)


def beginning(path: str, **placeholders: str) -> str:
    """Return the text up to Markdown or a placeholder that is not given."""
    raw = _raw(path)
    for name, value in placeholders.items():
        raw = raw.replace(f"{{{name}}}", value)
    found = re.split(r"[{`*\[\n]", raw)[0].strip()
    assert found, path
    return found


def _raw(path: str) -> str:
    found: Any = _ENGLISH
    for name in path.split("."):
        found = found[name]
    return str(found)


def error(key: str, **placeholders: str) -> str:
    """Return the message of an exception, as Home Assistant logs and shows it."""
    return text(f"exceptions.{key}.message", **placeholders).rstrip(".")


def error_pattern(key: str) -> str:
    """Return a pattern of the message, whatever its placeholders."""
    message = _raw(f"exceptions.{key}.message").rstrip(".")
    return ".+".join(map(re.escape, re.split(r"\{\w+\}", message)))
