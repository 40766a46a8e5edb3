"""A silent plug is pinged, then unavailable; its next message makes it available."""

import logging

import pytest

from tests.simulator import SimulatedPlug
from tests.support.entities import state_of
from tests.support.entries import names_of, set_up
from tests.support.mqtt import MqttBroker


def log_lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return the log lines of the integration at info and above."""
    return [
        record.getMessage()
        for record in caplog.records
        if "custom_components" in record.name and record.levelno >= logging.INFO
    ]


@pytest.mark.parametrize("model", ["mss210", "mss310", "mss425e", "mss210v1"])
async def test_frozen_plug_is_unavailable_within_75_seconds_and_returns_at_once(
    broker: MqttBroker, model: str, caplog: pytest.LogCaptureFixture
) -> None:
    plug = SimulatedPlug(model)
    outlet = "all_outlets" if plug.model.is_strip else ""
    (name,) = names_of(plug)
    await set_up(broker, plug)
    await broker.advance(130)
    caplog.clear()
    plug.freeze()
    await broker.advance(76)
    assert state_of(broker, plug, outlet) == "unavailable"
    await broker.advance(120)
    assert log_lines(caplog) == [f"{name} is unavailable"]
    plug.thaw()
    plug.press(1 if plug.model.is_strip else 0)
    await broker.advance(1)
    assert state_of(broker, plug, outlet) == "on"
    assert log_lines(caplog)[1:] == [f"{name} is available again"]


async def test_silent_plug_stays_available_with_one_ping_a_minute(
    broker: MqttBroker, plug: SimulatedPlug
) -> None:
    await broker.advance(65)
    plug.press()
    broker.sent.clear()
    await broker.advance(720)
    assert state_of(broker, plug) == "on"
    # Polls of its settings, which it does not push, serve as pings.
    polls = [len(broker.sent_to(plug, "GET", name)) for name in ("DNDMode", "OverTemp")]
    assert polls == [2, 2]
    pings = len(broker.sent_to(plug, "GET", "ToggleX"))
    assert 10 <= pings + sum(polls) <= 12
    assert len(broker.sent_to(plug)) == pings + sum(polls)


async def test_plug_that_pushes_anyway_is_not_pinged(
    broker: MqttBroker, plug: SimulatedPlug
) -> None:
    await broker.advance(65)
    plug.press()
    broker.sent.clear()
    for _ in range(10):
        await broker.advance(45)
        plug.press()
    assert not broker.sent_to(plug, "GET", "ToggleX")
    assert not broker.sent_to(plug, "GET", "All")
