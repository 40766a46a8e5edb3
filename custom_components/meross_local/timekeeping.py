"""Keeps a plug's clock and time zone right: without internet nobody else does."""

from datetime import UTC, datetime
from typing import Final

from .meross.commands import time_payload
from .meross.fields import Json
from .meross.model import PlugTime
from .meross.timezone import TimeRule, time_rules

# Seconds that a clock may be off, and before it is set again if that did not help.
_TOLERANCE: Final = 10
_COOLDOWN: Final = 600.0
# Seconds that its rules have to reach ahead.
_AHEAD: Final = 366 * 24 * 3600


class Timekeeper:
    """Decides when a plug has to be told the time."""

    def __init__(self) -> None:
        """Have told it nothing yet."""
        self._told_at = float("-inf")
        self._told_zone = ""

    def judge(
        self, said: PlugTime, now: datetime, zone: str, monotonic: float
    ) -> Json | None:
        """Return the payload that sets the plug right; None where it is right.

        now is in the time zone that the name is of.
        """
        rules = time_rules(now.tzinfo or UTC, now.year)
        timestamp = int(now.timestamp())
        has_been_told = (
            zone == self._told_zone and monotonic - self._told_at < _COOLDOWN
        )
        if has_been_told or (
            abs(said.timestamp - timestamp) <= _TOLERANCE
            and said.timezone == zone
            and _in_force(said.rules, timestamp) == _in_force(rules, timestamp)
        ):
            return None
        self._told_at, self._told_zone = monotonic, zone
        return time_payload(timestamp, zone, rules)


def _in_force(
    rules: tuple[TimeRule, ...], now: int
) -> tuple[tuple[int, int] | None, list[TimeRule]]:
    """Return what holds now, and what will begin to in the year ahead."""
    present = max((rule for rule in rules if rule[0] <= now), default=None)
    return (
        present and present[1:],
        sorted(rule for rule in rules if now < rule[0] <= now + _AHEAD),
    )
