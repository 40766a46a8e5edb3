"""Whether a plug is connected: plugs leave no last will, so silence is probed."""

from enum import Enum, auto
import random
from typing import Final

# Seconds of silence before a plug is queried, and for each reply. With two queries and
# a check once a second, a plug is known to be gone at most 75 seconds after it left.
KEEPALIVE_INTERVAL: Final = 60.0
REPLY_TIMEOUT: Final = 5.0
MAX_PINGS: Final = 2
# Seconds in which plugs that connect at the same time get keepalives of their own.
JITTER_WINDOW: Final = 10.0


class Action(Enum):
    """What is due for a plug."""

    NONE = auto()
    PING = auto()
    MARK_UNAVAILABLE = auto()


class AvailabilityTracker:
    """The silence of one plug. All times are monotonic seconds.

    due is the time from which `next_action` returns an action.
    """

    def __init__(self) -> None:
        """Start without a keepalive: nothing is due before the first query."""
        self.due = float("inf")
        self._pings = 0
        self._jitter_until = float("-inf")

    @property
    def is_retry(self) -> bool:
        """Return whether the ping before the last one had no reply."""
        return self._pings > 1

    def message_received(self, now: float) -> None:
        """Start the silence anew: any message is a sign of life."""
        self._pings = 0
        self.due = now + KEEPALIVE_INTERVAL
        if now < self._jitter_until:
            self._schedule_jitter(now)

    def start(self, now: float) -> None:
        """Spread the keepalives: other plugs may connect at the same time."""
        self._jitter_until = now + JITTER_WINDOW
        self._schedule_jitter(now)

    def queried_with_all(self, now: float) -> None:
        """Count a query that was sent to every plug as a ping."""
        self.start(now)
        self._pings = 1
        self.due = now + REPLY_TIMEOUT

    def stop(self) -> None:
        """Wait until the next query: there is no broker that could deliver one."""
        self.due = float("inf")

    def next_action(self, now: float) -> Action:
        """Return the action that is due, and count it as taken."""
        if now < self.due:
            return Action.NONE
        if self._pings == MAX_PINGS:
            # The plug is pinged once a minute from now on until it replies.
            self._pings -= 1
            self.due = now + KEEPALIVE_INTERVAL
            return Action.MARK_UNAVAILABLE
        self._pings += 1
        self.due = now + REPLY_TIMEOUT
        return Action.PING

    def _schedule_jitter(self, now: float) -> None:
        self.due = now + random.uniform(1, KEEPALIVE_INTERVAL)  # noqa: S311 (no secret)
