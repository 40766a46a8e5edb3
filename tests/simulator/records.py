"""The messages of a plug, and when."""

from dataclasses import dataclass

from .wire import Message

_MAX_RECORDS = 400


@dataclass(frozen=True, slots=True)
class ReceivedMessage:
    """A message that arrived, with its content where that could be decoded."""

    at: float
    raw: bytes
    message: Message | None


@dataclass(frozen=True, slots=True)
class PublishedMessage:
    """A message that was handed to the connection."""

    at: float
    topic: str
    message: Message


def record[Entry](entries: list[Entry], entry: Entry) -> None:
    """Append, and remove the older half when there are too many."""
    entries.append(entry)
    if len(entries) > _MAX_RECORDS:
        del entries[: _MAX_RECORDS // 2]
