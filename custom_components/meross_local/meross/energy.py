"""Energy from a plug's day entries: in total, and of today.

ConsumptionX lists watt-hours per day, some thirty days in any order, today only after
its first watt-hour (docs/protocol.md 4.6).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from typing import Final, Self

from .errors import DecodeError
from .fields import Json, get_number, get_object
from .model import DayEntry

# Watts and watt-hours: more than any plug can switch; a day has up to 25 hours.
_MAX_POWER: Final = 4000
_MAX_DAILY_ENERGY: Final = 25 * _MAX_POWER
# A day whose entry has as much as the whole day before within this time has carried
# that over, unless it is fewer watt-hours than tell the two cases apart.
_CARRY_OVER_WINDOW: Final = timedelta(minutes=15)
_MIN_CARRIED: Final = 20
# Entries outside are not a plug's: the first day, and epoch seconds.
_MIN_DAY: Final = date(2000, 1, 1)
_MAX_TIMESTAMP: Final = 2**32
# Longer than the plug's own list, so that no settled day is listed again.
_RETENTION: Final = timedelta(days=60)


@dataclass(slots=True)
class EnergyMeter:
    """A counter that only rises, whatever the plug drops, repeats or carries over.

    All in watt-hours: settled, of days no longer kept; days, of each day since;
    carried, the part of a day's entry that was not used on that day.
    """

    settled: int = 0
    days: dict[date, int] = field(default_factory=dict)
    carried: dict[date, int] = field(default_factory=dict)
    settled_until: date = date.min

    @property
    def total(self) -> int:
        """Return the watt-hours since the first day that the plug listed."""
        return self.settled + sum(self.days.values())

    def on(self, day: date) -> int:
        """Return the watt-hours of a day."""
        return self.days.get(day, 0)

    def update(self, entries: Iterable[DayEntry], now: datetime) -> None:
        """Apply a list of the plug, whose days are those of now's time zone."""
        zone = now.tzinfo
        # A plug whose clock was ahead may list a future day.
        newest = now.date() + timedelta(days=1)
        for entry in sorted(entries, key=lambda entry: entry.day):
            if (
                max(self.settled_until, _MIN_DAY) < entry.day <= newest
                and 0 <= entry.energy <= _MAX_DAILY_ENERGY
                and 0 <= entry.at < _MAX_TIMESTAMP
            ):
                self._count(entry, zone)
        self._settle()

    def as_json(self) -> Json:
        """Return the meter as JSON, for `from_json` after a restart."""
        return {
            "settled": self.settled,
            "settled_until": self.settled_until.isoformat(),
            "days": {day.isoformat(): used for day, used in self.days.items()},
            "carried": {day.isoformat(): more for day, more in self.carried.items()},
        }

    @classmethod
    def from_json(cls, stored: Json) -> Self:
        """Return the meter from `as_json`'s JSON; raises ValueError for any other."""
        days, carried = get_object(stored, "days"), get_object(stored, "carried")
        if days.keys() != carried.keys():
            raise DecodeError("days and carried have different days")
        return cls(
            settled=get_number(stored, "settled"),
            settled_until=date.fromisoformat(str(stored.get("settled_until"))),
            days={date.fromisoformat(day): get_number(days, day) for day in days},
            carried={
                date.fromisoformat(day): get_number(carried, day) for day in carried
            },
        )

    def _count(self, entry: DayEntry, zone: tzinfo | None) -> None:
        day = entry.day
        if day not in self.days:
            self.days[day] = 0
            self.carried[day] = self._carried_over(entry, zone)
        used, carried = self.days[day], self.carried[day]
        if entry.energy < carried or entry.energy * 2 < used + carried:
            # The plug's counter restarted within the day: what follows is added.
            self.carried[day] = carried = -used
        self.days[day] = max(used, entry.energy - carried)

    def _carried_over(self, entry: DayEntry, zone: tzinfo | None) -> int:
        """Return the part of a new day's entry that belongs to the day before.

        Source: docs/protocol.md 4.6.
        """
        before = entry.day - timedelta(days=1)
        full = self.days.get(before, 0) + self.carried.get(before, 0)
        if not _MIN_CARRIED <= full <= entry.energy:
            return 0
        midnight = datetime.combine(entry.day, datetime.min.time(), zone)
        elapsed = datetime.fromtimestamp(entry.at, zone) - midnight
        hours = max(elapsed, timedelta()) / timedelta(hours=1)
        is_too_much = entry.energy > _MAX_POWER * hours + 1
        return full if elapsed <= _CARRY_OVER_WINDOW or is_too_much else 0

    def _settle(self) -> None:
        """Move the days that the plug no longer lists into settled."""
        if not self.days:
            return
        horizon = max(self.days) - _RETENTION
        for day in [day for day in self.days if day <= horizon]:
            self.settled += self.days.pop(day)
            self.carried.pop(day)
            self.settled_until = max(self.settled_until, day)
