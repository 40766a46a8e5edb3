"""A broker that anyone may publish to does not fill Home Assistant."""

import logging

import pytest

from custom_components.meross_local.const import DOMAIN
from custom_components.meross_local.discovery import (
    MAX_DISCOVERED_PLUGS,
    async_get_discovery,
)
from custom_components.meross_local.meross.message import decode
from tests.simulator import SimulatedPlug
from tests.simulator.namespaces import BIND
from tests.support.entities import state_of
from tests.support.entries import active_issues, device_names, names_of, set_up
from tests.support.flows import open_discovery
from tests.support.messages import build_message, build_toggle
from tests.support.mqtt import MqttBroker

INVENTED = [f"{number:032d}" for number in range(2200)]
"""UUIDs that no plug has."""
UNKNOWN_KEY = "unknown"


@pytest.mark.parametrize(
    ("key", "issues"), [(UNKNOWN_KEY, ["unknown_key"]), ("", [])], ids=str
)
async def test_invented_plugs_cause_one_issue_and_leave_room_for_real_ones(
    broker: MqttBroker, caplog: pytest.LogCaptureFixture, key: str, issues: list[str]
) -> None:
    plug, late = SimulatedPlug("mss210", 7), SimulatedPlug("mss210", 8)
    entry = await set_up(broker, plug)
    caplog.clear()
    message = build_toggle(plug, 1, key=key).decode()
    for number, uuid in enumerate(INVENTED):
        # MQTT discovery does not subscribe to this topic, and would be slow.
        broker.publish(f"/appliance/{uuid}/reply", message.replace(plug.uuid, uuid))
        if number % 200 == 0:
            await broker.settle()
    await broker.advance(1)
    assert list(active_issues(broker.hass)) == issues
    assert entry.runtime_data.discovered == MAX_DISCOVERED_PLUGS == 2048
    assert device_names(broker.hass, entry.entry_id) == names_of(plug)
    assert not [
        record
        for record in caplog.records
        if DOMAIN in record.name and record.levelno >= logging.INFO
    ]
    # Real plugs work as ever.
    plug.press()
    broker.connect(late)
    await broker.advance(1)
    await broker.block_till_done()
    assert device_names(broker.hass, entry.entry_id) == names_of(plug, late)
    assert (state_of(broker, plug), state_of(broker, late)) == ("on", "off")


async def test_identified_plug_is_not_evicted(broker: MqttBroker) -> None:
    """Also while its card waits: the unidentified ones make room."""
    plug = SimulatedPlug("mss210", 7)
    broker.connect(plug)
    await broker.block_till_done()
    discovery = async_get_discovery(broker.hass)
    message = decode(build_toggle(plug, 1, key=UNKNOWN_KEY))
    for uuid in INVENTED:
        discovery.handle_message(uuid, message)
    assert len(discovery.plugs) == MAX_DISCOVERED_PLUGS
    flow = await open_discovery(broker)
    await flow.submit()
    assert device_names(broker.hass, flow.result["result"].entry_id) == names_of(plug)


async def test_repeated_binds_are_acknowledged_and_stored_once(
    broker: MqttBroker,
) -> None:
    entry = await set_up(broker)
    plug = SimulatedPlug("mss210")
    for _ in range(50):
        broker.publish_as(
            plug, build_message(plug, BIND, "SET", {"bind": {}}, key=UNKNOWN_KEY)
        )
    await broker.advance(1)
    assert len(broker.sent_to(plug, "SETACK", "Bind")) == 50
    assert len(broker.sent_to(plug)) == 50
    # A Bind alone that describes no plug is none.
    assert entry.runtime_data.discovered == 0
    broker.publish_as(plug, build_toggle(plug, 1, key=UNKNOWN_KEY))
    await broker.advance(1)
    assert entry.runtime_data.discovered == 1
