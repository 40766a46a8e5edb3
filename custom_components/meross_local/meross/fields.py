"""Typed access to parsed JSON: each function returns its type or raises DecodeError.

The optional ones never raise: what is of no known form is added to `skipped`.
"""

import re
from typing import Final, cast

from .errors import DecodeError

type Json = dict[str, object]

_MAX_WHOLE_FLOAT: Final = 2**53


def as_object(value: object, name: str) -> Json:
    """Return the value as a JSON object."""
    if not isinstance(value, dict):
        raise DecodeError(f"{name} is not an object")
    return cast("Json", value)


def get_object(parent: Json, name: str) -> Json:
    """Return the member as a JSON object."""
    return as_object(parent.get(name), name)


def get_text(parent: Json, name: str, default: str | None = None) -> str:
    """Return the member as a string; a default where it is missing or null."""
    value = parent.get(name)
    if value is None:
        value = default
    if not isinstance(value, str):
        raise DecodeError(f"{name} is not a string")
    return value


def get_number(parent: Json, name: str, default: int | None = None) -> int:
    """Return the member as an integer; a default where it is missing or null."""
    value = parent.get(name, default)
    if type(value) is int:
        return value
    return as_number(default if value is None else value, name)


def as_number(value: object, name: str) -> int:
    """Return the value as an integer, which a whole float is too."""
    # Beyond it a float is not exact, and an integer could not be encoded again.
    if type(value) is float and value.is_integer() and abs(value) < _MAX_WHOLE_FLOAT:
        return int(value)
    # A bool is an int to Python, not to a plug.
    if type(value) is not int:
        raise DecodeError(f"{name} is not an integer")
    return value


def optional_object(parent: Json, name: str, skipped: list[str]) -> Json:
    """Return the member as a JSON object; an empty one where it is none."""
    try:
        return get_object(parent, name)
    except DecodeError as err:
        skipped.append(str(err))
        return {}


def optional_text(
    parent: Json, name: str, pattern: re.Pattern[str], skipped: list[str]
) -> str:
    """Return the member as a string of this form; an empty one where it is none."""
    try:
        text = get_text(parent, name, "")
    except DecodeError as err:
        skipped.append(str(err))
        return ""
    if text and not pattern.fullmatch(text):
        skipped.append(f"{name} is of no known form")
        return ""
    return text


def optional_number(parent: Json, name: str, default: int, skipped: list[str]) -> int:
    """Return the member as an integer; the default where it is missing or none."""
    try:
        return get_number(parent, name, default)
    except DecodeError as err:
        skipped.append(str(err))
        return default
