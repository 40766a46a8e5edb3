"""Corrects a plug's clock and time zone: without internet nothing else does."""

from datetime import UTC, datetime
from typing import Final

from ..meross.commands import time_payload
from ..meross.fields import Json
from ..meross.model import PlugTime
from ..meross.timezone import TimeRule, time_rules

# Seconds that a clock may be off, and between two corrections of the same kind.
_CLOCK_TOLERANCE: Final = 10
_CORRECTION_INTERVAL: Final = 600.0
# Seconds that the plug's time zone rules have to reach ahead.
_RULES_HORIZON: Final = 366 * 24 * 3600


class ClockSync:
    """Decides when a plug gets the time."""

    def __init__(self) -> None:
        """Start without a correction."""
        self._corrected_at = float("-inf")
        # What the plug got: the clock as its difference to monotonic time.
        self._sent: tuple[str, float] = ("", 0.0)

    def correction(
        self, plug_time: PlugTime, now: datetime, zone: str, monotonic: float
    ) -> Json | None:
        """Return the payload that sets the plug's time; None where it is right.

        now is in the time zone of that name. A clock that a correction did not set
        right gets none again for ten minutes, unless that was another time.
        """
        rules = time_rules(now.tzinfo or UTC, now.year)
        timestamp = int(now.timestamp())
        offset = timestamp - monotonic
        sent_zone, sent_offset = self._sent
        is_recent = (
            monotonic - self._corrected_at < _CORRECTION_INTERVAL
            and zone == sent_zone
            and abs(offset - sent_offset) <= _CLOCK_TOLERANCE
        )
        if is_recent or (
            abs(plug_time.timestamp - timestamp) <= _CLOCK_TOLERANCE
            and plug_time.timezone == zone
            and _in_force(plug_time.rules, timestamp) == _in_force(rules, timestamp)
        ):
            return None
        self._corrected_at, self._sent = monotonic, (zone, offset)
        return time_payload(timestamp, zone, rules)


def _in_force(
    rules: tuple[TimeRule, ...], now: int
) -> tuple[tuple[int, int] | None, list[TimeRule]]:
    """Return the offset that holds now, and the rules of the year ahead."""
    present = max((rule for rule in rules if rule[0] <= now), default=None)
    return (
        present and present[1:],
        sorted(rule for rule in rules if now < rule[0] <= now + _RULES_HORIZON),
    )
