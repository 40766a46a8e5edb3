"""The parts of the work for each message."""

from collections.abc import Iterator
from itertools import cycle
import time

from homeassistant.components import mqtt
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
from tests.simulator.namespaces import ALL, REPORT
from tests.simulator.payloads import system_all

from .conftest import KEY, MessageHandler, build_message, build_push

_MESSAGES = 2000


def one_by_one(
    messages: list[mqtt.ReceiveMessage],
) -> Iterator[tuple[tuple[mqtt.ReceiveMessage], dict[str, object]]]:
    """Yield the arguments of a round: another message each time."""
    return (((message,), {}) for message in cycle(messages))


@pytest.mark.parametrize("what", ["PUSH", "System.All"])
def test_decode_and_verify(
    benchmark: BenchmarkFixture, plug: SimulatedPlug, what: str
) -> None:
    message = (
        build_push(plug, 1)
        if what == "PUSH"
        else build_message(plug, ALL, "GETACK", system_all(plug.device))
    )

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
    handle_message: MessageHandler,
    plug: SimulatedPlug,
) -> None:
    """A PUSH that changes the state, from the hub to Home Assistant's state machine."""
    messages = [build_push(plug, number % 2, number) for number in range(1, _MESSAGES)]
    rounds = one_by_one(messages)
    benchmark.pedantic(  # type: ignore[no-untyped-call]
        handle_message, setup=lambda: next(rounds), rounds=_MESSAGES // 2
    )
    assert hass.states.async_all("switch")[0].state == "off"


async def test_hub_without_change(
    benchmark: BenchmarkFixture, handle_message: MessageHandler, plug: SimulatedPlug
) -> None:
    """A PUSH that repeats the known state."""
    handle_message(build_push(plug, 1))
    message = build_push(plug, 1)
    benchmark(handle_message, message)


async def test_hub_without_entity(
    benchmark: BenchmarkFixture, handle_message: MessageHandler, plug: SimulatedPlug
) -> None:
    """A PUSH of which no entity shows anything."""
    entry = {"type": "1", "value": "0", "timestamp": 1}
    benchmark(handle_message, build_message(plug, REPORT, "PUSH", {"report": [entry]}))
