"""Plugs of public reports are found, named, shown and switched."""

from homeassistant.helpers import entity_registry as er
import pytest

from tests.fixtures import load
from tests.support.entities import turn_on
from tests.support.entries import device_names, set_up
from tests.support.mqtt import MqttBroker
from tests.support.replayed import ReplayedPlug

TOGGLE = "Appliance.Control.Toggle"
TOGGLE_X = "Appliance.Control.ToggleX"


@pytest.mark.parametrize(
    ("case", "name", "toggle", "channels"),
    [
        ("c01", "MSP844 0001", TOGGLE_X, 6),
        ("c03", "WP110B 0003", TOGGLE_X, 1),
        ("c10", "MSS620 000a", TOGGLE_X, 3),
        ("c12", "MSS305 000c", TOGGLE_X, 1),
        ("c17", "MSS210 0011", TOGGLE_X, 1),
        ("c18", "MSS310 0012", TOGGLE_X, 1),
        ("c24", "MSS110 0018", TOGGLE, 1),
        ("c34", "MSS425E 0022", TOGGLE_X, 5),
    ],
)
async def test_plug_of_a_report_is_set_up_and_switched(
    broker: MqttBroker, case: str, name: str, toggle: str, channels: int
) -> None:
    entry = await set_up(broker)
    plug = ReplayedPlug(broker, load(f"field_{case}")["messages"])
    plug.payloads.setdefault("Appliance.System.Ability", {"ability": {toggle: {}}})
    plug.replay()
    await broker.advance(40)
    await broker.block_till_done()
    assert device_names(broker.hass, entry.entry_id) == {name}
    entities = [
        one.entity_id
        for one in er.async_entries_for_config_entry(
            er.async_get(broker.hass), entry.entry_id
        )
        if one.domain == "switch" and one.unique_id.split("_")[-1].isdecimal()
    ]
    assert len(entities) == channels
    plug.payloads.clear()
    key = toggle.rpartition(".")[2].lower()
    plug.publish(toggle, "PUSH", {key: {"channel": channels - 1, "onoff": 0}})
    await broker.advance(1)
    last = max(entities) if channels == 1 else None
    if last is not None:
        state = broker.hass.states.get(last)
        assert state is not None
        assert state.state == "off"
        await turn_on(broker, last)
        commands = [
            one for one in plug.commands if one["header"]["namespace"] == toggle
        ]
        assert commands
