"""Set up, unload and remove the entry, its subentries and its devices."""

import asyncio
from inspect import signature
from types import MappingProxyType

from homeassistant.config_entries import ConfigEntryState, ConfigSubentry
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.meross_local.const import DOMAIN
from tests.simulator import SimulatedPlug
from tests.support.entities import entity_id_of, state_of, turn_on
from tests.support.entries import (
    active_issues,
    device_names,
    device_of,
    names_of,
    registry_entries,
    remove_subentry,
    set_up,
    subentry_id_of,
)
from tests.support.flows import start_add_plug
from tests.support.mqtt import MqttBroker


async def delete_device(
    broker: MqttBroker,
    websocket: WebSocketGenerator,
    entry: MockConfigEntry,
    device: dr.DeviceEntry,
) -> None:
    """Delete a device on its page."""
    assert await async_setup_component(broker.hass, "config", {})
    client = await websocket(broker.hass)
    # Before 2026.10 a device was removed from an entry, since then by itself.
    count = len(signature(client.remove_device).parameters)
    response = await client.remove_device(*(device.id, entry.entry_id)[:count])
    assert response["success"], response
    await broker.advance(1)


async def test_setup_fails_without_mqtt(hass: HomeAssistant) -> None:
    entry = MockConfigEntry(domain=DOMAIN)
    entry.add_to_hass(hass)
    # mqtt cannot be set up as a dependency without its entry either way.
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state in (ConfigEntryState.SETUP_RETRY, ConfigEntryState.SETUP_ERROR)


async def test_entry_of_the_first_release_is_set_up(broker: MqttBroker) -> None:
    """What 0.1.0 stored must be read by all later releases."""
    plug = SimulatedPlug("mss310")
    data = {
        "uuid": plug.uuid,
        "key": "meross",
        "mac": plug.mac,
        "model": "mss310",
        "hardware": "2.0.0",
        "firmware": "2.1.17",
        "abilities": "Appliance.Control.ToggleX Appliance.System.All",
        "channels": [0],
    }
    subentry = {
        "subentry_type": "plug",
        "title": f"MSS310 {plug.uuid[-4:]}",
        "unique_id": plug.uuid,
        "data": data,
    }
    entry = MockConfigEntry(domain=DOMAIN, data={}, subentries_data=[subentry])
    entry.add_to_hass(broker.hass)
    assert await broker.hass.config_entries.async_setup(entry.entry_id)
    await broker.settle()
    assert state_of(broker, plug) == "unavailable"
    # The first request is sent only when its reply can arrive.
    assert not broker.sent_to(plug)
    broker.connect_silent(plug)
    await broker.advance(1)
    assert state_of(broker, plug) == "off"
    assert device_names(broker.hass, entry.entry_id) == names_of(plug)


