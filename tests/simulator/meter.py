"""What a metering plug measures (protocol.md 4.5, 4.6)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

type Load = int | Callable[[int], int]
"""What is plugged in: milliwatts, always or by the plug's time in epoch seconds."""

_DAYS = 30
_HOURS = 24
_DAY = 86400
_HOUR = 3600
_STEP = 60  # seconds in which a load counts as steady; days and hours begin with one
_WATT_HOUR = 3_600_000  # milliwatt seconds


@dataclass(slots=True)
class Meter:
    """A load behind the plug and the energy that it took."""

    voltage: int = 2331
    """0.1 V"""
    load: Load = 60_000
    """While the relay is on."""
    carries_over: bool = False
    """A fault: the counter goes on at midnight as if nothing were (meross_lan#264)."""
    resets_late: int | None = None
    """A fault: seconds after midnight when it does begin anew, after all."""
    _days: dict[int, list[int]] = field(default_factory=dict)
    _hours: dict[int, list[int]] = field(default_factory=dict)
    _counted_until: int | None = None
    _rest: int = 0
    """Milliwatt seconds that are no whole watt-hour yet."""
    _late: int | None = None
    """The day whose counter has yet to begin anew."""

    def power(self, timestamp: int) -> int:
        """Return the milliwatts that flow while the relay is on."""
        return self.load(timestamp) if callable(self.load) else self.load

    def run(self, until: int, offset: Callable[[int], int], *, on: bool) -> None:
        """Count what flowed since the last time, on the days that the offset gives."""
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
        for ring, index in ((self._days, day), (self._hours, timestamp // _HOUR)):
            entry = ring.setdefault(index, [timestamp, 0])
            entry[0] = max(entry[0], timestamp)
            entry[1] += watt_hours

    def restart(self) -> None:
        """Begin the newest day's counter anew: a fault, too."""
        if self._days:
            self._days[max(self._days)][1] = 0

    def days(self) -> list[dict[str, Any]]:
        """List the days as the ring buffer holds them: not sorted."""
        return [
            {"date": _date(day), "time": time, "value": value}
            for day, (time, value) in _ring(self._days, _DAYS)
        ]

    def hours(self) -> list[dict[str, Any]]:
        """List the hours, in the same manner."""
        return [
            {"timestamp": time, "value": value}
            for _, (time, value) in _ring(self._hours, _HOURS)
        ]

    def _begin(self, day: int) -> None:
        """Begin a day at its first watt-hour: from zero, as long as all is well."""
        if self.carries_over and day - 1 in self._days:
            time, value = self._days[day - 1]
            self._days[day] = [time, value]
            self._late = day

    def _reset_late(self, local: int) -> None:
        day, second = divmod(local, _DAY)
        late = self.resets_late is not None and second >= self.resets_late
        if late and self._late == day:
            self._late = None
            self.restart()


def _ring(entries: dict[int, list[int]], size: int) -> list[tuple[int, list[int]]]:
    """Keep the newest entries, each in the slot that its number gives it."""
    for old in sorted(entries)[:-size]:
        del entries[old]
    return sorted(entries.items(), key=lambda item: item[0] % size)


def _date(day: int) -> str:
    return datetime.fromtimestamp(day * _DAY, UTC).date().isoformat()
