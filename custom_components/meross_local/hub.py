"""The hub of a config entry: routes what plugs say, and has one for each subentry."""

import asyncio
from collections.abc import Callable
from types import MappingProxyType
from typing import Final

from homeassistant.components import mqtt
from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant, callback

from .const import CONF_KEY
from .discovery import Newcomer, async_get_discovery
from .plug import Plug
from .records import identity_of, subentry_of
from .subscription import Subscription
from .transport import read

type MerossLocalConfigEntry = ConfigEntry[Hub]

# Plugs asked for their state in one go, and seconds until the next ones are: a
# thousand must not answer in one burst.
_BATCH: Final = 20
_PAUSE: Final = 0.05


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
        self._subscription = Subscription(
            hass, received=self._received, ready=self._ready, lost=self._lost
        )
        self._follow_subentries()

    async def async_start(self) -> None:
        """Hear the plugs until the entry is unloaded."""
        entry = self._entry
        entry.async_on_unload(entry.add_update_listener(self._async_entry_changed))
        entry.async_on_unload(self._discovery.async_listen(self._met))
        entry.async_on_unload(self._stop)
        self._discovery.hub_key = entry.data.get(CONF_KEY, "")
        await self._subscription.async_start()

    @callback
    def async_add_platform(self, add: Callable[[Plug], None]) -> None:
        """Call add for every plug, also for those to come."""
        self._adders.append(add)
        for plug in self.plugs.values():
            add(plug)

    @callback
    def _received(self, received: mqtt.ReceiveMessage) -> None:
        """Route a message: every message comes this way, and only this way."""
        if (heard := read(received)) is None:
            return
        uuid, message = heard
        if (plug := self.plugs.get(uuid)) is not None:
            plug.async_hear(message)
        else:
            self._discovery.async_hear(uuid, message)

    @callback
    def _ready(self) -> None:
        """Ask every plug, now that answers arrive."""
        self._stop_asking()
        self._asking = self._entry.async_create_background_task(
            self._hass, self._async_ask(), "meross_local ask"
        )

    @callback
    def _lost(self) -> None:
        """Show what is true without a broker: nothing is known."""
        self._stop_asking()
        for plug in self.plugs.values():
            plug.async_lose()

    @callback
    def _stop(self) -> None:
        self._subscription.async_stop()
        self._stop_asking()
        self._discovery.hub_key = None

    def _stop_asking(self) -> None:
        if self._asking is not None:
            self._asking.cancel()
            self._asking = None

    async def _async_ask(self) -> None:
        self._discovery.async_review()
        for number, plug in enumerate(list(self.plugs.values()), start=1):
            plug.async_ask()
            if number % _BATCH == 0:
                await asyncio.sleep(_PAUSE)

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

    async def _async_entry_changed(
        self, _hass: HomeAssistant, _entry: MerossLocalConfigEntry
    ) -> None:
        """Follow what flows and Home Assistant did to the subentries."""
        for plug in self._follow_subentries():
            for add in self._adders:
                add(plug)
            plug.async_ask()

    def _follow_subentries(self) -> list[Plug]:
        """Make the plugs agree with the subentries; return the new ones."""
        subentries = self._entry.subentries
        for plug in list(self.plugs.values()):
            if plug.subentry_id not in subentries:
                del self.plugs[plug.identity.uuid]
        known = {plug.subentry_id for plug in self.plugs.values()}
        new = [
            Plug(
                self._hass, identity_of(subentry.data), subentry.data[CONF_KEY], number
            )
            for number, subentry in subentries.items()
            if number not in known
        ]
        for plug in new:
            self.plugs[plug.identity.uuid] = plug
            self._discovery.async_forget(plug.identity.uuid)
        return new
