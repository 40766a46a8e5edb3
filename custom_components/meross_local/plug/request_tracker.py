"""Requests to one plug, until their replies arrive."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
import time
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError

from ..meross.commands import QUERIES
from ..meross.fields import Json
from ..meross.message import Header, Message, encode, new_header
from ..meross.namespaces import Method, Namespace
from ..meross.topics import publish_topic, reply_topic
from ..transport.mqtt import async_publish, async_publish_nowait
from .message_log import MessageLog

# Seconds.
REQUEST_TIMEOUT: Final = 3.0

_REPLY_METHODS: Final = {
    Method.GET: {Method.GETACK, Method.ERROR},
    Method.SET: {Method.SETACK, Method.ERROR},
}


@dataclass(eq=False, frozen=True, slots=True)
class Request:
    """A request without a reply so far; key is the one that it is signed with.

    Where it is a command, acknowledged is called with the header of its SETACK, and
    reply gets the reply, which may be an ERROR, or None where none can arrive.
    """

    header: Header
    key: str
    reply_to: str
    acknowledged: Callable[[Header], None] | None = None
    reply: asyncio.Future[Message | None] | None = None

    def is_answered_by(self, header: Header) -> bool:
        """Return whether a message with this messageId is a reply to this request."""
        request = self.header
        return (
            header.namespace == request.namespace
            and header.method in _REPLY_METHODS[request.method]
        )


class RequestTracker:
    """Sends the requests to one plug and finds those that messages reply to.

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
        # By messageId.
        self._open: dict[str, Request] = {}
        self._query: Request | None = None
        self._trial: Request | None = None
        self._reply_to = reply_topic(uuid)
        self._is_reply_to_proven = False
        self.is_closed = False

    @callback
    def async_query(self, namespace: Namespace, *, is_retry: bool = False) -> None:
        """Send a GET without waiting; it takes the place of the last one.

        is_retry is whether the query before had no reply.
        """
        reply_to = self._reply_to
        if is_retry and not self._is_reply_to_proven:
            reply_to = publish_topic(self._uuid)
        self._close(self._query)
        self._query = self._open_query(namespace, self.key, reply_to)

    @callback
    def async_try_key(self, key: str) -> None:
        """Query the plug with another key: its reply shows whether that is valid."""
        self._close(self._trial)
        self._trial = self._open_query(Namespace.ALL, key, self._reply_to)

    @callback
    def set_nowait(self, namespace: Namespace, payload: Json) -> None:
        """Send a SET without waiting: where it is lost, its cause shows again."""
        header = self._header(Method.SET, namespace, self.key)
        self.publish(encode(header, payload, reply_to=self._reply_to))

    @callback
    def publish(self, data: bytes) -> None:
        """Send a message that needs no reply."""
        self._message_log.record_sent(data)
        async_publish_nowait(self._hass, self._uuid, data)

    async def async_set(
        self,
        namespace: Namespace,
        payload: Json,
        acknowledged: Callable[[Header], None],
        *,
        timeout: float = REQUEST_TIMEOUT,
    ) -> Message:
        """Send a SET and return the reply, which may be an ERROR.

        acknowledged is called with the header of a SETACK, as soon as it arrives.
        Raises TimeoutError where no reply arrives and HomeAssistantError where none
        can arrive.
        """
        if self.is_closed:
            raise HomeAssistantError
        header = self._header(Method.SET, namespace, self.key)
        reply: asyncio.Future[Message | None] = self._hass.loop.create_future()
        self._open[header.message_id] = request = Request(
            header, self.key, self._reply_to, acknowledged, reply
        )
        data = encode(header, payload, reply_to=self._reply_to)
        try:
            self._message_log.record_sent(data)
            async with asyncio.timeout(timeout):
                await async_publish(self._hass, self._uuid, data)
                if (message := await reply) is None:
                    raise HomeAssistantError
                return message
        except TimeoutError:
            self._message_log.timeouts += 1
            raise
        finally:
            self._close(request)

    def find(self, header: Header) -> Request | None:
        """Return the open request that a message replies to, signed or not."""
        request = self._open.get(header.message_id)
        if request is None or not request.is_answered_by(header):
            return None
        return request

    @callback
    def resolve(self, request: Request, message: Message) -> None:
        """End a request with its reply, whose signature is valid."""
        self._close(request)
        if request is self._query:
            self._is_reply_to_proven = True
            self._reply_to = request.reply_to
        if request.reply is None or request.reply.done():
            return
        if request.acknowledged is not None and message.header.method is Method.SETACK:
            request.acknowledged(message.header)
        request.reply.set_result(message)

    @callback
    def async_cancel(self) -> None:
        """End every command with an error: its reply cannot arrive any more."""
        replies = (request.reply for request in self._open.values())
        # One may have ended in this very turn of the event loop.
        for reply in [reply for reply in replies if reply and not reply.done()]:
            reply.set_result(None)

    @callback
    def async_close(self) -> None:
        """End every command with an error, also those that are still to be sent."""
        self.is_closed = True
        self.async_cancel()

    def _open_query(self, namespace: Namespace, key: str, reply_to: str) -> Request:
        """Send a GET; return the request, which is open from now on."""
        header = self._header(Method.GET, namespace, key)
        self._open[header.message_id] = request = Request(header, key, reply_to)
        self.publish(encode(header, QUERIES[namespace], reply_to=reply_to))
        return request

    def _close(self, request: Request | None) -> None:
        """Wait no longer for the reply to a request, if there is one."""
        if request is not None:
            self._open.pop(request.header.message_id, None)

    def _header(self, method: Method, namespace: Namespace, key: str) -> Header:
        return new_header(method, namespace, key=key, now=int(time.time()))
