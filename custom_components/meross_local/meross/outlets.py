"""The outlets of one plug as last heard: the newest word wins."""

from collections.abc import Iterable
from typing import Final

from .identity import MASTER
from .message import Header
from .model import OutletState
from .namespaces import Method

# A message whose stamp is older by more seconds is no late one: the clock was set.
_LATEST: Final = 60.0


class Outlets:
    """The state of every channel."""

    def __init__(self, channels: tuple[int, ...]) -> None:
        """Know nothing yet."""
        self._channels = channels
        self._states: dict[int, OutletState] = {}
        self._stamp = 0.0

    @property
    def known(self) -> bool:
        """Tell whether every channel has been heard of."""
        return len(self._states) == len(self._channels)

    def is_master(self, channel: int) -> bool:
        """Tell whether the channel switches all outlets of a strip."""
        return channel == MASTER and len(self._channels) > 1

    def is_on(self, channel: int) -> bool | None:
        """Return the last known state of a channel.

        A strip's master is on while any outlet is: its own entry is not in every
        message (protocol.md 5), so it is never trusted over theirs.
        """
        if self.is_master(channel):
            return any(
                state.on for number, state in self._states.items() if number != MASTER
            )
        state = self._states.get(channel)
        return None if state is None else state.on

    def update(self, states: Iterable[OutletState], header: Header) -> bool:
        """Take over what a message says; tell whether anything changed.

        A message that was overtaken on its way is left out: by the stamp of its header
        as by lmTime, both of the plug's own clock (protocol.md 4.3).
        """
        stamp = header.timestamp + header.timestamp_ms / 1000
        if _is_late(stamp, self._stamp):
            return False
        # An answer sets no mark: that to the question at a reconnect is stamped before
        # the plug was told the time, which may take its clock back by up to a second.
        if header.method is not Method.GETACK:
            self._stamp = stamp
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

    def switched(self, channel: int, header: Header, *, on: bool) -> bool:
        """Take over what the header acknowledges; tell whether anything changed."""
        channels = self._channels if self.is_master(channel) else (channel,)
        return self.update(
            [OutletState(number, on, header.timestamp) for number in channels], header
        )

    def clock_restarted(self) -> None:
        """Compare with no earlier stamp: the plug connected, or was without time."""
        self._stamp = 0.0
        self._states = {
            channel: OutletState(channel, state.on, 0)
            for channel, state in self._states.items()
        }

    def forget(self) -> None:
        """Know nothing any more."""
        self._states.clear()
        self._stamp = 0.0


def _is_late(stamp: float, newest: float) -> bool:
    return 0 < newest - stamp <= _LATEST
