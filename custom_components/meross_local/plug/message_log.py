"""The latest messages and changes of one plug, for its diagnostics."""

from collections import deque
from dataclasses import dataclass, field
import time
from typing import Final

_MAX_MESSAGES: Final = 50
_MAX_CHANGES: Final = 50
# Bytes in each direction: a broker that anyone may publish to must not fill the memory.
_MAX_MESSAGES_SIZE: Final = 65_536

type _Messages = deque[tuple[float, bytes]]


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
    messages_received: _Messages = field(
        default_factory=lambda: deque(maxlen=_MAX_MESSAGES)
    )
    messages_sent: _Messages = field(
        default_factory=lambda: deque(maxlen=_MAX_MESSAGES)
    )
    availability: deque[tuple[float, bool]] = field(
        default_factory=lambda: deque(maxlen=_MAX_CHANGES)
    )

    def record_received(self, data: bytes) -> None:
        """Count and keep a message from the plug whose signature is valid."""
        self.received += 1
        _keep(self.messages_received, data)

    def record_rejected(self) -> None:
        """Count a message whose signature is not valid: it is not kept."""
        self.received += 1
        self.rejected += 1

    def record_sent(self, data: bytes) -> None:
        """Count and keep a message to the plug."""
        self.sent += 1
        # A copy: what orjson returned would keep a buffer of 4 kB.
        _keep(self.messages_sent, bytes(memoryview(data)))

    def record_availability(self, *, available: bool) -> None:
        """Keep a change of availability."""
        self.availability.append((time.time(), available))


def _keep(messages: _Messages, data: bytes) -> None:
    messages.append((time.time(), data))
    while sum(len(data) for _, data in messages) > _MAX_MESSAGES_SIZE:
        messages.popleft()
