"""Energy out of a plug's day entries: of its life, and of today.

ConsumptionX lists watt-hours a day, some thirty days in any order, today only after its
first watt-hour (protocol.md 4.6).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from typing import Final, Self

from .errors import DecodeError
from .fields import Json, get_number, get_object
from .model import DayEntry

# Watts: no plug lets more through.
_MOST_POWER: Final = 4000
_MOST_A_DAY: Final = 25 * _MOST_POWER
# A day that has as much as the whole day before within its first quarter of an hour has
# carried that over, unless it is too little to tell, in watt-hours.
_EARLY: Final = timedelta(minutes=15)
_LEAST_CARRIED: Final = 20
# What lies outside is no day and no stamp of a plug's.
_OLDEST: Final = date(2000, 1, 1)
_LATEST: Final = 2**32
# Longer than the plug's own list, which must not bring back what was settled.
_KEPT: Final = timedelta(days=60)


@dataclass(slots=True)
class EnergyMeter:
    """A counter that only rises, whatever the plug forgets, repeats or carries over.

    All in watt-hours: settled, of days no longer kept; days, of each day since;
    carried, by how much a day's entry is more than what was used on it.
    """

    settled: int = 0
    days: dict[date, int] = field(default_factory=dict)
    carried: dict[date, int] = field(default_factory=dict)
    settled_until: date = date.min

    @property
    def total(self) -> int:
        """Return the watt-hours since the first day that was ever listed."""
        return self.settled + sum(self.days.values())

    def on(self, day: date) -> int:
        """Return the watt-hours of a day."""
        return self.days.get(day, 0)

    def update(self, entries: Iterable[DayEntry], now: datetime) -> None:
        """Take over a list of the plug, whose days are those of now's time zone."""
        zone = now.tzinfo
        # A plug whose clock was ahead may list a day that is still to come.
        newest = now.date() + timedelta(days=1)
        for entry in sorted(entries, key=lambda entry: entry.day):
            if (
                max(self.settled_until, _OLDEST) < entry.day <= newest
                and 0 <= entry.energy <= _MOST_A_DAY
                and 0 <= entry.at < _LATEST
            ):
                self._count(entry, zone)
        self._settle()

    def as_json(self) -> Json:
        """Return all that must outlive a restart."""
        return {
            "settled": self.settled,
            "settled_until": self.settled_until.isoformat(),
            "days": {day.isoformat(): used for day, used in self.days.items()},
            "carried": {day.isoformat(): more for day, more in self.carried.items()},
        }

    @classmethod
    def from_json(cls, stored: Json) -> Self:
        """Return the meter as it was stored; raises ValueError for anything else."""
        days, carried = get_object(stored, "days"), get_object(stored, "carried")
        if days.keys() != carried.keys():
            raise DecodeError("days are not those of what was carried")
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
            # The plug's counter began anew within the day: what follows is added.
            self.carried[day] = carried = -used
        self.days[day] = max(used, entry.energy - carried)

    def _carried_over(self, entry: DayEntry, zone: tzinfo | None) -> int:
        """Return what a new day's entry has of the day before (meross_lan#264)."""
        before = entry.day - timedelta(days=1)
        full = self.days.get(before, 0) + self.carried.get(before, 0)
        if not _LEAST_CARRIED <= full <= entry.energy:
            return 0
        midnight = datetime.combine(entry.day, datetime.min.time(), zone)
        elapsed = datetime.fromtimestamp(entry.at, zone) - midnight
        hours = max(elapsed, timedelta()) / timedelta(hours=1)
        is_too_much = entry.energy > _MOST_POWER * hours + 1
        return full if elapsed <= _EARLY or is_too_much else 0

    def _settle(self) -> None:
        """Add up the days that the plug can no longer list."""
        if not self.days:
            return
        horizon = max(self.days) - _KEPT
        for day in [day for day in self.days if day <= horizon]:
            self.settled += self.days.pop(day)
            self.carried.pop(day)
            self.settled_until = max(self.settled_until, day)
