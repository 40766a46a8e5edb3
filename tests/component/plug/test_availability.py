"""A silent plug is queried, then unavailable; its next message makes it available."""

from collections import Counter
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
    await broker.advance(3)
    assert state_of(broker, plug, outlet) == "on"
    assert log_lines(caplog)[1:] == [f"{name} is available again"]


async def test_silent_plug_stays_available_and_is_queried_once_a_minute(
    broker: MqttBroker, plug: SimulatedPlug
) -> None:
    await broker.advance(65)
    plug.press()
    broker.sent.clear()
    await broker.advance(1200)
    assert state_of(broker, plug) == "on"
    assert count_sent(broker, plug) == {"ToggleX": 20, "DNDMode": 4, "OverTemp": 4}


@pytest.mark.parametrize("model", ["mss310", "mss425e", "mss210v1"])
async def test_state_is_queried_once_a_minute_whatever_else_arrives(
    broker: MqttBroker, model: str
) -> None:
    plug = SimulatedPlug(model)
    await set_up(broker, plug)
    await broker.advance(65)
    broker.sent.clear()
    for _ in range(20):
        await broker.advance(30)
        plug.press(1 if plug.model.is_strip else 0)
    state = {"mss425e": "All", "mss210v1": "Toggle"}.get(model, "ToggleX")
    assert count_sent(broker, plug)[state] == 10


async def test_metering_plug_that_is_gone_is_unavailable_before_a_minute(
    broker: MqttBroker,
) -> None:
    """Its power is polled anyway."""
    plug = SimulatedPlug("mss310")
    await set_up(broker, plug)
    await broker.advance(65)
    plug.freeze()
    await broker.advance(22)
    assert state_of(broker, plug) == "unavailable"


def count_sent(broker: MqttBroker, plug: SimulatedPlug) -> Counter[str]:
    """Count the queries to a plug by the last part of their namespace."""
    return Counter(sent.kind[1] for sent in broker.sent_to(plug))
