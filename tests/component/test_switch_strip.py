"""The outlets of a strip, and the master that switches all of them."""

import asyncio

import pytest

from tests.simulator import SimulatedPlug
from tests.support.entities import (
    entity_id_of,
    record_states,
    state_of,
    turn_off,
    turn_on,
)
from tests.support.entries import set_up
from tests.support.mqtt import MqttBroker

MASTER = "all_outlets"
OUTLETS = [MASTER, "outlet_1", "outlet_2", "outlet_3", "usb"]


@pytest.fixture(params=[False, True], ids=["PUSH without 0", "PUSH with 0"])
async def strip(broker: MqttBroker, request: pytest.FixtureRequest) -> SimulatedPlug:
    """Set up a strip; its PUSH may list the master or not (docs/protocol.md 5)."""
    strip = SimulatedPlug("mss425e", pushes_master=request.param)
    await set_up(broker, strip)
    return strip


def states_of(broker: MqttBroker, strip: SimulatedPlug) -> str:
    """Return the states of the master and of all outlets, as + and -."""
    signs = {"on": "+", "off": "-"}
    return "".join(signs[state_of(broker, strip, one) or ""] for one in OUTLETS)


async def test_outlets_are_added_in_their_order(
    broker: MqttBroker, strip: SimulatedPlug
) -> None:
    added = broker.hass.states.async_entity_ids("switch")
    assert added[: len(OUTLETS)] == [entity_id_of(strip, one) for one in OUTLETS]


async def test_master_is_on_while_any_outlet_is(
    broker: MqttBroker, strip: SimulatedPlug
) -> None:
    assert states_of(broker, strip) == "-----"
    for outlet, states in ((2, "+-+--"), (4, "+-+-+"), (2, "+---+"), (4, "-----")):
        strip.press(outlet)
        await broker.settle()
        assert states_of(broker, strip) == states


@pytest.mark.parametrize(("outlet", "channel"), [(MASTER, 0), ("usb", 4)])
async def test_one_command_switches_all_outlets_or_one(
    broker: MqttBroker, strip: SimulatedPlug, outlet: str, channel: int
) -> None:
    states = "+++++" if outlet == MASTER else "+---+"
    await turn_on(broker, entity_id_of(strip, outlet))
    assert states_of(broker, strip) == states
    assert [strip.onoff(number) for number in range(5)] == [
        int(state == "+") for state in states
    ]
    (command,) = broker.sent_to(strip, "SET", "ToggleX")
    assert command.payload == {"togglex": {"channel": channel, "onoff": 1}}
    await turn_off(broker, entity_id_of(strip, outlet))
    assert states_of(broker, strip) == "-----"


async def test_master_never_shows_a_wrong_state_meanwhile(
    broker: MqttBroker, strip: SimulatedPlug
) -> None:
    states = record_states(broker, entity_id_of(strip, MASTER))
    await turn_on(broker, entity_id_of(strip, "outlet_1"))
    await turn_on(broker, entity_id_of(strip, "outlet_2"))
    await turn_off(broker, entity_id_of(strip, "outlet_1"))
    await broker.advance(2)
    assert states == ["on"]


@pytest.mark.parametrize("first", [MASTER, "outlet_1"])
async def test_in_one_scene_an_outlet_has_priority_over_the_master(
    broker: MqttBroker, strip: SimulatedPlug, first: str
) -> None:
    await turn_on(broker, entity_id_of(strip, "outlet_1"))
    services = {MASTER: "turn_on", "outlet_1": "turn_off"}
    for outlet in sorted(services, key=lambda one: one != first):
        await broker.hass.services.async_call(
            "switch", services[outlet], {"entity_id": entity_id_of(strip, outlet)}
        )
    await broker.advance(8)
    assert states_of(broker, strip) == "+-+++"
    assert [strip.onoff(channel) for channel in range(1, 5)] == [0, 1, 1, 1]


async def test_master_has_priority_over_commands_that_wait_since_before(
    broker: MqttBroker, strip: SimulatedPlug
) -> None:
    """They are no part of its scene, and are not sent again."""
    strip.cut()
    calls = []
    for service, outlets in (("turn_on", OUTLETS[1:3]), ("turn_off", [MASTER])):
        data = {"entity_id": [entity_id_of(strip, outlet) for outlet in outlets]}
        call = broker.hass.services.async_call("switch", service, data, blocking=True)
        calls.append(broker.hass.async_create_task(call))
        await broker.advance(0.05)
    strip.power_on()
    await broker.advance(8)
    await asyncio.gather(*calls)
    assert states_of(broker, strip) == "-----"
    assert len(broker.sent_to(strip, "SET", "ToggleX")) == 4


async def test_call_for_all_switches_ends_with_all_on(
    broker: MqttBroker, strip: SimulatedPlug
) -> None:
    await turn_on(broker, *(entity_id_of(strip, outlet) for outlet in OUTLETS))
    await broker.advance(1)
    assert states_of(broker, strip) == "+++++"
