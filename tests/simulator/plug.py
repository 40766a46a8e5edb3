"""One plug's behaviour: messages in, messages out, timers between."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType

from . import namespaces, payloads
from .answers import Act, Answer, RefusedError, Switched, answer, switch
from .clock import PlugClock, monotonic
from .device import Device
from .faults import Faults
from .gateway import UNSET, Gateway, Written
from .greeting import BindSetGreeting, ClockFirstGreeting, Greeting, Voice
from .identity import identity
from .models import MODELS, Model
from .records import Heard, Said, remember
from .relays import Relays
from .wire import Message, Payload, decode, new_message_id, sign
from .world import Action, World

# Firmware of 2017 cut the reply topic here (protocol.md 1.1).
_OLD_TOPIC_LENGTH = 62
# Seconds after which a plug that was told to has left: its reply goes out first.
_LAST_WORDS = 0.05
_NOTHING: Mapping[tuple[str, str], Act] = MappingProxyType({})
_SIGN_ERROR = RefusedError(5001, "sign error")
# An unbound plug ignores most commands (protocol.md 3.1, bytespider#83). That
# these two are answered is our reading of "most": they only describe the plug.
_ANSWERED_UNBOUND = (namespaces.ALL, namespaces.ABILITY)


class SimulatedPlug:
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
        """Make plug number so-and-so of a model, still without power.

        Its broker is its fleet's, or the `gateway` that it was told of before.
        """
        self.model = MODELS[model] if isinstance(model, str) else model
        self.number = number
        self.key = key
        self.gateway = gateway
        self.faults = Faults()
        self.heard: list[Heard] = []
        self.said: list[Said] = []
        self.on_heard: Callable[[SimulatedPlug, Message], None] | None = None
        self.on_switched: Callable[[SimulatedPlug, int, int], None] | None = None
        self.is_connected = False
        self.connections = 0
        self.boots = 0
        self.has_power = False
        self.is_pairing = False
        self.device = Device(
            model=self.model,
            identity=identity(number, user_id),
            relays=Relays(len(self.model.outlets), pushes_master=pushes_master),
            clock=PlugClock(now),
        )
        self.uuid = self.device.identity.uuid
        self.mac = self.device.identity.mac
        self._bind_interval = bind_interval
        self._clock_interval = clock_interval
        self._reconnect_delay = reconnect_delay
        self._reboot_delay = reboot_delay
        self._wants_broker = False
        self._life = 0
        self._greeting: Greeting | None = None
        self._world: World | None = None

    # What a person or a test does to a plug.

    def power_on(self) -> None:
        """Give it power, a network and a broker; its relays are as they were."""
        self.world.post(self._come)

    def power_off(self) -> None:
        """Pull it from the wall: the connection breaks, the clock is gone."""
        self.world.post(self._lose_power)

    def cut(self) -> None:
        """Take its network away until `power_on`: no DISCONNECT; it keeps the time."""
        self.world.post(self._vanish)

    def press(self, channel: int = 0) -> None:
        """Press the button of a channel."""
        if channel not in self.device.relays:
            raise ValueError(channel)
        self.world.post(lambda: self._press(channel))

    def reset(self) -> None:
        """Hold the button until it forgets everything: Unbind, then pairing mode."""
        self.world.post(self._unbind)

    def start_pairing(self) -> None:
        """Hold the button for 5 seconds: it forgets its broker and opens a network.

        Its key stays what the test knows; nobody checks it in pairing mode.
        """
        self.is_pairing = True
        self.gateway = self.device.gateway = UNSET
        if self._world is not None:
            self.world.post(self._come)

    def freeze(self) -> None:
        """Stay connected but mute."""
        self.faults.frozen = True

    def thaw(self) -> None:
        """Hear and speak again."""
        self.faults.frozen = False

    def babble(self, raw: bytes = b'\xff{"header":') -> None:
        """Publish something that is no message."""
        topic = self.device.identity.speaks_on
        self.world.post(lambda: self.world.publish(topic, raw))

    def consume(self, watt_hours: int, seconds_ago: int = 0) -> None:
        """Let the meter count energy."""
        device = self.device
        at = device.clock.timestamp - seconds_ago
        device.measure().consume(watt_hours, at, device.utc_offset)

    def update(self, firmware: str) -> None:
        """Install another firmware: the plug boots and greets with it."""
        self.device.updated_to = firmware
        self.power_off()
        self.power_on()

    @property
    def is_bound(self) -> bool:
        """Whether it has heard all that it needs on this connection."""
        return self._greeting is not None and self._greeting.is_done

    def onoff(self, channel: int = 0) -> int:
        """State of a channel."""
        return self.device.relays.all[channel].onoff

    # What its surroundings tell it, on its own thread.

    @property
    def world(self) -> World:
        """Its surroundings."""
        if self._world is None:
            raise RuntimeError("add the plug to a fleet first")
        return self._world

    def enter(self, world: World) -> None:
        """Be put into surroundings."""
        self._world = world
        self.device.gateway = self.gateway or Gateway.twice(*world.server)
        self.device.was_told = self.gateway is not None

    def connected(self) -> None:
        """Greet: every connection repeats the whole sequence (protocol.md 9)."""
        self.is_connected = True
        self.connections += 1
        voice = Voice(
            say=self._say,
            later=self._later,
            leave=self.world.disconnect,
            give_up=self._give_up,
        )
        if self.model.must_be_bound:
            self._greeting = BindSetGreeting(self.device, voice, self._bind_interval)
        else:
            self._greeting = ClockFirstGreeting(
                self.device, voice, self._clock_interval
            )
        self._greeting.begin()

    def disconnected(self) -> None:
        """Come back after a while."""
        self._end_life()
        if self._wants_broker:
            self._later(self._reconnect_delay, self.world.connect)

    def received(self, raw: bytes, at: float) -> None:
        """Hear a message on its own topic."""
        message = decode(raw)
        remember(self.heard, Heard(at, raw, message))
        if message is None:
            return
        if self.on_heard is not None:
            self.on_heard(self, message)
        if not self.faults.frozen:
            self._understand(message)

    def ask(
        self, request: Message, acts: Mapping[tuple[str, str], Act] = _NOTHING
    ) -> Message | None:
        """Answer a request that came over HTTP; None is no answer.

        `acts` are what it can do on this way alone, by method and namespace.
        """
        # In pairing mode signatures are not checked (protocol.md 7).
        if not self.is_pairing and not request.is_signed_with(self.key):
            return self._answer_to(request, "ERROR", _SIGN_ERROR.payload)
        if request.method not in ("GET", "SET") or self._ignores(request):
            return None
        method, reply = self._obey(request, acts)
        # Made before what follows: signed with the key that the request had.
        message = self._answer_to(request, method, reply.payload)
        self._follow(reply)
        return message

    def restart(self, *, pairing: bool = False) -> None:
        """Leave, and come back on the network, or in pairing mode, after a moment."""

        def leave() -> None:
            if self.has_power:
                self._lose_power()
                self._later(self._reboot_delay, come)

        def come() -> None:
            self.is_pairing = pairing
            self._come()

        self.world.later(_LAST_WORDS, leave)

    # How it behaves.

    def _understand(self, message: Message) -> None:
        if not message.is_signed_with(self.key):
            # Also for an acknowledgement (protocol.md 2.1, 3.3).
            self._refuse(message, _SIGN_ERROR)
        elif message.method == "SETACK" and message.namespace == namespaces.BIND:
            # Neither id, from nor payload is checked (protocol.md 3.3).
            if self._greeting is not None:
                self._greeting.on_bound()
        elif message.method == "PUSH":
            self._take_push(message)
        elif message.method in ("GET", "SET"):
            self._take_request(message)

    def _take_push(self, message: Message) -> None:
        if message.namespace == namespaces.UNBIND:
            # It resets the plug (protocol.md 3.5).
            self._unbind()
        if message.namespace != namespaces.CLOCK:
            return
        clock = message.payload.get("clock")
        timestamp = clock.get("timestamp") if isinstance(clock, dict) else None
        if type(timestamp) is not int:
            # Without a time it is a question (protocol.md 3.4).
            self._say(namespaces.CLOCK, "PUSH", payloads.clock(self.device))
            return
        self.device.set_clock(timestamp)
        if self._greeting is not None:
            self._greeting.on_clock()

    def _take_request(self, request: Message) -> None:
        if self._ignores(request):
            return
        inert = self.model.must_be_bound and not self.is_bound
        if inert and (request.method, request.namespace) not in [
            ("GET", namespace) for namespace in _ANSWERED_UNBOUND
        ]:
            return
        method, reply = self._obey(request)
        self._reply(request, method, reply.payload)
        self._follow(reply)

    def _ignores(self, request: Message) -> bool:
        return (
            request.namespace not in self.model.ability
            or request.namespace in self.faults.unanswered
        )

    def _obey(
        self, request: Message, acts: Mapping[tuple[str, str], Act] = _NOTHING
    ) -> tuple[str, Answer]:
        """Do as told; return the method and the payload of the reply."""
        try:
            code = self.faults.refused.get(request.namespace, self.faults.refuse_with)
            if code:
                raise RefusedError(code)  # noqa: TRY301
            act = acts.get((request.method, request.namespace))
            reply = act(request.payload) if act else answer(self.device, request)
        except RefusedError as refusal:
            return "ERROR", Answer(refusal.payload)
        return f"{request.method}ACK", reply

    def _follow(self, reply: Answer) -> None:
        """Let happen what comes after a reply."""
        if reply.switched is not None:
            self._tell_switched(reply.switched)
        if reply.written is not None:
            self._take_key(reply.written)

    def _take_key(self, written: Written) -> None:
        """Belong to another broker; in pairing mode a network is still missing."""
        self.key = written.key
        self.gateway = self.device.gateway = written.gateway
        self.device.was_told = True
        self.device.identity = replace(self.device.identity, user_id=written.user_id)
        if not self.is_pairing:
            self.restart()

    def _refuse(self, request: Message, refusal: RefusedError) -> None:
        self._reply(request, "ERROR", refusal.payload)

    def _press(self, channel: int) -> None:
        self._tell_switched(switch(self.device, channel, 1 - self.onoff(channel)))

    def _tell_switched(self, switched: Switched) -> None:
        if self.on_switched is not None:
            self.on_switched(self, switched.channel, switched.onoff)
        if not self.model.must_be_bound or self.is_bound:
            self._say(self.model.toggle, "PUSH", switched.push)

    def _unbind(self) -> None:
        self._say(namespaces.UNBIND, "PUSH", {})
        self._give_up()

    def _give_up(self) -> None:
        self._wants_broker = False
        self.world.disconnect()

    def _come(self) -> None:
        self._vanish()
        if not self.has_power:
            self.has_power = True
            self.boots += 1
            self.device.lose_power()
        if self.is_pairing:
            return
        self._wants_broker = True
        self.world.connect()

    def _lose_power(self) -> None:
        self.has_power = False
        self.device.lose_power()
        self._vanish()

    def _vanish(self) -> None:
        self._wants_broker = False
        self._end_life()
        self.world.sever()

    def _end_life(self) -> None:
        """End a connection's life, and every timer that was set in it."""
        self.is_connected = False
        self._greeting = None
        self._life += 1

    def _later(self, delay: float, action: Action) -> None:
        life = self._life
        self.world.later(delay, lambda: action() if life == self._life else None)

    # How it speaks.

    def _say(self, namespace: str, method: str, payload: Payload) -> None:
        """Say something unasked."""
        names = self.device.identity
        is_bind_set = (namespace, method) == (namespaces.BIND, "SET")
        message = self._message(
            namespace,
            method,
            payload,
            # Bind SET alone names the topic that it hears on (protocol.md 1.1).
            reply_to=names.hears_on if is_bind_set else names.speaks_on,
            trigger="DevBoot" if is_bind_set else None,
        )
        delay = 0.0
        if method == "PUSH":
            delay, self.faults.hold_next_push = self.faults.hold_next_push, 0.0
        self._publish(names.speaks_on, message, delay)

    def _reply(self, request: Message, method: str, payload: Payload) -> None:
        """Answer to where the request says, word for word (protocol.md 1.1)."""
        if self.faults.drop_replies > 0:
            self.faults.drop_replies -= 1
            return
        topic = request.reply_to
        if self.model.generation == 1:
            topic = topic[:_OLD_TOPIC_LENGTH]
        if self.faults.ignore_from:
            topic = self.device.identity.speaks_on
        if not topic or set(topic) & set("+#\0"):
            return
        message = self._answer_to(request, method, payload)
        self._publish(topic, message, self.faults.reply_delay, is_reply=True)

    def _answer_to(self, request: Message, method: str, payload: Payload) -> Message:
        return self._message(
            request.namespace,
            method,
            payload,
            message_id=request.message_id,
            reply_to=self.device.identity.speaks_on,
            # A reply repeats it (protocol.md 1.2); 1.x and 2.x are older than it.
            trigger=request.trigger,
        )

    def _message(  # noqa: PLR0913
        self,
        namespace: str,
        method: str,
        payload: Payload,
        *,
        reply_to: str,
        trigger: str | None,
        message_id: str | None = None,
    ) -> Message:
        message_id = message_id or new_message_id()
        timestamp, milliseconds = divmod(self.device.clock.milliseconds, 1000)
        return Message(
            namespace=namespace,
            method=method,
            payload=payload,
            message_id=message_id,
            reply_to=reply_to,
            timestamp=timestamp,
            timestamp_ms=milliseconds,
            signature=sign(message_id, self.key, timestamp),
            trigger=trigger if self.model.is_modern else None,
            uuid=self.uuid if self.model.is_modern else None,
        )

    def _publish(
        self, topic: str, message: Message, delay: float, *, is_reply: bool = False
    ) -> None:
        raw = message.encode()
        if is_reply and self.faults.truncate_replies:
            raw = raw[: len(raw) * 3 // 4]
        if is_reply and self.faults.longest_reply:
            raw = raw[: self.faults.longest_reply]

        def publish() -> None:
            if self.is_connected and not self.faults.frozen:
                remember(self.said, Said(self.world.now(), topic, message))
                self.world.publish(topic, raw)

        if delay:
            self._later(delay, publish)
        else:
            publish()
