"""The status light and the overheat protection, as switches."""

import pytest

from tests.simulator import SimulatedPlug
from tests.simulator.namespaces import DND_MODE, OVER_TEMP
from tests.support.entities import call_switch, registry_entry_of, value_of
from tests.support.entries import set_up
from tests.support.messages import build_message
from tests.support.mqtt import MqttBroker

LIGHT = "status_light"
OVERHEAT = "overheat_protection"


@pytest.mark.parametrize(
    ("key", "attribute", "payloads"),
    [
        (LIGHT, "dnd_mode", [{"DNDMode": {"mode": 1}}, {"DNDMode": {"mode": 0}}]),
        (
            OVERHEAT,
            "overheat_protection",
            [{"overTemp": {"enable": 2}}, {"overTemp": {"enable": 1}}],
        ),
    ],
)
async def test_setting_is_switched_and_shown_without_a_query(
    broker: MqttBroker,
    key: str,
    attribute: str,
    payloads: list[dict[str, dict[str, int]]],
) -> None:
    plug = SimulatedPlug("mss305")
    await set_up(broker, plug)
    entity_id = registry_entry_of(broker, plug, key).entity_id
    plug.inbox.clear()
    broker.sent.clear()
    for state, payload in zip(("off", "on"), payloads, strict=True):
        await call_switch(broker, f"turn_{state}", entity_id)
        assert value_of(broker, plug, key) == state
        ((value,),) = (fields.values() for fields in payload.values())
        assert getattr(plug.device, attribute) == value
    sent = [sent for sent in broker.sent_to(plug) if sent.kind[0] == "SET"]
    assert [one.payload for one in sent] == payloads


async def test_change_by_another_client_is_shown_within_seven_minutes(
    broker: MqttBroker,
    plug: SimulatedPlug,
) -> None:
    plug.device.dnd_mode = 1
    plug.device.overheat_protection = 2
    await broker.leap(420)
    assert value_of(broker, plug, LIGHT) == "off"
    assert value_of(broker, plug, OVERHEAT) == "off"


async def test_push_is_shown_at_once(broker: MqttBroker, plug: SimulatedPlug) -> None:
    broker.publish_as(
        plug, build_message(plug, DND_MODE, "PUSH", {"DNDMode": {"mode": 1}})
    )
    await broker.settle()
    assert value_of(broker, plug, LIGHT) == "off"


async def test_setting_is_unavailable_until_its_query_has_a_reply(
    broker: MqttBroker,
) -> None:
    plug = SimulatedPlug("mss210")
    plug.faults.unanswered.add(OVER_TEMP)
    await set_up(broker, plug)
    await broker.leap(10)
    assert value_of(broker, plug, OVERHEAT) == "unavailable"
    assert value_of(broker, plug, LIGHT) == "on"
    plug.faults.unanswered.clear()
    await broker.leap(420)
    assert value_of(broker, plug, OVERHEAT) == "on"


async def test_setting_is_unavailable_without_a_broker_and_queried_after_that(
    broker: MqttBroker,
    plug: SimulatedPlug,
) -> None:
    broker.disconnect()
    await broker.settle()
    assert value_of(broker, plug, LIGHT) == "unavailable"
    plug.device.dnd_mode = 1
    broker.reconnect()
    await broker.advance(8)
    assert value_of(broker, plug, LIGHT) == "off"
