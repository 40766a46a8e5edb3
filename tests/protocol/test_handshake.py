"""The replies that keep a plug connected (docs/protocol.md 3.3 to 3.5)."""

import json
from typing import Any

import pytest

from custom_components.meross_local.meross.fields import Json
from custom_components.meross_local.meross.handshake import handshake_reply
from custom_components.meross_local.meross.message import (
    Header,
    Message,
    decode,
    is_signed_with,
    sign,
)
from custom_components.meross_local.meross.namespaces import Method
from tests.fixtures import load

UUID = "2111185763029415h03348e1e9d1459b"
ID = "0123456789abcdef0123456789abcdef"
NOW = 1700000000

BIND = "Appliance.Control.Bind"
CLOCK = "Appliance.System.Clock"
CONFIG = "Appliance.Control.ConsumptionConfig"
RATIOS: Json = {"config": {"voltageRatio": 188, "electricityRatio": 102}}


def build_message(
    namespace: str, method: Method, payload: Json | None = None, *, key: str = "meross"
) -> Message:
    """Return a message of a plug whose clock counts since boot."""
    header = Header(ID, namespace, method, 12, sign(ID, key, 12), 345, UUID)
    return Message(header, payload or {})


def parsed_reply(message: Message, key: str | None) -> dict[str, Any]:
    """Return the reply as the plug parses it."""
    data = handshake_reply(UUID, message, key, NOW)
    assert data is not None
    parsed: dict[str, Any] = json.loads(data)
    return parsed


def test_a_real_bind_is_acknowledged() -> None:
    bind = decode(json.dumps(load("bind_mss210_7.2.15")))
    reply = parsed_reply(bind, "meross")
    assert reply["header"] == {
        "messageId": bind.header.message_id,
        "namespace": BIND,
        "method": "SETACK",
        "payloadVersion": 1,
        "from": f"/appliance/{UUID}/publish",
        "triggerSrc": "CloudControl",
        "timestamp": NOW,
        "timestampMs": 0,
        "sign": sign(bind.header.message_id, "meross", NOW),
    }
    assert reply["payload"] == {}


@pytest.mark.parametrize(
    ("namespace", "payload", "expected"),
    [
        (CLOCK, {"clock": {"timestamp": 12}}, {"clock": {"timestamp": NOW}}),
        (CONFIG, RATIOS, RATIOS),
    ],
)
def test_a_push_is_answered_with_a_push(
    namespace: str, payload: Json, expected: Json
) -> None:
    reply = parsed_reply(build_message(namespace, Method.PUSH, payload), "meross")
    assert reply["header"]["method"] == "PUSH"
    assert reply["header"]["namespace"] == namespace
    assert reply["payload"] == expected


ANSWERED = [(BIND, Method.SET), (CLOCK, Method.PUSH), (CONFIG, Method.PUSH)]


@pytest.mark.parametrize(("namespace", "method"), ANSWERED)
@pytest.mark.parametrize("key", ["", "meross", "of its own"])
def test_a_reply_is_signed_with_the_key(
    namespace: str, method: Method, key: str
) -> None:
    data = handshake_reply(UUID, build_message(namespace, method, key=key), key, NOW)
    assert data is not None
    header = decode(data).header
    assert is_signed_with(header, key)
    assert header.timestamp == NOW


@pytest.mark.parametrize(("namespace", "method"), ANSWERED)
def test_without_a_key_the_signature_of_the_plug_is_returned(
    namespace: str, method: Method
) -> None:
    message = build_message(namespace, method, key="of its own")
    data = handshake_reply(UUID, message, None, NOW)
    assert data is not None
    header = decode(data).header
    assert is_signed_with(header, "of its own")
    assert (header.message_id, header.timestamp, header.timestamp_ms) == (ID, 12, 345)


@pytest.mark.parametrize("method", Method)
@pytest.mark.parametrize(
    "namespace",
    [
        BIND,
        CLOCK,
        CONFIG,
        "Appliance.System.Report",
        "Appliance.System.Time",
        "Appliance.System.All",
        "Appliance.Control.ToggleX",
        "Appliance.Control.Unbind",
    ],
)
@pytest.mark.parametrize("key", [None, "meross"])
def test_nothing_else_is_answered(
    namespace: str, method: Method, key: str | None
) -> None:
    expected = (namespace, method) in ANSWERED
    data = handshake_reply(UUID, build_message(namespace, method), key, NOW)
    assert (data is not None) is expected
