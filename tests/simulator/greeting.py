"""The messages of a plug after it connected (docs/protocol.md 3.1)."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

from . import namespaces, payloads
from .device import Device
from .wire import Payload
from .world import Action

_MAX_BINDS = 3
_MAX_CLOCK_REQUESTS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class GreetingContext:
    """The actions of a greeting, which end with the connection."""

    send: Callable[[str, str, Payload], None]
    later: Callable[[float, Action], None]
    disconnect: Action
    """Send DISCONNECT and try again later."""
    give_up: Action
    """Send DISCONNECT and fall back into pairing mode."""


class Greeting(ABC):
    """One connection's opening, from SUBACK until the plug is at rest."""

    def __init__(
        self, device: Device, context: GreetingContext, interval: float
    ) -> None:
        """Prepare; nothing is sent before `start`."""
        self._device = device
        self._context = context
        self._interval = interval
        self._attempts = 0
        self.is_done = False

    @abstractmethod
    def start(self) -> None:
        """Send the first messages."""

    def bind_acknowledged(self) -> None:  # noqa: B027
        """Take the acknowledgement of Bind SET, where it matters."""

    def clock_received(self) -> None:  # noqa: B027
        """Take the answer to Clock, where it matters."""

    def _push(self, namespace: str, payload: Payload) -> None:
        self._context.send(namespace, "PUSH", payload)

    def _push_calibration(self) -> None:
        if self._device.model.calibration:
            config = payloads.consumption_config(self._device)
            self._push(namespaces.CONSUMPTION_CONFIG, config)


class BindSetGreeting(Greeting):
    """Since about 6.1.12: Bind is a SET; without an answer the plug disconnects."""

    def start(self) -> None:
        """Report once, then Bind three times (seed's log, docs/protocol.md 3.1)."""
        self._push(namespaces.REPORT, payloads.report(self._device))
        self._bind()

    def bind_acknowledged(self) -> None:
        """Go on in the order of docs/protocol.md 3.1, row 4."""
        if self.is_done:
            return
        self.is_done = True
        device = self._device
        self._push(namespaces.REPORT, payloads.report(device))
        self._push(namespaces.TIME, {"time": payloads.time(device)})
        self._push_calibration()
        # Only older firmware is known to repeat it (docs/protocol.md 3.4).
        self._push(namespaces.CLOCK, payloads.clock(device))

    def _bind(self) -> None:
        if self.is_done:
            return
        if self._attempts == _MAX_BINDS:
            self._context.disconnect()
            return
        self._attempts += 1
        self._context.send(namespaces.BIND, "SET", payloads.bind(self._device))
        self._context.later(self._interval, self._bind)


class ClockFirstGreeting(Greeting):
    """1.x and 2.x: request the time, then push everything."""

    def start(self) -> None:
        """Request the time at every connect, even when it is still known."""
        self._request_clock()
        if self._device.clock.is_set:
            self.clock_received()

    def clock_received(self) -> None:
        """Go on once the time is known (docs/protocol.md 3.1, rows 3 and 4)."""
        if self.is_done:
            return
        self.is_done = True
        device = self._device
        self._push(namespaces.BIND, payloads.bind(device))
        self._push(namespaces.REPORT, payloads.report(device))
        self._push_calibration()
        if (toggle := device.model.toggle) in device.model.ability:
            self._push(toggle, payloads.relay_push(device, device.relays.all))

    def _request_clock(self) -> None:
        if self.is_done:
            return
        # 1.1.13 goes back to pairing after ten (docs/protocol.md 3.4); 2.x goes on.
        is_first = self._device.model.generation == 1
        if is_first and self._attempts == _MAX_CLOCK_REQUESTS:
            self._context.give_up()
            return
        self._attempts += 1
        self._push(namespaces.CLOCK, payloads.clock(self._device))
        self._context.later(self._interval, self._request_clock)
