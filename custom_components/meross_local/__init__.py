"""Meross Local: Meross smart plugs over the user's own MQTT broker."""

from typing import TYPE_CHECKING, Final

from homeassistant.components import mqtt
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ConfigEntryNotReady
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.device_registry import DeviceEntry
from homeassistant.helpers.importlib import async_import_module

from .const import DOMAIN
from .issues import async_delete_issues
from .new_plugs import async_remember_removed

if TYPE_CHECKING:
    from .hub import MerossLocalConfigEntry

CONFIG_SCHEMA = cv.config_entry_only_config_schema(DOMAIN)

PLATFORMS: Final = [Platform.SENSOR, Platform.SWITCH]


async def async_setup_entry(hass: HomeAssistant, entry: MerossLocalConfigEntry) -> bool:
    """Set up the hub; its entities exist before the first message arrives."""
    if not await mqtt.async_wait_for_mqtt_client(hass):
        raise ConfigEntryNotReady(
            translation_domain=DOMAIN, translation_key="mqtt_not_set_up"
        )
    # In another thread, and not before there is an entry: who only discovers plugs has
    # to reply at once. The flows import the hub.
    await async_import_module(hass, f"{__package__}.flows.add_plug")
    from .hub import Hub  # noqa: PLC0415 (see above)

    entry.runtime_data = Hub(hass, entry)
    await hass.config_entries.async_forward_entry_setups(entry, PLATFORMS)
    await entry.runtime_data.async_start()
    return True


async def async_unload_entry(
    hass: HomeAssistant, entry: MerossLocalConfigEntry
) -> bool:
    """Unload the platforms; the hub stops with the entry."""
    return await hass.config_entries.async_unload_platforms(entry, PLATFORMS)


async def async_remove_entry(
    hass: HomeAssistant, entry: MerossLocalConfigEntry
) -> None:
    """Delete the issues of the entry's plugs."""
    for subentry_id in entry.subentries:
        async_delete_issues(hass, subentry_id)


async def async_remove_config_entry_device(
    hass: HomeAssistant, entry: MerossLocalConfigEntry, device: DeviceEntry
) -> bool:
    """Remove a plug with its device; it stays away until a person adds it again."""
    for subentry_id, subentry in list(entry.subentries.items()):
        if (DOMAIN, subentry.unique_id) in device.identifiers:
            # The hub, where it is loaded, remembers that; without it the entry does.
            if entry.state is not ConfigEntryState.LOADED:
                async_remember_removed(hass, entry, str(subentry.unique_id))
            async_delete_issues(hass, subentry_id)
            hass.config_entries.async_remove_subentry(entry, subentry_id)
    return True
