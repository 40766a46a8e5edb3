"""A broker that anyone may write to does not fill Home Assistant."""

import logging

import pytest

from custom_components.meross_local.const import DOMAIN
from custom_components.meross_local.discovery import async_get_discovery
from custom_components.meross_local.meross.message import decode
from tests.simulator import SimulatedPlug
from tests.simulator.namespaces import BIND, TOGGLE_X
from tests.support.entities import state_of
from tests.support.entries import active_issues, device_names, names_of, set_up
from tests.support.flows import open_discovery
from tests.support.messages import build_message
from tests.support.mqtt import MqttBroker

FLOOD = 3_000
STATE = {"togglex": [{"channel": 0, "onoff": 1, "lmTime": 1}]}


def invented(number: int) -> str:
    """Return a uuid that no plug has."""
    return f"{number:032d}"


async def flood(broker: MqttBroker, *, key: str) -> None:
    """Let as many plugs speak as there are none, all signing with a key."""
    plug = SimulatedPlug("mss210")
    message = build_message(plug, TOGGLE_X, "PUSH", STATE, key=key).decode()
    for number in range(FLOOD):
        uuid = invented(number)
        # Where Home Assistant's discovery does not listen, which is slow.
        broker.publish(f"/appliance/{uuid}/reply", message.replace(plug.uuid, uuid))
        if number % 200 == 0:
            await broker.settle()
    await broker.advance(1)


async def test_invented_plugs_make_one_repair_no_device_and_no_line_in_the_log(
    broker: MqttBroker, caplog: pytest.LogCaptureFixture
) -> None:
    plug = SimulatedPlug("mss210", 7)
    entry = await set_up(broker, plug)
    caplog.clear()
    caplog.set_level(logging.INFO, f"custom_components.{DOMAIN}")
    await flood(broker, key="nobody's")
    assert list(active_issues(broker.hass)) == ["unknown_key"]
    assert entry.runtime_data.newcomers == 2_048
    assert device_names(broker.hass, entry.entry_id) == names_of(plug)
    assert not [record for record in caplog.records if DOMAIN in record.name]
    # The plug that is one works as ever.
    plug.press()
    await broker.settle()
    assert state_of(broker, plug) == "on"


async def test_only_so_many_are_remembered_and_a_real_one_finds_room(
    broker: MqttBroker,
) -> None:
    """Those with a key that is known are asked, too: it takes no more than that."""
    entry = await set_up(broker)
    await flood(broker, key="")
    assert entry.runtime_data.newcomers == 2_048
    plug = SimulatedPlug("mss210", 7)
    broker.connect(plug)
    await broker.advance(1)
    await broker.block_till_done()
    assert device_names(broker.hass, entry.entry_id) == names_of(plug)
    assert state_of(broker, plug) == "off"


async def test_a_plug_that_told_what_it_is_keeps_its_place(broker: MqttBroker) -> None:
    """Also while the card waits for a click: the room is made by strangers."""
    plug = SimulatedPlug("mss210", 7)
    broker.connect(plug)
    await broker.block_till_done()
    discovery = async_get_discovery(broker.hass)
    message = decode(build_message(plug, TOGGLE_X, "PUSH", STATE, key="nobody's"))
    for number in range(FLOOD):
        discovery.async_hear(invented(number), message)
    assert len(discovery.plugs) == 2_048
    flow = await open_discovery(broker)
    await flow.submit()
    assert device_names(broker.hass, flow.result["result"].entry_id) == names_of(plug)


async def test_many_binds_of_one_invented_plug_are_answered_and_remembered_once(
    broker: MqttBroker,
) -> None:
    entry = await set_up(broker)
    plug = SimulatedPlug("mss210")
    for _ in range(50):
        broker.publish_as(
            plug, build_message(plug, BIND, "SET", {"bind": {}}, key="nobody's")
        )
    await broker.advance(1)
    assert len(broker.sent_to(plug, "SETACK", "Bind")) == 50
    assert len(broker.sent_to(plug)) == 50
    assert entry.runtime_data.newcomers == 1
