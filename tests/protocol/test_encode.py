"""A message becomes the bytes that plugs understand."""

import json

from hypothesis import given, strategies as st

from custom_components.meross_local.meross.fields import Json
from custom_components.meross_local.meross.message import (
    Header,
    decode,
    encode,
)
from custom_components.meross_local.meross.namespaces import Method

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
    decoded = decode(encode(header, payload, reply_to=REPLY_TO))
    assert (decoded.header, decoded.payload) == (header, payload)


def test_the_header_holds_what_every_plug_wants() -> None:
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
