"""Add plug: the plugs of another integration, Meross LAN, are imported."""

from collections.abc import Mapping

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from tests.simulator import SimulatedPlug
from tests.support.entities import state_of
from tests.support.entries import device_names, keys_of, names_of, set_up
from tests.support.flows import FlowDriver, start_add_plug
from tests.support.mqtt import MqttBroker


def add_entries(hass: HomeAssistant, *plugs: SimulatedPlug) -> None:
    """Add entries of Meross LAN for plugs."""
    for plug in plugs:
        add_entry(hass, {"device_id": plug.uuid, "key": plug.key, "host": "192.0.2.20"})


def add_entry(hass: HomeAssistant, data: Mapping[str, object]) -> None:
    """Add an entry of Meross LAN."""
    MockConfigEntry(domain="meross_lan", data=data).add_to_hass(hass)


async def import_plugs(broker: MqttBroker, entry: MockConfigEntry) -> FlowDriver:
    """Import what Meross LAN has."""
    flow = await start_add_plug(broker, entry, "meross_lan")
    assert flow.step == "meross_lan"
    await flow.submit()
    return flow


async def test_import_is_offered_where_there_are_plugs(broker: MqttBroker) -> None:
    entry = await set_up(broker)
    options = ["on_wifi", "new", "silent"]
    flow = await start_add_plug(broker, entry)
    assert flow.result["menu_options"] == options
    for data in (
        {},
        {"device_id": "profile", "key": "x"},
        {"device_id": 7},
        {"device_id": "g" * 40},
    ):
        add_entry(broker.hass, data)
    flow = await start_add_plug(broker, entry)
    assert flow.result["menu_options"] == options
    add_entries(broker.hass, SimulatedPlug("mss210"))
    flow = await start_add_plug(broker, entry)
    assert flow.result["menu_options"] == [*options, "meross_lan"]


async def test_all_plugs_are_imported_with_their_keys(broker: MqttBroker) -> None:
    plugs = [
        SimulatedPlug("mss210", 1, key="one"),
        SimulatedPlug("mss310", 2, key="two"),
        SimulatedPlug("mss210v1", 3, key=""),
    ]
    add_entries(broker.hass, *plugs)
    entry = await set_up(broker)
    broker.connect_silent(*plugs)
    flow = await start_add_plug(broker, entry, "meross_lan")
    assert flow.placeholders == {"count": "3"}
    assert not device_names(broker.hass, entry.entry_id)
    await flow.submit()
    assert flow.abort_reason == "taken_over"
    assert flow.placeholders["count"] == "3"
    assert device_names(broker.hass, entry.entry_id) == names_of(*plugs)
    assert [state_of(broker, plug) for plug in plugs] == ["off"] * 3
    assert keys_of(entry) == {plug.uuid: plug.key for plug in plugs}


async def test_plugs_that_are_not_on_the_broker_are_named(broker: MqttBroker) -> None:
    known, here, *away = (SimulatedPlug("mss210", n, key="own") for n in range(4))
    add_entries(broker.hass, known, here, *away)
    entry = await set_up(broker, known, key="own")
    broker.connect_silent(here)
    flow = await import_plugs(broker, entry)
    assert flow.abort_reason == "partly_taken_over"
    missing = ", ".join(f"…{plug.uuid[-4:]}" for plug in away)
    assert flow.placeholders == {"count": "2", "missing": missing}
    assert device_names(broker.hass, entry.entry_id) == names_of(known, here)


@pytest.mark.parametrize("key", ["another", None])
async def test_plug_with_a_wrong_key_is_not_imported(
    broker: MqttBroker, key: str | None
) -> None:
    plug = SimulatedPlug("mss210", key="own")
    add_entry(broker.hass, {"device_id": plug.uuid, "key": key})
    entry = await set_up(broker)
    broker.connect_silent(plug)
    flow = await import_plugs(broker, entry)
    assert flow.abort_reason == "partly_taken_over"
    assert flow.placeholders == {"count": "0", "missing": f"…{plug.uuid[-4:]}"}
    assert not entry.subentries


async def test_key_of_a_plug_that_works_is_kept(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    add_entry(broker.hass, {"device_id": plug.uuid, "key": "another"})
    flow = await import_plugs(broker, entry)
    assert flow.abort_reason == "taken_over"
    assert keys_of(entry) == {plug.uuid: "meross"}
