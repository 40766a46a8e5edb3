"""The relays of a plug: one, or a master and its outlets (docs/protocol.md 5)."""

from dataclasses import dataclass


@dataclass(slots=True)
class Relay:
    """One channel."""

    channel: int
    onoff: int = 0
    changed: int = 0


class Relays:
    """All channels of a plug."""

    def __init__(self, count: int, *, pushes_master: bool) -> None:
        """Start switched off."""
        self.all = [Relay(channel) for channel in range(count)]
        self.disobedient: set[int] = set()
        """A fault: outlets that do not follow when all of them are switched."""
        self.updates_master = True
        """Without it the master's own entry goes stale, as on some (5)."""
        self._pushes_master = pushes_master

    def __contains__(self, channel: object) -> bool:
        """Return whether there is such a channel; true is not 1 here."""
        return type(channel) is int and 0 <= channel < len(self.all)

    def switch(self, channel: int, onoff: int, timestamp: int) -> list[Relay]:
        """Switch a channel; return the channels that a PUSH then lists."""
        master, *outlets = self.all
        touched = [self.all[channel]]
        if channel == 0:
            touched = [one for one in self.all if one.channel not in self.disobedient]
        for relay in touched:
            relay.onoff = onoff
            relay.changed = timestamp
        if channel == 0:
            return touched
        # Whether one outlet's PUSH lists the master too is not known
        # (docs/protocol.md 5, 12), hence the choice.
        any_on = int(any(relay.onoff for relay in outlets))
        if self.updates_master and any_on != master.onoff:
            master.onoff = any_on
            master.changed = timestamp
        return [master, *touched] if self._pushes_master else touched

    def extend(self, count: int) -> None:
        """Add channels, which another firmware has."""
        start = len(self.all)
        self.all += [Relay(channel) for channel in range(start, start + count)]

    def clear(self) -> None:
        """Switch everything off, as some plugs do without power."""
        for relay in self.all:
            relay.onoff = 0
