"""Bytes become a message, or a DecodeError that says what was wrong."""

import json
from typing import Any

import pytest

from custom_components.meross_local.meross.errors import DecodeError
from custom_components.meross_local.meross.message import decode, is_signed_with
from custom_components.meross_local.meross.namespaces import Method, Namespace

# A PUSH of an MSS110, word for word (protocol.md 4.3).
REAL = (
    b'{"header":{"messageId":"61c2c80bc240c7531079e6c4cb994fc9",'
    b'"namespace":"Appliance.Control.ToggleX","method":"PUSH","payloadVersion":1,'
    b'"from":"/appliance/2004214517004725189748e1e91a62d2/publish",'
    b'"timestamp":1594369211,"timestampMs":856,'
    b'"sign":"69fd2b2ffe7b132779b3b304453e1ad5"},'
    b'"payload":{"togglex":[{"channel":0,"onoff":1,"lmTime":1594369210}]}}'
)


def changed(**header: object) -> dict[str, Any]:
    """Return the real message with other members in its header; None leaves one out."""
    message: dict[str, Any] = json.loads(REAL)
    merged = message["header"] | header
    message["header"] = {name: v for name, v in merged.items() if v is not None}
    return message


@pytest.mark.parametrize("form", [bytes, bytearray, lambda raw: raw.decode()])
def test_reads_a_real_message(form: Any) -> None:  # noqa: ANN401 (a maker of any form)
    message = decode(form(REAL))
    header = message.header
    assert header.namespace == Namespace.TOGGLE_X
    assert header.method is Method.PUSH
    assert (header.timestamp, header.timestamp_ms) == (1594369211, 856)
    assert header.uuid is None
    assert is_signed_with(header, "")
    assert message.payload == {
        "togglex": [{"channel": 0, "onoff": 1, "lmTime": 1594369210}]
    }


def test_keeps_the_uuid_that_newer_firmware_sends() -> None:
    assert decode(json.dumps(changed(uuid="a" * 32))).header.uuid == "a" * 32


@pytest.mark.parametrize("uuid", [None, 7, [], {}])
def test_a_uuid_that_is_no_text_is_none(uuid: object) -> None:
    assert decode(json.dumps(changed(uuid=uuid))).header.uuid is None


def test_milliseconds_may_be_missing() -> None:
    assert decode(json.dumps(changed(timestampMs=None))).header.timestamp_ms == 0


def test_a_missing_payload_is_an_empty_one() -> None:
    message = changed()
    del message["payload"]
    assert decode(json.dumps(message)).payload == {}


def test_unknown_namespaces_are_read() -> None:
    assert decode(json.dumps(changed(namespace="Appliance.New"))).header.namespace == (
        "Appliance.New"
    )


def test_a_clock_that_counts_since_boot_is_read() -> None:
    assert decode(json.dumps(changed(timestamp=4))).header.timestamp == 4


@pytest.mark.parametrize(
    ("header", "wrong"),
    [
        ({"messageId": None}, "messageId is not a string"),
        ({"messageId": 1}, "messageId is not a string"),
        ({"namespace": None}, "namespace is not a string"),
        ({"namespace": []}, "namespace is not a string"),
        ({"method": None}, "method is not a string"),
        ({"method": "SHOUT"}, "method is unknown"),
        ({"method": "push"}, "method is unknown"),
        ({"method": 1}, "method is not a string"),
        ({"timestamp": None}, "timestamp is not an integer"),
        ({"timestamp": "1594369211"}, "timestamp is not an integer"),
        ({"timestamp": 1.5}, "timestamp is not an integer"),
        ({"timestamp": True}, "timestamp is not an integer"),
        ({"timestampMs": "856"}, "timestampMs is not an integer"),
        ({"sign": None}, "sign is not a string"),
        ({"sign": 5}, "sign is not a string"),
    ],
)
def test_says_what_is_wrong_with_a_header(
    header: dict[str, object], wrong: str
) -> None:
    with pytest.raises(DecodeError, match=wrong):
        decode(json.dumps(changed(**header)))


@pytest.mark.parametrize(
    ("data", "wrong"),
    [
        (b"", "not JSON"),
        (b"\xff\x00\x01", "not JSON"),
        (b'{"header":', "not JSON"),
        (b"hello", "not JSON"),
        (b"null", "message is not an object"),
        (b"[]", "message is not an object"),
        (b"1", "message is not an object"),
        (b"{}", "header is not an object"),
        (b'{"header":[]}', "header is not an object"),
        (b"[" * 128, "not JSON"),
        (b"[" * 129, "larger than any message of a plug"),
        (b"[" * 10_000, "larger than any message of a plug"),
        (b'{"a":' * 3_000, "larger than any message of a plug"),
        ("\ud800", "not JSON"),
        (b" " * 1_000_000, "larger than any message of a plug"),
    ],
    ids=lambda value: repr(value)[:24],
)
def test_says_what_is_wrong_with_other_data(data: bytes | str, wrong: str) -> None:
    with pytest.raises(DecodeError, match=wrong):
        decode(data)


@pytest.mark.parametrize("payload", [None, [], "", 0])
def test_a_payload_is_an_object(payload: object) -> None:
    with pytest.raises(DecodeError, match="payload is not an object"):
        decode(json.dumps(changed() | {"payload": payload}))


def test_the_longest_message_is_read_and_one_byte_more_is_not() -> None:
    padded = REAL + b" " * (16_384 - len(REAL))
    assert decode(padded).payload == decode(REAL).payload
    with pytest.raises(DecodeError, match="larger than any message of a plug"):
        decode(padded + b" ")


def test_as_many_lists_and_objects_as_a_plug_has_are_read_and_one_more_is_not() -> None:
    openings = REAL.count(b"{") + REAL.count(b"[")
    message = changed() | {"more": [{}] * (128 - openings - 1)}
    assert decode(json.dumps(message)).header.method is Method.PUSH
    message["more"].append([])
    with pytest.raises(DecodeError, match="larger than any message of a plug"):
        decode(json.dumps(message))


@pytest.mark.parametrize("count", [1, 100])
def test_deep_nesting_that_ends_is_read_as_far_as_it_can_be_written(count: int) -> None:
    payload: dict[str, Any] = {}
    for _ in range(count):
        payload = {"a": payload}
    message = decode(json.dumps(changed() | {"payload": payload}))
    assert message.payload == payload
