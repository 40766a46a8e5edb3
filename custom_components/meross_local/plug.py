"""One plug: what it is, its key, its outlets, whether it is there."""

import asyncio
from functools import partial
import time
from typing import Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError

from .const import DOMAIN, LOGGER
from .issues import async_clear, async_report_unbound, async_report_wrong_key
from .journal import Journal
from .meross.commands import switch_payload
from .meross.errors import DecodeError
from .meross.handshake import answer
from .meross.identity import Identity
from .meross.message import Header, Message, is_signed_with
from .meross.model import parse_all, parse_error, parse_outlets
from .meross.namespaces import Method, Namespace
from .meross.outlets import Outlets
from .presence import Presence, Verdict
from .requests import Requests

# How often a command is sent before it fails; switching twice does no harm.
_ATTEMPTS: Final = 2
# The code of an ERROR to what is signed with another key than the plug's.
_SIGN_ERROR: Final = 5001

# What a plug says when it has just connected (protocol.md 3.1).
_GREETINGS: Final = {Namespace.BIND, Namespace.CLOCK, Namespace.REPORT}


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
        self.journal = Journal()
        self._hass = hass
        # The last header signed with another key, until one is right again.
        self._rejected: Header | None = None
        self._gone = False
        self._outlets = Outlets(identity.channels)
        self._presence = Presence()
        self._requests = Requests(hass, identity.uuid, self.journal)
        # The newest command to each channel while it waits for its acknowledgement.
        self._commands: dict[int, object] = {}
        self._listeners: list[CALLBACK_TYPE] = []

    def is_on(self, channel: int) -> bool | None:
        """Return the last known state of a channel."""
        return self._outlets.is_on(channel)

    def last_signed_with(self, key: str) -> bool:
        """Tell whether the last message was not believed but would be with this key."""
        return self._rejected is not None and is_signed_with(self._rejected, key)

    @callback
    def async_listen(self, listener: CALLBACK_TYPE) -> CALLBACK_TYPE:
        """Call the listener when the availability or an outlet changed."""
        self._listeners.append(listener)
        return partial(self._listeners.remove, listener)

    @callback
    def async_hear(self, message: Message) -> None:
        """Answer what waits for an answer, and believe what is signed with the key."""
        header = message.header
        self.journal.note_in(message.raw)
        believed = is_signed_with(header, self.key)
        # A plug that was given another key is kept on the broker all the same.
        key = self.key if believed else None
        data = answer(self.identity.uuid, message, key, int(time.time()))
        if data is not None:
            self._requests.async_tell(data)
        if believed or header.method is Method.ERROR:
            self._requests.async_settle(message)
        if not believed:
            self._rejected = header
            self.journal.rejected += 1
            LOGGER.debug("Not believed, signed with another key: %s", header)
            return
        self._rejected = None
        self._presence.heard(time.monotonic())
        try:
            self._take(message)
        except DecodeError as err:
            self.journal.misunderstood += 1
            LOGGER.debug("Not understood from %s: %s", self.identity.uuid, err)

    @callback
    def async_use_key(self, key: str) -> None:
        """Believe what is signed with this key from now on, and ask with it."""
        self.key = key
        self._rejected = None
        self.async_ask()

    @callback
    def async_ask(self) -> None:
        """Ask for all that may have changed unheard."""
        self._requests.async_ask(Namespace.ALL, self.key)

    @callback
    def async_ask_with_all(self) -> None:
        """Ask it along with all other plugs."""
        self._presence.asked_with_all(time.monotonic())
        self.async_ask()

    @callback
    def async_lose(self) -> None:
        """Show it as unavailable while there is no broker to hear it through."""
        self._presence.stop()
        self._lose()

    @callback
    def async_check(self, now: float) -> None:
        """Do what its silence asks for; called once a second with a monotonic time."""
        verdict = self._presence.judge(now)
        if verdict is Verdict.ASK:
            self._requests.async_ask(
                self._beat, self.key, again=self._presence.unanswered
            )
        elif verdict is Verdict.GIVE_UP:
            self._give_up()
            if self._rejected is not None:
                async_report_wrong_key(self._hass, self.identity)

    async def async_switch(self, channel: int, *, on: bool) -> None:
        """Switch a channel and wait until the plug has acknowledged it.

        Raises HomeAssistantError where it does not, or refuses. A command that a newer
        one to the same channel overtakes is not sent again: the newer one counts.
        """
        command = object()
        self._commands[channel] = command
        try:
            for attempt in range(_ATTEMPTS):
                self.journal.retries += attempt
                if self._outlets.is_master(channel) and len(self._commands) > 1:
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
            reply = await self._requests.async_request(
                Method.SET, toggle, payload, self.key
            )
        except TimeoutError:
            return False
        except HomeAssistantError as err:
            raise self._error("not_connected") from err
        if reply.header.method is Method.ERROR:
            code = parse_error(reply.payload)
            if code == _SIGN_ERROR:
                raise self._error("wrong_key")
            raise self._error("refused", code=str(code))
        # The acknowledgement carries no state; the PUSH after it has the last word.
        if self._outlets.switched(channel, reply.header, on=on):
            self._tell()
        return True

    @property
    def _beat(self) -> Namespace:
        """Return the cheapest question that tells the state of every outlet."""
        single = len(self.identity.channels) == 1
        return self.identity.toggle if single else Namespace.ALL

    def _take(self, message: Message) -> None:
        """Learn from a message that is believed; raises DecodeError."""
        header = message.header
        if header.namespace == Namespace.UNBIND:
            self._give_up()
            async_report_unbound(self._hass, self.identity)
            return
        if header.namespace in _GREETINGS:
            self._outlets.clock_restarted()
        changed = False
        if header.method in {Method.PUSH, Method.GETACK}:
            if header.namespace == self.identity.toggle:
                changed = self._outlets.update(parse_outlets(message.payload), header)
            elif header.namespace == Namespace.ALL:
                states = parse_all(message.payload).outlets
                changed = self._outlets.update(states, header)
        if not self.available and self._outlets.known:
            self._return()
        elif changed:
            self._tell()
        # Bind tells that it has just connected. Never asked because of an answer: that
        # would not end with a plug whose answers leave something out.
        if header.method in {Method.PUSH, Method.SET} and (
            not self.available or header.namespace == Namespace.BIND
        ):
            self.async_ask()

    def _give_up(self) -> None:
        if not self._gone:
            self._gone = True
            LOGGER.info("%s is unavailable", self.identity.name)
        self._lose()

    def _lose(self) -> None:
        """Forget its outlets: of a plug that is not heard nothing is known."""
        self._outlets.forget()
        if self.available:
            self._set_available(available=False)

    def _return(self) -> None:
        if self._gone:
            self._gone = False
            LOGGER.info("%s is back", self.identity.name)
        async_clear(self._hass, self.identity.uuid)
        self._set_available(available=True)

    def _set_available(self, *, available: bool) -> None:
        self.available = available
        self.journal.note_available(available=available)
        self._tell()

    def _tell(self) -> None:
        for listener in tuple(self._listeners):
            listener()

    def _error(self, reason: str, **placeholders: str) -> HomeAssistantError:
        return HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key=reason,
            translation_placeholders={"plug": self.identity.name, **placeholders},
        )
