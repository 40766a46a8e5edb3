"""The state of one plug's outlets, in the order in which it arrives."""

from collections.abc import Iterable

from .identity import MASTER
from .model import OutletState


class Outlets:
    """The last known state of every channel."""

    def __init__(self, channels: tuple[int, ...]) -> None:
        """Start with unknown states."""
        self.channels = channels
        self._states: dict[int, bool] = {}
        # The number of reports of each channel: a command is overridden by a later one.
        self._reports = dict.fromkeys(channels, 0)

    def set_channels(self, channels: tuple[int, ...]) -> None:
        """Follow a firmware update: new channels are unknown, others keep a state."""
        self.channels = channels
        for channel in channels:
            self._reports.setdefault(channel, 0)

    @property
    def known(self) -> bool:
        """Return whether the state of every outlet is known."""
        return all(self.is_on(channel) is not None for channel in self.outlets)

    @property
    def outlets(self) -> tuple[int, ...]:
        """Return the channels but the one that switches all others."""
        return tuple(
            channel for channel in self.channels if not self.is_master(channel)
        )

    def is_master(self, channel: int) -> bool:
        """Return whether the channel switches all outlets of a strip."""
        return channel == MASTER and len(self.channels) > 1

    def switched_by(self, channel: int) -> tuple[int, ...]:
        """Return the outlets that a command to the channel switches."""
        return self.outlets if self.is_master(channel) else (channel,)

    def is_on(self, channel: int) -> bool | None:
        """Return the last known state of a channel; None where it is unknown.

        A strip's master is on while any outlet is: its own entry is not in every
        message (docs/protocol.md 5), so the outlets decide.
        """
        if not self.is_master(channel):
            return self._states.get(channel)
        states = [self._states.get(outlet) for outlet in self.outlets]
        return None if None in states else any(states)

    def update(self, states: Iterable[OutletState]) -> bool:
        """Apply the states of a message; return whether any changed."""
        changed = False
        for state in states:
            if state.channel not in self.channels:
                continue
            self._reports[state.channel] += 1
            changed = changed or self._states.get(state.channel) is not state.on
            self._states[state.channel] = state.on
        return changed

    def reports(self, channel: int) -> dict[int, int]:
        """Return how often each outlet of a channel was reported, for `acknowledge`."""
        return {outlet: self._reports[outlet] for outlet in self.switched_by(channel)}

    def acknowledge(self, reports: dict[int, int], *, on: bool) -> bool:
        """Apply a command to the outlets that were not reported since it was sent.

        reports is what `reports` returned then. Returns whether any state changed.
        """
        changed = False
        for channel in self.unreported(reports):
            changed = changed or self._states.get(channel) is not on
            self._states[channel] = on
        return changed

    def unreported(self, reports: dict[int, int]) -> list[int]:
        """Return the outlets that were not reported since `reports` was called."""
        return [n for n, count in reports.items() if self._reports.get(n) == count]

    def clear(self) -> None:
        """Set every state to unknown."""
        self._states.clear()
