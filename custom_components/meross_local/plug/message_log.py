"""The latest messages and changes of one plug, for its diagnostics."""

from collections.abc import Iterator
from dataclasses import dataclass, field
import time
from typing import Final

_MAX_MESSAGES: Final = 50
_MAX_CHANGES: Final = 50
# Bytes in each direction: a broker that anyone may publish to must not fill the memory.
_MAX_MESSAGES_SIZE: Final = 65_536


class LatestMessages:
    """The latest messages in one direction, each with its epoch seconds."""

    def __init__(self) -> None:
        """Start without a message."""
        # A list, as an empty deque takes 760 bytes: every plug has several.
        self._messages: list[tuple[float, bytes]] = []
        # Added up as they come and go, not for each message anew.
        self._size = 0

    def __iter__(self) -> Iterator[tuple[float, bytes]]:
        """Return the messages, the oldest first."""
        return iter(self._messages)

    def add(self, data: bytes) -> None:
        """Keep a message; drop the oldest ones where they are too many or too large."""
        self._messages.append((time.time(), data))
        self._size += len(data)
        while self._size > _MAX_MESSAGES_SIZE or len(self._messages) > _MAX_MESSAGES:
            _, oldest = self._messages.pop(0)
            self._size -= len(oldest)


@dataclass(slots=True)
class MessageLog:
    """Counters since the start, and the latest messages and changes.

    Entries have epoch seconds; messages are kept as the bytes that were transmitted.
    """

    received: int = 0
    sent: int = 0
    rejected: int = 0
    outdated: int = 0
    decode_errors: int = 0
    skipped: int = 0
    retries: int = 0
    timeouts: int = 0
    messages_received: LatestMessages = field(default_factory=LatestMessages)
    messages_sent: LatestMessages = field(default_factory=LatestMessages)
    availability: list[tuple[float, bool]] = field(default_factory=list)

    def record_received(self, data: bytes) -> None:
        """Count and keep a message from the plug whose signature is valid."""
        self.received += 1
        self.messages_received.add(data)

    def record_rejected(self) -> None:
        """Count a message whose signature is not valid: it is not kept."""
        self.received += 1
        self.rejected += 1

    def record_sent(self, data: bytes) -> None:
        """Count and keep a message to the plug."""
        self.sent += 1
        # A copy: what orjson returned would keep a buffer of 4 kB.
        self.messages_sent.add(bytes(memoryview(data)))

    def record_availability(self, *, available: bool) -> None:
        """Keep a change of availability."""
        self.availability.append((time.time(), available))
        del self.availability[:-_MAX_CHANGES]
