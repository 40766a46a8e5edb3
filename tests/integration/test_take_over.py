"""Add plug: what another integration, Meross LAN, knows is taken over with its keys."""

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from tests.simulator import SimulatedPlug

from .broker import Broker
from .steps import begin_adding, devices, names, set_up, state
from .wizard import add_plug


def known_there(hass: HomeAssistant, *plugs: SimulatedPlug) -> None:
    """Let Meross LAN have entries for plugs."""
    for plug in plugs:
        data = {"device_id": plug.uuid, "key": plug.key, "host": "192.0.2.20"}
        MockConfigEntry(domain="meross_lan", data=data).add_to_hass(hass)


async def test_it_is_offered_where_there_is_something(broker: Broker) -> None:
    entry = await set_up(broker)
    assert "meross_lan" not in (await begin_adding(broker, entry))["menu_options"]
    for data in (
        {},
        {"device_id": "profile", "key": "x"},
        {"device_id": 7},
        {"device_id": "g" * 40},
    ):
        MockConfigEntry(domain="meross_lan", data=data).add_to_hass(broker.hass)
    assert "meross_lan" not in (await begin_adding(broker, entry))["menu_options"]
    known_there(broker.hass, SimulatedPlug("mss210"))
    assert "meross_lan" in (await begin_adding(broker, entry))["menu_options"]


async def test_all_are_taken_over_with_their_keys(broker: Broker) -> None:
    plugs = [
        SimulatedPlug("mss210", 1, key="one"),
        SimulatedPlug("mss310", 2, key="two"),
        SimulatedPlug("mss210v1", 3, key=""),
    ]
    known_there(broker.hass, *plugs)
    entry = await set_up(broker)
    broker.add_silent(*plugs)
    wizard = await add_plug(broker, entry)
    await wizard.choose("meross_lan")
    assert wizard.shown == "meross_lan"
    assert wizard.words == {"count": "3"}
    assert not devices(broker.hass, entry.entry_id)
    await wizard.submit()
    assert wizard.shown == "taken_over"
    assert wizard.words["count"] == "3"
    assert devices(broker.hass, entry.entry_id) == names(*plugs)
    assert [state(broker, plug) for plug in plugs] == ["off"] * 3
    keys = {one.unique_id: one.data["key"] for one in entry.subentries.values()}
    assert keys == {plug.uuid: plug.key for plug in plugs}


async def test_those_that_are_not_on_the_broker_are_told(broker: Broker) -> None:
    known, here, away = (SimulatedPlug("mss210", n, key="own") for n in (1, 2, 3))
    known_there(broker.hass, known, here, away)
    entry = await set_up(broker, known, key="own")
    broker.add_silent(here)
    wizard = await add_plug(broker, entry)
    await wizard.choose("meross_lan")
    await wizard.submit()
    assert wizard.shown == "partly_taken_over"
    assert wizard.words == {"count": "2", "missing": f"…{away.uuid[-4:]}"}
    assert devices(broker.hass, entry.entry_id) == names(known, here)


async def test_where_none_is_there_nothing_is_added(broker: Broker) -> None:
    one, two = SimulatedPlug("mss210", 1), SimulatedPlug("mss210", 2)
    known_there(broker.hass, one, two)
    entry = await set_up(broker)
    wizard = await add_plug(broker, entry)
    await wizard.choose("meross_lan")
    await wizard.submit()
    assert wizard.shown == "partly_taken_over"
    assert wizard.words["count"] == "0"
    assert wizard.words["missing"] == f"…{one.uuid[-4:]}, …{two.uuid[-4:]}"
    assert not entry.subentries


@pytest.mark.parametrize("key", ["another", None])
async def test_a_wrong_or_missing_key_there_is_told_as_missing(
    broker: Broker, key: str | None
) -> None:
    plug = SimulatedPlug("mss210", key="own")
    data = {"device_id": plug.uuid, "key": key}
    MockConfigEntry(domain="meross_lan", data=data).add_to_hass(broker.hass)
    entry = await set_up(broker)
    broker.add_silent(plug)
    wizard = await add_plug(broker, entry)
    await wizard.choose("meross_lan")
    await wizard.submit()
    assert wizard.shown == "partly_taken_over"
    assert wizard.words["missing"] == f"…{plug.uuid[-4:]}"
    assert not entry.subentries


async def test_the_key_of_a_plug_that_works_is_not_touched(broker: Broker) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    data = {"device_id": plug.uuid, "key": "another"}
    MockConfigEntry(domain="meross_lan", data=data).add_to_hass(broker.hass)
    wizard = await add_plug(broker, entry)
    await wizard.choose("meross_lan")
    await wizard.submit()
    assert wizard.shown == "taken_over"
    (subentry,) = entry.subentries.values()
    assert subentry.data["key"] == "meross"
