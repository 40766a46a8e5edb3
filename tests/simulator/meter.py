"""The meter of a plug that measures power and energy (docs/protocol.md 4.5, 4.6)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

type Load = int | Callable[[int], int]
"""Milliwatts, always or by the plug's time in epoch seconds."""

_MAX_DAYS = 30
_DAY = 86400
_STEP = 60  # seconds in which a load counts as steady; each day begins with one
_WATT_HOUR = 3_600_000  # milliwatt seconds


@dataclass(slots=True)
class Meter:
    """The load of a plug and the energy that it consumed."""

    voltage: int = 2331
    """0.1 V"""
    load: Load = 60_000
    """While the relay is on."""
    carries_over: bool = False
    """A fault: the counter is not reset at midnight (meross_lan#264)."""
    resets_late: int | None = None
    """A fault: seconds after midnight when such a counter is reset after all."""
    _days: dict[int, list[int]] = field(default_factory=dict)
    _counted_until: int | None = None
    _rest: int = 0
    """Milliwatt seconds that are no whole watt-hour yet."""
    _not_reset: int | None = None
    """The day whose counter is still to be reset."""

    def power(self, timestamp: int) -> int:
        """Return the power in milliwatts while the relay is on."""
        return self.load(timestamp) if callable(self.load) else self.load

    def run(self, until: int, offset: Callable[[int], int], *, on: bool) -> None:
        """Count the energy since the last time, on the days that the offset gives."""
        at = until if self._counted_until is None else self._counted_until
        while at < until:
            end = min(until, at - at % _STEP + _STEP)
            if on:
                self._rest += self.power(at) * (end - at)
            watt_hours, self._rest = divmod(self._rest, _WATT_HOUR)
            self._reset_late(at + offset(at))
            if watt_hours:
                self.consume(watt_hours, at, offset(at))
            at = end
        self._counted_until = until

    def jump(self, timestamp: int | None) -> None:
        """Go on at another time: the clock was set, or lost."""
        self._counted_until = timestamp

    def consume(self, watt_hours: int, timestamp: int, offset: int) -> None:
        """Count energy at a time, on the local day that the offset gives."""
        day = (timestamp + offset) // _DAY
        if day not in self._days:
            self._begin(day)
        entry = self._days.setdefault(day, [timestamp, 0])
        entry[0] = max(entry[0], timestamp)
        entry[1] += watt_hours

    def restart(self) -> None:
        """Reset the newest day's counter: a fault, too."""
        if self._days:
            self._days[max(self._days)][1] = 0

    def days(self) -> list[dict[str, Any]]:
        """List the newest days by their slots in the ring buffer: not sorted."""
        for old in sorted(self._days)[:-_MAX_DAYS]:
            del self._days[old]
        return [
            {
                "date": datetime.fromtimestamp(day * _DAY, UTC).date().isoformat(),
                "time": self._days[day][0],
                "value": self._days[day][1],
            }
            for day in sorted(self._days, key=lambda day: day % _MAX_DAYS)
        ]

    def _begin(self, day: int) -> None:
        """Begin a day at its first watt-hour: from zero, without a fault."""
        if self.carries_over and day - 1 in self._days:
            self._days[day] = list(self._days[day - 1])
            self._not_reset = day

    def _reset_late(self, local: int) -> None:
        day, second = divmod(local, _DAY)
        is_late = self.resets_late is not None and second >= self.resets_late
        if is_late and self._not_reset == day:
            self._not_reset = None
            self.restart()
