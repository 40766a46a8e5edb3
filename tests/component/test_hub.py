"""The hub adds plugs, queries all of them at once, and stores what changed of them."""

import time

import pytest

from tests.simulator import SimulatedPlug
from tests.simulator.namespaces import ABILITY, ALL, TOGGLE_X
from tests.simulator.payloads import system_all
from tests.support.clock import HOUR
from tests.support.entities import entity_id_of, state_of
from tests.support.entries import (
    device_names,
    device_of,
    names_of,
    reload_entry,
    set_up,
)
from tests.support.messages import build_message, build_toggle
from tests.support.mqtt import MqttBroker


async def test_plug_is_added_without_a_reload(broker: MqttBroker) -> None:
    first = SimulatedPlug("mss210", 1)
    entry = await set_up(broker, first)
    changed: list[str] = []
    broker.hass.bus.async_listen(
        "state_changed", lambda event: changed.append(event.data["entity_id"])
    )
    second = SimulatedPlug("mss425e", 2)
    broker.connect(second)
    await broker.advance(1)
    assert device_names(broker.hass, entry.entry_id) == names_of(first, second)
    assert state_of(broker, second, "outlet_1") == "off"
    # A reload would have shown it as unavailable for a while.
    assert entity_id_of(first) not in changed


async def test_hundred_silent_plugs_are_available_within_three_seconds(
    broker: MqttBroker,
) -> None:
    plugs = [SimulatedPlug("mss210", number) for number in range(100)]
    entry = await set_up(broker, *plugs)
    assert await broker.hass.config_entries.async_unload(entry.entry_id)
    for plug in plugs[::3]:
        plug.press()
    assert await broker.hass.config_entries.async_setup(entry.entry_id)
    await broker.advance(3)
    assert [state_of(broker, plug) for plug in plugs] == [
        "off" if number % 3 else "on" for number in range(100)
    ]


async def test_new_time_zone_is_sent_at_once_to_all_plugs(broker: MqttBroker) -> None:
    await broker.hass.config.async_update(time_zone="Europe/Berlin")
    plugs = [SimulatedPlug("mss310"), SimulatedPlug("mss210", 2)]
    await set_up(broker, *plugs)
    broker.sent.clear()
    await broker.hass.config.async_update(time_zone="Asia/Kolkata")
    await broker.advance(5)
    assert {plug.device.timezone for plug in plugs} == {"Asia/Kolkata"}
    assert {plug.device.utc_offset for plug in plugs} == {5.5 * HOUR}
    await broker.hass.config.async_update(location_name="Elsewhere")
    await broker.advance(5)
    assert [len(broker.sent_to(plug, "SET", "Time")) for plug in plugs] == [1, 1]


@pytest.mark.parametrize("model", ["mss210", "mss310"])
async def test_new_firmware_is_shown_after_the_restart_and_stored_once(
    broker: MqttBroker, model: str
) -> None:
    plug = SimulatedPlug(model)
    entry = await set_up(broker, plug)
    await broker.advance(10)
    before = device_of(broker.hass, entry.entry_id, plug)
    assert before.sw_version == plug.model.firmware
    plug.update("9.9.9")
    await broker.advance(10)
    after = device_of(broker.hass, entry.entry_id, plug)
    assert (after.id, after.sw_version) == (before.id, "9.9.9")
    assert after.connections == before.connections
    (subentry,) = entry.subentries.values()
    assert subentry.data["firmware"] == "9.9.9"
    await reload_entry(broker, entry)
    assert device_of(broker.hass, entry.entry_id, plug).sw_version == "9.9.9"

    # Unchanged, it is not stored again.
    broker.sent.clear()
    stored = entry.modified_at
    registered = device_of(broker.hass, entry.entry_id, plug).modified_at
    await broker.leap(13 * HOUR, step=60)
    assert len(broker.sent_to(plug, "GET", "All")) == 2
    assert entry.modified_at == stored
    assert device_of(broker.hass, entry.entry_id, plug).modified_at == registered


async def test_new_firmware_is_stored_however_often_it_is_described(
    broker: MqttBroker,
) -> None:
    """Descriptions that another controller requested count, too."""
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    plug.faults.reply_delay = 1
    plug.update("9.9.9")
    ability = {"ability": plug.model.ability}
    await broker.settle()
    # Its clock is another one since.
    broker.publish_as(plug, build_toggle(plug, 0))
    for namespace, payload in (
        (ABILITY, ability),
        (ALL, system_all(plug.device)),
        (ALL, system_all(plug.device)),
        (ABILITY, ability),
    ):
        broker.publish_as(plug, build_message(plug, namespace, "GETACK", payload))
        await broker.settle()
    await broker.advance(15)
    (subentry,) = entry.subentries.values()
    assert subentry.data["firmware"] == "9.9.9"


async def test_switch_follows_the_namespace_that_new_firmware_brings(
    broker: MqttBroker,
) -> None:
    plug = SimulatedPlug("mss210v1")
    await set_up(broker, plug)
    plug.update("2.0.0", abilities=[TOGGLE_X])
    await broker.advance(10)
    broker.publish_as(plug, build_toggle(plug, 1))
    await broker.settle()
    assert state_of(broker, plug) == "on"


async def test_plugs_get_the_right_time_when_the_clock_of_home_assistant_jumps(
    broker: MqttBroker,
) -> None:
    """A start without network time hands out a wrong one."""
    plugs = [SimulatedPlug("mss310"), SimulatedPlug("mss210", 2)]
    entry = await set_up(broker, *plugs)
    # A plug gets a correction every ten minutes at most.
    await broker.leap(601)
    for plug in plugs:
        plug.device.clock.set(int(time.time()) - 3 * HOUR)
    entry.runtime_data._clock_offset -= 3 * HOUR
    await broker.advance(5)
    for plug in plugs:
        assert abs(plug.device.clock.timestamp - time.time()) <= 2
