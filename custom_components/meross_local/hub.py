"""The hub of a config entry: routes messages, and has a plug for each subentry."""

from collections import deque
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from itertools import islice
from operator import attrgetter
import time
from typing import Final

from homeassistant.components import mqtt
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import EVENT_CORE_CONFIG_UPDATE, EVENT_HOMEASSISTANT_STOP
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.util import dt as dt_util

from .const import CONF_KEY, CONF_POWER_INTERVAL, DEFAULT_POWER_INTERVAL, DOMAIN
from .discovery import async_get_discovery
from .issues import MAX_NAMED_PLUGS, SharedIssue, SharedIssues, async_delete_issues
from .missing_plugs import MissingPlugs
from .new_plugs import NewPlugs
from .plug import Plug
from .query_batches import QueryBatches
from .subentry import async_store_plug, plug_from_subentry
from .transport.mqtt import parse_message
from .transport.subscription import Subscription

type MerossLocalConfigEntry = ConfigEntry[Hub]

# How often the plugs are checked: one timer for all.
TICK_INTERVAL: Final = timedelta(seconds=1)
# Queries in one check, the longest due first, while the rest waits: those of a thousand
# plugs that return together would block Home Assistant.
MAX_TICK_QUERIES: Final = 50
# Seconds by which Home Assistant's clock has to jump for the plugs to get the new time.
MIN_CLOCK_JUMP: Final = 5.0


