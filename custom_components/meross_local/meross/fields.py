"""Typed access to parsed JSON: each function returns its type or raises DecodeError."""

from typing import cast

from .errors import DecodeError

type Json = dict[str, object]


def as_object(value: object, name: str) -> Json:
    """Return the value as a JSON object."""
    if not isinstance(value, dict):
        raise DecodeError(f"{name} is not an object")
    return cast("Json", value)


def as_objects(value: object, name: str) -> list[Json]:
    """Return a list also where it is a single object (docs/protocol.md 4.3)."""
    items = value if isinstance(value, list) else [value]
    return [as_object(item, name) for item in items]


def get_object(parent: Json, name: str) -> Json:
    """Return the member as a JSON object."""
    return as_object(parent.get(name), name)


def get_text(parent: Json, name: str, default: str | None = None) -> str:
    """Return the member as a string; the default, if any, where it is missing."""
    value = parent.get(name, default)
    if not isinstance(value, str):
        raise DecodeError(f"{name} is not a string")
    return value


def get_number(parent: Json, name: str, default: int | None = None) -> int:
    """Return the member as an integer; the default, if any, where it is missing."""
    value = parent.get(name, default)
    # A bool is an int to Python, not to a plug.
    if type(value) is not int:
        raise DecodeError(f"{name} is not an integer")
    return value
