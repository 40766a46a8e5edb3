"""A plug that is silent is asked, then unavailable; its first word brings it back."""

import logging

import pytest

from tests.simulator import SimulatedPlug
from tests.support.entities import state_of
from tests.support.entries import set_up
from tests.support.mqtt import MqttBroker


def lines(caplog: pytest.LogCaptureFixture) -> list[str]:
    """Return what we logged at info and above."""
    return [
        record.getMessage()
        for record in caplog.records
        if "meross_local." in record.name + "." and record.levelno >= logging.INFO
        if record.name.startswith("custom_components")
    ]


@pytest.mark.parametrize("model", ["mss210", "mss310", "mss425e", "mss210v1"])
async def test_a_dead_plug_is_unavailable_within_75_seconds_and_back_at_once(
    broker: MqttBroker, model: str, caplog: pytest.LogCaptureFixture
) -> None:
    plug = SimulatedPlug(model)
    outlet = "all_outlets" if plug.model.is_strip else ""
    await set_up(broker, plug)
    await broker.advance(130)
    caplog.clear()
    plug.freeze()
    await broker.advance(76)
    assert state_of(broker, plug, outlet) == "unavailable"
    await broker.advance(120)
    assert len(lines(caplog)) == 1
    plug.thaw()
    plug.press(1 if plug.model.is_strip else 0)
    await broker.advance(1)
    assert state_of(broker, plug, outlet) == "on"
    assert len(lines(caplog)) == 2


async def test_a_silent_plug_that_lives_stays_and_is_asked_once_a_minute(
    broker: MqttBroker,
) -> None:
    plug = SimulatedPlug("mss210")
    await set_up(broker, plug)
    await broker.advance(65)
    plug.press()
    broker.sent.clear()
    await broker.advance(720)
    assert state_of(broker, plug) == "on"
    # Some of the questions are what its settings are, which nothing else tells.
    settings = ("DNDMode", "OverTemp")
    polls = [len(broker.sent_to(plug, "GET", setting)) for setting in settings]
    assert polls == [2, 2]
    beats = len(broker.sent_to(plug, "GET", "ToggleX"))
    assert 10 <= beats + sum(polls) <= 12
    assert len(broker.sent_to(plug)) == beats + sum(polls)


async def test_a_plug_that_talks_anyway_is_not_asked_whether_it_is_there(
    broker: MqttBroker,
) -> None:
    plug = SimulatedPlug("mss210")
    await set_up(broker, plug)
    await broker.advance(65)
    plug.press()
    broker.sent.clear()
    for _ in range(10):
        await broker.advance(45)
        plug.press()
    assert not broker.sent_to(plug, "GET", "ToggleX")
    assert not broker.sent_to(plug, "GET", "All")


async def test_a_plug_that_was_reset_is_unavailable_at_once(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210")
    await set_up(broker, plug)
    plug.reset()
    await broker.settle()
    assert state_of(broker, plug) == "unavailable"
