"""What happened to one plug: for diagnostics, which replace a sniffer."""

from collections import deque
from dataclasses import dataclass, field
import time
from typing import Final

_MESSAGES: Final = 50
_CHANGES: Final = 50


@dataclass(slots=True)
class Journal:
    """Counters since the start, and the last messages and changes.

    Entries carry epoch seconds; messages are kept as the bytes they were.
    """

    heard: int = 0
    sent: int = 0
    rejected: int = 0
    misunderstood: int = 0
    retries: int = 0
    timeouts: int = 0
    messages_in: deque[tuple[float, bytes]] = field(
        default_factory=lambda: deque(maxlen=_MESSAGES)
    )
    messages_out: deque[tuple[float, bytes]] = field(
        default_factory=lambda: deque(maxlen=_MESSAGES)
    )
    availability: deque[tuple[float, bool]] = field(
        default_factory=lambda: deque(maxlen=_CHANGES)
    )

    def note_in(self, data: bytes) -> None:
        """Count and keep what the plug said."""
        self.heard += 1
        self.messages_in.append((time.time(), data))

    def note_out(self, data: bytes) -> None:
        """Count and keep what the plug was sent."""
        self.sent += 1
        # A copy: what orjson made would keep a buffer of 4 kB.
        self.messages_out.append((time.time(), bytes(memoryview(data))))

    def note_available(self, *, available: bool) -> None:
        """Keep a change of availability."""
        self.availability.append((time.time(), available))
