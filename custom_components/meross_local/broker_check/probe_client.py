"""An MQTT client that uses a broker as a plug does."""

import asyncio
from contextlib import suppress
from threading import Thread

from paho.mqtt.client import Client, ConnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from ..meross.credentials import Credentials
from ..meross.topics import request_topic
from .tls import plug_ssl_context


class ProbeClient:
    """Logs in, subscribes and publishes with the credentials of a plug.

    paho calls back in its own thread; results are passed on to the event loop.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, credentials: Credentials
    ) -> None:
        """Initialize without connecting."""
        self.connected: asyncio.Future[ReasonCode] = loop.create_future()
        self.subscribed: asyncio.Future[ReasonCode] = loop.create_future()
        self._loop = loop
        self._topic = request_topic(credentials.uuid)
        self._received: asyncio.Queue[bytes] = asyncio.Queue()
        self._client = Client(
            CallbackAPIVersion.VERSION2,
            credentials.new_client_id(),
            protocol=MQTTProtocolVersion.MQTTv31,
            # A connection in the making could not be ended by stop.
            reconnect_on_failure=False,
        )
        self._client.username_pw_set(credentials.user, credentials.password)
        self._client.tls_set_context(plug_ssl_context())
        self._thread = Thread(
            target=self._run, name="meross_local broker check", daemon=True
        )
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_message = self._on_message

    def start(self, host: str, port: int, timeout: float) -> None:
        """Connect and log in; blocks, raises OSError.

        timeout is in seconds, for the connection and for the handshake.
        """
        self._client.connect_timeout = timeout
        # The keepalive is what paho waits for a handshake.
        self._client.connect(host, port, keepalive=max(1, round(timeout)))
        self._thread.start()

    def stop(self, timeout: float) -> None:
        """Disconnect; blocks for at most this many seconds."""
        self._client.disconnect()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def _run(self) -> None:
        """Process packets; one that is malformed ends that, and the check with it."""
        with suppress(Exception):
            self._client.loop_forever()

    def publish(self, topic: str, payload: bytes) -> None:
        """Publish a message."""
        self._client.publish(topic, payload, qos=1)

    async def wait_for(self, payload: bytes) -> None:
        """Wait until a message with this payload arrives."""
        while await self._received.get() != payload:
            pass

    def _on_connect(
        self,
        client: Client,
        _data: object,
        _flags: ConnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        self._resolve(self.connected, reason)
        client.subscribe(self._topic, qos=1)

    def _on_subscribe(
        self,
        _client: Client,
        _data: object,
        _message_id: int,
        reasons: list[ReasonCode],
        _properties: Properties | None,
    ) -> None:
        self._resolve(self.subscribed, reasons[0])

    def _on_message(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        self._loop.call_soon_threadsafe(self._received.put_nowait, message.payload)

    def _resolve(self, future: asyncio.Future[ReasonCode], reason: ReasonCode) -> None:
        self._loop.call_soon_threadsafe(_set_once, future, reason)


def _set_once(future: asyncio.Future[ReasonCode], reason: ReasonCode) -> None:
    # A broker may respond twice.
    if not future.done():
        future.set_result(reason)
