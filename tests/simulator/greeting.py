"""What a plug says after it connected, by generation (protocol.md 3.1)."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

from . import namespaces, payloads
from .device import Device
from .wire import Payload
from .world import Action

_BIND_TRIES = 3
_CLOCK_TRIES = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """What a greeting may do: it ends with the connection."""

    say: Callable[[str, str, Payload], None]
    later: Callable[[float, Action], None]
    leave: Action
    """DISCONNECT and try again later."""
    give_up: Action
    """DISCONNECT and fall back into pairing mode."""


class Greeting(ABC):
    """One connection's opening, from SUBACK until the plug is at rest."""

    def __init__(self, device: Device, voice: Voice, interval: float) -> None:
        """Prepare; nothing is said before `begin`."""
        self._device = device
        self._voice = voice
        self._interval = interval
        self._tries = 0
        self.is_done = False

    @abstractmethod
    def begin(self) -> None:
        """Say the first words."""

    def on_bound(self) -> None:  # noqa: B027
        """Take the answer to Bind SET, where it matters."""

    def on_clock(self) -> None:  # noqa: B027
        """Take the answer to Clock, where it matters."""

    def _push(self, namespace: str, payload: Payload) -> None:
        self._voice.say(namespace, "PUSH", payload)


class BindSetGreeting(Greeting):
    """Since about 6.1.12: Bind is a SET, and without an answer the plug leaves."""

    def begin(self) -> None:
        """Report once, then Bind three times (seed's log, protocol.md 3.1)."""
        self._push(namespaces.REPORT, payloads.report(self._device))
        self._bind()

    def on_bound(self) -> None:
        """Go on in the order of protocol.md 3.1, row 4."""
        if self.is_done:
            return
        self.is_done = True
        device = self._device
        self._push(namespaces.REPORT, payloads.report(device))
        self._push(namespaces.TIME, {"time": payloads.time(device)})
        if device.model.calibration:
            config = payloads.consumption_config(device)
            self._push(namespaces.CONSUMPTION_CONFIG, config)
        # Only older firmware is known to repeat it (protocol.md 3.4).
        self._push(namespaces.CLOCK, payloads.clock(device))

    def _bind(self) -> None:
        if self.is_done:
            return
        if self._tries == _BIND_TRIES:
            self._voice.leave()
            return
        self._tries += 1
        self._voice.say(namespaces.BIND, "SET", payloads.bind(self._device))
        self._voice.later(self._interval, self._bind)


class ClockFirstGreeting(Greeting):
    """1.x and 2.x: ask for the time, then tell everything unasked."""

    def begin(self) -> None:
        """Ask at every connect, even when the time is still known."""
        self._ask()
        if self._device.clock.is_set:
            self.on_clock()

    def on_clock(self) -> None:
        """Go on once the time is known (protocol.md 3.1, rows 3 and 4)."""
        if self.is_done:
            return
        self.is_done = True
        device = self._device
        self._push(namespaces.BIND, payloads.bind(device))
        self._push(namespaces.REPORT, payloads.report(device))
        if device.model.calibration:
            config = payloads.consumption_config(device)
            self._push(namespaces.CONSUMPTION_CONFIG, config)
        self._push(device.model.toggle, payloads.relay_push(device, device.relays.all))

    def _ask(self) -> None:
        if self.is_done:
            return
        # 1.1.13 goes back to pairing after ten (protocol.md 3.4); 2.x goes on.
        if self._device.model.generation == 1 and self._tries == _CLOCK_TRIES:
            self._voice.give_up()
            return
        self._tries += 1
        self._push(namespaces.CLOCK, payloads.clock(self._device))
        self._voice.later(self._interval, self._ask)
