"""Messages that anyone can sign, about plugs that are not set up."""

from typing import Any
from unittest.mock import patch

from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.meross_local import new_plugs
from custom_components.meross_local.discovery import async_get_discovery
from tests.simulator import SimulatedPlug
from tests.simulator.families import OTHER_FAMILIES
from tests.simulator.namespaces import ABILITY, ALL, BIND
from tests.simulator.payloads import bind, system_all
from tests.support.entries import (
    active_issues,
    device_names,
    names_of,
    reload_entry,
    set_up,
)
from tests.support.flows import discovery_flows, open_discovery, start_add_plug
from tests.support.messages import build_message, build_toggle
from tests.support.mqtt import MqttBroker
from tests.support.queries import count_queries
from tests.support.repairs import RepairPage


async def test_forged_message_does_not_hide_a_plug_with_an_unknown_key(
    broker: MqttBroker,
) -> None:
    await set_up(broker)
    plug = SimulatedPlug("mss210", key="own")
    broker.connect(plug)
    await broker.advance(2)
    assert list(active_issues(broker.hass)) == ["unknown_key"]
    for _ in range(3):
        broker.publish_as(plug, build_toggle(plug, 1, key=""))
        await broker.advance(2)
        assert list(active_issues(broker.hass)) == ["unknown_key"]


async def test_forged_message_does_not_hide_a_plug_that_does_not_reply(
    broker: MqttBroker,
) -> None:
    """Some firmware ignores a request with a wrong key."""
    await set_up(broker)
    plug = SimulatedPlug("mss210", key="own")
    plug.faults.drop_replies = 100
    broker.connect(plug)
    broker.publish_as(plug, build_toggle(plug, 1, key=""))
    await broker.advance(7)
    plug.press()
    await broker.advance(2)
    assert list(active_issues(broker.hass)) == ["unknown_key"]


async def test_forged_descriptions_hide_no_plug(broker: MqttBroker) -> None:
    """They reply to no query."""
    entry = await set_up(broker)
    plug = SimulatedPlug("mss210")
    plug.faults.reply_delay = 0.5
    broker.connect(plug)
    abilities: list[dict[str, Any]] = [{"Appliance.Control.Light": {}}, {}]
    for ability in abilities:
        payload = {"ability": ability}
        broker.publish_as(plug, build_message(plug, ABILITY, "GETACK", payload))
    await broker.advance(8)
    assert device_names(broker.hass, entry.entry_id) == names_of(plug)


async def test_description_with_an_unknown_key_identifies_nothing(
    broker: MqttBroker,
) -> None:
    entry = await set_up(broker)
    plug = SimulatedPlug("mss210", key="own")
    broker.connect(plug)
    broker.publish_as(plug, build_toggle(plug, 1, key=""))
    await broker.advance(2)
    for namespace, payload in (
        (ALL, system_all(plug.device)),
        (ABILITY, {"ability": plug.model.ability}),
    ):
        broker.publish_as(plug, build_message(plug, namespace, "GETACK", payload))
    await broker.advance(2)
    assert list(active_issues(broker.hass)) == ["unknown_key"]
    assert not entry.subentries


@pytest.mark.parametrize("keys", [("", "meross"), ("",), ("unknown", "")])
async def test_changing_signatures_cause_few_queries(
    broker: MqttBroker, keys: tuple[str, ...]
) -> None:
    await set_up(broker)
    plug = SimulatedPlug("mss210")
    plug.faults.drop_replies = 1000
    broker.connect_silent(plug)
    for _ in range(100):
        for key in keys:
            broker.publish_as(plug, build_toggle(plug, 1, key=key))
    await broker.settle()
    assert count_queries(plug).total() <= 4
    await broker.advance(20)
    assert count_queries(plug).total() <= 16


async def test_plug_that_was_set_up_anew_is_found_by_its_new_key(
    broker: MqttBroker,
) -> None:
    entry = await set_up(broker)
    plug = SimulatedPlug("mss210", key="own")
    broker.connect_silent(plug)
    flow = await start_add_plug(broker, entry, "silent")
    await flow.submit(plug=plug.uuid)
    assert flow.step == "key"
    broker.pair_again(plug, "meross")
    await broker.advance(8)
    assert device_names(broker.hass, entry.entry_id) == names_of(plug)


@pytest.mark.parametrize("replies", [True, False])
async def test_key_of_a_plug_is_requested_that_was_seen_before(
    broker: MqttBroker, *, replies: bool
) -> None:
    """A forged message does not end the wait."""
    entry = await set_up(broker)
    plug = SimulatedPlug("mss210", key="own")
    plug.faults.drop_replies = 0 if replies else 100
    plug.faults.reply_delay = 1
    broker.connect(plug)
    await broker.advance(2)
    flow = await start_add_plug(broker, entry, "silent")
    task = flow.start_submit(plug=plug.uuid)
    await broker.settle()
    broker.publish_as(plug, build_toggle(plug, 1, key="" if replies else "forged"))
    await broker.settle()
    assert not task.done()
    await broker.until(task)
    assert flow.step == "key"


