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
        self._pushes_master = pushes_master

    def __contains__(self, channel: object) -> bool:
        """Return whether there is such a channel; true is not 1 here."""
        return type(channel) is int and 0 <= channel < len(self.all)

    def switch(self, channel: int, onoff: int, timestamp: int) -> list[Relay]:
        """Switch a channel; return the channels that a PUSH then lists."""
        master, *outlets = self.all
        touched = self.all if channel == 0 else [self.all[channel]]
        for relay in touched:
            relay.onoff = onoff
            relay.changed = timestamp
        if channel == 0:
            return touched
        # Whether one outlet's PUSH lists the master too is not known
        # (docs/protocol.md 5, 12), hence the choice.
        any_on = int(any(relay.onoff for relay in outlets))
        if any_on != master.onoff:
            master.onoff = any_on
            master.changed = timestamp
        return [master, *touched] if self._pushes_master else touched
