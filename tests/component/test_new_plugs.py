"""Which discovered plugs add themselves, wait, or stay away."""

from unittest.mock import patch

import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.meross_local import new_plugs
from custom_components.meross_local.discovery import async_get_discovery
from custom_components.meross_local.meross.message import decode
from custom_components.meross_local.new_plugs import MAX_ADDED_PER_HOUR
from tests.simulator import SimulatedPlug
from tests.simulator.families import OTHER_FAMILIES
from tests.simulator.namespaces import ALL, TOGGLE_X
from tests.simulator.payloads import system_all
from tests.support.clock import HOUR
from tests.support.entries import (
    active_issues,
    device_names,
    names_of,
    reload_entry,
    remove_subentry,
    set_up,
)
from tests.support.flows import start_add_plug
from tests.support.messages import build_message, build_toggle
from tests.support.mqtt import MqttBroker
from tests.support.queries import count_queries
from tests.support.repairs import RepairPage


async def test_few_plugs_an_hour_add_themselves_and_others_wait_for_a_click(
    broker: MqttBroker, hass_client: ClientSessionGenerator
) -> None:
    entry = await set_up(broker)
    plugs = [SimulatedPlug("mss210", n) for n in range(MAX_ADDED_PER_HOUR + 3)]
    broker.connect(*plugs)
    await broker.advance(3)
    assert len(entry.subentries) == MAX_ADDED_PER_HOUR
    (issue,) = active_issues(broker.hass).values()
    assert issue.translation_key == "plugs_waiting"
    assert (issue.translation_placeholders or {})["count"] == "3"
    page = RepairPage(broker, hass_client, issue)
    step = await page.open()
    assert step["step_id"] == "confirm"
    assert (await page.confirm())["type"] == "create_entry"
    await broker.advance(2)
    assert device_names(broker.hass, entry.entry_id) == names_of(*plugs)
    assert not active_issues(broker.hass)


async def test_plug_that_waits_can_be_added_alone(broker: MqttBroker) -> None:
    entry = await set_up(broker)
    plug, other = SimulatedPlug("mss210", 1), SimulatedPlug("mss210", 2)
    with patch.object(new_plugs, "MAX_ADDED_PER_HOUR", 0):
        broker.connect(plug, other)
        await broker.advance(3)
        flow = await start_add_plug(broker, entry, "silent")
        await flow.submit(plug=plug.uuid)
    assert flow.abort_reason == "plug_added"
    assert device_names(broker.hass, entry.entry_id) == names_of(plug)


async def test_plug_that_waits_is_added_an_hour_later(broker: MqttBroker) -> None:
    entry = await set_up(broker)
    plugs = [SimulatedPlug("mss210", n) for n in range(MAX_ADDED_PER_HOUR + 1)]
    broker.connect(*plugs)
    await broker.advance(3)
    await broker.leap(HOUR, step=60)
    plugs[-1].press()
    await broker.advance(2)
    assert len(entry.subentries) == len(plugs)


async def test_confirmation_without_a_loaded_entry_is_aborted(
    broker: MqttBroker, hass_client: ClientSessionGenerator
) -> None:
    entry = await set_up(broker)
    with patch.object(new_plugs, "MAX_ADDED_PER_HOUR", 0):
        broker.connect(SimulatedPlug("mss210"))
        await broker.advance(3)
    (issue,) = active_issues(broker.hass).values()
    page = RepairPage(broker, hass_client, issue)
    await page.open()
    assert await broker.hass.config_entries.async_unload(entry.entry_id)
    assert (await page.confirm())["reason"] == "not_loaded"


@pytest.mark.parametrize("family", ["msl120", "msg100"])
async def test_what_is_no_plug_is_remembered_and_not_queried_again(
    broker: MqttBroker, family: str
) -> None:
    entry = await set_up(broker)
    device = SimulatedPlug(OTHER_FAMILIES[family])
    broker.connect(device)
    await broker.advance(8)
    assert not entry.subentries
    assert entry.runtime_data.discovered == 0
    assert entry.data["not_plugs"] == [device.uuid]
    await reload_entry(broker, entry)
    device.inbox.clear()
    for _ in range(3):
        broker.publish_as(device, build_toggle(device, 1))
        broker.publish_as(device, build_toggle(device, 1, key="another"))
        await broker.advance(10)
    assert not count_queries(device)
    assert not active_issues(broker.hass)
    flow = await start_add_plug(broker, entry, "silent")
    await flow.submit(plug=device.uuid)
    assert flow.errors == {"base": "not_a_plug"}


async def test_device_with_an_unknown_key_is_reported_if_it_sends_like_a_plug(
    broker: MqttBroker,
) -> None:
    await set_up(broker)
    device = SimulatedPlug("mss210")
    message = build_message(device, "Appliance.Hub.Online", "PUSH", {}, key="own")
    broker.publish_as(device, message)
    await broker.advance(2)
    assert not active_issues(broker.hass)
    broker.publish_as(device, build_message(device, TOGGLE_X, "PUSH", {}, key="own"))
    await broker.advance(2)
    assert active_issues(broker.hass)


async def test_plug_that_never_replies_to_ability_is_set_up(
    broker: MqttBroker,
) -> None:
    entry = await set_up(broker)
    plug = SimulatedPlug("mss210")
    plug.faults.unanswered.add("Appliance.System.Ability")
    broker.connect(plug)
    await broker.advance(20)
    assert device_names(broker.hass, entry.entry_id) == names_of(plug)
    discovery = async_get_discovery(broker.hass)
    assert not discovery.plugs


async def test_removed_plug_stays_away_after_a_reload(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    remove_subentry(broker, entry, plug)
    await broker.advance(1)
    broker.hass.config_entries.async_update_entry(
        entry, data={**entry.data, "removed": [*entry.data["removed"], 5]}
    )
    await reload_entry(broker, entry)
    broker.connect(plug)
    await broker.advance(5)
    assert not entry.subentries
    assert not active_issues(broker.hass)
    with patch.object(new_plugs, "MAX_ADDED_PER_HOUR", 0):
        entry.runtime_data.async_expect_key(plug.uuid, "meross")
        plug.press()
        await broker.advance(5)
    assert len(entry.subentries) == 1
    assert entry.data["removed"] == []


async def test_removed_plug_is_neither_queried_nor_counted(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    remove_subentry(broker, entry, plug)
    await broker.advance(1)
    plug.inbox.clear()
    for key in ("", "another"):
        plug.key = key
        plug.press()
        plug.power_on()
        await broker.advance(10)
    assert plug.is_bound
    assert not count_queries(plug)
    assert entry.runtime_data.discovered == 0
    assert not active_issues(broker.hass)


async def test_plug_that_changes_as_it_is_removed_stays_away(
    broker: MqttBroker,
) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    hub_plug = entry.runtime_data.plugs[plug.uuid]
    payload = system_all(plug.device)
    payload["all"]["system"]["hardware"]["version"] = "9.9.9"
    reply = build_message(plug, ALL, "GETACK", payload)
    remove_subentry(broker, entry, plug)
    hub_plug.handle_message(decode(reply))
    await broker.advance(2)
    assert not entry.subentries
