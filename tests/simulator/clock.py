"""A plug's clock: seconds since boot until a controller sets the time."""

from collections.abc import Callable
import time

# Joining the Wi-Fi takes a plug some seconds: its first Clock was 4, 12 or 18
# in traces, never 0 (docs/protocol.md 2, 3.4).
_FIRST_SECOND = 4


def monotonic() -> float:
    """Return the monotonic time, also where a test has stopped it."""
    return time.monotonic()


class PlugClock:
    """Count from boot, or from the time that was set."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        """Start at boot."""
        self.is_broken = False
        """A fault: it counts from boot, whatever time is set."""
        self._now = now
        self.boot()

    def boot(self) -> None:
        """Lose the time: there is no battery."""
        self.is_set = False
        self._since = self._now()
        self._base: float = _FIRST_SECOND

    def set(self, timestamp: int) -> None:
        """Take the time from a controller."""
        if self.is_broken:
            return
        self.is_set = True
        self._since = self._now()
        self._base = timestamp

    def advance(self, seconds: float) -> None:
        """Move the clock ahead, or back."""
        self._base += seconds

    @property
    def timestamp(self) -> int:
        """Whole seconds, as in every header."""
        return self.milliseconds // 1000

    @property
    def milliseconds(self) -> int:
        """The time in milliseconds."""
        return round((self._base + self._now() - self._since) * 1000)
