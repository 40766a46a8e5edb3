"""The messages that a plug publishes (docs/protocol.md 1, 2)."""

from dataclasses import dataclass

from . import namespaces
from .device import Device
from .faults import Faults
from .gateway import Gateway
from .wire import Message, Payload
from .world import Action, World

# Firmware of 2017 cuts the reply topic here (docs/protocol.md 1.1).
_MAX_TOPIC_LENGTH_1 = 62
_MAX_RECORDS = 400


@dataclass(frozen=True, slots=True)
class ReceivedMessage:
    """A message that arrived, with its content where that could be decoded."""

    at: float
    raw: bytes
    message: Message | None


@dataclass(frozen=True, slots=True)
class PublishedMessage:
    """A message that was handed to the connection."""

    at: float
    topic: str
    message: Message


def record[Entry](entries: list[Entry], entry: Entry) -> None:
    """Append, and remove the older half when there are too many."""
    entries.append(entry)
    if len(entries) > _MAX_RECORDS:
        del entries[: _MAX_RECORDS // 2]


class Sender:
    """A plug's state, and how it publishes messages."""

    def __init__(self, device: Device, key: str, gateway: Gateway | None) -> None:
        """Prepare; nothing is sent before `attach`."""
        self.device = device
        self.model = device.model
        self.uuid = device.identity.uuid
        self.mac = device.identity.mac
        self.key = key
        self.gateway = gateway
        """Its own, from Config.Key; without one it uses its fleet's broker."""
        self.faults = Faults()
        self.outbox: list[PublishedMessage] = []
        """The messages that it published, but for those that were lost on the way."""
        self.is_connected = False
        self._session = 0
        self._world: World | None = None

    @property
    def world(self) -> World:
        """Its surroundings."""
        if self._world is None:
            raise RuntimeError("add the plug to a fleet first")
        return self._world

    def attach(self, world: World) -> None:
        """Take the surroundings."""
        self._world = world
        self.device.gateway = self.gateway or Gateway.twice(*world.server)
        self.device.has_own_gateway = self.gateway is not None

    def _later(self, delay: float, action: Action) -> None:
        """Run an action later, unless the connection has ended by then."""
        session = self._session
        self.world.later(delay, lambda: action() if session == self._session else None)

    def _send(self, namespace: str, method: str, payload: Payload) -> None:
        """Publish a PUSH, or Bind SET."""
        names = self.device.identity
        is_bind_set = (namespace, method) == (namespaces.BIND, "SET")
        message = self._build(
            namespace,
            method,
            payload,
            # Bind SET alone names the topic of requests (docs/protocol.md 1.1).
            reply_to=names.request_topic if is_bind_set else names.publish_topic,
            trigger="DevBoot" if is_bind_set else None,
        )
        delay = self.faults.hold_next_push if method == "PUSH" else 0.0
        self.faults.hold_next_push -= delay
        self._publish(names.publish_topic, message, delay)

    def _reply(self, request: Message, method: str, payload: Payload) -> None:
        """Publish to the topic that the request names (docs/protocol.md 1.1)."""
        faults = self.faults
        if faults.drop_replies > 0:
            faults.drop_replies -= 1
            return
        topic = request.reply_to
        if self.model.generation == 1:
            topic = topic[:_MAX_TOPIC_LENGTH_1]
        if not topic or set(topic) & set("+#\0"):
            return
        message = self._build_reply(request, method, payload)
        self._publish(topic, message, faults.reply_delay, is_reply=True)

    def _build_reply(self, request: Message, method: str, payload: Payload) -> Message:
        return self._build(
            request.namespace,
            method,
            payload,
            message_id=request.message_id,
            reply_to=self.device.identity.publish_topic,
            # A reply repeats it (docs/protocol.md 1.2); 1.x and 2.x are older than it.
            trigger=request.trigger,
        )

    def _build(  # noqa: PLR0913
        self,
        namespace: str,
        method: str,
        payload: Payload,
        *,
        reply_to: str,
        trigger: str | None,
        message_id: str = "",
    ) -> Message:
        timestamp, milliseconds = divmod(self.device.clock.milliseconds, 1000)
        if self.faults.timestamp_ms is not None:
            milliseconds = self.faults.timestamp_ms
        return Message.signed(
            self.key,
            message_id=message_id,
            namespace=namespace,
            method=method,
            payload=payload,
            reply_to=reply_to,
            timestamp=timestamp,
            timestamp_ms=milliseconds,
            trigger=trigger if self.model.is_modern else None,
            uuid=self.uuid if self.model.is_modern else None,
        )

    def _publish(
        self, topic: str, message: Message, delay: float, *, is_reply: bool = False
    ) -> None:
        raw = message.encode()
        if is_reply and self.faults.max_reply_size:
            raw = raw[: self.faults.max_reply_size]

        def publish() -> None:
            if not self.is_connected or self.faults.frozen:
                return
            if self.faults.is_sent_lost(message):
                return
            for _ in range(self.faults.copies_of_sent()):
                now = self.world.now()
                record(self.outbox, PublishedMessage(now, topic, message))
                self.world.publish(topic, raw)

        if delay:
            self._later(delay, publish)
        else:
            publish()
