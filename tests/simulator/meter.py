"""What a metering plug measures (protocol.md 4.5, 4.6)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

_DAYS = 30
_HOURS = 24
_DAY = 86400
_HOUR = 3600


@dataclass(slots=True)
class Meter:
    """A load behind the plug and the energy that it took."""

    voltage: int = 2331
    """0.1 V"""
    load: int = 60_000
    """mW, while the relay is on"""
    _days: dict[int, list[int]] = field(default_factory=dict)
    _hours: dict[int, list[int]] = field(default_factory=dict)

    def consume(self, watt_hours: int, timestamp: int, offset: int) -> None:
        """Count energy at a time, on the local day that the offset gives."""
        for ring, index in (
            (self._days, (timestamp + offset) // _DAY),
            (self._hours, timestamp // _HOUR),
        ):
            entry = ring.setdefault(index, [timestamp, 0])
            entry[0] = max(entry[0], timestamp)
            entry[1] += watt_hours

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


def _ring(entries: dict[int, list[int]], size: int) -> list[tuple[int, list[int]]]:
    """Keep the newest entries, each in the slot that its number gives it."""
    newest = sorted(entries.items())[-size:]
    return sorted(newest, key=lambda item: item[0] % size)


def _date(day: int) -> str:
    return datetime.fromtimestamp(day * _DAY, UTC).date().isoformat()
