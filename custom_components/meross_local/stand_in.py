"""A client that does with a broker what a plug does."""

import asyncio
import ssl

from paho.mqtt.client import Client, ConnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from .meross.credentials import Credentials
from .meross.topics import request_topic


class StandIn:
    """A client that logs in, hears and speaks as the plug would.

    What it learns in its own thread it tells in the event loop's.
    """

    def __init__(
        self, loop: asyncio.AbstractEventLoop, credentials: Credentials
    ) -> None:
        """Be ready to `start`."""
        self.connected: asyncio.Future[ReasonCode] = loop.create_future()
        self.subscribed: asyncio.Future[ReasonCode] = loop.create_future()
        self._loop = loop
        self._topic = request_topic(credentials.uuid)
        self._heard: asyncio.Queue[bytes] = asyncio.Queue()
        self._client = Client(
            CallbackAPIVersion.VERSION2,
            credentials.new_client_id(),
            protocol=MQTTProtocolVersion.MQTTv31,
        )
        self._client.username_pw_set(credentials.user, credentials.password)
        self._client.tls_set_context(context_of_plug())
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = self._on_subscribe
        self._client.on_message = self._on_message

    def start(self, host: str, port: int) -> None:
        """Connect and log in; blocks, raises OSError."""
        self._client.connect(host, port)
        self._client.loop_start()

    def stop(self) -> None:
        """Disconnect; blocks."""
        self._client.disconnect()
        self._client.loop_stop()

    def say(self, topic: str, payload: bytes) -> None:
        """Publish something."""
        self._client.publish(topic, payload, qos=1)

    async def hears(self, payload: bytes) -> None:
        """Wait until it hears this, whatever else it hears."""
        while await self._heard.get() != payload:
            pass

    def _on_connect(
        self,
        client: Client,
        _data: object,
        _flags: ConnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        self._settle(self.connected, reason)
        client.subscribe(self._topic, qos=1)

    def _on_subscribe(
        self,
        _client: Client,
        _data: object,
        _message_id: int,
        reasons: list[ReasonCode],
        _properties: Properties | None,
    ) -> None:
        self._settle(self.subscribed, reasons[0])

    def _on_message(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        self._loop.call_soon_threadsafe(self._heard.put_nowait, message.payload)

    def _settle(self, future: asyncio.Future[ReasonCode], reason: ReasonCode) -> None:
        self._loop.call_soon_threadsafe(_set_once, future, reason)


def _set_once(future: asyncio.Future[ReasonCode], reason: ReasonCode) -> None:
    # A broker that refuses is asked again and again until the end.
    if not future.done():
        future.set_result(reason)


def context_of_plug() -> ssl.SSLContext:
    """Return what plugs are known to master: TLS 1.2, RSA (protocol.md 6.2)."""
    context = context_of_anybody()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("aRSA")
    return context


def context_of_anybody() -> ssl.SSLContext:
    """Take any certificate, as plugs do."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
