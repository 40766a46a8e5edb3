"""The state of a plug that outlives a connection."""

from dataclasses import dataclass, field

from .clock import PlugClock
from .gateway import UNSET, Gateway
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
    gateway: Gateway = UNSET
    has_own_gateway: bool = False
    """Whether Config.Key wrote its gateway, which is its fleet's otherwise."""
    meter: Meter = field(default_factory=Meter)
    dnd_mode: int = 0
    overheat_protection: int = 1
    """1 is on, 2 is off."""
    signal: int = 86
    """Percent"""
    timezone: str = ""
    time_rule: list[list[int]] = field(default_factory=list)
    change_lag: float = 0.0
    """Seconds by which lmTime is behind the header (docs/protocol.md 4.3)."""
    firmware: str = ""
    """The version that it runs, which an update changes."""

    def __post_init__(self) -> None:
        """Run the model's firmware."""
        self.firmware = self.model.firmware

    @property
    def change_time(self) -> int:
        """What lmTime is after a change that happens now."""
        return (self.clock.milliseconds - round(self.change_lag * 1000)) // 1000

    @property
    def utc_offset(self) -> int:
        """Seconds east of UTC, by the rule that is in force."""
        return self.utc_offset_at(self.clock.timestamp)

    def utc_offset_at(self, timestamp: int) -> int:
        """Return the seconds east of UTC at another time."""
        past = [rule for rule in self.time_rule if rule[0] <= timestamp]
        return max(past)[1] if past else 0

    def measure(self) -> Meter:
        """Return the meter as it stands now: it counts only while the clock is set."""
        if self.clock.is_set:
            is_on = bool(self.relays.all[0].onoff)
            self.meter.run(self.clock.timestamp, self.utc_offset_at, on=is_on)
        return self.meter

    def set_clock(self, timestamp: int) -> None:
        """Take the time from a controller."""
        self.measure()
        self.clock.set(timestamp)
        self.meter.jump(timestamp)

    def step_clock(self, seconds: float) -> None:
        """Move the clock by an NTP server's doing, either way; nothing is consumed."""
        self.measure()
        self.clock.advance(seconds)
        if self.clock.is_set:
            self.meter.jump(self.clock.timestamp)

    def lose_power(self) -> None:
        """Lose the time."""
        self.measure()
        self.clock.boot()
        self.meter.jump(None)
