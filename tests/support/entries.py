"""The config entry of the integration, its devices and its repair issues."""

from typing import Final
from unittest.mock import patch

from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.meross_local import new_plugs
from custom_components.meross_local.const import DOMAIN
from custom_components.meross_local.meross.identity import Identity
from custom_components.meross_local.meross.model import parse_all
from custom_components.meross_local.subentry import subentry_from_identity
from tests.simulator import SimulatedPlug
from tests.simulator.payloads import system_all

from .mqtt import MqttBroker

POLL_TIME: Final = 12
"""Seconds until a plug that became available was polled for everything."""


async def set_up(
    broker: MqttBroker, *plugs: SimulatedPlug, key: str | None = None
) -> MockConfigEntry:
    """Set up an entry without plugs, and connect plugs, which are added."""
    data = {} if key is None else {"key": key}
    entry = MockConfigEntry(domain=DOMAIN, title="Meross Local", data=data)
    entry.add_to_hass(broker.hass)
    assert await broker.hass.config_entries.async_setup(entry.entry_id)
    await broker.advance(1)
    with patch.object(new_plugs, "MAX_ADDED_PER_HOUR", len(plugs) + 10):
        broker.connect(*plugs)
        await broker.advance(POLL_TIME if plugs else 1)
    await broker.block_till_done()
    return entry


async def reload_entry(broker: MqttBroker, entry: MockConfigEntry) -> None:
    """Reload the entry, and let its plugs respond."""
    assert await broker.hass.config_entries.async_reload(entry.entry_id)
    await broker.advance(3)
    await broker.block_till_done()


def subentry_data_of(plug: SimulatedPlug) -> ConfigSubentryData:
    """Return the data that an entry stores of a plug."""
    abilities = frozenset(plug.model.ability)
    identity = Identity.of(plug.uuid, parse_all(system_all(plug.device)), abilities)
    return subentry_from_identity(identity, plug.key)


def device_names(hass: HomeAssistant, entry_id: str) -> set[str]:
    """Return the names of all devices of an entry."""
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry_id)
    return {device.name or "" for device in devices}


def device_of(
    hass: HomeAssistant, entry_id: str, plug: SimulatedPlug
) -> dr.DeviceEntry:
    """Return the device of a plug."""
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), entry_id)
    (device,) = [one for one in devices if (DOMAIN, plug.uuid) in one.identifiers]
    return device


def registry_entries(hass: HomeAssistant, entry_id: str) -> list[er.RegistryEntry]:
    """Return all registered entities of an entry."""
    return er.async_entries_for_config_entry(er.async_get(hass), entry_id)


def names_of(*plugs: SimulatedPlug) -> set[str]:
    """Return the names that the devices of plugs get."""
    return {f"{plug.model.type.upper()} {plug.uuid[-4:]}" for plug in plugs}


def label_of(plug: SimulatedPlug) -> str:
    """Return the name of a plug that is discovered but not set up."""
    return f"{plug.model.type.upper()} …{plug.uuid[-4:]}"


def subentry_id_of(entry: MockConfigEntry, plug: SimulatedPlug) -> str:
    """Return the ID of the subentry of a plug."""
    subentries = entry.subentries.values()
    (found,) = [one for one in subentries if one.unique_id == plug.uuid]
    return str(found.subentry_id)


def remove_subentry(
    broker: MqttBroker, entry: MockConfigEntry, plug: SimulatedPlug
) -> None:
    """Remove a plug as its owner does; the hub follows in the next turn."""
    subentry_id = subentry_id_of(entry, plug)
    broker.hass.config_entries.async_remove_subentry(entry, subentry_id)


def keys_of(entry: MockConfigEntry) -> dict[str | None, str]:
    """Return the stored keys of plugs by their uuids."""
    return {one.unique_id: one.data["key"] for one in entry.subentries.values()}


def active_issues(hass: HomeAssistant) -> dict[str, ir.IssueEntry]:
    """Return the active repair issues by translation key and plug."""
    active = {}
    for issue in ir.async_get(hass).issues.values():
        if issue.domain == DOMAIN and issue.active:
            plug = (issue.translation_placeholders or {}).get("plug", "")
            active[f"{issue.translation_key} {plug}".strip()] = issue
    return active