async def test_card_goes_when_its_only_plug_is_none(broker: MqttBroker) -> None:
    device = SimulatedPlug(OTHER_FAMILIES["msg100"])
    payload = bind(device.device)
    payload["bind"]["hardware"]["type"] = "new100"
    device.faults.drop_replies = 2
    broker.attach(device)
    broker.publish_as(device, build_message(device, BIND, "SET", payload))
    await broker.block_till_done()
    assert len(discovery_flows(broker.hass)) == 1
    broker.connect(device)
    await broker.advance(15)
    await broker.block_till_done()
    assert not discovery_flows(broker.hass)


async def test_lamp_with_an_unknown_key_does_not_return_to_the_repairs(
    broker: MqttBroker,
) -> None:
    entry = await set_up(broker)
    lamp = SimulatedPlug(OTHER_FAMILIES["msl120"], key="own")
    broker.connect(lamp)
    await broker.advance(2)
    # A restart forgets what is not stored.
    async_get_discovery(broker.hass).async_remove(lamp.uuid)
    await reload_entry(broker, entry)
    lamp.press()
    await broker.advance(2)
    assert not active_issues(broker.hass)
    assert not entry.runtime_data.discovered


async def test_what_connects_as_a_plug_is_identified_again(broker: MqttBroker) -> None:
    """A forged Bind does not hide it for ever."""
    entry = await set_up(broker)
    plug = SimulatedPlug("mss210", key="own")
    lamp = bind(plug.device)
    lamp["bind"]["hardware"]["type"] = "msl120"
    payloads: list[dict[str, Any]] = [{"bind": {}}, lamp, {"bind": 5}, lamp]
    for payload in payloads:
        broker.publish_as(plug, build_message(plug, BIND, "SET", payload))
        await broker.advance(1)
    assert entry.data["not_plugs"] == [plug.uuid]
    broker.publish_as(plug, build_toggle(plug, 1))
    await broker.advance(2)
    assert not active_issues(broker.hass)
    broker.connect(plug)
    await broker.advance(2)
    assert list(active_issues(broker.hass)) == ["unknown_key"]


async def test_not_more_is_remembered_than_a_home_has(broker: MqttBroker) -> None:
    entry = await set_up(broker)
    lamp = SimulatedPlug(OTHER_FAMILIES["msl120"], key="own")
    message = build_message(lamp, BIND, "SET", bind(lamp.device)).decode()
    for number in range(300):
        uuid = f"{number:032d}"
        broker.publish(f"/appliance/{uuid}/reply", message.replace(lamp.uuid, uuid))
    await broker.settle()
    assert len(entry.data["not_plugs"]) == 256
    assert len(async_get_discovery(broker.hass).not_plugs) == 256
    assert not entry.runtime_data.discovered


async def test_plugs_that_a_person_chose_are_not_held_back(
    broker: MqttBroker, hass_client: ClientSessionGenerator
) -> None:
    """Neither those of the card nor those whose key was typed."""
    first, slow = SimulatedPlug("mss210", 1), SimulatedPlug("mss210", 2)
    locked = SimulatedPlug("mss210", 3, key="own")
    slow.faults.drop_replies = 1
    with patch.object(new_plugs, "MAX_ADDED_PER_HOUR", 0):
        broker.connect(first, slow, locked)
        await broker.block_till_done()
        flow = await open_discovery(broker)
        await flow.submit()
        entry_id = flow.result["result"].entry_id
        await broker.advance(8)
        slow.press()
        await broker.advance(2)
        assert device_names(broker.hass, entry_id) == names_of(first, slow)
        (issue,) = ir.async_get(broker.hass).issues.values()
        page = RepairPage(broker, hass_client, issue)
        await page.open()
        await page.submit("own")
        await broker.advance(2)
        assert device_names(broker.hass, entry_id) == names_of(first, slow, locked)
        assert not active_issues(broker.hass)


async def test_repeated_descriptions_count_as_one_plug(broker: MqttBroker) -> None:
    entry = await set_up(broker)
    plug, other = SimulatedPlug("mss210", 1), SimulatedPlug("mss210", 2)
    with patch.object(new_plugs, "MAX_ADDED_PER_HOUR", 2):
        plug.faults.double_sent = 100
        broker.connect(plug)
        for _ in range(20):
            payload = system_all(plug.device)
            broker.publish_as(plug, build_message(plug, ALL, "GETACK", payload))
        await broker.advance(2)
        broker.connect(other)
        await broker.advance(2)
    assert device_names(broker.hass, entry.entry_id) == names_of(plug, other)
