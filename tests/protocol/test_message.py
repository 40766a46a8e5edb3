"""Messages become bytes and back, signed as by real plugs (docs/protocol.md 2)."""

import json
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.meross_local.meross.errors import DecodeError
from custom_components.meross_local.meross.fields import Json
from custom_components.meross_local.meross.message import (
    WELL_KNOWN_KEYS,
    Header,
    decode,
    encode,
    find_key,
    is_signed_with,
    new_header,
    parse_sender,
    sign,
)
from custom_components.meross_local.meross.namespaces import Method, Namespace

# A PUSH of an MSS110, as recorded (docs/protocol.md 4.3).
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
    assert parse_sender(message) == "2004214517004725189748e1e91a62d2"
    assert is_signed_with(header, "")
    assert message.payload == {
        "togglex": [{"channel": 0, "onoff": 1, "lmTime": 1594369210}]
    }


@pytest.mark.parametrize(
    ("header", "name", "value"),
    [
        ({"uuid": "a" * 32}, "uuid", "a" * 32),
        ({"uuid": 7}, "uuid", None),
        ({"timestampMs": None}, "timestamp_ms", 0),
        ({"namespace": "Appliance.New"}, "namespace", "Appliance.New"),
        ({"timestamp": 4}, "timestamp", 4),  # seconds since boot
    ],
    ids=str,
)
def test_reads_headers_of_other_firmware(
    header: dict[str, object], name: str, value: object
) -> None:
    assert getattr(decode(json.dumps(changed(**header))).header, name) == value


@pytest.mark.parametrize(
    ("header", "sender"),
    [
        ({"uuid": "a" * 32}, "a" * 32),  # of newer firmware
        ({"uuid": 7}, "2004214517004725189748e1e91a62d2"),
        ({"uuid": "+", "from": "x"}, None),
        ({"uuid": [], "from": 7}, None),
    ],
    ids=str,
)
def test_the_uuid_is_in_one_of_two_members(
    header: dict[str, object], sender: str | None
) -> None:
    assert parse_sender(decode(json.dumps(changed(**header)))) == sender


def test_a_missing_payload_is_an_empty_one() -> None:
    message = changed()
    del message["payload"]
    assert decode(json.dumps(message)).payload == {}


@pytest.mark.parametrize(
    ("header", "wrong"),
    [
        ({"messageId": None}, "messageId is not a string"),
        ({"namespace": None}, "namespace is not a string"),
        ({"method": None}, "method is not a string"),
        ({"method": "push"}, "method is unknown"),
        ({"method": 1}, "method is not a string"),
        ({"timestamp": None}, "timestamp is not an integer"),
        ({"timestamp": "1594369211"}, "timestamp is not an integer"),
        ({"timestamp": 1.5}, "timestamp is not an integer"),
        ({"timestamp": True}, "timestamp is not an integer"),
        ({"timestampMs": "856"}, "timestampMs is not an integer"),
        ({"sign": None}, "sign is not a string"),
        *(
            ({name: "a" * 65}, "longer texts than that of any plug")
            for name in ("messageId", "namespace", "sign")
        ),
    ],
)
def test_the_error_names_what_is_wrong_with_a_header(
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
        (b"null", "message is not an object"),
        (b"[]", "message is not an object"),
        (b"{}", "header is not an object"),
        (b'{"header":[]}', "header is not an object"),
        (b"[" * 128, "not JSON"),
        (b"[" * 129, "larger than any message of a plug"),
        (b'{"a":' * 3_000, "larger than any message of a plug"),
        ("\ud800", "not JSON"),
        (b" " * 1_000_000, "larger than any message of a plug"),
    ],
    ids=lambda value: repr(value)[:24],
)
def test_the_error_names_what_is_wrong_with_other_data(
    data: bytes | str, wrong: str
) -> None:
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


# Encoding.

REPLY_TO = "/appliance/2004214517004725189748e1e91a62d2/reply"

# What JSON and orjson can hold; a plug's numbers fit into 32 bits.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
numbers = st.integers(-(2**31), 2**32 - 1)
values = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4)
    ),
    max_leaves=10,
)
headers = st.builds(
    Header,
    message_id=texts,
    namespace=texts,
    method=st.sampled_from(Method),
    timestamp=numbers,
    sign=texts,
    timestamp_ms=st.integers(0, 999),
    uuid=st.none(),
)


@given(header=headers, payload=st.dictionaries(texts, values, max_size=4))
def test_what_was_encoded_is_decoded(header: Header, payload: Json) -> None:
    decoded = decode(encode(header, payload, reply_to="http://192.0.2.1/config"))
    assert (decoded.header, decoded.payload) == (header, payload)


def test_the_header_has_all_required_members() -> None:
    header = Header("0" * 32, "Appliance.X", Method.SET, 1700000000, "f" * 32, 5)
    assert json.loads(encode(header, {"x": 1}, reply_to=REPLY_TO)) == {
        "header": {
            "messageId": "0" * 32,
            "namespace": "Appliance.X",
            "method": "SET",
            "payloadVersion": 1,
            "from": REPLY_TO,
            "triggerSrc": "CloudControl",
            "timestamp": 1700000000,
            "timestampMs": 5,
            "sign": "f" * 32,
        },
        "payload": {"x": 1},
    }


# Signatures.

# Of an MSS210 7.2.15.
MSS210 = ("9cc3684e5904691c265df07d072557e3", "meross", 1668549141)


def test_signs_like_a_real_plug() -> None:
    assert sign(*MSS210) == "89055f54860226797ab3f35184655d39"


def signed(message_id: str, key: str, timestamp: int) -> Header:
    """Return a header as a plug with this key makes it."""
    signature = sign(message_id, key, timestamp)
    return Header(message_id, "Appliance.X", Method.PUSH, timestamp, signature)


def test_a_signature_is_in_no_log() -> None:
    header = signed(*MSS210)
    assert header.sign not in repr(header)


def test_a_signature_fits_one_key_only() -> None:
    header = signed(*MSS210)
    assert is_signed_with(header, "meross")
    assert not is_signed_with(header, "")
    assert not is_signed_with(header, "Meross")


@pytest.mark.parametrize("key", WELL_KNOWN_KEYS)
def test_the_key_is_found_among_the_well_known(key: str) -> None:
    assert find_key(signed(MSS210[0], key, 12), WELL_KNOWN_KEYS) == key


def test_no_key_is_found_where_none_fits() -> None:
    assert find_key(signed(MSS210[0], "own", 12), WELL_KNOWN_KEYS) is None


def test_a_new_header_is_signed_and_has_an_id_of_its_own() -> None:
    one = new_header(Method.GET, "Appliance.System.All", key="own", now=1700000000)
    other = new_header(Method.GET, "Appliance.System.All", key="own", now=1700000000)
    assert is_signed_with(one, "own")
    assert (one.timestamp, one.timestamp_ms) == (1700000000, 0)
    assert one.message_id != other.message_id
    # Newer firmware rejects any other length (docs/protocol.md 2).
    assert len(one.message_id) == 32
    assert set(one.message_id) <= set("0123456789abcdef")
