"""A plug's clock: seconds since boot until somebody tells the time."""

from __future__ import annotations

from collections.abc import Callable
import time

# Joining the Wi-Fi takes a plug some seconds: its first Clock said 4, 12 or 18
# in traces, never 0 (protocol.md 2, 3.4).
_FIRST_SECOND = 4


def monotonic() -> float:
    """Tell the monotonic time, also where a test has stopped it."""
    return time.monotonic()


class PlugClock:
    """Counts from boot, or from the time that it was given."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        """Start at boot."""
        self.is_broken = False
        """A fault: whatever it is told, it counts from boot."""
        self._now = now
        self._speed = 1.0
        self.boot()

    def boot(self) -> None:
        """Forget the time: there is no battery."""
        self.is_set = False
        self._since = self._booted = self._now()
        self._base: float = _FIRST_SECOND

    def set(self, timestamp: int) -> None:
        """Take the time from a controller."""
        if self.is_broken:
            return
        self.is_set = True
        self._since = self._now()
        self._base = timestamp

    def run(self, speed: float) -> None:
        """Run faster than the world: a day in a minute, say."""
        now = self._now()
        self._base += (now - self._since) * self._speed
        self._since = now
        self._speed = speed

    def advance(self, seconds: float) -> None:
        """Leap ahead."""
        self._base += seconds

    @property
    def timestamp(self) -> int:
        """Whole seconds, as in every header."""
        return self.milliseconds // 1000

    @property
    def milliseconds(self) -> int:
        """The time in milliseconds."""
        elapsed = (self._now() - self._since) * self._speed
        return round((self._base + elapsed) * 1000)

    @property
    def uptime(self) -> int:
        """Seconds since boot."""
        return int(self._now() - self._booted)
