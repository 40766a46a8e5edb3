"""Plugs that spoke but are not set up: answered, asked what they are, remembered.

Before there is a config entry the config flow feeds it, afterwards the hub does.
"""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
import time
from typing import Final

from homeassistant.components import mqtt
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN, LOGGER
from .meross.commands import QUERIES
from .meross.errors import DecodeError
from .meross.handshake import answer
from .meross.identity import Identity, is_plug
from .meross.message import (
    WELL_KNOWN_KEYS,
    Header,
    Message,
    encode,
    find_key,
    is_signed_with,
    new_header,
)
from .meross.model import SystemAll, parse_abilities, parse_all, parse_bind
from .meross.namespaces import Method, Namespace
from .meross.topics import publish_topic
from .transport import QOS, async_send_soon, read

_DISCOVERY: HassKey[Discovery] = HassKey(f"{DOMAIN}_discovery")

# A broker that anyone may write to must not fill the memory with invented plugs.
_MOST_NEWCOMERS: Final = 2048
# Seconds before a question without an answer is asked again.
_PATIENCE: Final = 5.0


@dataclass(slots=True)
class Newcomer:
    """A plug that spoke, and what is known of it so far.

    heard is the last header it signed, against which a key can be tried; key is the
    one that it signs with, None while no known key verifies; offered is one that it may
    sign with, by what somebody says.
    """

    uuid: str
    heard: Header | None = None
    key: str | None = None
    offered: str | None = None
    model: str | None = None
    said: SystemAll | None = None
    identity: Identity | None = None
    asked_at: float = -_PATIENCE

    @property
    def label(self) -> str:
        """Return what to call it before it has a name."""
        return f"{self.model.upper() if self.model else 'Plug'} …{self.uuid[-4:]}"

    @property
    def is_plug(self) -> bool:
        """Tell whether it is one, as far as is known."""
        return self.model is None or is_plug(self.model)

    def use_key(self, key: str | None) -> None:
        """Take a key that verifies; what was said under another is not believed."""
        if key != self.key:
            self.key = key
            self.said = self.identity = None
            self.asked_at = -_PATIENCE

    def learn(self, message: Message) -> None:
        """Take in what a message of it says about it; raises DecodeError."""
        header = message.header
        if header.namespace == Namespace.BIND and header.method is not Method.ERROR:
            self.model = parse_bind(message.payload).model
        elif header.method is Method.GETACK and header.namespace == Namespace.ALL:
            self.said = parse_all(message.payload)
            self.model = self.said.hardware.model
            self.asked_at = -_PATIENCE
        elif (
            header.method is Method.GETACK
            and header.namespace == Namespace.ABILITY
            and self.said is not None
        ):
            abilities = parse_abilities(message.payload)
            self.identity = Identity.of(self.uuid, self.said, abilities)

    @property
    def missing(self) -> Namespace | None:
        """Return what it has still to be asked for."""
        if self.said is None:
            return Namespace.ALL
        return Namespace.ABILITY if self.identity is None else None


