"""Time zone rules as plugs store them: offsets and when each begins.

Source: docs/protocol.md 4.7.
"""

from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Final

# Epoch second at which it begins, offset from UTC in seconds, 1 for summer time.
type TimeRule = tuple[int, int, int]

# As many as the vendor sends: ten years where clocks change twice a year.
_MAX_RULES: Final = 20
_HORIZON: Final = timedelta(days=11 * 366)
# No zone changes its offset twice within it, so no change is missed.
_STEP: Final = timedelta(days=7)


@lru_cache(maxsize=2)
def time_rules(zone: tzinfo, year: int) -> tuple[TimeRule, ...]:
    """Return the changes of a zone's offset from the year before the given one on.

    The first rule begins before the given year, as in what the vendor sends.
    """
    moment = start = datetime(year - 1, 1, 1, tzinfo=UTC)
    changes: list[tuple[int, int]] = []
    while moment < start + _HORIZON and len(changes) < _MAX_RULES:
        if _offset(zone, moment) != _offset(zone, moment + _STEP):
            change = _change(zone, moment, moment + _STEP)
            changes.append((int(change.timestamp()), _offset(zone, change)))
        moment += _STEP
    if not changes or changes[0][0] > datetime(year, 1, 1, tzinfo=UTC).timestamp():
        changes.insert(0, (int(start.timestamp()), _offset(zone, start)))
    # By the offsets, not by the zone's own flag: Ireland's summer is its standard time.
    winter = min(offset for _, offset in changes)
    return tuple((at, offset, int(offset > winter)) for at, offset in changes)


def _change(zone: tzinfo, before: datetime, after: datetime) -> datetime:
    """Return the second at which the offset changes between two moments."""
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        middle = middle.replace(microsecond=0)
        if _offset(zone, middle) == _offset(zone, before):
            before = middle
        else:
            after = middle
    return after


def _offset(zone: tzinfo, moment: datetime) -> int:
    offset = moment.astimezone(zone).utcoffset() or timedelta()
    return int(offset.total_seconds())
