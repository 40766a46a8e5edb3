"""One plug: what it is, what it says, whether it is there."""

from collections.abc import Callable
from functools import partial
import time
from typing import Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.util import dt as dt_util

from .commander import Commander
from .const import LOGGER
from .issues import (
    async_clear,
    async_report_missing,
    async_report_unbound,
    async_report_wrong_key,
)
from .journal import Journal
from .meross.credentials import Credentials
from .meross.errors import DecodeError
from .meross.fields import Json
from .meross.handshake import answer
from .meross.identity import Identity
from .meross.message import Header, Message, is_signed_with
from .meross.model import SystemAll, parse_all, parse_outlets
from .meross.namespaces import Method, Namespace
from .meross.outlets import Outlets
from .meross.readings import Readings
from .polling import Polling
from .presence import Presence, Verdict
from .requests import Requests
from .timekeeping import Timekeeper

# Seconds after a switch until what flows has settled.
_SETTLING: Final = 2.0

_NEVER: Final = float("inf")
# Seconds until a plug that is not there is missed.
_MISSED_AFTER: Final = 86_400.0

# What tells that a plug's clock may go otherwise than before: its greetings when it has
# just connected (protocol.md 3.1), and its having been set.
_CLOCK_CHANGES: Final = {
    Namespace.BIND,
    Namespace.CLOCK,
    Namespace.REPORT,
    Namespace.TIME,
}