class Hub:
    """All plugs of a config entry: one for each of its subentries."""

    def __init__(self, hass: HomeAssistant, entry: MerossLocalConfigEntry) -> None:
        """Create the plugs of the entry; nothing is subscribed to or sent yet."""
        self.plugs: dict[str, Plug] = {}
        self._hass = hass
        self._entry = entry
        self._key: str = entry.data.get(CONF_KEY, "")
        self._discovery = async_get_discovery(hass)
        self.new_plugs = NewPlugs(hass, entry, self._discovery)
        self._add_entities: list[Callable[[Plug], None]] = []
        self._batches = QueryBatches(hass, entry)
        self._issues = SharedIssues(hass)
        self._missing = MissingPlugs()
        self._connected_since = float("inf")
        self._clock_offset = time.time() - time.monotonic()
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
            discovery.async_add_listener(self.new_plugs.async_discovered),
            self._stop,
            async_track_time_interval(
                self._hass, self._tick, TICK_INTERVAL, name="meross_local tick"
            ),
            self._hass.bus.async_listen(
                EVENT_CORE_CONFIG_UPDATE, self._core_config_changed
            ),
            self._hass.bus.async_listen(EVENT_HOMEASSISTANT_STOP, self._stop_commands),
        ):
            entry.async_on_unload(stop)
        discovery.hub_keys = self._keys
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
            self._store(plug, key)
        discovered = self._discovery.async_try_key(key)
        self.new_plugs.async_want(*discovered)
        accepted = discovered.union(plug.identity.uuid for plug in matching)
        if accepted:
            # Home Assistant deletes the issue that the key was typed into.
            self._issues.async_report(SharedIssue.UNKNOWN_KEY, [])
        return accepted

    @callback
    def async_expect_key(self, uuid: str, key: str) -> None:
        """Prepare for a plug that a person adds, and that signs with this key."""
        self.new_plugs.async_want(uuid)
        if (plug := self.plugs.get(uuid)) is None:
            self._discovery.async_suggest_key(uuid, key)
        else:
            self._store(plug, key)

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
        self._connected_since = time.monotonic()
        self._query(plug for plug in self.plugs.values() if not plug.available)

    @callback
    def _connection_lost(self) -> None:
        """Mark every plug as unavailable: without a broker nothing is known."""
        self._connected_since = float("inf")
        self._batches.stop()
        for plug in self.plugs.values():
            plug.async_connection_lost()

    @callback
    def _core_config_changed(self, _event: Event) -> None:
        """Query every plug: the time zone may have changed."""
        self._query(self.plugs.values())

    def _store(self, plug: Plug, key: str) -> bool:
        """Store what changed of a plug; another key is applied as the entry changes.

        Returns False for a plug that was removed in this very moment.
        """
        if plug.subentry_id not in self._entry.subentries:
            return False
        async_store_plug(self._hass, self._entry, plug.identity, key)
        return True

    def _keys(self) -> list[str]:
        """Return the keys that plugs are set up with: each may be that of another."""
        return [self._key, *(plug.key for plug in self.plugs.values())]

    @callback
    def _stop_commands(self, _event: Event) -> None:
        """Cancel the commands that wait: Home Assistant would wait for them."""
        for plug in self.plugs.values():
            plug.async_stop()

    @callback
    def _stop(self) -> None:
        self._batches.stop()
        for plug in self.plugs.values():
            plug.async_close()
        self.new_plugs.async_stop()
        self._discovery.hub_keys = None
        self._issues.async_clear()

    def _query(self, plugs: Iterable[Plug]) -> None:
        self._discovery.async_requery()
        self._batches.start(plugs)

    @callback
    def _tick(self, _now: datetime) -> None:
        self._last_minute.append(self._messages)
        self._messages = 0
        now = time.monotonic()
        due = sorted(
            (plug for plug in self.plugs.values() if plug.due <= now),
            key=attrgetter("due"),
        )
        queries = 0
        for plug in due:
            if queries < MAX_TICK_QUERIES:
                queries += plug.async_tick(now)
        if (today := dt_util.now().date()) != self._today:
            self._today = today
            for plug in self.plugs.values():
                plug.async_day_changed()
        self._follow_clock(now)
        self._discovery.async_tick(now)
        missing = self._missing.find(self.plugs, self._connected_since, now)
        self._issues.async_report(SharedIssue.MISSING, missing)
        self._issues.async_report(SharedIssue.WAITING, self.new_plugs.waiting)
        unknown = islice(self._discovery.with_unknown_key, MAX_NAMED_PLUGS + 1)
        self._issues.async_report(
            SharedIssue.UNKNOWN_KEY, [plug.label for plug in unknown]
        )

    def _follow_clock(self, now: float) -> None:
        """Query every plug after the clock was set: they may have got a wrong time."""
        offset = time.time() - now
        if abs(offset - self._clock_offset) > MIN_CLOCK_JUMP:
            self._query(self.plugs.values())
        self._clock_offset = offset

    @callback
    def _plug_changed(self, plug: Plug) -> None:
        """Store and show a plug's identity and key where they changed."""
        if not self._store(plug, plug.key):
            return
        identity = plug.identity
        dr.async_get(self._hass).async_get_or_create(
            config_entry_id=self._entry.entry_id,
            config_subentry_id=plug.subentry_id,
            identifiers={(DOMAIN, identity.uuid)},
            hw_version=identity.hardware,
            sw_version=identity.firmware,
        )
        # A firmware update may have brought abilities and channels.
        for add in self._add_entities:
            add(plug)

    async def _async_entry_changed(
        self, _hass: HomeAssistant, entry: MerossLocalConfigEntry
    ) -> None:
        """Apply what flows, discovery or a person changed in the entry."""
        key = entry.data.get(CONF_KEY, "")
        if key != self._key:
            self._key = key
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
            if (known := plug_from_subentry(subentry.data)) is None:
                # Damaged in the storage: it is added anew as it is discovered.
                self.new_plugs.async_find(subentry)
                continue
            identity, key = known
            if (plug := plugs.pop(subentry_id, None)) is None:
                plug = Plug(
                    self._hass,
                    identity,
                    key,
                    self._entry.entry_id,
                    subentry_id,
                    changed=self._plug_changed,
                    other_keys=lambda: self._discovery.keys,
                )
                self.plugs[identity.uuid] = plug
                self._discovery.async_remove(identity.uuid)
                new.append(plug)
            elif plug.key != key:
                plug.async_set_key(key)
        for plug in plugs.values():
            plug.async_close()
            del self.plugs[plug.identity.uuid]
            self.new_plugs.async_removed(plug.identity.uuid)
            async_delete_issues(self._hass, plug.subentry_id)
        for plug in self.plugs.values():
            plug.async_set_power_interval(interval)
        return new
