"""A plug's clock: seconds since boot until somebody tells the time."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

# Joining the Wi-Fi takes a plug some seconds: its first Clock said 4, 12 or 18
# in traces, never 0 (protocol.md 2, 3.4).
_FIRST_SECOND = 4


class PlugClock:
    """Counts from boot, or from the time that it was given."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        """Start at boot."""
        self._now = now
        self.boot()

    def boot(self) -> None:
        """Forget the time: there is no battery."""
        self.is_set = False
        self._base = _FIRST_SECOND - self._now()
        self._booted = self._now()

    def set(self, timestamp: int) -> None:
        """Take the time from a controller."""
        self.is_set = True
        self._base = timestamp - self._now()

    @property
    def timestamp(self) -> int:
        """Whole seconds, as in every header."""
        return self.milliseconds // 1000

    @property
    def milliseconds(self) -> int:
        """The time in milliseconds."""
        return round((self._base + self._now()) * 1000)

    @property
    def uptime(self) -> int:
        """Seconds since boot."""
        return int(self._now() - self._booted)
