"""The latest messages and changes of one plug, for its diagnostics."""

from collections import deque
from dataclasses import dataclass, field
import time
from typing import Final

_MAX_MESSAGES: Final = 50
_MAX_CHANGES: Final = 50


@dataclass(slots=True)
class MessageLog:
    """Counters since the start, and the latest messages and changes.

    Entries have epoch seconds; messages are kept as the bytes that were transmitted.
    """

    received: int = 0
    sent: int = 0
    rejected: int = 0
    decode_errors: int = 0
    retries: int = 0
    timeouts: int = 0
    messages_received: deque[tuple[float, bytes]] = field(
        default_factory=lambda: deque(maxlen=_MAX_MESSAGES)
    )
    messages_sent: deque[tuple[float, bytes]] = field(
        default_factory=lambda: deque(maxlen=_MAX_MESSAGES)
    )
    availability: deque[tuple[float, bool]] = field(
        default_factory=lambda: deque(maxlen=_MAX_CHANGES)
    )

    def record_received(self, data: bytes) -> None:
        """Count and keep a message from the plug."""
        self.received += 1
        self.messages_received.append((time.time(), data))

    def record_sent(self, data: bytes) -> None:
        """Count and keep a message to the plug."""
        self.sent += 1
        # A copy: what orjson returned would keep a buffer of 4 kB.
        self.messages_sent.append((time.time(), bytes(memoryview(data))))

    def record_availability(self, *, available: bool) -> None:
        """Keep a change of availability."""
        self.availability.append((time.time(), available))