class Plug:
    """A plug that is set up."""

    def __init__(
        self,
        hass: HomeAssistant,
        identity: Identity,
        key: str,
        subentry_id: str,
        described: Callable[[Plug, SystemAll], None],
    ) -> None:
        """Call described with what the plug says that it is; nothing is sent yet."""
        self.identity = identity
        self.subentry_id = subentry_id
        self.available = False
        self.journal = Journal()
        self.readings = Readings()
        self.polling = Polling()
        self._hass = hass
        self._described = described
        # The last header signed with another key, until one is right again.
        self._rejected: Header | None = None
        self._gone = False
        # When somebody has to be told that it is not there.
        self._missed_at = time.monotonic() + _MISSED_AFTER
        self._outlets = Outlets(identity.channels)
        self._presence = Presence()
        self._timekeeper = Timekeeper()
        self._requests = Requests(hass, identity.uuid, key, self.journal)
        self._commander = Commander(
            identity, self._outlets, self._requests, self.journal, self._switched
        )
        self._listeners: dict[str, list[CALLBACK_TYPE]] = {}

    @property
    def key(self) -> str:
        """Return the key that it signs with."""
        return self._requests.key

    @property
    def credentials(self) -> Credentials:
        """Return what it logs in to a broker with."""
        return self.identity.credentials(self.key)

    def is_on(self, channel: int) -> bool | None:
        """Return the last known state of a channel."""
        return self._outlets.is_on(channel)

    def last_signed_with(self, key: str) -> bool:
        """Tell whether the last message was not believed but would be with this key."""
        return self._rejected is not None and is_signed_with(self._rejected, key)

    @callback
    def async_listen(
        self, namespace: Namespace, listener: CALLBACK_TYPE
    ) -> CALLBACK_TYPE:
        """Call the listener when something changed that this namespace tells of."""
        listeners = self._listeners.setdefault(namespace, [])
        listeners.append(listener)
        return partial(listeners.remove, listener)

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
        now = time.monotonic()
        self._presence.heard(now)
        try:
            self._take(message)
        except DecodeError as err:
            self.journal.misunderstood += 1
            LOGGER.debug("Not understood from %s: %s", self.identity.uuid, err)
        if header.method in {Method.GETACK, Method.ERROR}:
            self.polling.answered(header.namespace)
            self._poll(now)

    @callback
    def async_use_key(self, key: str) -> None:
        """Believe what is signed with this key from now on, and ask with it."""
        self._requests.key = key
        self._rejected = None
        self.async_ask()

    @callback
    def async_ask(self) -> None:
        """Ask for all that may have changed unheard."""
        self._requests.async_ask(Namespace.ALL)

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

    @property
    def due(self) -> float:
        """Return the monotonic time from which there is something to check."""
        asks = self.polling.due if self.available else _NEVER
        return min(self._presence.due, asks, self._missed_at)

    @callback
    def async_day_over(self) -> None:
        """Show what begins anew with a day."""
        self._tell(Namespace.CONSUMPTION_X)

    @callback
    def async_check(self, now: float, *, others_work: bool) -> None:
        """Do what is due at this monotonic time."""
        if others_work and now >= self._missed_at:
            self._missed_at = _NEVER
            async_report_missing(self._hass, self.subentry_id, self.identity.name)
        self._poll(now)
        verdict = self._presence.judge(now)
        if verdict is Verdict.ASK:
            again = self._presence.unanswered
            patient = self.polling.beat(now) if self.available and not again else None
            self._requests.async_ask(patient or self._beat, again=again)
        elif verdict is Verdict.GIVE_UP:
            self._give_up()
            if self._rejected is not None:
                self._missed_at = _NEVER
                async_report_wrong_key(self._hass, self.subentry_id, self.identity.name)

    async def async_switch(self, channel: int, *, on: bool) -> None:
        """Switch a channel; raises HomeAssistantError where that is not confirmed."""
        await self._commander.async_switch(channel, on=on)

    async def async_set(self, namespace: Namespace, payload: Json) -> None:
        """Change a setting; raises HomeAssistantError where that is not confirmed."""
        header = await self._commander.async_set(namespace, payload)
        # Asked and told in the same form: what was told is as good as an answer.
        self.readings.take(header, payload, dt_util.now())
        self._tell(namespace)

    @property
    def _beat(self) -> Namespace:
        """Return the cheapest question that tells the state of every outlet."""
        single = len(self.identity.channels) == 1
        return self.identity.toggle if single else Namespace.ALL

    def _poll(self, now: float) -> None:
        """Ask what is due, one question at a time and none while it is not there."""
        if self.available and (namespace := self.polling.next(now)) is not None:
            self._requests.async_ask(namespace)

    def _take(self, message: Message) -> None:
        """Learn from a message that is believed; raises DecodeError."""
        header = message.header
        if header.namespace == Namespace.UNBIND:
            self._give_up()
            self._missed_at = _NEVER
            async_report_unbound(self._hass, self.subentry_id, self.identity.name)
            return
        if header.namespace in _CLOCK_CHANGES:
            self._outlets.clock_restarted()
        changed = None
        if header.method in {Method.PUSH, Method.GETACK}:
            changed = self._learn(message)
        if not self.available and self._outlets.known:
            self._return()
        elif changed is not None:
            self._tell(changed)
        # Bind tells that it has just connected. Never asked because of an answer: that
        # would not end with a plug whose answers leave something out.
        if header.method in {Method.PUSH, Method.SET} and (
            not self.available or header.namespace == Namespace.BIND
        ):
            self.async_ask()

    def _learn(self, message: Message) -> str | None:
        """Return the namespace of whatever changed, if anything; raises DecodeError."""
        header, payload = message.header, message.payload
        toggle = self.identity.toggle
        if header.namespace == toggle:
            if not self._outlets.update(parse_outlets(payload), header):
                return None
            self._hurry()
            return toggle
        if header.namespace == Namespace.ALL:
            said = parse_all(payload)
            self._described(self, said)
            self._keep_time(said)
            return toggle if self._outlets.update(said.outlets, header) else None
        if self.readings.take(header, payload, dt_util.now()):
            return header.namespace
        return None

    def _switched(self, channel: int, header: Header, on: bool) -> None:  # noqa: FBT001 (called by us)
        """Show what was acknowledged: the PUSH after it has the last word."""
        if self._outlets.switched(channel, header, on=on):
            self._tell(self.identity.toggle)
        self._hurry()

    def _hurry(self) -> None:
        """Ask what flows now that an outlet was switched, and when it has settled."""
        if Namespace.ELECTRICITY not in self.identity.abilities:
            return
        now = time.monotonic()
        self.polling.hurry(Namespace.ELECTRICITY, now)
        self._poll(now)
        self.polling.hurry(Namespace.ELECTRICITY, now + _SETTLING)

    def _keep_time(self, said: SystemAll) -> None:
        """Set the plug's clock and time zone right if they are not."""
        if said.time is None or Namespace.TIME not in self.identity.abilities:
            return
        payload = self._timekeeper.judge(
            said.time, dt_util.now(), self._hass.config.time_zone, time.monotonic()
        )
        if payload is not None:
            self._requests.async_post(Namespace.TIME, payload)

    def _give_up(self) -> None:
        if not self._gone:
            self._gone = True
            LOGGER.info("%s is unavailable", self.identity.name)
        self._lose()

    def _lose(self) -> None:
        """Forget its outlets: of a plug that is not heard nothing is known."""
        self._outlets.forget()
        self.readings.forget()
        if self.available:
            self._set_available(available=False)

    def _return(self) -> None:
        if self._gone:
            self._gone = False
            LOGGER.info("%s is back", self.identity.name)
        async_clear(self._hass, self.subentry_id)
        now = time.monotonic()
        self._presence.begin(now)
        self.polling.renew(now)
        self._set_available(available=True)

    def _set_available(self, *, available: bool) -> None:
        self.available = available
        self._missed_at = _NEVER if available else time.monotonic() + _MISSED_AFTER
        self.journal.note_available(available=available)
        self._tell_all()

    def _tell(self, namespace: str) -> None:
        for listener in tuple(self._listeners.get(namespace, ())):
            listener()

    def _tell_all(self) -> None:
        for namespace in self._listeners:
            self._tell(namespace)
