"""One plug's behavior: messages in, messages out, timers between."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import override

from . import namespaces, payloads
from .answers import Answer, Handler, RejectedError, Switched, answer, switch
from .clock import PlugClock, monotonic
from .device import Device
from .gateway import UNSET, Gateway, WrittenKey
from .greeting import BindSetGreeting, ClockFirstGreeting, Greeting, GreetingContext
from .identity import identity
from .models import MODELS, Model
from .power import PoweredPlug
from .relays import Relays
from .sender import ReceivedMessage, record
from .wire import Message, decode

_SIGN_ERROR = RejectedError(5001, "sign error")
# An unbound plug ignores most commands (docs/protocol.md 3.1, bytespider#83). That
# these two are answered is our reading of "most": they only describe the plug.
_ANSWERED_UNBOUND = (("GET", namespaces.ALL), ("GET", namespaces.ABILITY))

NO_HANDLERS: Mapping[tuple[str, str], Handler] = MappingProxyType({})


class SimulatedPlug(PoweredPlug):
    """A plug. Methods of the first group may be called from any thread."""

    def __init__(  # noqa: PLR0913
        self,
        model: Model | str = "mss210",
        number: int = 1,
        *,
        key: str = "meross",
        user_id: int = 0,
        bind_interval: float = 5.0,
        clock_interval: float = 2.0,
        reconnect_delay: float = 10.0,
        reboot_delay: float = 0.5,
        gateway: Gateway | None = None,
        pushes_master: bool = False,
        now: Callable[[], float] = monotonic,
    ) -> None:
        """Make a plug of a model, still without power; its number makes its names.

        Its broker is its fleet's, or the `gateway` that it was given before.
        """
        model = MODELS[model] if isinstance(model, str) else model
        device = Device(
            model=model,
            identity=identity(number, user_id),
            relays=Relays(len(model.outlets), pushes_master=pushes_master),
            clock=PlugClock(now),
        )
        super().__init__(device, key, gateway)
        self.number = number
        self.inbox: list[ReceivedMessage] = []
        """The messages that arrived."""
        self.on_switched: Callable[[SimulatedPlug, int, int], None] | None = None
        self._bind_interval = bind_interval
        self._clock_interval = clock_interval
        self._reconnect_delay = reconnect_delay
        self._reboot_delay = reboot_delay
        self._greeting: Greeting | None = None

    # Actions of a person or a test.

    def press(self, channel: int = 0) -> None:
        """Press the button of a channel."""
        if channel not in self.device.relays:
            raise ValueError(channel)
        self.world.post(lambda: self._press(channel))

    def reset(self) -> None:
        """Hold the button until it is reset: Unbind, then pairing mode."""
        self.world.post(self._unbind)

    def start_pairing(self) -> None:
        """Hold the button for 5 seconds: it loses its broker and opens a network.

        Its key stays the one that the test knows; it is not checked in pairing mode.
        """
        self.is_pairing = True
        self.gateway = self.device.gateway = UNSET
        if self._world is not None:
            self.world.post(self._start)

    def freeze(self) -> None:
        """Stay connected, but ignore messages and publish none."""
        self.faults.frozen = True

    def thaw(self) -> None:
        """Receive and publish again."""
        self.faults.frozen = False

    def consume(self, watt_hours: int, seconds_ago: int = 0) -> None:
        """Let the meter count energy."""
        device = self.device
        at = device.clock.timestamp - seconds_ago
        device.measure().consume(watt_hours, at, device.utc_offset)

    def step_clock(self, seconds: float) -> None:
        """Let an NTP server correct its clock by so many seconds, without a message."""
        self.world.post(lambda: self.device.step_clock(seconds))

    def update(
        self, firmware: str, *, abilities: Iterable[str] = (), outlets: int = 0
    ) -> None:
        """Install a firmware with additional namespaces and outlets, and boot it."""
        device, model = self.device, self.model
        first = len(model.outlets)
        names = (f"outlet {number}" for number in range(first, first + outlets))
        self.model = device.model = replace(
            model,
            ability=model.ability | {name: {} for name in abilities},
            outlets=(*model.outlets, *names),
        )
        device.firmware = firmware
        device.relays.extend(outlets)
        self.reboot()

    @property
    def is_bound(self) -> bool:
        """Whether it has received all that it needs on this connection."""
        return self._greeting is not None and self._greeting.is_done

    def onoff(self, channel: int = 0) -> int:
        """Return the state of a channel."""
        return self.device.relays.all[channel].onoff

    # Calls of its surroundings, on its own thread.

    def connected(self) -> None:
        """Greet: every connection repeats the whole sequence (docs/protocol.md 9)."""
        self.is_connected = True
        self.connections += 1
        context = GreetingContext(
            send=self._send,
            later=self._later,
            disconnect=self.world.disconnect,
            give_up=self._give_up,
        )
        if self.model.is_modern:
            self._greeting = BindSetGreeting(self.device, context, self._bind_interval)
        else:
            self._greeting = ClockFirstGreeting(
                self.device, context, self._clock_interval
            )
        self._greeting.start()

    def received(self, raw: bytes, at: float) -> None:
        """Take a message on its own topic."""
        message = decode(raw)
        if self.faults.is_received_lost(message):
            return
        record(self.inbox, ReceivedMessage(at, raw, message))
        if message is not None and not self.faults.frozen:
            self._dispatch(message)

    def respond(
        self, request: Message, handlers: Mapping[tuple[str, str], Handler]
    ) -> Message | None:
        """Answer a request that came over HTTP; None is no answer.

        `handlers` are those of HTTP alone, by method and namespace.
        """
        # In pairing mode signatures are not checked (docs/protocol.md 7).
        if not self.is_pairing and not request.is_signed_with(self.key):
            return self._build_reply(request, "ERROR", _SIGN_ERROR.payload)
        if request.method not in ("GET", "SET") or self._ignores(request):
            return None
        method, reply = self._carry_out(request, handlers)
        # Built before the effects: signed with the key that the request had.
        message = self._build_reply(request, method, reply.payload)
        self._apply(reply)
        return message

    # Its behavior.

    def _dispatch(self, message: Message) -> None:
        if not message.is_signed_with(self.key):
            # Also for an acknowledgement (docs/protocol.md 2.1, 3.3).
            self._reply(message, "ERROR", _SIGN_ERROR.payload)
        elif message.method == "SETACK" and message.namespace == namespaces.BIND:
            # Neither id, from nor payload is checked (docs/protocol.md 3.3).
            if self._greeting is not None:
                self._greeting.bind_acknowledged()
        elif message.method == "PUSH":
            self._handle_push(message)
        elif message.method in ("GET", "SET"):
            self._handle_request(message)

    def _handle_push(self, message: Message) -> None:
        if message.namespace == namespaces.UNBIND:
            # It resets the plug (docs/protocol.md 3.5).
            self._unbind()
        if message.namespace != namespaces.CLOCK:
            return
        clock = message.payload.get("clock")
        timestamp = clock.get("timestamp") if isinstance(clock, dict) else None
        if type(timestamp) is not int:
            # Without a time it is a question (docs/protocol.md 3.4).
            self._send(namespaces.CLOCK, "PUSH", payloads.clock(self.device))
            return
        self.device.set_clock(timestamp)
        if self._greeting is not None:
            self._greeting.clock_received()

    def _handle_request(self, request: Message) -> None:
        is_inert = self.model.is_modern and not self.is_bound
        kind = request.method, request.namespace
        if self._ignores(request) or (is_inert and kind not in _ANSWERED_UNBOUND):
            return
        method, reply = self._carry_out(request)
        if self.faults.push_first_by and reply.switched is not None:
            self._apply(reply)
            self._later(
                self.faults.push_first_by,
                lambda: self._reply(request, method, reply.payload),
            )
            return
        self._reply(request, method, reply.payload)
        self._apply(reply)

    def _ignores(self, request: Message) -> bool:
        return (
            request.namespace not in self.model.ability
            or request.namespace in self.faults.unanswered
        )

    def _carry_out(
        self,
        request: Message,
        handlers: Mapping[tuple[str, str], Handler] = NO_HANDLERS,
    ) -> tuple[str, Answer]:
        """Return the method of the reply, and the answer."""
        try:
            code = self.faults.refused.get(request.namespace, self.faults.refuse_with)
            if code:
                raise RejectedError(code)  # noqa: TRY301
            handler = handlers.get((request.method, request.namespace))
            reply = (
                handler(request.payload) if handler else answer(self.device, request)
            )
        except RejectedError as rejected:
            return "ERROR", Answer(rejected.payload)
        return f"{request.method}ACK", reply

    def _apply(self, reply: Answer) -> None:
        """Do what follows a reply."""
        if reply.switched is not None:
            self._report(reply.switched, is_pushed=not self.faults.omits_push)
        if reply.written is not None:
            self._take_key(reply.written)

    def _take_key(self, written: WrittenKey) -> None:
        """Take another broker; in pairing mode a network is still missing."""
        self.key = written.key
        self.gateway = self.device.gateway = written.gateway
        self.device.has_own_gateway = True
        self.device.identity = replace(self.device.identity, user_id=written.user_id)
        if not self.is_pairing:
            self.restart()

    def _press(self, channel: int) -> None:
        self._report(switch(self.device, channel, 1 - self.onoff(channel)))

    def _report(self, switched: Switched, *, is_pushed: bool = True) -> None:
        if self.on_switched is not None:
            self.on_switched(self, switched.channel, switched.onoff)
        if is_pushed and (not self.model.is_modern or self.is_bound):
            self._send(self.model.toggle, "PUSH", switched.push)

    def _unbind(self) -> None:
        self._send(namespaces.UNBIND, "PUSH", {})
        self._give_up()

    @override
    def _end_session(self) -> None:
        self._greeting = None
        super()._end_session()
