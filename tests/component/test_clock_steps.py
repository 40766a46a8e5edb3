"""A plug's clock steps, or is absurd: what is shown does not depend on it."""

import time

import pytest

from tests.simulator import SimulatedPlug
from tests.simulator.namespaces import TOGGLE_X
from tests.support.entities import entity_id_of, state_of, turn_off, turn_on
from tests.support.entries import set_up
from tests.support.messages import build_message
from tests.support.mqtt import MqttBroker

MODELS = ["mss210", "mss310"]


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("seconds", [-2, -5, -30, -3600, 30, 3600])
async def test_presses_and_commands_count_after_a_step_of_the_clock(
    broker: MqttBroker, model: str, seconds: int
) -> None:
    plug = SimulatedPlug(model)
    await set_up(broker, plug)
    await broker.advance(20)
    plug.press()
    await broker.settle()
    plug.step_clock(seconds)
    await broker.advance(0.5)
    plug.press()
    await broker.advance(5)
    assert (plug.onoff(), state_of(broker, plug)) == (0, "off")
    await turn_on(broker, entity_id_of(plug))
    await broker.advance(1)
    assert (plug.onoff(), state_of(broker, plug)) == (1, "on")
    plug.press()
    await broker.advance(1)
    assert (plug.onoff(), state_of(broker, plug)) == (0, "off")


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("seconds", [2, 5, 30])
async def test_acknowledged_command_is_shown_after_the_clock_stepped_back(
    broker: MqttBroker, model: str, seconds: int
) -> None:
    plug = SimulatedPlug(model)
    await set_up(broker, plug)
    await broker.advance(20)
    plug.press()
    await broker.settle()
    plug.step_clock(-seconds)
    plug.faults.omits_push = True
    await turn_off(broker, entity_id_of(plug))
    await broker.advance(1)
    assert (plug.onoff(), state_of(broker, plug)) == (0, "off")
    await broker.advance(75)
    assert state_of(broker, plug) == "off"


async def test_one_message_with_absurd_milliseconds_makes_no_other_late(
    broker: MqttBroker, plug: SimulatedPlug
) -> None:
    await broker.advance(20)
    plug.faults.timestamp_ms = 59_000
    plug.press()
    await broker.settle()
    plug.faults.timestamp_ms = None
    assert state_of(broker, plug) == "on"
    await broker.advance(2)
    plug.press()
    await broker.advance(1)
    assert state_of(broker, plug) == "off"
    await turn_on(broker, entity_id_of(plug))
    assert (plug.onoff(), state_of(broker, plug)) == (1, "on")


@pytest.mark.parametrize("lag", [2.2, -60])
async def test_changes_count_whatever_time_they_name(
    broker: MqttBroker, plug: SimulatedPlug, lag: float
) -> None:
    await broker.advance(20)
    plug.press()
    await broker.settle()
    # As after it was ahead (docs/protocol.md 4.3).
    plug.device.change_lag = lag
    for state in ("off", "on", "off"):
        plug.press()
        await broker.advance(0.1)
        assert state_of(broker, plug) == state
        plug.device.change_lag += 1


async def test_answer_of_a_strip_counts_although_its_entry_seems_old(
    broker: MqttBroker,
) -> None:
    plug = SimulatedPlug("mss425e")
    await set_up(broker, plug)
    await broker.advance(20)
    outlet = entity_id_of(plug, "outlet_3")
    await turn_on(broker, outlet)
    # The press is stamped by a clock that is 2.2 s behind, and its PUSH is lost.
    plug.device.change_lag = 2.2
    plug.faults.lose_sent = 1
    plug.press(3)
    await broker.advance(76)
    assert plug.onoff(3) == 0
    assert state_of(broker, plug, "outlet_3") == "off"


async def test_push_with_the_clock_of_another_year_is_asked_about(
    broker: MqttBroker, plug: SimulatedPlug
) -> None:
    await broker.advance(20)
    entry = {"channel": 0, "onoff": 1, "lmTime": 1}
    old = build_message(
        plug, TOGGLE_X, "PUSH", {"togglex": [entry]}, at=time.time() - 9e7
    )
    broker.publish_as(plug, old)
    await broker.settle()
    assert state_of(broker, plug) == "off"
    await broker.advance(6)
    assert broker.sent_to(plug, "GET", "ToggleX") or broker.sent_to(plug, "GET", "All")
    assert state_of(broker, plug) == "off"
