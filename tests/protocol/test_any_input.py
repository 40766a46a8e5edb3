"""Any input is parsed or raises DecodeError, and nothing else is raised."""

from collections.abc import Callable
from contextlib import suppress
import json
from types import UnionType

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.meross_local.meross.errors import DecodeError
from custom_components.meross_local.meross.fields import Json
from custom_components.meross_local.meross.handshake import handshake_reply
from custom_components.meross_local.meross.identity import Identity
from custom_components.meross_local.meross.message import Message, decode
from custom_components.meross_local.meross.model import (
    Hardware,
    SystemAll,
    parse_abilities,
    parse_all,
    parse_bind,
    parse_error,
    parse_outlets,
)
from tests.fixtures import load

# The names that the parsers need, so that random objects get past the first check.
names = st.sampled_from(
    [
        *("header", "payload", "messageId", "namespace", "method", "timestamp"),
        *("timestampMs", "sign", "uuid", "from", "all", "system", "hardware"),
        *("firmware", "version", "type", "macAddress", "digest", "control"),
        *("toggle", "togglex", "channel", "onoff", "lmTime", "ability", "bind"),
        *("error", "code", "server", "port", "secondServer", "secondPort", "userId"),
    ]
)
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(0, 2)
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["PUSH", "SET", "mss210", "Appliance.Control.Bind"])
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(names | st.text(max_size=4), inner, max_size=6)
    ),
    max_leaves=25,
)
objects = st.dictionaries(names | st.text(max_size=4), values, max_size=6)


def _mutated(
    value: object, draw: Callable[[st.SearchStrategy[object]], object]
) -> object:
    """Return the value with something in it replaced or left out."""
    if isinstance(value, dict) and value:
        copy = dict(value)
        name = draw(st.sampled_from(sorted(copy)))
        if draw(st.integers(0, 5)) == 0:
            del copy[name]
        else:
            copy[name] = _mutated(copy[name], draw)
        return copy
    if isinstance(value, list) and value and draw(st.booleans()):
        index = int(str(draw(st.sampled_from(range(len(value))))))
        return [*value[:index], _mutated(value[index], draw), *value[index + 1 :]]
    return draw(values)


@st.composite
def nearly_real(draw: Callable[..., object]) -> object:
    """Return a payload of a real plug with one thing changed."""
    files = ["mss210_1.1.12", "mss310_2.1.17", "mss425e_2.1.2"]
    payloads = load(str(draw(st.sampled_from(files))))
    part = draw(st.sampled_from(["all", "ability"]))
    return _mutated(payloads[part], draw)


@settings(max_examples=2 * settings().max_examples)
@given(st.binary(max_size=200) | st.text(max_size=200))
def test_any_bytes_or_text(data: bytes | str) -> None:
    with suppress(DecodeError):
        assert isinstance(decode(data), Message)


@settings(max_examples=3 * settings().max_examples)
@given(
    values
    | st.builds(
        lambda *both: dict(zip(("header", "payload"), both, strict=True)),
        objects,
        values,
    )
)
def test_any_json(value: object) -> None:
    with suppress(DecodeError):
        message = decode(json.dumps(value))
        handshake_reply("a" * 32, message, None, 1700000000)


@pytest.mark.parametrize(
    ("parse", "kind"),
    [
        (parse_bind, Hardware),
        (parse_all, SystemAll),
        (parse_abilities, frozenset),
        (parse_outlets, tuple),
        (parse_error, int | None),
    ],
)
@settings(max_examples=3 * settings().max_examples)
@given(payload=objects | nearly_real().filter(lambda value: isinstance(value, dict)))
def test_any_payload(
    parse: Callable[[Json], object], kind: type | UnionType, payload: Json
) -> None:
    with suppress(DecodeError):
        parsed = parse(payload)
        assert isinstance(parsed, kind)
        if isinstance(parsed, SystemAll):
            Identity.of(parsed.hardware.uuid, parsed, frozenset())
