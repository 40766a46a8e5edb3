"""A strip: its master shows its outlets and switches them all."""

import pytest

from tests.simulator import SimulatedPlug

from .broker import Broker
from .steps import entity_id, set_up, state, switch

OUTLETS = ["outlet_1", "outlet_2", "outlet_3", "usb"]
MASTER = "all_outlets"


@pytest.fixture(params=[False, True], ids=["PUSH without 0", "PUSH with 0"])
def strip(request: pytest.FixtureRequest) -> SimulatedPlug:
    """Return a strip; its PUSH may list the master or not (protocol.md 5)."""
    return SimulatedPlug("mss425e", pushes_master=request.param)


def shown(broker: Broker, strip: SimulatedPlug) -> list[str | None]:
    """Return the states of the master and of all outlets."""
    return [state(broker, strip, outlet) for outlet in [MASTER, *OUTLETS]]


async def test_the_master_is_on_while_any_outlet_is(
    broker: Broker, strip: SimulatedPlug
) -> None:
    await set_up(broker, strip)
    assert shown(broker, strip) == ["off"] * 5
    strip.press(2)
    await broker.settle()
    assert shown(broker, strip) == ["on", "off", "on", "off", "off"]
    strip.press(4)
    await broker.settle()
    strip.press(2)
    await broker.settle()
    assert shown(broker, strip) == ["on", "off", "off", "off", "on"]
    strip.press(4)
    await broker.settle()
    assert shown(broker, strip) == ["off"] * 5


async def test_the_master_switches_all_with_one_command(
    broker: Broker, strip: SimulatedPlug
) -> None:
    await set_up(broker, strip)
    await switch(broker, "turn_on", entity_id(strip, MASTER))
    assert shown(broker, strip) == ["on"] * 5
    assert [strip.onoff(channel) for channel in range(5)] == [1] * 5
    (command,) = broker.to(strip, "SET", "ToggleX")
    assert command.payload == {"togglex": {"channel": 0, "onoff": 1}}
    await switch(broker, "turn_off", entity_id(strip, MASTER))
    assert shown(broker, strip) == ["off"] * 5


async def test_an_outlet_switches_itself(broker: Broker, strip: SimulatedPlug) -> None:
    await set_up(broker, strip)
    await switch(broker, "turn_on", entity_id(strip, "usb"))
    assert shown(broker, strip) == ["on", "off", "off", "off", "on"]
    (command,) = broker.to(strip, "SET", "ToggleX")
    assert command.payload == {"togglex": {"channel": 4, "onoff": 1}}


async def test_the_master_is_never_shown_wrong_meanwhile(
    broker: Broker, strip: SimulatedPlug
) -> None:
    await set_up(broker, strip)
    seen: list[str] = []
    broker.hass.bus.async_listen(
        "state_changed",
        lambda event: (
            seen.append(event.data["new_state"].state)
            if event.data["entity_id"] == entity_id(strip, MASTER)
            else None
        ),
    )
    await switch(broker, "turn_on", entity_id(strip, "outlet_1"))
    await switch(broker, "turn_on", entity_id(strip, "outlet_2"))
    await switch(broker, "turn_off", entity_id(strip, "outlet_1"))
    await broker.passes(2)
    assert seen == ["on"]


@pytest.mark.parametrize("first", ["master", "outlet"])
async def test_in_one_scene_an_outlet_wins_over_the_master(
    broker: Broker, strip: SimulatedPlug, first: str
) -> None:
    await set_up(broker, strip)
    await switch(broker, "turn_on", entity_id(strip, "outlet_1"))
    calls = [("turn_on", MASTER), ("turn_off", "outlet_1")]
    if first == "outlet":
        calls.reverse()
    for service, outlet in calls:
        await broker.hass.services.async_call(
            "switch", service, {"entity_id": entity_id(strip, outlet)}
        )
    await broker.passes(8)
    assert shown(broker, strip) == ["on", "off", "on", "on", "on"]
    assert [strip.onoff(channel) for channel in range(1, 5)] == [0, 1, 1, 1]


async def test_a_list_of_all_switches_ends_with_all_on(
    broker: Broker, strip: SimulatedPlug
) -> None:
    await set_up(broker, strip)
    entities = [entity_id(strip, outlet) for outlet in [MASTER, *OUTLETS]]
    await switch(broker, "turn_on", *entities)
    await broker.passes(1)
    assert shown(broker, strip) == ["on"] * 5
