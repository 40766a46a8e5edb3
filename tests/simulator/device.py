"""The things inside a plug that outlive a connection."""

from __future__ import annotations

from dataclasses import dataclass, field

from .clock import PlugClock
from .identity import Identity
from .meter import Meter
from .models import Model
from .relays import Relays


@dataclass(slots=True)
class Device:
    """A plug's state. Of it, a loss of power takes only the clock."""

    model: Model
    identity: Identity
    relays: Relays
    clock: PlugClock
    server: tuple[str, int] = ("", 0)
    meter: Meter = field(default_factory=Meter)
    dnd_mode: int = 0
    timezone: str = ""
    time_rule: list[list[int]] = field(default_factory=list)

    @property
    def utc_offset(self) -> int:
        """Seconds east of UTC, by the rule that is in force."""
        now = self.clock.timestamp
        past = [rule for rule in self.time_rule if rule[0] <= now]
        return max(past)[1] if past else 0
