"""One plug's MQTT connection, driven by the fleet's thread (docs/protocol.md 6.1)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from selectors import EVENT_READ, EVENT_WRITE, BaseSelector
import socket
import ssl
from typing import Any, Literal

from paho.mqtt.client import Client, MQTTMessage, MQTTv31, MQTTv311
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

from .gateway import plug_tls
from .plug import SimulatedPlug
from .timers import Timers
from .world import Action

type Protocol = Literal["3.1", "3.1.1"]

_KEEPALIVE = 120
_MAINTENANCE_INTERVAL = 10.0  # how often paho checks its keepalive
_VERSIONS = {"3.1": MQTTv31, "3.1.1": MQTTv311}


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """A broker, and how plugs connect to it."""

    host: str
    port: int
    protocol: Protocol
    tls: ssl.SSLContext | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """Everything that the links of a fleet share."""

    broker: Broker | None
    selector: BaseSelector
    timers: Timers
    post: Callable[[Action], None]
    unsent: set[Link] = field(default_factory=set)
    """Links that have something to write, once paho's callbacks are over."""


class Link:
    """Connect one plug to its broker."""

    def __init__(self, plug: SimulatedPlug, engine: Engine) -> None:
        """Prepare; nothing happens before `connect`."""
        self._plug = plug
        self._broker = engine.broker
        self._selector = engine.selector
        self._unsent = engine.unsent
        self._client: Client | None = None
        self._socket: socket.socket | None = None
        self._events = EVENT_READ
        broker = engine.broker
        self.server = (broker.host, broker.port) if broker is not None else ("", 0)
        self.now = engine.timers.now
        self.later = engine.timers.later
        self.post = engine.post

    def connect(self) -> None:
        """Connect with a new client: a new id, nothing left to resend."""
        self.sever()
        if (broker := self._choose()) is None:
            return
        self._client = client = self._make_client(broker)
        try:
            client.connect(broker.host, broker.port, _KEEPALIVE)
        except OSError, RuntimeError:
            # The latter is what Home Assistant's tests raise at an unknown host.
            self._lost()
            return
        self._maintain(client)

    def disconnect(self) -> None:
        """Queue a DISCONNECT behind what is queued."""
        if self._client is not None:
            self._client.disconnect()

    def sever(self) -> None:
        """Close the socket without a callback."""
        client, self._client = self._client, None
        if client is not None:
            _remove_callbacks(client)
        sock = self._socket
        self._unwatch()
        if sock is not None:
            sock.close()

    def publish(self, topic: str, payload: bytes) -> None:
        """Queue a message."""
        if self._client is not None:
            self._client.publish(topic, payload, qos=1, retain=False)

    def ready(self, sock: object, events: int) -> None:
        """Read and write what the selector found possible."""
        if sock is not self._socket or self._client is None:
            return
        if events & EVENT_READ:
            self._read(self._client)
        self._unsent.add(self)

    def flush(self) -> None:
        """Write what is queued, and watch for room if there is more.

        Never within a callback of paho's: should the write fail, paho would
        call back again and wait for itself for ever.
        """
        if self._client is None or self._socket is None:
            return
        if self._client.want_write():
            self._client.loop_write()
        if self._client is None or self._socket is None:
            return
        wanted = EVENT_READ | (EVENT_WRITE if self._client.want_write() else 0)
        if wanted != self._events:
            self._events = wanted
            self._selector.modify(self._socket, wanted, self)

    def _read(self, client: Client) -> None:
        client.loop_read()
        # What TLS has already decrypted, no selector announces.
        while isinstance(self._socket, ssl.SSLSocket) and self._socket.pending():
            client.loop_read()

    def _choose(self) -> Broker | None:
        """Return the fleet's broker, or that of Config.Key (docs/protocol.md 7)."""
        gateway = self._plug.gateway
        if gateway is None:
            return self._broker
        if not gateway.is_reachable:
            return None
        return Broker(
            host=gateway.host, port=gateway.port, protocol="3.1", tls=plug_tls()
        )

    def _make_client(self, broker: Broker) -> Client:
        identity = self._plug.device.identity
        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=identity.client_id(),
            clean_session=True,
            protocol=_VERSIONS[broker.protocol],
            reconnect_on_failure=False,
        )
        client.username_pw_set(identity.mac, identity.password(self._plug.key))
        if broker.tls is not None:
            client.tls_set_context(broker.tls)
            client.tls_insecure_set(True)  # noqa: FBT003
        client.on_socket_open = self._on_socket_open
        client.on_socket_close = self._unwatch
        # With this set, paho queues and leaves the writing to `flush`.
        client.on_socket_register_write = lambda *_: self._unsent.add(self)
        client.on_connect = self._on_connect
        client.on_subscribe = lambda *_: self._plug.connected()
        client.on_message = self._on_message
        client.on_disconnect = self._on_disconnect
        return client

    def _on_socket_open(self, _client: Client, _: object, sock: Any) -> None:  # noqa: ANN401
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = sock
        self._events = EVENT_READ
        self._selector.register(sock, EVENT_READ, self)

    def _on_connect(
        self, client: Client, _: object, _2: object, code: ReasonCode, *_3: object
    ) -> None:
        if not code.is_failure:
            client.subscribe(self._plug.device.identity.request_topic, qos=1)

    def _on_message(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        self._plug.received(message.payload, self.now())

    def _on_disconnect(self, client: Client, *_: object) -> None:
        _remove_callbacks(client)
        self._lost()

    def _lost(self) -> None:
        self._client = None
        self._unwatch()
        self._plug.disconnected()

    def _maintain(self, client: Client) -> None:
        """Keep the connection alive, for as long as it is this one."""
        if client is self._client:
            client.loop_misc()
            self.later(_MAINTENANCE_INTERVAL, lambda: self._maintain(client))

    def _unwatch(self, *_: object) -> None:
        sock, self._socket = self._socket, None
        if sock is not None:
            self._selector.unregister(sock)


def _remove_callbacks(client: Client) -> None:
    """Remove the callbacks of a client that is no longer used."""
    client.on_socket_close = None
    client.on_message = None
    client.on_disconnect = None
    client.on_subscribe = None
    client.on_connect = None
