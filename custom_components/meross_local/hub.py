"""The hub of a config entry: routes what plugs say, and has one for each subentry."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import islice
import time
from types import MappingProxyType
from typing import Final

from homeassistant.components import mqtt
from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.const import EVENT_CORE_CONFIG_UPDATE
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.util import dt as dt_util

from .const import CONF_KEY, CONF_POWER_INTERVAL, DEFAULT_POWER_INTERVAL, DOMAIN
from .discovery import Newcomer, async_get_discovery
from .issues import async_clear, async_report_unknown_key
from .meross.model import SystemAll
from .plug import Plug
from .records import identity_of, subentry_of
from .subscription import Subscription
from .transport import read

type MerossLocalConfigEntry = ConfigEntry[Hub]

# Plugs asked for their state in one go, and seconds until the next ones are: a
# thousand must not answer in one burst.
_BATCH: Final = 20
_PAUSE: Final = 0.05

# How often the plugs' silence is looked at: one timer for all.
_LOOK: Final = timedelta(seconds=1)

# How many plugs with unknown keys are called by name.
_MOST_NAMES: Final = 3


class Hub:
    """All plugs of a config entry: one for each of its subentries."""

    def __init__(self, hass: HomeAssistant, entry: MerossLocalConfigEntry) -> None:
        """Know the plugs of the entry; nothing is heard or sent yet."""
        self.plugs: dict[str, Plug] = {}
        self._hass = hass
        self._entry = entry
        self._discovery = async_get_discovery(hass)
        self._adders: list[Callable[[Plug], None]] = []
        self._asking: asyncio.Task[None] | None = None
        # Who waits for a plug, until it is there.
        self._arrivals: list[tuple[Callable[[Plug], bool], asyncio.Future[Plug]]] = []
        # The new plugs with unknown keys that are reported; None to report anew.
        self._locked: list[str] | None = None
        self._today = dt_util.now().date()
        self._messages = 0
        self._strange = 0
        self._last_minute: deque[int] = deque(maxlen=60)
        self._subscription = Subscription(
            hass, received=self._received, ready=self._ready, lost=self._lost
        )
        self._follow_subentries()

    @property
    def messages_per_minute(self) -> int:
        """Return how many messages came in the last minute."""
        return sum(self._last_minute)

    @property
    def rejected(self) -> int:
        """Return how many messages were of no plug or not signed with its key."""
        plugs = self.plugs.values()
        return self._strange + sum(plug.journal.rejected for plug in plugs)

    @property
    def newcomers(self) -> int:
        """Return how many plugs spoke but are not set up."""
        return len(self._discovery.plugs)

    async def async_start(self) -> None:
        """Hear the plugs until the entry is unloaded."""
        entry = self._entry
        entry.async_on_unload(entry.add_update_listener(self._async_entry_changed))
        entry.async_on_unload(self._discovery.async_listen(self._met))
        entry.async_on_unload(self._stop)
        entry.async_on_unload(
            async_track_time_interval(
                self._hass, self._look, _LOOK, name="meross_local presence"
            )
        )
        entry.async_on_unload(
            self._hass.bus.async_listen(EVENT_CORE_CONFIG_UPDATE, self._moved)
        )
        self._discovery.hub_key = entry.data.get(CONF_KEY, "")
        entry.async_on_unload(await self._subscription.async_start())

    @callback
    def async_add_platform(self, add: Callable[[Plug], None]) -> None:
        """Call add for every plug, also for those to come."""
        self._adders.append(add)
        for plug in self.plugs.values():
            add(plug)

    @callback
    def async_try_key(self, key: str) -> set[str]:
        """Give the key to all plugs that sign with it and could not be believed so far.

        Returns their uuids; new plugs among them are set up as soon as they answer.
        """
        fitting = [plug for plug in self.plugs.values() if plug.last_signed_with(key)]
        for plug in fitting:
            self._use_key(plug, key)
        self._locked = None
        return {plug.identity.uuid for plug in fitting} | self._discovery.async_try_key(
            key
        )

    @callback
    def async_expect(self, uuid: str, key: str) -> None:
        """Be ready to believe a plug that is known to sign with this key."""
        if (plug := self.plugs.get(uuid)) is None:
            self._discovery.async_offer_key(uuid, key)
        else:
            self._use_key(plug, key)

    async def async_arrival(self, wanted: Callable[[Plug], bool]) -> Plug:
        """Wait until a plug that is wanted is there, and return it."""
        arrival: asyncio.Future[Plug] = self._hass.loop.create_future()
        self._arrivals.append((wanted, arrival))
        try:
            return await arrival
        finally:
            self._arrivals.remove((wanted, arrival))

    @callback
    def _received(self, received: mqtt.ReceiveMessage) -> None:
        """Route a message: every message comes this way, and only this way."""
        self._messages += 1
        if (heard := read(received)) is None:
            self._strange += 1
            return
        uuid, message = heard
        if (plug := self.plugs.get(uuid)) is not None:
            plug.async_hear(message)
        else:
            self._discovery.async_hear(uuid, message)

    @callback
    def _ready(self) -> None:
        """Ask the plugs, now that answers arrive: MQTT may say so twice at a start."""
        self._ask(plug for plug in self.plugs.values() if not plug.available)

    def _use_key(self, plug: Plug, key: str) -> None:
        """Keep another key for a plug; it takes it over as the entry changes."""
        subentry = self._entry.subentries[plug.subentry_id]
        self._hass.config_entries.async_update_subentry(
            self._entry, subentry, data={**subentry.data, CONF_KEY: key}
        )

    @callback
    def _moved(self, _event: Event) -> None:
        """Ask every plug: the time zone may be another one now."""
        self._ask(self.plugs.values())

    @callback
    def _lost(self) -> None:
        """Show what is true without a broker: nothing is known."""
        self._stop_asking()
        for plug in self.plugs.values():
            plug.async_lose()

    @callback
    def _stop(self) -> None:
        self._stop_asking()
        self._discovery.hub_key = None
        async_report_unknown_key(self._hass, [])

    def _ask(self, plugs: Iterable[Plug]) -> None:
        self._stop_asking()
        self._asking = self._entry.async_create_background_task(
            self._hass, self._async_ask(list(plugs)), "meross_local ask"
        )

    def _stop_asking(self) -> None:
        if self._asking is not None:
            self._asking.cancel()
            self._asking = None

    async def _async_ask(self, plugs: list[Plug]) -> None:
        self._discovery.async_review()
        for number, plug in enumerate(plugs, start=1):
            plug.async_ask_with_all()
            if number % _BATCH == 0:
                await asyncio.sleep(_PAUSE)

    @callback
    def _look(self, _now: datetime) -> None:
        self._last_minute.append(self._messages)
        self._messages = 0
        now = time.monotonic()
        any_works = any(plug.available for plug in self.plugs.values())
        for plug in self.plugs.values():
            if plug.due <= now:
                plug.async_check(now, others_work=any_works)
        if (today := dt_util.now().date()) != self._today:
            self._today = today
            for plug in self.plugs.values():
                plug.async_day_over()
        for wanted, arrival in self._arrivals:
            there = (plug for plug in self.plugs.values() if plug.available)
            found = next(filter(wanted, there), None)
            if found is not None and not arrival.done():
                arrival.set_result(found)
        locked = [plug.label for plug in islice(self._discovery.locked, _MOST_NAMES)]
        if locked != self._locked:
            self._locked = locked
            async_report_unknown_key(self._hass, locked)

    @callback
    def _met(self, newcomer: Newcomer) -> None:
        """Set up a plug that has told what it is."""
        if newcomer.identity is None or newcomer.key is None:
            return
        subentry = subentry_of(newcomer.identity, newcomer.key)
        self._hass.config_entries.async_add_subentry(
            self._entry,
            ConfigSubentry(
                data=MappingProxyType(subentry["data"]),
                subentry_type=subentry["subentry_type"],
                title=subentry["title"],
                unique_id=subentry["unique_id"],
            ),
        )

    @callback
    def _described(self, plug: Plug, said: SystemAll) -> None:
        """Keep in mind and show what a plug's firmware has become."""
        known = plug.identity
        identity = replace(
            known,
            hardware=said.hardware.version,
            firmware=said.firmware,
            user_id=said.user_id,
        )
        if identity == known:
            return
        plug.identity = identity
        self._hass.config_entries.async_update_subentry(
            self._entry,
            self._entry.subentries[plug.subentry_id],
            data=subentry_of(identity, plug.key)["data"],
        )
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
        """Follow what flows and Home Assistant did to the entry."""
        key = entry.data.get(CONF_KEY, "")
        if key != self._discovery.hub_key:
            self._discovery.hub_key = key
            self.async_try_key(key)
        for plug in self._follow_subentries():
            for add in self._adders:
                add(plug)
            plug.async_ask_with_all()

    def _follow_subentries(self) -> list[Plug]:
        """Make the plugs agree with the entry and its subentries; return new ones."""
        interval = self._entry.options.get(CONF_POWER_INTERVAL, DEFAULT_POWER_INTERVAL)
        plugs = {plug.subentry_id: plug for plug in self.plugs.values()}
        new = []
        for subentry_id, subentry in self._entry.subentries.items():
            key = subentry.data[CONF_KEY]
            if (plug := plugs.pop(subentry_id, None)) is None:
                identity = identity_of(subentry.data)
                plug = Plug(self._hass, identity, key, subentry_id, self._described)
                self.plugs[identity.uuid] = plug
                self._discovery.async_forget(identity.uuid)
                new.append(plug)
            elif plug.key != key:
                plug.async_use_key(key)
        for plug in plugs.values():
            del self.plugs[plug.identity.uuid]
            async_clear(self._hass, plug.subentry_id)
        for plug in self.plugs.values():
            plug.polling.use_power_interval(interval)
        return new
