"""What a plug must hear to stay on the broker (protocol.md 3.3 to 3.5)."""

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


def said(
    namespace: str, method: Method, payload: Json | None = None, *, key: str = "meross"
) -> Message:
    """Return a message of a plug whose clock counts since boot."""
    header = Header(ID, namespace, method, 12, sign(ID, key, 12), 345, UUID)
    return Message(header, payload or {})


def answered(message: Message, key: str | None) -> dict[str, Any]:
    """Return the answer as the plug reads it."""
    data = handshake_reply(UUID, message, key, NOW)
    assert data is not None
    parsed: dict[str, Any] = json.loads(data)
    return parsed


def test_a_real_bind_is_acknowledged() -> None:
    bind = decode(json.dumps(load("bind_mss210_7.2.15")))
    told = answered(bind, "meross")
    assert told["header"] == {
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
    assert told["payload"] == {}


def test_a_clock_is_told_the_time() -> None:
    told = answered(said(CLOCK, Method.PUSH, {"clock": {"timestamp": 12}}), "meross")
    assert told["header"]["method"] == "PUSH"
    assert told["header"]["namespace"] == CLOCK
    assert told["payload"] == {"clock": {"timestamp": NOW}}


def test_a_consumption_config_is_returned() -> None:
    config: Json = {"config": {"voltageRatio": 188, "electricityRatio": 102}}
    told = answered(said(CONFIG, Method.PUSH, config), "meross")
    assert told["header"]["method"] == "PUSH"
    assert told["header"]["namespace"] == CONFIG
    assert told["payload"] == config


ANSWERED = [(BIND, Method.SET), (CLOCK, Method.PUSH), (CONFIG, Method.PUSH)]


@pytest.mark.parametrize(("namespace", "method"), ANSWERED)
@pytest.mark.parametrize("key", ["", "meross", "of its own"])
def test_an_answer_is_signed_with_the_key(
    namespace: str, method: Method, key: str
) -> None:
    data = handshake_reply(UUID, said(namespace, method, key=key), key, NOW)
    assert data is not None
    header = decode(data).header
    assert is_signed_with(header, key)
    assert header.timestamp == NOW


@pytest.mark.parametrize(("namespace", "method"), ANSWERED)
def test_without_a_key_the_plugs_own_signature_comes_back(
    namespace: str, method: Method
) -> None:
    message = said(namespace, method, key="of its own")
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
    wanted = (namespace, method) in ANSWERED
    data = handshake_reply(UUID, said(namespace, method), key, NOW)
    assert (data is not None) is wanted