async def test_removed_entry_leaves_nothing(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss425e")
    entry = await set_up(broker, plug)
    await broker.hass.config_entries.async_remove(entry.entry_id)
    await broker.advance(1)
    assert not broker.hass.states.async_all("switch")
    assert not registry_entries(broker.hass, entry.entry_id)
    assert not device_names(broker.hass, entry.entry_id)
    broker.sent.clear()
    await broker.advance(120)
    assert not broker.sent_to(plug)


async def test_removed_subentry_removes_its_plug_alone(broker: MqttBroker) -> None:
    gone, stays = SimulatedPlug("mss210", 1), SimulatedPlug("mss210", 2)
    entry = await set_up(broker, gone, stays)
    gone.freeze()
    remove_subentry(broker, entry, gone)
    await broker.advance(1)
    assert device_names(broker.hass, entry.entry_id) == names_of(stays)
    assert state_of(broker, gone) is None
    assert state_of(broker, stays) == "off"


async def test_deleted_device_alone_is_removed_until_it_is_added_again(
    broker: MqttBroker, hass_ws_client: WebSocketGenerator
) -> None:
    plug, other = SimulatedPlug("mss210", 1), SimulatedPlug("mss210", 2)
    entry = await set_up(broker, plug, other)
    stray = dr.async_get(broker.hass).async_get_or_create(
        config_entry_id=entry.entry_id, identifiers={(DOMAIN, "stray")}, name="Stray"
    )
    await delete_device(broker, hass_ws_client, entry, stray)
    assert device_names(broker.hass, entry.entry_id) == names_of(plug, other)
    assert len(entry.subentries) == 2
    assert state_of(broker, plug) == "off"

    device = device_of(broker.hass, entry.entry_id, plug)
    await delete_device(broker, hass_ws_client, entry, device)
    assert device_names(broker.hass, entry.entry_id) == names_of(other)
    assert len(entry.subentries) == 1

    plug.press()
    broker.connect(plug)
    await broker.advance(5)
    assert device_names(broker.hass, entry.entry_id) == names_of(other)
    # Its connection is kept all the same.
    assert plug.is_bound
    flow = await start_add_plug(broker, entry, "silent")
    await flow.submit(plug=plug.uuid)
    assert flow.abort_reason == "plug_added"
    await broker.advance(5)
    assert device_names(broker.hass, entry.entry_id) == names_of(plug, other)
    assert state_of(broker, plug) == "on"


@pytest.mark.parametrize("is_loaded", [True, False])
async def test_subentry_and_issue_are_removed_with_the_device(
    broker: MqttBroker,
    hass_ws_client: WebSocketGenerator,
    is_loaded: bool,  # noqa: FBT001
) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    if is_loaded:
        plug.reset()
        await broker.advance(1)
        assert active_issues(broker.hass)
    else:
        assert await broker.hass.config_entries.async_unload(entry.entry_id)
    device = device_of(broker.hass, entry.entry_id, plug)
    await delete_device(broker, hass_ws_client, entry, device)
    assert not entry.subentries
    assert not device_names(broker.hass, entry.entry_id)
    assert not active_issues(broker.hass)


@pytest.mark.parametrize(
    "damage",
    [
        {"key": None},
        {"key": 5},
        {"channels": None},
        {"channels": []},
        {"channels": ["0"]},
        {"abilities": ["Appliance.Control.ToggleX"]},
        {"model": {}},
    ],
    ids=str,
)
async def test_damaged_subentry_stops_no_other_plug_and_is_stored_anew(
    broker: MqttBroker, damage: dict[str, object]
) -> None:
    plug, other = SimulatedPlug("mss210", 1), SimulatedPlug("mss210", 2)
    entry = await set_up(broker, plug, other)
    entries = broker.hass.config_entries
    assert await entries.async_unload(entry.entry_id)
    subentry = entry.subentries[subentry_id_of(entry, plug)]
    entries.async_update_subentry(entry, subentry, data={**subentry.data, **damage})
    assert await entries.async_setup(entry.entry_id)
    await broker.advance(8)
    assert state_of(broker, other) == "off"
    assert state_of(broker, plug) == "off"
    assert len(entry.subentries) == 2
    assert not active_issues(broker.hass)


async def test_subentry_without_a_uuid_is_left_alone(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    subentry = ConfigSubentry(
        data=MappingProxyType({}), subentry_type="plug", title="?", unique_id="?"
    )
    broker.hass.config_entries.async_add_subentry(entry, subentry)
    await broker.advance(2)
    assert state_of(broker, plug) == "off"


async def test_command_that_waits_is_cancelled_when_home_assistant_stops(
    broker: MqttBroker, caplog: pytest.LogCaptureFixture
) -> None:
    plug = SimulatedPlug("mss210")
    await set_up(broker, plug)
    plug.freeze()
    task = broker.hass.async_create_task(turn_on(broker, entity_id_of(plug)))
    await asyncio.sleep(0)
    broker.hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    await broker.settle()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert "WARNING" not in {record.levelname for record in caplog.records}


@pytest.mark.parametrize("outlet", ["outlet_1", "all_outlets"])
async def test_command_that_waits_ends_in_an_error_as_the_entry_is_unloaded(
    broker: MqttBroker, outlet: str
) -> None:
    """Also one for a whole strip, which waits for others of its moment."""
    strip = SimulatedPlug("mss425e")
    entry = await set_up(broker, strip)
    strip.freeze()
    data = {"entity_id": entity_id_of(strip, outlet)}
    command = broker.hass.async_create_task(
        broker.hass.services.async_call("switch", "turn_on", data, blocking=True)
    )
    await asyncio.sleep(0)
    await broker.hass.config_entries.async_unload(entry.entry_id)
    await broker.advance(0.1)
    assert command.done()
    with pytest.raises(HomeAssistantError, match="did not respond"):
        await command
