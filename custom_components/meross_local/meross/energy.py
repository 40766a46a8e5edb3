"""Energy from a plug's day entries: in total, and of today.

ConsumptionX lists watt-hours per day, some thirty days in any order, today only after
its first watt-hour (docs/protocol.md 4.6).
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final, Self

from .errors import DecodeError
from .fields import Json, as_object, get_number, get_object
from .measurements import MAX_DAILY_ENERGY, MAX_POWER, DayEntry

# Entries outside are not a plug's: the first day, and what exceeds an epoch second.
_MIN_DAY: Final = date(2000, 1, 1)
_MAX_DAY: Final = date(2106, 1, 1)
_DAY: Final = 86_400
# Twice the plug's own list, so that no settled day is listed again.
_MAX_DAYS: Final = 60
# Watt-hours of a century: more is no meter's.
_MAX_TOTAL: Final = 36_525 * MAX_DAILY_ENERGY
# Fewer watt-hours do not show whether a plug carries its days over.
_MIN_TYPICAL: Final = 20
# Hours: how long a power holds; the longest time between two lists in which the plug
# was observed; the longest over which its use can be estimated.
_MAX_POWER_AGE: Final = 1 / 6
_MAX_OBSERVED: Final = 1.0
_MAX_ESTIMATED: Final = 18.0


@dataclass(slots=True)
class EnergyMeter:
    """A counter that only rises, whatever the plug drops, repeats or carries over.

    All in watt-hours: settled, of days no longer kept; days, of each day since;
    carried, the part of a day's entry that was not used on that day. carries is the
    plug's habit at midnight, read_at the epoch second of the last list; None is not
    known.
    """

    settled: int = 0
    days: dict[date, int] = field(default_factory=dict)
    carried: dict[date, int] = field(default_factory=dict)
    settled_until: date = date.min
    carries: bool | None = None
    read_at: int | None = None
    _power: float | None = field(default=None, compare=False)
    _power_at: float = field(default=0, compare=False)
    _measured: float | None = field(default=None, compare=False)
    """The energy since the last list; None unless the power was known all the time."""
    _doubt: float = field(default=0, compare=False)
    """By how much that may be wrong: when the power changed is not known."""

    @property
    def total(self) -> int:
        """Return the watt-hours since the first day that the plug listed."""
        return self.settled + sum(self.days.values())

    def on(self, day: date) -> int:
        """Return the watt-hours of a day."""
        return self.days.get(day, 0)

    def update_power(self, power: float, now: datetime) -> None:
        """Apply a power in watts, which holds until the next one."""
        hours = self._measure(now)
        if self._power is not None:
            self._doubt += abs(power - self._power) * hours
        self._power = power

    def update(self, entries: Iterable[DayEntry], now: datetime) -> None:
        """Apply a list of the plug, whose days are those of now's time zone."""
        self._measure(now)
        # A plug whose clock was ahead may list a future day.
        end = min(now.date() + timedelta(days=2), _MAX_DAY)
        listed: dict[date, int] = {}
        for entry in entries:
            if (
                max(self.settled_until, _MIN_DAY) < entry.day < end
                and entry.energy >= 0
            ):
                listed[entry.day] = max(entry.energy, listed.get(entry.day, 0))
        for day in sorted(listed):
            self._count(day, listed[day], now)
        self._settle(min(listed, default=now.date()), listed.keys())
        self.read_at = int(now.timestamp())
        self._measured = self._doubt = 0

    def as_json(self) -> Json:
        """Return the meter as JSON, for `from_json` after a restart."""
        return {
            "settled": self.settled,
            "settled_until": self.settled_until.isoformat(),
            "days": {day.isoformat(): used for day, used in self.days.items()},
            "carried": {day.isoformat(): more for day, more in self.carried.items()},
            "carries": self.carries,
            "read_at": self.read_at,
        }

    @classmethod
    def from_json(cls, stored: object) -> Self:
        """Return the meter from `as_json`'s JSON; raises ValueError for any other."""
        stored = as_object(stored, "meter")
        days, carried = get_object(stored, "days"), get_object(stored, "carried")
        # Both came later than the other members.
        carries, read_at = stored.get("carries"), stored.get("read_at")
        meter = cls(
            settled=get_number(stored, "settled"),
            settled_until=date.fromisoformat(str(stored.get("settled_until"))),
            days={date.fromisoformat(day): get_number(days, day) for day in days},
            carried={
                date.fromisoformat(day): get_number(carried, day) for day in carried
            },
            carries=carries if isinstance(carries, bool) else None,
            read_at=read_at if type(read_at) is int else None,
        )
        if not meter._is_possible():
            raise DecodeError("not what a meter can have counted")
        return meter

    def _is_possible(self) -> bool:
        first = min(self.days, default=date.min + timedelta(days=1))
        return (
            self.days.keys() == self.carried.keys()
            and 0 <= self.settled <= _MAX_TOTAL
            and self.settled_until < first
            and all(_MIN_DAY < day < _MAX_DAY for day in self.days)
            and all(0 <= used <= MAX_DAILY_ENERGY for used in self.days.values())
            and all(abs(more) <= _MAX_TOTAL for more in self.carried.values())
        )

    def _measure(self, now: datetime) -> float:
        """Add the energy since the last power; return the hours that it took."""
        at = now.timestamp()
        hours, self._power_at = (at - self._power_at) / 3600, at
        if self._power is None or not 0 <= hours <= _MAX_POWER_AGE:
            self._power = self._measured = None
            return 0
        if self._measured is not None:
            self._measured += self._power * hours
        return hours

    def _count(self, day: date, energy: int, now: datetime) -> None:
        if day not in self.days:
            self.days[day] = 0
            self.carried[day] = self._carried_over(day, energy, now)
        used, carried = self.days[day], self.carried[day]
        if energy - carried > MAX_DAILY_ENERGY:
            # More than any plug can let through: not a plug's.
            return
        if energy < carried or energy * 2 < used + carried:
            # The plug's counter restarted within the day: what follows is added.
            self.carried[day] = carried = -used
        more = energy - carried - used
        if more > 0:
            self.days[day] += more
            if self._measured is not None:
                # What is left may be of the next day.
                self._measured = max(0, self._measured - more)

    def _carried_over(self, day: date, energy: int, now: datetime) -> int:
        """Return the part of a new day's entry that belongs to the days before.

        Source: docs/protocol.md 4.6.
        """
        before = max((known for known in self.days if known < day), default=None)
        if before is None:
            return 0
        full = self._listed(before)
        if energy < full:
            if self._measured is not None or self.carries is None:
                self._learn(full, carries=False)
            return 0
        midnight = datetime.combine(day, datetime.min.time(), now.tzinfo)
        if self.read_at and midnight.timestamp() + _DAY <= self.read_at:
            # It was over before the last list, which left it out.
            return full if self.carries else 0
        since_read = _hours(self.read_at, now)
        hours = min(since_read, _hours(midnight.timestamp(), now))
        return full if self._is_carried_over(energy, before, since_read, hours) else 0

    def _is_carried_over(
        self, energy: int, before: date, since_read: float, hours: float
    ) -> bool:
        """Return whether a new day's entry goes on from that of the day before.

        Of both explanations the one that agrees with the power since the last list,
        since_read hours ago; hours of that are of the new day.
        """
        full = self._listed(before)
        expected, doubt = self._measured, self._doubt
        if expected is None:
            expected, doubt = self.days[before] / 24 * hours, 0
        # How far each explanation is from what was expected.
        anew, carried = (
            max(0, abs(used - expected) - doubt) for used in (energy, energy - full)
        )
        if energy > MAX_POWER * hours + 1:
            carries = True
        elif anew == carried:
            # The power changed too much to show it.
            return bool(self.carries)
        elif self._measured is not None or since_read <= _MAX_OBSERVED:
            carries = carried < anew
        elif self.carries is not None:
            return self.carries
        else:
            return since_read < _MAX_ESTIMATED and carried * 2 < anew
        if energy - full <= MAX_DAILY_ENERGY:
            self._learn(full, carries=carries)
        return carries

    def _listed(self, day: date) -> int:
        """Return what the plug listed for a day, with the part that it carried over."""
        return self.days[day] + self.carried[day]

    def _learn(self, full: int, *, carries: bool) -> None:
        if full >= _MIN_TYPICAL:
            self.carries = carries

    def _settle(self, first: date, listed: Iterable[date]) -> None:
        """Move the oldest days that the plug no longer lists into settled.

        first is the oldest listed day. The order decides, not the time: a clock that
        was ahead must not settle days that are still counted.
        """
        old = sorted(self.days.keys() - set(listed))
        for day in old[: max(0, len(self.days) - _MAX_DAYS)]:
            self.settled += self.days.pop(day)
            self.carried.pop(day)
            settled_until = min(day, first - timedelta(days=1))
            self.settled_until = max(self.settled_until, settled_until)


def _hours(since: float | None, now: datetime) -> float:
    """Return the hours since an epoch second; infinite where a clock was wrong."""
    hours = -1 if since is None else (now.timestamp() - since) / 3600
    return hours if hours >= 0 else float("inf")
