"""However many messages arrive, a plug is asked little."""

from collections.abc import Callable

import pytest

from custom_components.meross_local import hub
from tests.simulator import SimulatedPlug
from tests.simulator.namespaces import BIND, REPORT
from tests.simulator.payloads import bind, report
from tests.support.entities import state_of
from tests.support.entries import set_up
from tests.support.messages import build_message, build_toggle
from tests.support.mqtt import MqttBroker

STORM = 1000


def toggle_of(plug: SimulatedPlug, number: int) -> bytes:
    """Build a PUSH; every other one reports what is not so."""
    return build_toggle(plug, 1 - number % 2)


def report_of(plug: SimulatedPlug, _number: int) -> bytes:
    """Build a PUSH without a state."""
    return build_message(plug, REPORT, "PUSH", report(plug.device))


def bind_of(plug: SimulatedPlug, _number: int) -> bytes:
    """Build a Bind, in the plug's form."""
    method = "SET" if plug.model.is_modern else "PUSH"
    return build_message(plug, BIND, method, bind(plug.device))


async def test_plug_that_is_reset_again_and_again_is_asked_little(
    broker: MqttBroker, plug: SimulatedPlug
) -> None:
    broker.sent.clear()
    for _ in range(20):
        plug.reset()
        await broker.advance(0.1)
        plug.set_up_again(plug.key)
        await broker.settle()
    await broker.advance(8)
    # Two of them at once, then one in two seconds.
    asked = [sent for sent in broker.sent_to(plug) if sent.kind[0] == "GET"]
    assert len(asked) <= 6
    assert state_of(broker, plug) == "off"


@pytest.mark.parametrize("build", [toggle_of, report_of, bind_of])
@pytest.mark.parametrize("model", ["mss210", "mss310"])
@pytest.mark.parametrize("available", [True, False])
async def test_a_thousand_messages_in_a_second_cause_few_questions(
    broker: MqttBroker,
    model: str,
    build: Callable[[SimulatedPlug, int], bytes],
    *,
    available: bool,
) -> None:
    plug = SimulatedPlug(model)
    await set_up(broker, plug)
    await broker.advance(70)
    if not available:
        plug.freeze()
        await broker.advance(90)
        assert state_of(broker, plug) == "unavailable"
    broker.sent.clear()
    for number in range(STORM):
        broker.publish_as(plug, build(plug, number))
        if number % 100 == 0:
            await broker.advance(0.1)
    await broker.advance(9)
    asked = [sent for sent in broker.sent_to(plug) if sent.kind[0] == "GET"]
    assert len(asked) <= 10
    # Besides, each Bind is acknowledged.
    others = len(broker.sent_to(plug)) - len(asked)
    assert others <= (STORM if build is bind_of else 1)
    plug.thaw()
    await broker.advance(76)
    assert state_of(broker, plug) == "off"


async def test_plugs_that_return_together_are_polled_a_few_at_a_time(
    broker: MqttBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    plugs = [SimulatedPlug("mss310", number) for number in range(1, 7)]
    entry = await set_up(broker, *plugs)
    monkeypatch.setattr(hub, "MAX_TICK_QUERIES", 2)
    assert await broker.hass.config_entries.async_reload(entry.entry_id)
    # All of them are queried for their state by then.
    await broker.advance(1)
    broker.sent.clear()
    for _ in range(30):
        before = len(broker.sent)
        await broker.advance(1)
        assert len(broker.sent) - before <= 2
    polled = {"Electricity", "ConsumptionX", "DNDMode"}
    for plug in plugs:
        assert polled <= {sent.kind[1] for sent in broker.sent_to(plug)}
