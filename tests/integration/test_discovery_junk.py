"""What is not a plug's message makes no card, no answer and no line in the log."""

import json
import logging
from typing import Any

from homeassistant.config_entries import SOURCE_MQTT
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.service_info.mqtt import MqttServiceInfo
import pytest

from custom_components.meross_local.const import DOMAIN
from tests.simulator import SimulatedPlug
from tests.simulator.namespaces import ALL, BIND, TOGGLE_X
from tests.simulator.wire import sign
from tests.support.entries import set_up
from tests.support.flows import discovery_flows
from tests.support.messages import build_message
from tests.support.mqtt import MqttBroker

PLUG = SimulatedPlug("mss210")
TOPIC = PLUG.device.identity.speaks_on
STATE: dict[str, Any] = {"togglex": [{"channel": 0, "onoff": 1, "lmTime": 1}]}
GOOD = build_message(PLUG, TOGGLE_X, "PUSH", STATE, at=1700000000).decode()
ID = "0" * 32


def with_header(**members: object) -> str:
    """Return the good message with other members in its header."""
    message = json.loads(GOOD)
    message["header"] |= members
    return json.dumps(message)


JUNK: dict[str, tuple[str, str | bytes, bool]] = {
    "no JSON": (TOPIC, "hello", False),
    "nothing": (TOPIC, "", False),
    "other JSON": (TOPIC, '{"state": "ON"}', False),
    "a list": (TOPIC, "[]", False),
    "a number": (TOPIC, "7", False),
    "binary": (TOPIC, b"\x00\xff\xfe", False),
    "a megabyte": (TOPIC, '{"header":"' + "x" * 1_000_000 + '"}', False),
    "deep nesting": (TOPIC, '{"header":' * 1_600, False),
    "deep nesting that ends": (TOPIC, "[" * 8_000 + "]" * 8_000, False),
    "a retained echo": (TOPIC, GOOD, True),
    "a uuid in capitals": (TOPIC.replace("2", "A"), GOOD, False),
    "a uuid that is too short": (TOPIC.replace(PLUG.uuid, PLUG.uuid[1:]), GOOD, False),
    "a uuid that is too long": (TOPIC.replace(PLUG.uuid, PLUG.uuid + "0"), GOOD, False),
    "meross_lan's topic": ("/appliance/meross_lan/publish", GOOD, False),
    "another uuid in the header": (TOPIC, with_header(uuid="0" * 32), False),
    "a controller's GET": (TOPIC, with_header(method="GET"), False),
    "a controller's SET": (TOPIC, with_header(method="SET"), False),
    "an unknown method": (TOPIC, with_header(method="YELL"), False),
}


@pytest.mark.parametrize(("topic", "payload", "retain"), JUNK.values(), ids=JUNK)
async def test_the_flow_is_aborted(
    broker: MqttBroker,
    topic: str,
    payload: str | bytes,
    retain: bool,  # noqa: FBT001
) -> None:
    message = MqttServiceInfo(
        topic=topic,
        payload=payload,
        qos=0,
        retain=retain,
        subscribed_topic="/appliance/+/publish",
        timestamp=0.0,
    )
    result = await broker.hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_MQTT}, data=message
    )
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "not_a_plug"


def loud(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what we logged above debug."""
    return [
        record.getMessage()
        for record in caplog.records
        if DOMAIN in record.name and record.levelno > logging.DEBUG
    ]


@pytest.mark.parametrize(("topic", "payload", "retain"), JUNK.values(), ids=JUNK)
async def test_without_an_entry_nothing_happens(
    broker: MqttBroker,
    caplog: pytest.LogCaptureFixture,
    topic: str,
    payload: str | bytes,
    retain: bool,  # noqa: FBT001
) -> None:
    broker.publish(topic, payload, retain=retain)
    await broker.block_till_done()
    assert not discovery_flows(broker.hass)
    assert not broker.sent
    assert not loud(caplog)


@pytest.mark.parametrize(("topic", "payload", "retain"), JUNK.values(), ids=JUNK)
async def test_with_an_entry_nothing_happens(
    broker: MqttBroker,
    caplog: pytest.LogCaptureFixture,
    topic: str,
    payload: str | bytes,
    retain: bool,  # noqa: FBT001
) -> None:
    entry = await set_up(broker)
    broker.sent.clear()
    for _ in range(3):
        broker.publish(topic, payload, retain=retain)
    await broker.advance(1)
    assert not entry.subentries
    assert not broker.sent
    assert not loud(caplog)
    assert "Ignored" in caplog.text or retain or PLUG.uuid not in topic.split("/")


async def test_the_good_message_is_none_of_it(broker: MqttBroker) -> None:
    """Without this the tests above could not fail."""
    broker.publish(TOPIC, GOOD)
    await broker.block_till_done()
    assert discovery_flows(broker.hass)


async def test_another_meross_device_makes_no_card(broker: MqttBroker) -> None:
    hardware = {"type": "msl120", "version": "2", "uuid": PLUG.uuid, "macAddress": "m"}
    bind = {"bind": {"hardware": hardware}}
    broker.publish_as(PLUG, build_message(PLUG, BIND, "SET", bind))
    await broker.block_till_done()
    assert not discovery_flows(broker.hass)


@pytest.mark.parametrize("payload", [{}, {"all": {}}, {"all": {"system": []}}], ids=str)
async def test_a_system_all_that_makes_no_sense_makes_no_device(
    broker: MqttBroker, payload: dict[str, Any]
) -> None:
    entry = await set_up(broker)
    broker.publish_as(PLUG, build_message(PLUG, ALL, "GETACK", payload))
    await broker.advance(1)
    assert not entry.subentries


def test_the_good_message_is_signed() -> None:
    header = json.loads(GOOD)["header"]
    assert header["sign"] == sign(header["messageId"], "meross", header["timestamp"])
