"""One plug: its key, its outlets, its open requests, its availability."""

import asyncio
from collections.abc import Iterable
from functools import partial
import time
from typing import Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError

from .const import DOMAIN, LOGGER
from .meross.commands import QUERIES, switch_payload
from .meross.errors import DecodeError
from .meross.fields import Json
from .meross.handshake import answer
from .meross.identity import MASTER, Identity
from .meross.message import Header, Message, encode, is_signed_with, new_header
from .meross.model import OutletState, parse_all, parse_error, parse_outlets
from .meross.namespaces import Method, Namespace
from .meross.topics import reply_topic
from .transport import async_send, async_send_soon

# Seconds to wait for an acknowledgement, and how often a command is sent.
_TIMEOUT: Final = 3.0
_ATTEMPTS: Final = 2
# A message whose stamp is older by more than this is no late one: the clock was set.
_LATEST: Final = 60.0


class Plug:
    """A plug that is set up."""

    def __init__(
        self, hass: HomeAssistant, identity: Identity, key: str, subentry_id: str
    ) -> None:
        """Know the plug; nothing is sent yet."""
        self.identity = identity
        self.key = key
        self.subentry_id = subentry_id
        self.available = False
        self._hass = hass
        self._outlets: dict[int, OutletState] = {}
        self._stamp = 0.0
        self._requests: dict[str, asyncio.Future[Message]] = {}
        # The newest command to each channel, while it waits for its acknowledgement.
        self._commands: dict[int, object] = {}
        self._listeners: list[CALLBACK_TYPE] = []

    def is_on(self, channel: int) -> bool | None:
        """Return the last known state of a channel.

        A strip's master is on while any outlet is: its own entry is not in every
        message (protocol.md 5), so it is never trusted over theirs.
        """
        if self._is_master(channel):
            return any(
                state.on for number, state in self._outlets.items() if number != MASTER
            )
        state = self._outlets.get(channel)
        return None if state is None else state.on

    @callback
    def async_listen(self, listener: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Call the listener when the availability or an outlet changed."""
        self._listeners.append(listener)
        return partial(self._listeners.remove, listener)

    @callback
    def async_hear(self, message: Message) -> None:
        """Answer what waits for an answer, and believe what is signed with the key."""
        header = message.header
        believed = is_signed_with(header, self.key)
        # A plug that was given another key is kept on the broker all the same.
        key = self.key if believed else None
        data = answer(self.identity.uuid, message, key, int(time.time()))
        if data is not None:
            async_send_soon(self._hass, self.identity.uuid, data)
        if not believed:
            LOGGER.debug("Not believed, signed with another key: %s", header)
            return
        request = self._requests.get(header.message_id)
        if request is not None and not request.done():
            request.set_result(message)
        try:
            self._take(message)
        except DecodeError as err:
            LOGGER.debug("Not understood from %s: %s", self.identity.uuid, err)

    @callback
    def async_lose(self) -> None:
        """Show it as unavailable: of its outlets nothing is known any more."""
        self._outlets.clear()
        if self.available:
            self.available = False
            self._tell()

    @callback
    def async_ask(self) -> None:
        """Ask for the state of all outlets; the answer is taken like any message."""
        header = new_header(
            Method.GET, Namespace.ALL, key=self.key, now=int(time.time())
        )
        data = self._encode(header, QUERIES[Namespace.ALL])
        async_send_soon(self._hass, self.identity.uuid, data)

    async def async_switch(self, channel: int, *, on: bool) -> None:
        """Switch a channel and wait until the plug has acknowledged it.

        Raises HomeAssistantError where it does not, or refuses. A command that a newer
        one to the same channel overtakes is not sent again: the newer one counts.
        """
        command = object()
        self._commands[channel] = command
        try:
            for _ in range(_ATTEMPTS):
                if self._is_master(channel) and len(self._commands) > 1:
                    await self._async_switch_others(on=on)
                    return
                if await self._async_try_switch(channel, on=on):
                    return
                if self._commands.get(channel) is not command:
                    return
        finally:
            if self._commands.get(channel) is command:
                del self._commands[channel]
        raise self._error("no_answer")

    async def _async_switch_others(self, *, on: bool) -> None:
        """Switch the outlets that have no command of their own under way.

        In a scene the order of the commands is chance: an outlet's own one must win
        over the master's.
        """
        await asyncio.gather(
            *(
                self.async_switch(channel, on=on)
                for channel in self.identity.channels
                if channel not in self._commands
            )
        )

    async def _async_try_switch(self, channel: int, *, on: bool) -> bool:
        """Tell whether the plug acknowledged; raise where it refuses."""
        toggle = self.identity.toggle
        payload = switch_payload(toggle, channel, on=on)
        try:
            reply = await self._async_request(Method.SET, toggle, payload)
        except TimeoutError:
            return False
        if reply.header.method is Method.ERROR:
            raise self._error("refused", code=str(parse_error(reply.payload)))
        all_channels = self.identity.channels
        switched = all_channels if self._is_master(channel) else (channel,)
        # The acknowledgement carries no state; the PUSH after it has the last word.
        self._update(
            (OutletState(n, on, reply.header.timestamp) for n in switched), reply.header
        )
        return True

    async def _async_request(
        self, method: Method, namespace: Namespace, payload: Json
    ) -> Message:
        """Send a request and return the plug's answer to it, an ERROR included.

        Raises TimeoutError where none comes, HomeAssistantError without a broker.
        """
        header = new_header(method, namespace, key=self.key, now=int(time.time()))
        answered: asyncio.Future[Message] = self._hass.loop.create_future()
        self._requests[header.message_id] = answered
        try:
            try:
                await async_send(
                    self._hass, self.identity.uuid, self._encode(header, payload)
                )
            except HomeAssistantError as err:
                raise self._error("not_connected") from err
            async with asyncio.timeout(_TIMEOUT):
                return await answered
        finally:
            del self._requests[header.message_id]

    def _take(self, message: Message) -> None:
        """Learn from a message that is believed; raises DecodeError."""
        header = message.header
        if header.method in {Method.PUSH, Method.GETACK}:
            if header.namespace == self.identity.toggle:
                self._update(parse_outlets(message.payload), header)
            elif header.namespace == Namespace.ALL:
                self._update(parse_all(message.payload).outlets, header)
        # Bind, as SET or PUSH, says that it has just connected (protocol.md 3.1).
        if not self.available or header.namespace == Namespace.BIND:
            self.async_ask()

    def _update(self, states: Iterable[OutletState], header: Header) -> None:
        """Take over the states unless newer ones were heard before."""
        stamp = header.timestamp + header.timestamp_ms / 1000
        if 0 < self._stamp - stamp <= _LATEST:
            return
        self._stamp = stamp
        changed = False
        for state in states:
            if state.channel in self.identity.channels:
                known = self._outlets.get(state.channel)
                changed = changed or known is None or known.on is not state.on
                self._outlets[state.channel] = state
        if not self.available and len(self._outlets) == len(self.identity.channels):
            self.available = changed = True
        if changed:
            self._tell()

    def _tell(self) -> None:
        for listener in tuple(self._listeners):
            listener()

    def _is_master(self, channel: int) -> bool:
        return channel == MASTER and len(self.identity.channels) > 1

    def _encode(self, header: Header, payload: Json) -> bytes:
        return encode(header, payload, reply_to=reply_topic(self.identity.uuid))

    def _error(self, reason: str, **placeholders: str) -> HomeAssistantError:
        return HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key=reason,
            translation_placeholders={"plug": self.identity.name, **placeholders},
        )
