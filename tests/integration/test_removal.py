"""A plug's device is deleted on its page; what nobody owns goes with it."""

from inspect import signature

from homeassistant.helpers import device_registry as dr
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.meross_local.const import DOMAIN
from tests.simulator import SimulatedPlug
from tests.support.entities import state_of
from tests.support.entries import (
    active_issues,
    device_names,
    device_of,
    names_of,
    set_up,
)
from tests.support.mqtt import MqttBroker


async def delete(
    broker: MqttBroker,
    websocket: WebSocketGenerator,
    entry: MockConfigEntry,
    device: dr.DeviceEntry,
) -> None:
    """Delete a device on its page."""
    assert await async_setup_component(broker.hass, "config", {})
    client = await websocket(broker.hass)
    # Before 2026.10 a device was removed from an entry, since then by itself.
    wanted = len(signature(client.remove_device).parameters)
    response = await client.remove_device(*(device.id, entry.entry_id)[:wanted])
    assert response["success"], response
    await broker.advance(1)


async def test_a_deleted_device_returns_when_its_plug_speaks(
    broker: MqttBroker, hass_ws_client: WebSocketGenerator
) -> None:
    plug, other = SimulatedPlug("mss210", 1), SimulatedPlug("mss210", 2)
    entry = await set_up(broker, plug, other)
    device = device_of(broker.hass, entry.entry_id, plug)
    await delete(broker, hass_ws_client, entry, device)
    assert device_names(broker.hass, entry.entry_id) == names_of(other)
    assert len(entry.subentries) == 1

    plug.press()
    await broker.advance(1)
    assert device_names(broker.hass, entry.entry_id) == names_of(plug, other)
    assert state_of(broker, plug) == "on"


async def test_its_repair_goes_with_it(
    broker: MqttBroker, hass_ws_client: WebSocketGenerator
) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    plug.reset()
    await broker.advance(1)
    assert active_issues(broker.hass)
    device = device_of(broker.hass, entry.entry_id, plug)
    await delete(broker, hass_ws_client, entry, device)
    assert not entry.subentries
    assert not active_issues(broker.hass)


async def test_a_device_that_is_no_plugs_is_deleted_alone(
    broker: MqttBroker, hass_ws_client: WebSocketGenerator
) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    stray = dr.async_get(broker.hass).async_get_or_create(
        config_entry_id=entry.entry_id, identifiers={(DOMAIN, "stray")}, name="Stray"
    )
    await delete(broker, hass_ws_client, entry, stray)
    assert device_names(broker.hass, entry.entry_id) == names_of(plug)
    assert len(entry.subentries) == 1
    assert state_of(broker, plug) == "off"


async def test_a_device_can_be_deleted_while_the_entry_is_not_loaded(
    broker: MqttBroker, hass_ws_client: WebSocketGenerator
) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    assert await broker.hass.config_entries.async_unload(entry.entry_id)
    device = device_of(broker.hass, entry.entry_id, plug)
    await delete(broker, hass_ws_client, entry, device)
    assert not entry.subentries
    assert not device_names(broker.hass, entry.entry_id)