class Discovery:
    """The newcomers of this Home Assistant."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Start with none."""
        self._hass = hass
        self._newcomers: dict[str, Newcomer] = {}
        self._listeners: list[Callable[[Newcomer], None]] = []
        # Tried before the well-known keys; None while there is no hub.
        self.hub_key: str | None = None

    @property
    def plugs(self) -> list[Newcomer]:
        """Return all that spoke and are plugs as far as is known."""
        return [
            newcomer
            for newcomer in self._newcomers.values()
            if newcomer.heard is not None and newcomer.is_plug
        ]

    @property
    def keys(self) -> list[str]:
        """Return the keys to try with any plug: the hub's, and what most have."""
        hub = [] if self.hub_key is None else [self.hub_key]
        return [*hub, *WELL_KNOWN_KEYS]

    @property
    def locked(self) -> Iterator[Newcomer]:
        """Return those that sign with a key that is not known, the oldest first."""
        return (newcomer for newcomer in self.plugs if newcomer.key is None)

    @callback
    def async_listen(self, listener: Callable[[Newcomer], None]) -> CALLBACK_TYPE:
        """Call the listener whenever a newcomer spoke."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    @callback
    def async_hear(self, uuid: str, message: Message) -> None:
        """Answer a plug, learn from what it said and ask for what is missing."""
        newcomer = self._newcomer(uuid)
        key = find_key(message.header, self._keys(newcomer))
        data = answer(uuid, message, key, int(time.time()))
        if data is not None:
            async_send_soon(self._hass, uuid, data)
        if key is None and newcomer.key is not None:
            return
        newcomer.heard = message.header
        newcomer.use_key(key)
        try:
            newcomer.learn(message)
        except DecodeError as err:
            LOGGER.debug("Not understood from %s: %s", uuid, err)
        self._ask(newcomer)
        self._tell(newcomer)

    @callback
    def async_try_key(self, key: str) -> set[str]:
        """Give the key to those that last signed with it; return their uuids."""
        fitting = {
            uuid
            for uuid, newcomer in self._newcomers.items()
            if newcomer.heard and is_signed_with(newcomer.heard, key)
        }
        for uuid in fitting:
            self._newcomers[uuid].use_key(key)
            self._ask(self._newcomers[uuid])
        return fitting

    @callback
    def async_offer_key(self, uuid: str, key: str) -> None:
        """Try this key first with the plug of this uuid, also before it has spoken."""
        self._newcomer(uuid).offered = key

    @callback
    def async_forget(self, uuid: str) -> None:
        """Let go of a newcomer: it is set up."""
        self._newcomers.pop(uuid, None)

    @callback
    def async_review(self) -> None:
        """Ask all newcomers anew what is missing, and tell of those that are known."""
        for newcomer in list(self._newcomers.values()):
            newcomer.asked_at = -_PATIENCE
            self._ask(newcomer)
            self._tell(newcomer)

    async def async_find(self, uuid: str) -> Newcomer:
        """Ask a plug that is silent what it is, and wait for its answer.

        Returns it with its identity, or without where it signs with an unknown key or
        is no plug.
        Raises TimeoutError where it does not answer.
        """
        newcomer = self._newcomer(uuid)
        answered = asyncio.Event()

        @callback
        def listener(heard: Newcomer) -> None:
            known = heard.identity or heard.key is None or not heard.is_plug
            if heard is newcomer and known:
                answered.set()

        end_hearing = await self._async_hear_one(uuid)
        end_listening = self.async_listen(listener)
        try:
            newcomer.asked_at = -_PATIENCE
            self._ask(newcomer)
            async with asyncio.timeout(_PATIENCE):
                await answered.wait()
        finally:
            end_listening()
            end_hearing()
        return newcomer

    async def _async_hear_one(self, uuid: str) -> CALLBACK_TYPE:
        """Hear a plug where no hub does; return how to end that, once it has begun."""
        if self.hub_key is not None:
            return lambda: None

        @callback
        def received(message: mqtt.ReceiveMessage) -> None:
            if (heard := read(message)) is not None:
                self.async_hear(*heard)

        topic = publish_topic(uuid)
        ready = asyncio.Event()
        unsubscribe = await mqtt.async_subscribe(
            self._hass, topic, received, QOS, encoding=None
        )
        end_waiting = mqtt.async_on_subscribe_done(self._hass, topic, QOS, ready.set)
        try:
            async with asyncio.timeout(_PATIENCE):
                await ready.wait()
        except TimeoutError:
            unsubscribe()
            raise
        finally:
            end_waiting()
        return unsubscribe

    @callback
    def _ask(self, newcomer: Newcomer) -> None:
        """Ask a plug what is missing, unless that was done just now or is no use."""
        missing = newcomer.missing
        now = time.monotonic()
        if missing is None or now - newcomer.asked_at < _PATIENCE:
            return
        if newcomer.key is None and newcomer.heard is not None:
            return
        newcomer.asked_at = now
        # A silent plug answers a wrong key with an error that its own key signs.
        key = self._keys(newcomer)[0]
        header = new_header(Method.GET, missing, key=key, now=int(time.time()))
        # The form of reply_to that all firmware is known to serve (design.md).
        reply_to = publish_topic(newcomer.uuid)
        data = encode(header, QUERIES[missing], reply_to=reply_to)
        async_send_soon(self._hass, newcomer.uuid, data)

    def _tell(self, newcomer: Newcomer) -> None:
        for listener in tuple(self._listeners):
            listener(newcomer)

    def _newcomer(self, uuid: str) -> Newcomer:
        """Return what is known of a plug; the oldest stranger makes room for it."""
        if (newcomer := self._newcomers.get(uuid)) is None:
            if len(self._newcomers) >= _MOST_NEWCOMERS:
                known = self._newcomers.values()
                strangers = (one for one in known if one.identity is None)
                del self._newcomers[next(strangers, next(iter(known))).uuid]
            newcomer = self._newcomers[uuid] = Newcomer(uuid)
        return newcomer

    def _keys(self, newcomer: Newcomer) -> list[str]:
        """Return the keys to try: the plug's own, then those of any."""
        own = (newcomer.key, newcomer.offered)
        return [*(key for key in own if key is not None), *self.keys]


@callback
def async_get_discovery(hass: HomeAssistant) -> Discovery:
    """Return the newcomers of this Home Assistant."""
    return hass.data.setdefault(_DISCOVERY, Discovery(hass))
