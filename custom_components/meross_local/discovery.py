"""Plugs that are not set up: kept connected, queried, identified.

Before there is a config entry the config flow passes their messages on, then the hub.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
import time
from typing import Final

from homeassistant.components import mqtt
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util.hass_dict import HassKey

from .const import DOMAIN, LOGGER
from .discovered_plug import QUERY_TIMEOUT, DiscoveredPlug
from .meross.commands import QUERIES
from .meross.errors import DecodeError
from .meross.handshake import handshake_reply
from .meross.identity import may_be_plug
from .meross.message import (
    WELL_KNOWN_KEYS,
    Message,
    encode,
    find_key,
    new_header,
)
from .meross.model import parse_bind
from .meross.namespaces import Method, Namespace
from .meross.topics import publish_topic
from .transport.errors import NoReplyError, NotAPlugError, UnknownKeyError
from .transport.mqtt import QOS, async_publish_nowait, parse_message

_DISCOVERY: HassKey[Discovery] = HassKey(f"{DOMAIN}_discovery")

# A broker that anyone may publish to must not fill the memory with invented plugs.
MAX_DISCOVERED_PLUGS: Final = 2048


class Discovery:
    """The discovered plugs of this Home Assistant."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Start without plugs."""
        self._hass = hass
        self._discovered: dict[str, DiscoveredPlug] = {}
        self._listeners: list[Callable[[DiscoveredPlug], None]] = []
        # The keys of the hub that subscribes to all plugs and passes their messages on.
        self.hub_keys: Callable[[], Iterable[str]] | None = None
        # Uuids: what is no plug, what a person removed, and what a person wants.
        self.not_plugs: set[str] = set()
        self.removed: set[str] = set()
        self.wanted: set[str] = set()
        # The monotonic time until which a person waits for a plug that connects.
        self.pairing_until = float("-inf")

    @property
    def plugs(self) -> list[DiscoveredPlug]:
        """Return all that sent a message and are plugs as far as is known."""
        return [plug for plug in self._discovered.values() if plug.is_listed]

    @property
    def keys(self) -> list[str]:
        """Return the keys to try with any plug: the hub's, and the well-known ones."""
        of_hub = self.hub_keys() if self.hub_keys else ()
        return list(dict.fromkeys((*of_hub, *WELL_KNOWN_KEYS)))

    @property
    def with_unknown_key(self) -> Iterator[DiscoveredPlug]:
        """Return those that sign with an unknown key, the oldest first."""
        return (plug for plug in self.plugs if plug.key is None)

    def label(self, uuid: str) -> str:
        """Return a name for the plug of this uuid before it is identified."""
        return self._plug(uuid).label

    @callback
    def async_add_listener(
        self, listener: Callable[[DiscoveredPlug], None]
    ) -> CALLBACK_TYPE:
        """Call the listener after each message; return the function that removes it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    @callback
    def handle_message(self, uuid: str, message: Message) -> None:
        """Reply to a plug, apply its message and query what is still unknown."""
        key = find_key(message.header, self._keys(self._discovered.get(uuid)))
        data = handshake_reply(uuid, message, key, int(time.time()))
        if data is not None:
            async_publish_nowait(self._hass, uuid, data)
        if message.header.namespace == Namespace.BIND:
            self._bind_received(uuid, message)
        if uuid in self.removed or uuid in self.not_plugs:
            return
        plug = self._plug(uuid)
        if plug.message_received(message.header, key):
            try:
                plug.update_from(message)
            except DecodeError as err:
                LOGGER.debug("Message from %s not decoded: %s", uuid, err)
        self._query(plug)
        self._notify(plug)

    @callback
    def async_try_key(self, key: str) -> set[str]:
        """Set the key of those whose last message it signs; return their uuids."""
        matching = {
            uuid for uuid, plug in self._discovered.items() if plug.is_signed_with(key)
        }
        for uuid in matching:
            self._discovered[uuid].set_key(key)
            self._query(self._discovered[uuid])
        return matching

    @callback
    def async_suggest_key(self, uuid: str, key: str) -> None:
        """Try this key first with the plug of this uuid, also before it is known."""
        self._plug(uuid).suggested_key = key

    @callback
    def async_remove(self, uuid: str) -> None:
        """Remove a plug that is set up now."""
        self._discovered.pop(uuid, None)

    @callback
    def async_tick(self, now: float) -> None:
        """Give up the queries that had no reply by this monotonic time."""
        for plug in list(self._discovered.values()):
            if plug.query_expired(now):
                plug.needs_query |= plug.next_query is Namespace.ABILITY
                self._notify(plug)
            if plug.needs_query:
                self._query(plug)

    @callback
    def async_requery(self) -> None:
        """Query every plug anew, and notify the listeners of what is known."""
        for plug in list(self._discovered.values()):
            plug.queried_at = -QUERY_TIMEOUT
            self._query(plug)
            self._notify(plug)

    async def async_identify(
        self, uuid: str, *, timeout: float = QUERY_TIMEOUT
    ) -> DiscoveredPlug:
        """Query a plug that may be silent until it is identified, and return it.

        timeout is in seconds. Raises NoReplyError, NotAPlugError, and UnknownKeyError
        where it signs with an unknown key.
        """
        plug = self._plug(uuid)
        if plug.identity is not None:
            self._notify(plug)
            return plug
        was_no_plug = uuid in self.not_plugs
        self.not_plugs.discard(uuid)
        try:
            await self._async_wait_for_reply(plug, timeout)
        except (TimeoutError, HomeAssistantError) as err:
            if was_no_plug:
                self.not_plugs.add(uuid)
            if was_no_plug or not plug.is_plug:
                raise NotAPlugError from err
            if plug.has_sent and plug.key is None:
                raise UnknownKeyError from err
            raise NoReplyError from err
        if not plug.is_plug:
            raise NotAPlugError
        if plug.identity is None:
            raise UnknownKeyError
        return plug

    async def _async_wait_for_reply(self, plug: DiscoveredPlug, timeout: float) -> None:
        """Query until the outcome is clear.

        Raises TimeoutError, and HomeAssistantError where MQTT is not loaded.
        """
        replied = asyncio.Event()

        @callback
        def listener(sender: DiscoveredPlug) -> None:
            is_locked = sender.key is None and sender.is_key_proven
            is_clear = sender.interview.is_plug is not None or is_locked
            if sender is plug and is_clear:
                replied.set()

        unsubscribe = await self._async_subscribe(plug.uuid, timeout)
        remove_listener = self.async_add_listener(listener)
        try:
            plug.queried_at, plug.needs_query = -QUERY_TIMEOUT, True
            self._query(plug)
            async with asyncio.timeout(timeout):
                await replied.wait()
        finally:
            remove_listener()
            unsubscribe()

    async def _async_subscribe(self, uuid: str, timeout: float) -> CALLBACK_TYPE:
        """Subscribe to one plug unless a hub subscribes to all; return what ends it.

        Raises TimeoutError where the broker does not confirm it.
        """
        if self.hub_keys is not None:
            return lambda: None

        @callback
        def message_received(msg: mqtt.ReceiveMessage) -> None:
            if (parsed := parse_message(msg)) is not None:
                self.handle_message(*parsed)

        topic = publish_topic(uuid)
        subscribed = asyncio.Event()
        unsubscribe = await mqtt.async_subscribe(
            self._hass, topic, message_received, QOS, encoding=None
        )
        stop_waiting = mqtt.async_on_subscribe_done(
            self._hass, topic, QOS, subscribed.set
        )
        try:
            async with asyncio.timeout(timeout):
                await subscribed.wait()
        except TimeoutError:
            unsubscribe()
            raise
        finally:
            stop_waiting()
        return unsubscribe

    @callback
    def _query(self, plug: DiscoveredPlug) -> None:
        """Query a plug unless that was just done or it has an unknown key."""
        namespace, now = plug.next_query, time.monotonic()
        is_locked = plug.key is None and plug.has_sent
        if namespace is None or (is_locked and not plug.needs_query):
            plug.needs_query = False
            return
        if not plug.may_query(now):
            plug.needs_query |= plug.query is None
            return
        # A plug replies to a wrong key with an ERROR that its own key signs.
        key = self._keys(plug)[0]
        header = new_header(Method.GET, namespace, key=key, now=int(time.time()))
        plug.query_sent(header, now)
        # The topic for replies that all firmware is known to accept, and the one that
        # MQTT's discovery subscribes to.
        reply_to = publish_topic(plug.uuid)
        data = encode(header, QUERIES[namespace], reply_to=reply_to)
        async_publish_nowait(self._hass, plug.uuid, data)

    def _notify(self, plug: DiscoveredPlug) -> None:
        for listener in tuple(self._listeners):
            listener(plug)

    def _plug(self, uuid: str) -> DiscoveredPlug:
        """Return the plug of a uuid; a new one may evict the oldest unknown one."""
        if (plug := self._discovered.get(uuid)) is None:
            if len(self._discovered) >= MAX_DISCOVERED_PLUGS:
                known = self._discovered.values()
                unidentified = (one for one in known if one.identity is None)
                del self._discovered[next(unidentified, next(iter(known))).uuid]
            plug = self._discovered[uuid] = DiscoveredPlug(uuid)
        return plug

    def _bind_received(self, uuid: str, message: Message) -> None:
        """Look again at what connects: it may be another device now."""
        if uuid in self.removed and time.monotonic() < self.pairing_until:
            self.removed.discard(uuid)
            self.wanted.add(uuid)
        if uuid in self.not_plugs:
            with suppress(DecodeError):
                if may_be_plug(parse_bind(message.payload).model):
                    self.not_plugs.discard(uuid)

    def _keys(self, plug: DiscoveredPlug | None) -> list[str]:
        """Return the keys to try: the plug's own, then those of any plug."""
        own = () if plug is None else (plug.key, plug.suggested_key)
        return [*(key for key in own if key is not None), *self.keys]


@callback
def async_get_discovery(hass: HomeAssistant) -> Discovery:
    """Return the discovered plugs of this Home Assistant."""
    return hass.data.setdefault(_DISCOVERY, Discovery(hass))
