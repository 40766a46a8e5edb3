"""What no plug sent causes no card, no reply and no line in the log."""

import json
import logging
from typing import Any

from homeassistant.config_entries import SOURCE_MQTT
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.service_info.mqtt import MqttServiceInfo
import pytest

from custom_components.meross_local.const import DOMAIN
from tests.simulator import SimulatedPlug, sign
from tests.simulator.namespaces import ALL, BIND
from tests.support.entries import set_up
from tests.support.flows import discovery_flows
from tests.support.messages import build_message, build_toggle
from tests.support.mqtt import MqttBroker

PLUG = SimulatedPlug("mss210")
TOPIC = PLUG.device.identity.publish_topic
VALID = build_toggle(PLUG, 1, at=1700000000).decode()


def with_header(**members: object) -> str:
    """Return the valid message with other members in its header."""
    message = json.loads(VALID)
    message["header"] |= members
    return json.dumps(message)


JUNK: dict[str, tuple[str, str | bytes, bool]] = {
    "no JSON": (TOPIC, "hello", False),
    "empty": (TOPIC, "", False),
    "other JSON": (TOPIC, '{"state": "ON"}', False),
    "a list": (TOPIC, "[]", False),
    "a number": (TOPIC, "7", False),
    "binary": (TOPIC, b"\x00\xff\xfe", False),
    "a megabyte": (TOPIC, '{"header":"' + "x" * 1_000_000 + '"}', False),
    "deep nesting": (TOPIC, '{"header":' * 1_600, False),
    "deep nesting that ends": (TOPIC, "[" * 8_000 + "]" * 8_000, False),
    "retained": (TOPIC, VALID, True),
    "uuid in capitals": (TOPIC.replace("2", "A"), VALID, False),
    "uuid too short": (TOPIC.replace(PLUG.uuid, PLUG.uuid[1:]), VALID, False),
    "uuid too long": (TOPIC.replace(PLUG.uuid, PLUG.uuid + "0"), VALID, False),
    "meross_lan's topic": ("/appliance/meross_lan/publish", VALID, False),
    "another uuid in the header": (TOPIC, with_header(uuid="0" * 32), False),
    "a controller's GET": (TOPIC, with_header(method="GET"), False),
    "a controller's SET": (TOPIC, with_header(method="SET"), False),
    "an unknown method": (TOPIC, with_header(method="YELL"), False),
}


@pytest.mark.parametrize(("topic", "payload", "retain"), JUNK.values(), ids=JUNK)
async def test_message_that_no_plug_sent_is_ignored(
    broker: MqttBroker,
    caplog: pytest.LogCaptureFixture,
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

    broker.publish(topic, payload, retain=retain)
    await broker.block_till_done()
    assert not discovery_flows(broker.hass)
    assert not broker.sent

    entry = await set_up(broker)
    broker.sent.clear()
    seen = len(caplog.text)
    for _ in range(3):
        broker.publish(topic, payload, retain=retain)
    await broker.advance(1)
    assert not entry.subentries
    assert not broker.sent
    is_logged = "Ignored" in caplog.text[seen:]
    assert is_logged or retain or PLUG.uuid not in topic.split("/")
    assert not [
        record
        for record in caplog.records
        if DOMAIN in record.name and record.levelno > logging.DEBUG
    ]


async def test_valid_message_is_not_ignored(broker: MqttBroker) -> None:
    """Without this the tests above could not fail."""
    header = json.loads(VALID)["header"]
    assert header["sign"] == sign(header["messageId"], "meross", header["timestamp"])
    broker.publish(TOPIC, VALID)
    await broker.block_till_done()
    assert discovery_flows(broker.hass)


async def test_another_meross_device_causes_no_card(broker: MqttBroker) -> None:
    hardware = {"type": "msl120", "version": "2", "uuid": PLUG.uuid, "macAddress": "m"}
    bind = {"bind": {"hardware": hardware}}
    broker.publish_as(PLUG, build_message(PLUG, BIND, "SET", bind))
    await broker.block_till_done()
    assert not discovery_flows(broker.hass)


@pytest.mark.parametrize("payload", [{}, {"all": {}}, {"all": {"system": []}}], ids=str)
async def test_unreadable_system_all_causes_no_device(
    broker: MqttBroker, payload: dict[str, Any]
) -> None:
    entry = await set_up(broker)
    broker.publish_as(PLUG, build_message(PLUG, ALL, "GETACK", payload))
    await broker.advance(1)
    assert not entry.subentries
