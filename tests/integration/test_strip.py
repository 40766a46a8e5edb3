"""A strip: its master shows its outlets and switches them all."""

import pytest

from tests.simulator import SimulatedPlug
from tests.support.entities import entity_id_of, state_of, turn_off, turn_on
from tests.support.entries import set_up
from tests.support.mqtt import MqttBroker

OUTLETS = ["outlet_1", "outlet_2", "outlet_3", "usb"]
MASTER = "all_outlets"


@pytest.fixture(params=[False, True], ids=["PUSH without 0", "PUSH with 0"])
def strip(request: pytest.FixtureRequest) -> SimulatedPlug:
    """Return a strip; its PUSH may list the master or not (protocol.md 5)."""
    return SimulatedPlug("mss425e", pushes_master=request.param)


def shown(broker: MqttBroker, strip: SimulatedPlug) -> list[str | None]:
    """Return the states of the master and of all outlets."""
    return [state_of(broker, strip, outlet) for outlet in [MASTER, *OUTLETS]]


async def test_the_master_is_on_while_any_outlet_is(
    broker: MqttBroker, strip: SimulatedPlug
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
    broker: MqttBroker, strip: SimulatedPlug
) -> None:
    await set_up(broker, strip)
    await turn_on(broker, entity_id_of(strip, MASTER))
    assert shown(broker, strip) == ["on"] * 5
    assert [strip.onoff(channel) for channel in range(5)] == [1] * 5
    (command,) = broker.sent_to(strip, "SET", "ToggleX")
    assert command.payload == {"togglex": {"channel": 0, "onoff": 1}}
    await turn_off(broker, entity_id_of(strip, MASTER))
    assert shown(broker, strip) == ["off"] * 5


async def test_an_outlet_switches_itself(
    broker: MqttBroker, strip: SimulatedPlug
) -> None:
    await set_up(broker, strip)
    await turn_on(broker, entity_id_of(strip, "usb"))
    assert shown(broker, strip) == ["on", "off", "off", "off", "on"]
    (command,) = broker.sent_to(strip, "SET", "ToggleX")
    assert command.payload == {"togglex": {"channel": 4, "onoff": 1}}


async def test_the_master_is_never_shown_wrong_meanwhile(
    broker: MqttBroker, strip: SimulatedPlug
) -> None:
    await set_up(broker, strip)
    seen: list[str] = []
    broker.hass.bus.async_listen(
        "state_changed",
        lambda event: (
            seen.append(event.data["new_state"].state)
            if event.data["entity_id"] == entity_id_of(strip, MASTER)
            else None
        ),
    )
    await turn_on(broker, entity_id_of(strip, "outlet_1"))
    await turn_on(broker, entity_id_of(strip, "outlet_2"))
    await turn_off(broker, entity_id_of(strip, "outlet_1"))
    await broker.advance(2)
    assert seen == ["on"]


@pytest.mark.parametrize("first", ["master", "outlet"])
async def test_in_one_scene_an_outlet_wins_over_the_master(
    broker: MqttBroker, strip: SimulatedPlug, first: str
) -> None:
    await set_up(broker, strip)
    await turn_on(broker, entity_id_of(strip, "outlet_1"))
    calls = [("turn_on", MASTER), ("turn_off", "outlet_1")]
    if first == "outlet":
        calls.reverse()
    for service, outlet in calls:
        await broker.hass.services.async_call(
            "switch", service, {"entity_id": entity_id_of(strip, outlet)}
        )
    await broker.advance(8)
    assert shown(broker, strip) == ["on", "off", "on", "on", "on"]
    assert [strip.onoff(channel) for channel in range(1, 5)] == [0, 1, 1, 1]


async def test_a_list_of_all_switches_ends_with_all_on(
    broker: MqttBroker, strip: SimulatedPlug
) -> None:
    await set_up(broker, strip)
    entities = [entity_id_of(strip, outlet) for outlet in [MASTER, *OUTLETS]]
    await turn_on(broker, *entities)
    await broker.advance(1)
    assert shown(broker, strip) == ["on"] * 5
