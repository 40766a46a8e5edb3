"""What a plug heard and said, and when."""

from __future__ import annotations

from dataclasses import dataclass

from .wire import Message

_LIMIT = 400


@dataclass(frozen=True, slots=True)
class Heard:
    """A message that arrived, whether or not the plug understood it."""

    at: float
    raw: bytes
    message: Message | None


@dataclass(frozen=True, slots=True)
class Said:
    """A message that was handed to the connection."""

    at: float
    topic: str
    message: Message


def remember[Entry](entries: list[Entry], entry: Entry) -> None:
    """Append, and forget the older half when there are too many."""
    entries.append(entry)
    if len(entries) > _LIMIT:
        del entries[: _LIMIT // 2]
