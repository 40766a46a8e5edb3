"""The hub of a config entry: routes messages, and has a plug for each subentry."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from itertools import islice
import time
from typing import Final

from homeassistant.components import mqtt
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import EVENT_CORE_CONFIG_UPDATE
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.util import dt as dt_util

from .const import CONF_KEY, CONF_POWER_INTERVAL, DEFAULT_POWER_INTERVAL, DOMAIN
from .discovered_plug import DiscoveredPlug
from .discovery import async_get_discovery
from .issues import async_delete_issues, async_report_unknown_key
from .meross.identity import Identity
from .meross.model import SystemAll
from .plug import Plug
from .subentry import (
    async_add_subentry,
    async_update_subentry,
    identity_from_subentry,
)
from .transport.mqtt import parse_message
from .transport.subscription import Subscription

type MerossLocalConfigEntry = ConfigEntry[Hub]

# Plugs that are queried at once, and seconds until the next ones are: a thousand must
# not reply in one burst.
QUERY_BATCH_SIZE: Final = 20
QUERY_BATCH_INTERVAL: Final = 0.05
# How often the plugs are checked: one timer for all.
TICK_INTERVAL: Final = timedelta(seconds=1)
# How many plugs with unknown keys the issue names.
MAX_NAMED_PLUGS: Final = 3


class Hub:
    """All plugs of a config entry: one for each of its subentries."""

    def __init__(self, hass: HomeAssistant, entry: MerossLocalConfigEntry) -> None:
        """Create the plugs of the entry; nothing is subscribed to or sent yet."""
        self.plugs: dict[str, Plug] = {}
        self._hass = hass
        self._entry = entry
        self._discovery = async_get_discovery(hass)
        self._add_entities: list[Callable[[Plug], None]] = []
        self._querying: asyncio.Task[None] | None = None
        # Who waits for a plug to be available.
        self._waiters: list[tuple[Callable[[Plug], bool], asyncio.Future[Plug]]] = []
        # The discovered plugs with unknown keys that are reported; None to report anew.
        self._reported: list[str] | None = None
        self._today = dt_util.now().date()
        self._messages = 0
        self._ignored = 0
        self._last_minute: deque[int] = deque(maxlen=60)
        self._subscription = Subscription(
            hass,
            message_received=self._message_received,
            subscribed=self._subscribed,
            connection_lost=self._connection_lost,
        )
        self._follow_subentries()

    @property
    def messages_per_minute(self) -> int:
        """Return how many messages arrived in the last minute."""
        return sum(self._last_minute)

    @property
    def rejected(self) -> int:
        """Return how many messages no plug sent, or were not signed with its key."""
        plugs = self.plugs.values()
        return self._ignored + sum(plug.message_log.rejected for plug in plugs)

    @property
    def discovered(self) -> int:
        """Return how many plugs are discovered but not set up."""
        return len(self._discovery.plugs)

    async def async_start(self) -> None:
        """Subscribe to the plugs until the entry is unloaded."""
        entry, discovery = self._entry, self._discovery
        for stop in (
            entry.add_update_listener(self._async_entry_changed),
            discovery.async_add_listener(self._add_plug),
            self._stop,
            async_track_time_interval(
                self._hass, self._tick, TICK_INTERVAL, name="meross_local tick"
            ),
            self._hass.bus.async_listen(
                EVENT_CORE_CONFIG_UPDATE, self._core_config_changed
            ),
        ):
            entry.async_on_unload(stop)
        discovery.hub_key = entry.data.get(CONF_KEY, "")
        discovery.has_hub = True
        entry.async_on_unload(await self._subscription.async_start())

    @callback
    def async_add_platform(self, add: Callable[[Plug], None]) -> None:
        """Call add with every plug, also with those that are set up later."""
        self._add_entities.append(add)
        for plug in self.plugs.values():
            add(plug)

    @callback
    def async_try_key(self, key: str) -> set[str]:
        """Set the key of all plugs that sign with it and were rejected so far.

        Returns their uuids; discovered plugs among them are set up once they reply.
        """
        matching = [plug for plug in self.plugs.values() if plug.is_rejected_with(key)]
        for plug in matching:
            self._store(plug, plug.identity, key)
        self._reported = None
        new = self._discovery.async_try_key(key)
        return new | {plug.identity.uuid for plug in matching}

    @callback
    def async_expect_key(self, uuid: str, key: str) -> None:
        """Prepare for a plug that is known to sign with this key."""
        if (plug := self.plugs.get(uuid)) is None:
            self._discovery.async_suggest_key(uuid, key)
        else:
            self._store(plug, plug.identity, key)

    async def async_wait_for_plug(
        self, is_wanted: Callable[[Plug], bool], timeout: float
    ) -> Plug:
        """Wait until a wanted plug is available, and return it.

        timeout is in seconds. Raises TimeoutError.
        """
        found: asyncio.Future[Plug] = self._hass.loop.create_future()
        self._waiters.append((is_wanted, found))
        try:
            async with asyncio.timeout(timeout):
                return await found
        finally:
            self._waiters.remove((is_wanted, found))

    @callback
    def _message_received(self, msg: mqtt.ReceiveMessage) -> None:
        """Route a message to its plug, or to discovery where it is not set up."""
        self._messages += 1
        if (parsed := parse_message(msg)) is None:
            self._ignored += 1
            return
        uuid, message = parsed
        if (plug := self.plugs.get(uuid)) is not None:
            plug.handle_message(message)
        else:
            self._discovery.handle_message(uuid, message)

    @callback
    def _subscribed(self) -> None:
        """Query the plugs, as replies arrive now; some starts call this twice."""
        self._query(plug for plug in self.plugs.values() if not plug.available)

    @callback
    def _connection_lost(self) -> None:
        """Mark every plug as unavailable: without a broker nothing is known."""
        self._stop_querying()
        for plug in self.plugs.values():
            plug.async_connection_lost()

    @callback
    def _core_config_changed(self, _event: Event) -> None:
        """Query every plug: the time zone may have changed."""
        self._query(self.plugs.values())

    def _store(self, plug: Plug, identity: Identity, key: str) -> None:
        """Store what changed of a plug; another key is applied as the entry changes."""
        async_update_subentry(self._hass, self._entry, plug.subentry_id, identity, key)

    @callback
    def _stop(self) -> None:
        self._stop_querying()
        self._discovery.has_hub = False
        self._discovery.hub_key = ""
        async_report_unknown_key(self._hass, [])

    def _query(self, plugs: Iterable[Plug]) -> None:
        self._stop_querying()
        self._querying = self._entry.async_create_background_task(
            self._hass, self._async_query(list(plugs)), "meross_local query"
        )

    def _stop_querying(self) -> None:
        if self._querying is not None:
            self._querying.cancel()
            self._querying = None

    async def _async_query(self, plugs: list[Plug]) -> None:
        self._discovery.async_requery()
        for number, plug in enumerate(plugs, start=1):
            plug.async_query_with_others()
            if number % QUERY_BATCH_SIZE == 0:
                await asyncio.sleep(QUERY_BATCH_INTERVAL)

    @callback
    def _tick(self, _now: datetime) -> None:
        self._last_minute.append(self._messages)
        self._messages = 0
        now = time.monotonic()
        any_available = any(plug.available for plug in self.plugs.values())
        for plug in self.plugs.values():
            if plug.due <= now:
                plug.async_tick(now, others_available=any_available)
        if (today := dt_util.now().date()) != self._today:
            self._today = today
            for plug in self.plugs.values():
                plug.async_day_changed()
        self._resolve_waiters()
        self._report_unknown_keys()

    def _resolve_waiters(self) -> None:
        for is_wanted, found in self._waiters:
            available = (plug for plug in self.plugs.values() if plug.available)
            plug = next(filter(is_wanted, available), None)
            if plug is not None and not found.done():
                found.set_result(plug)

    def _report_unknown_keys(self) -> None:
        unknown = islice(self._discovery.with_unknown_key, MAX_NAMED_PLUGS)
        labels = [plug.label for plug in unknown]
        if labels != self._reported:
            self._reported = labels
            async_report_unknown_key(self._hass, labels)

    @callback
    def _add_plug(self, plug: DiscoveredPlug) -> None:
        """Add the subentry of a discovered plug that is identified."""
        if plug.identity is not None and plug.key is not None:
            async_add_subentry(self._hass, self._entry, plug.identity, plug.key)

    @callback
    def _identity_changed(self, plug: Plug, system_all: SystemAll) -> None:
        """Store and show a plug's versions and account where they differ."""
        known = plug.identity
        identity = known.updated_from(system_all)
        if identity == known:
            return
        plug.identity = identity
        self._store(plug, identity, plug.key)
        dr.async_get(self._hass).async_get_or_create(
            config_entry_id=self._entry.entry_id,
            config_subentry_id=plug.subentry_id,
            identifiers={(DOMAIN, identity.uuid)},
            hw_version=identity.hardware,
            sw_version=identity.firmware,
        )

    async def _async_entry_changed(
        self, _hass: HomeAssistant, entry: MerossLocalConfigEntry
    ) -> None:
        """Apply what flows, discovery or a person changed in the entry."""
        key = entry.data.get(CONF_KEY, "")
        if key != self._discovery.hub_key:
            self._discovery.hub_key = key
            self.async_try_key(key)
        for plug in self._follow_subentries():
            for add in self._add_entities:
                add(plug)
            plug.async_query_with_others()

    def _follow_subentries(self) -> list[Plug]:
        """Make the plugs agree with the entry and its subentries; return new ones."""
        interval = self._entry.options.get(CONF_POWER_INTERVAL, DEFAULT_POWER_INTERVAL)
        plugs = {plug.subentry_id: plug for plug in self.plugs.values()}
        new = []
        for subentry_id, subentry in self._entry.subentries.items():
            key = subentry.data[CONF_KEY]
            if (plug := plugs.pop(subentry_id, None)) is None:
                identity = identity_from_subentry(subentry.data)
                plug = Plug(
                    self._hass, identity, key, subentry_id, self._identity_changed
                )
                self.plugs[identity.uuid] = plug
                self._discovery.async_remove(identity.uuid)
                new.append(plug)
            elif plug.key != key:
                plug.async_set_key(key)
        for plug in plugs.values():
            del self.plugs[plug.identity.uuid]
            async_delete_issues(self._hass, plug.subentry_id)
        for plug in self.plugs.values():
            plug.async_set_power_interval(interval)
        return new
