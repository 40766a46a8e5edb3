"""A plug that is silent is asked, then unavailable; its first word brings it back."""

import logging

import pytest

from tests.simulator import SimulatedPlug

from .broker import Broker
from .steps import set_up, state


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
    broker: Broker, model: str, caplog: pytest.LogCaptureFixture
) -> None:
    plug = SimulatedPlug(model)
    outlet = "all_outlets" if plug.model.is_strip else ""
    await set_up(broker, plug)
    await broker.passes(130)
    caplog.clear()
    plug.freeze()
    await broker.passes(76)
    assert state(broker, plug, outlet) == "unavailable"
    await broker.passes(120)
    assert len(lines(caplog)) == 1
    plug.thaw()
    plug.press(1 if plug.model.is_strip else 0)
    await broker.passes(1)
    assert state(broker, plug, outlet) == "on"
    assert len(lines(caplog)) == 2


async def test_a_silent_plug_that_lives_stays_and_is_asked_once_a_minute(
    broker: Broker,
) -> None:
    plug = SimulatedPlug("mss210")
    await set_up(broker, plug)
    await broker.passes(65)
    plug.press()
    broker.sent.clear()
    await broker.passes(720)
    assert state(broker, plug) == "on"
    # Some of the questions are what its settings are, which nothing else tells.
    settings = ("DNDMode", "OverTemp")
    polls = [len(broker.to(plug, "GET", setting)) for setting in settings]
    assert polls == [2, 2]
    beats = len(broker.to(plug, "GET", "ToggleX"))
    assert 10 <= beats + sum(polls) <= 12
    assert len(broker.to(plug)) == beats + sum(polls)


async def test_a_plug_that_talks_anyway_is_not_asked_whether_it_is_there(
    broker: Broker,
) -> None:
    plug = SimulatedPlug("mss210")
    await set_up(broker, plug)
    await broker.passes(65)
    plug.press()
    broker.sent.clear()
    for _ in range(10):
        await broker.passes(45)
        plug.press()
    assert not broker.to(plug, "GET", "ToggleX")
    assert not broker.to(plug, "GET", "All")


async def test_a_plug_that_was_reset_is_unavailable_at_once(broker: Broker) -> None:
    plug = SimulatedPlug("mss210")
    await set_up(broker, plug)
    plug.reset()
    await broker.settle()
    assert state(broker, plug) == "unavailable"
