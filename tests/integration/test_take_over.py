"""Add plug: what another integration, Meross LAN, knows is taken over with its keys."""

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from tests.simulator import SimulatedPlug
from tests.support.entities import state_of
from tests.support.entries import device_names, names_of, set_up
from tests.support.flows import start_add_plug
from tests.support.mqtt import MqttBroker


def known_there(hass: HomeAssistant, *plugs: SimulatedPlug) -> None:
    """Let Meross LAN have entries for plugs."""
    for plug in plugs:
        data = {"device_id": plug.uuid, "key": plug.key, "host": "192.0.2.20"}
        MockConfigEntry(domain="meross_lan", data=data).add_to_hass(hass)


async def test_it_is_offered_where_there_is_something(broker: MqttBroker) -> None:
    entry = await set_up(broker)
    assert (
        "meross_lan" not in (await start_add_plug(broker, entry)).result["menu_options"]
    )
    for data in (
        {},
        {"device_id": "profile", "key": "x"},
        {"device_id": 7},
        {"device_id": "g" * 40},
    ):
        MockConfigEntry(domain="meross_lan", data=data).add_to_hass(broker.hass)
    assert (
        "meross_lan" not in (await start_add_plug(broker, entry)).result["menu_options"]
    )
    known_there(broker.hass, SimulatedPlug("mss210"))
    assert "meross_lan" in (await start_add_plug(broker, entry)).result["menu_options"]


async def test_all_are_taken_over_with_their_keys(broker: MqttBroker) -> None:
    plugs = [
        SimulatedPlug("mss210", 1, key="one"),
        SimulatedPlug("mss310", 2, key="two"),
        SimulatedPlug("mss210v1", 3, key=""),
    ]
    known_there(broker.hass, *plugs)
    entry = await set_up(broker)
    broker.connect_silent(*plugs)
    flow = await start_add_plug(broker, entry)
    await flow.choose("meross_lan")
    assert flow.step == "meross_lan"
    assert flow.placeholders == {"count": "3"}
    assert not device_names(broker.hass, entry.entry_id)
    await flow.submit()
    assert flow.step == "taken_over"
    assert flow.placeholders["count"] == "3"
    assert device_names(broker.hass, entry.entry_id) == names_of(*plugs)
    assert [state_of(broker, plug) for plug in plugs] == ["off"] * 3
    keys = {one.unique_id: one.data["key"] for one in entry.subentries.values()}
    assert keys == {plug.uuid: plug.key for plug in plugs}


async def test_those_that_are_not_on_the_broker_are_told(broker: MqttBroker) -> None:
    known, here, away = (SimulatedPlug("mss210", n, key="own") for n in (1, 2, 3))
    known_there(broker.hass, known, here, away)
    entry = await set_up(broker, known, key="own")
    broker.connect_silent(here)
    flow = await start_add_plug(broker, entry)
    await flow.choose("meross_lan")
    await flow.submit()
    assert flow.step == "partly_taken_over"
    assert flow.placeholders == {"count": "2", "missing": f"…{away.uuid[-4:]}"}
    assert device_names(broker.hass, entry.entry_id) == names_of(known, here)


async def test_where_none_is_there_nothing_is_added(broker: MqttBroker) -> None:
    one, two = SimulatedPlug("mss210", 1), SimulatedPlug("mss210", 2)
    known_there(broker.hass, one, two)
    entry = await set_up(broker)
    flow = await start_add_plug(broker, entry)
    await flow.choose("meross_lan")
    await flow.submit()
    assert flow.step == "partly_taken_over"
    assert flow.placeholders["count"] == "0"
    assert flow.placeholders["missing"] == f"…{one.uuid[-4:]}, …{two.uuid[-4:]}"
    assert not entry.subentries


@pytest.mark.parametrize("key", ["another", None])
async def test_a_wrong_or_missing_key_there_is_told_as_missing(
    broker: MqttBroker, key: str | None
) -> None:
    plug = SimulatedPlug("mss210", key="own")
    data = {"device_id": plug.uuid, "key": key}
    MockConfigEntry(domain="meross_lan", data=data).add_to_hass(broker.hass)
    entry = await set_up(broker)
    broker.connect_silent(plug)
    flow = await start_add_plug(broker, entry)
    await flow.choose("meross_lan")
    await flow.submit()
    assert flow.step == "partly_taken_over"
    assert flow.placeholders["missing"] == f"…{plug.uuid[-4:]}"
    assert not entry.subentries


async def test_the_key_of_a_plug_that_works_is_not_touched(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    data = {"device_id": plug.uuid, "key": "another"}
    MockConfigEntry(domain="meross_lan", data=data).add_to_hass(broker.hass)
    flow = await start_add_plug(broker, entry)
    await flow.choose("meross_lan")
    await flow.submit()
    assert flow.step == "taken_over"
    (subentry,) = entry.subentries.values()
    assert subentry.data["key"] == "meross"
