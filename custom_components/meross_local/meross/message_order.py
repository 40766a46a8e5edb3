"""Which messages of a plug count: by order of arrival, not by clocks.

A plug's connection delivers in order, while its clock steps back and forth. Timestamps
only show what is certainly old: a message of a minute ago, sent again.
"""

from enum import Enum, auto
from typing import Final

from .message import Header
from .namespaces import CLOCK_CHANGES

# Seconds. A clock that NTP corrects steps back by less; a captured message that is sent
# again is older.
MAX_STEP_BACK: Final = 60
# Seconds by which a plug's clock and ours may differ in how much time has passed: some
# firmware sends whole seconds alone, and the network needs a moment.
MAX_DEVIATION: Final = 1.5
_SECOND: Final = 1000
_UNKNOWN: Final = -1
# A message is recognized as a repetition while so many others follow it.
MAX_KNOWN_IDS: Final = 128


class Order(Enum):
    """What is to be done with a message."""

    CURRENT = auto()
    """Apply it."""
    DOUBTFUL = auto()
    """Apply it and query the plug: its clock stepped, or the message is a late one."""
    OUTDATED = auto()
    """Ignore it and query the plug: it is a repetition, or much too old.

    A reply is only ignored: where each one is doubled, the queries would not end.
    """


class MessageOrder:
    """The order of the messages of one plug, all of them with a valid signature."""

    def __init__(self) -> None:
        """Start before the first message."""
        # Seconds of the plug's clock, and the part below, which is not signed.
        self._newest = (0, 0)
        self._received_at = 0.0
        # The oldest first.
        self._known_ids: dict[str, None] = {}

    def answer_received(self, header: Header, now: float) -> None:
        """Follow the reply to an open request: it is newer than the request.

        now is in monotonic seconds.
        """
        self._remember(header)
        self._newest, self._received_at = _time_of(header), now

    def message_received(self, header: Header, now: float) -> Order:
        """Return whether a message that is no reply to an open request counts.

        now is in monotonic seconds.
        """
        if header.message_id in self._known_ids:
            return Order.OUTDATED
        self._remember(header)
        current, newest = _time_of(header), self._newest
        elapsed = now - self._received_at
        step_back = newest[0] - header.timestamp
        # A greeting, or the setting of its clock, may show any time.
        if step_back > MAX_STEP_BACK and header.namespace not in CLOCK_CHANGES:
            return Order.OUTDATED
        self._newest, self._received_at = current, now
        # Every boot counts the same seconds: they order nothing.
        if not header.has_time or current < newest or current == (newest[0], _UNKNOWN):
            return Order.DOUBTFUL
        passed = current[0] - newest[0] + (current[1] - newest[1]) / _SECOND
        is_on_time = abs(passed - elapsed) <= MAX_DEVIATION
        return Order.CURRENT if is_on_time else Order.DOUBTFUL

    def _remember(self, header: Header) -> None:
        self._known_ids[header.message_id] = None
        if len(self._known_ids) > MAX_KNOWN_IDS:
            del self._known_ids[next(iter(self._known_ids))]


def _time_of(header: Header) -> tuple[int, int]:
    """Return seconds and milliseconds, of which some firmware sends any number."""
    milliseconds = header.timestamp_ms
    return header.timestamp, milliseconds if 0 <= milliseconds < _SECOND else _UNKNOWN
