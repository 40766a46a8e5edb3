"""The state of one plug's outlets: the newest message counts."""

from collections.abc import Iterable
from typing import Final

from .identity import MASTER
from .message import Header
from .model import OutletState
from .namespaces import Method

# Seconds. A message that is older than the newest by more is not late: the plug's
# clock was set back.
_MAX_DELAY: Final = 60.0


class Outlets:
    """The last known state of every channel."""

    def __init__(self, channels: tuple[int, ...]) -> None:
        """Start with unknown states."""
        self._channels = channels
        self._states: dict[int, OutletState] = {}
        self._timestamp = 0.0

    @property
    def known(self) -> bool:
        """Return whether the state of every channel is known."""
        return len(self._states) == len(self._channels)

    def is_master(self, channel: int) -> bool:
        """Return whether the channel switches all outlets of a strip."""
        return channel == MASTER and len(self._channels) > 1

    def is_on(self, channel: int) -> bool | None:
        """Return the last known state of a channel; None where it is unknown.

        A strip's master is on while any outlet is: its own entry is not in every
        message (docs/protocol.md 5), so the outlets decide.
        """
        if self.is_master(channel):
            return any(
                state.on for number, state in self._states.items() if number != MASTER
            )
        state = self._states.get(channel)
        return None if state is None else state.on

    def update(self, states: Iterable[OutletState], header: Header) -> bool:
        """Apply the states of a message; return whether any changed.

        A message that another one overtook is ignored: by the timestamp of its header
        and by lmTime, both of the plug's own clock (docs/protocol.md 4.3).
        """
        timestamp = header.timestamp + header.timestamp_ms / 1000
        if _is_late(timestamp, self._timestamp):
            return False
        # A GETACK does not count as the newest: the one to the query at a reconnect is
        # stamped before the plug gets the time, which may set its clock back a second.
        if header.method is not Method.GETACK:
            self._timestamp = timestamp
        changed = False
        for state in states:
            known = self._states.get(state.channel)
            if state.channel not in self._channels or (
                known is not None and _is_late(state.changed, known.changed)
            ):
                continue
            changed = changed or known is None or known.on is not state.on
            self._states[state.channel] = state
        return changed

    def acknowledge(self, channel: int, header: Header, *, on: bool) -> bool:
        """Apply the command that the header acknowledges; return whether it changed."""
        channels = self._channels if self.is_master(channel) else (channel,)
        return self.update(
            [OutletState(number, on, header.timestamp) for number in channels], header
        )

    def reset_timestamps(self) -> None:
        """Accept any timestamp next: the plug connected, or its clock was set."""
        self._timestamp = 0.0
        self._states = {
            channel: OutletState(channel, state.on, 0)
            for channel, state in self._states.items()
        }

    def clear(self) -> None:
        """Set every state to unknown."""
        self._states.clear()
        self._timestamp = 0.0


def _is_late(timestamp: float, newest: float) -> bool:
    return 0 < newest - timestamp <= _MAX_DELAY
