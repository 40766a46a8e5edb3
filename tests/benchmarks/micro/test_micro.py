"""The parts of the work for each message."""

from itertools import cycle
import time

from homeassistant.core import HomeAssistant
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from custom_components.meross_local.meross.commands import switch_payload
from custom_components.meross_local.meross.message import (
    decode,
    encode,
    is_signed_with,
    new_header,
)
from custom_components.meross_local.meross.namespaces import Method, Namespace
from custom_components.meross_local.meross.topics import reply_topic
from tests.simulator import SimulatedPlug
from tests.simulator.namespaces import REPORT
from tests.support.messages import build_message

from .conftest import KEY, Receive, received, system_all_of, toggled

_ROUNDS = 1000


@pytest.mark.parametrize("what", ["PUSH", "System.All"])
def test_decode_and_verify(
    benchmark: BenchmarkFixture, plug: SimulatedPlug, what: str
) -> None:
    message = toggled(plug, 1) if what == "PUSH" else system_all_of(plug)

    def decode_and_verify() -> bool:
        return is_signed_with(decode(message.payload).header, KEY)

    assert benchmark(decode_and_verify)


def test_encode_and_sign(benchmark: BenchmarkFixture, plug: SimulatedPlug) -> None:
    def encode_and_sign() -> bytes:
        now = int(time.time())
        header = new_header(Method.SET, Namespace.TOGGLE_X, key=KEY, now=now)
        payload = switch_payload(Namespace.TOGGLE_X, 0, on=True)
        return encode(header, payload, reply_to=reply_topic(plug.uuid))

    assert benchmark(encode_and_sign)


async def test_hub_to_state(
    benchmark: BenchmarkFixture,
    hass: HomeAssistant,
    receive: Receive,
    plug: SimulatedPlug,
) -> None:
    """A PUSH that changes the state, from the hub to Home Assistant's state machine."""
    numbers = range(1, _ROUNDS + 1)
    messages = cycle([toggled(plug, number % 2, number) for number in numbers])
    benchmark.pedantic(  # type: ignore[no-untyped-call]
        receive, setup=lambda: ((next(messages),), {}), rounds=_ROUNDS
    )
    assert hass.states.async_all("switch")[0].state == "off"


async def test_hub_without_change(
    benchmark: BenchmarkFixture, receive: Receive, plug: SimulatedPlug
) -> None:
    """A PUSH that repeats what is known."""
    receive(toggled(plug, 1))
    message = toggled(plug, 1)
    benchmark(receive, message)


async def test_hub_of_no_interest(
    benchmark: BenchmarkFixture, receive: Receive, plug: SimulatedPlug
) -> None:
    """A PUSH that nothing shown depends on."""
    entry = {"type": "1", "value": "0", "timestamp": 1}
    raw = build_message(plug, REPORT, "PUSH", {"report": [entry]})
    benchmark(receive, received(plug, raw))
