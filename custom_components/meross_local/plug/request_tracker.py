"""Requests to one plug, until their replies arrive."""

import asyncio
import time
from typing import Final

from homeassistant.core import HomeAssistant, callback

from ..meross.commands import QUERIES
from ..meross.fields import Json
from ..meross.message import Header, Message, encode, new_header
from ..meross.namespaces import Method, Namespace
from ..meross.topics import publish_topic, reply_topic
from ..transport.mqtt import async_publish, async_publish_nowait
from .message_log import MessageLog

# Seconds.
REQUEST_TIMEOUT: Final = 3.0


class RequestTracker:
    """Sends the requests to one plug and resolves their replies.

    Requests name a topic for the reply that no other controller subscribes to. Where a
    plug's firmware replies only on the topic that it publishes on by itself, that one
    is named from then on.
    """

    def __init__(
        self, hass: HomeAssistant, uuid: str, key: str, message_log: MessageLog
    ) -> None:
        """Initialize with the key that signs the requests."""
        self.key = key
        self._hass = hass
        self._uuid = uuid
        self._message_log = message_log
        self._open: dict[str, asyncio.Future[Message]] = {}
        self._reply_to = reply_topic(uuid)
        self._is_reply_to_proven = False
        self._last_query = ("", self._reply_to)

    @callback
    def async_query(self, namespace: Namespace, *, is_retry: bool = False) -> None:
        """Send a GET without waiting: its reply is handled like any message.

        is_retry is whether the query before it had no reply.
        """
        reply_to = self._reply_to
        if is_retry and not self._is_reply_to_proven:
            reply_to = publish_topic(self._uuid)
        header = self._header(Method.GET, namespace)
        self._last_query = (header.message_id, reply_to)
        self.publish(encode(header, QUERIES[namespace], reply_to=reply_to))

    @callback
    def set_nowait(self, namespace: Namespace, payload: Json) -> None:
        """Send a SET without waiting: where it is lost, its cause shows again."""
        header = self._header(Method.SET, namespace)
        self.publish(encode(header, payload, reply_to=self._reply_to))

    @callback
    def publish(self, data: bytes) -> None:
        """Send a message that needs no reply."""
        self._message_log.record_sent(data)
        async_publish_nowait(self._hass, self._uuid, data)

    async def async_request(
        self,
        method: Method,
        namespace: Namespace,
        payload: Json,
        *,
        timeout: float = REQUEST_TIMEOUT,
    ) -> Message:
        """Send a request and return the reply, which may be an ERROR.

        Raises TimeoutError where none arrives and HomeAssistantError without a broker.
        """
        header = self._header(method, namespace)
        data = encode(header, payload, reply_to=self._reply_to)
        reply: asyncio.Future[Message] = self._hass.loop.create_future()
        self._open[header.message_id] = reply
        try:
            self._message_log.record_sent(data)
            async with asyncio.timeout(timeout):
                await async_publish(self._hass, self._uuid, data)
                return await reply
        except TimeoutError:
            self._message_log.timeouts += 1
            raise
        finally:
            del self._open[header.message_id]

    @callback
    def resolve(self, message: Message) -> None:
        """Pass a reply on to the request that it belongs to, if there is one."""
        message_id = message.header.message_id
        query_id, reply_to = self._last_query
        if message_id == query_id:
            self._is_reply_to_proven = True
            self._reply_to = reply_to
        reply = self._open.get(message_id)
        if reply is not None and not reply.done():
            reply.set_result(message)

    def _header(self, method: Method, namespace: Namespace) -> Header:
        return new_header(method, namespace, key=self.key, now=int(time.time()))
