"""What one plug was asked, until it has answered."""

import asyncio
import time
from typing import Final

from homeassistant.core import HomeAssistant, callback

from .journal import Journal
from .meross.commands import QUERIES
from .meross.fields import Json
from .meross.message import Header, Message, encode, new_header
from .meross.namespaces import Method, Namespace
from .meross.topics import publish_topic, reply_topic
from .transport import async_send, async_send_soon

# Seconds that a plug has for its answer.
_TIMEOUT: Final = 3.0


class Requests:
    """The requests to one plug.

    They name a topic for the answer that nobody else hears. Should a plug's firmware
    answer only where it speaks by itself, it is asked to do that, and remembered.
    """

    def __init__(
        self, hass: HomeAssistant, uuid: str, key: str, journal: Journal
    ) -> None:
        """Sign with the key; nothing is asked yet."""
        self.key = key
        self._hass = hass
        self._uuid = uuid
        self._journal = journal
        self._open: dict[str, asyncio.Future[Message]] = {}
        self._reply_to = reply_topic(uuid)
        self._proven = False
        self._last_question = ("", self._reply_to)

    @callback
    def async_ask(self, namespace: Namespace, *, again: bool = False) -> None:
        """Ask without waiting: the answer is heard like any message.

        again tells that the same question just went unanswered.
        """
        reply_to = self._reply_to
        if again and not self._proven:
            reply_to = publish_topic(self._uuid)
        header = self._header(Method.GET, namespace)
        self._last_question = (header.message_id, reply_to)
        self.async_tell(encode(header, QUERIES[namespace], reply_to=reply_to))

    @callback
    def async_post(self, namespace: Namespace, payload: Json) -> None:
        """Set something without waiting: should it be lost, its cause comes again."""
        header = self._header(Method.SET, namespace)
        self.async_tell(encode(header, payload, reply_to=self._reply_to))

    @callback
    def async_tell(self, data: bytes) -> None:
        """Send what wants no answer."""
        self._journal.note_out(data)
        async_send_soon(self._hass, self._uuid, data)

    async def async_request(
        self, method: Method, namespace: Namespace, payload: Json
    ) -> Message:
        """Send a request and return the answer, which may be an ERROR.

        Raises TimeoutError where none comes and HomeAssistantError without a broker.
        """
        header = self._header(method, namespace)
        data = encode(header, payload, reply_to=self._reply_to)
        answer: asyncio.Future[Message] = self._hass.loop.create_future()
        self._open[header.message_id] = answer
        try:
            self._journal.note_out(data)
            async with asyncio.timeout(_TIMEOUT):
                await async_send(self._hass, self._uuid, data)
                return await answer
        except TimeoutError:
            self._journal.timeouts += 1
            raise
        finally:
            del self._open[header.message_id]

    @callback
    def async_settle(self, message: Message) -> None:
        """Hand an answer to whom it is for."""
        message_id = message.header.message_id
        question, reply_to = self._last_question
        if message_id == question:
            self._proven = True
            self._reply_to = reply_to
        answer = self._open.get(message_id)
        if answer is not None and not answer.done():
            answer.set_result(message)

    def _header(self, method: Method, namespace: Namespace) -> Header:
        return new_header(method, namespace, key=self.key, now=int(time.time()))
