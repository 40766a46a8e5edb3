"""What is shown is what the plug does, whatever gets lost, late or is sent again."""

import asyncio

from homeassistant.exceptions import HomeAssistantError
import pytest

from tests.simulator import Message, SimulatedPlug
from tests.simulator.namespaces import REPORT, TOGGLE_X
from tests.support.entities import (
    call_switch,
    entity_id_of,
    record_states,
    state_of,
    turn_on,
)
from tests.support.entries import reload_entry, set_up
from tests.support.messages import build_message
from tests.support.mqtt import MqttBroker

MODELS = ["mss210", "mss310", "mss210v1"]
OUTLETS = ["all_outlets", "outlet_1", "outlet_2", "outlet_3", "usb"]


async def connected(broker: MqttBroker, model: str) -> SimulatedPlug:
    """Set up a plug that has been connected for a while."""
    plug = SimulatedPlug(model)
    await set_up(broker, plug)
    await broker.advance(70)
    return plug


@pytest.mark.parametrize("model", MODELS)
async def test_lost_push_is_made_up_for_within_75_seconds(
    broker: MqttBroker, model: str
) -> None:
    plug = await connected(broker, model)
    plug.faults.lose_sent = 1
    plug.press()
    await broker.advance(76)
    assert (plug.onoff(), state_of(broker, plug)) == (1, "on")


async def test_acknowledgement_does_not_overrule_a_push_that_precedes_it(
    broker: MqttBroker,
) -> None:
    plug = await connected(broker, "mss425e")
    outlet = entity_id_of(plug, "outlet_2")
    states = record_states(broker, outlet)
    plug.faults.push_first_by = 0.4
    switching = broker.hass.async_create_task(call_switch(broker, "turn_on", outlet))
    await broker.advance(0.2)
    plug.press(2)
    await broker.advance(3)
    await switching
    assert plug.onoff(2) == 0
    assert states == ["on", "off"]


async def test_command_without_a_push_is_asked_about_soon(broker: MqttBroker) -> None:
    plug = await connected(broker, "mss310")
    plug.faults.omits_push = True
    await turn_on(broker, entity_id_of(plug))
    assert state_of(broker, plug) == "on"
    # Somebody presses, which is lost, too.
    plug.faults.lose_sent = 1
    plug.press()
    broker.sent.clear()
    await broker.advance(8)
    assert state_of(broker, plug) == "off"


@pytest.mark.parametrize("omits_push", [False, True])
async def test_outlet_that_does_not_follow_all_outlets_is_right_within_seconds(
    broker: MqttBroker, *, omits_push: bool
) -> None:
    plug = await connected(broker, "mss425e")
    plug.device.relays.disobedient = {3}
    plug.faults.omits_push = omits_push
    await turn_on(broker, entity_id_of(plug, "all_outlets"))
    await broker.advance(10)
    states = [state_of(broker, plug, outlet) for outlet in OUTLETS]
    assert states == ["on", "on", "on", "off", "on"]


@pytest.mark.parametrize("model", ["mss210", "mss310"])
async def test_push_of_another_namespace_is_no_acknowledgement(
    broker: MqttBroker, model: str
) -> None:
    plug = await connected(broker, model)
    plug.freeze()
    broker.sent.clear()
    switching = broker.hass.async_create_task(
        broker.hass.services.async_call(
            "switch", "turn_on", {"entity_id": entity_id_of(plug)}, blocking=True
        )
    )
    await broker.settle()
    (command,) = broker.sent_to(plug, "SET", "ToggleX")
    entry = {"type": "1", "value": "0", "timestamp": 1}
    for namespace, method, payload in (
        (REPORT, "PUSH", {"report": [entry]}),
        (REPORT, "SETACK", {}),
        (TOGGLE_X, "GETACK", {"togglex": [{"channel": 0, "onoff": 0, "lmTime": 1}]}),
    ):
        message_id = command.header["messageId"]
        raw = build_message(plug, namespace, method, payload, message_id=message_id)
        broker.publish_as(plug, raw)
    await broker.advance(1)
    assert not switching.done()
    assert state_of(broker, plug) == "off"
    with pytest.raises(HomeAssistantError):
        await broker.until(switching)
    assert plug.onoff() == 0


@pytest.mark.parametrize("model", ["mss210", "mss310"])
@pytest.mark.parametrize("seconds", [(1, 29), (29, 1), (1, 68), (68, 1), (599, 1)])
async def test_captured_push_changes_nothing_when_it_is_sent_again(
    broker: MqttBroker, model: str, seconds: tuple[int, int]
) -> None:
    plug = await connected(broker, model)
    plug.press()
    captured = plug.outbox[-1].message
    await broker.advance(seconds[0])
    plug.press()
    await broker.advance(seconds[1])
    states = record_states(broker, entity_id_of(plug))
    broker.publish_as(plug, captured.encode())
    await broker.advance(76)
    assert states == []
    assert state_of(broker, plug) == "off"


async def test_captured_push_is_recognized_after_a_reload(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss310")
    entry = await set_up(broker, plug)
    plug.press()
    captured = plug.outbox[-1].message
    await broker.advance(90)
    plug.press()
    await broker.advance(1)
    await reload_entry(broker, entry)
    states = record_states(broker, entity_id_of(plug))
    broker.publish_as(plug, captured.encode())
    await broker.advance(10)
    assert (states, state_of(broker, plug)) == ([], "off")


async def test_reply_that_arrives_twice_counts_once(broker: MqttBroker) -> None:
    """Between both a button was pressed, and whole seconds are all the stamps have."""
    plug = await connected(broker, "mss210")
    plug.faults.timestamp_ms = 0
    broker.sent.clear()
    while not broker.sent_to(plug, "GET", "ToggleX"):
        await broker.advance(0.2)
    reply = plug.outbox[-1].message
    plug.press()
    await broker.settle()
    states = record_states(broker, entity_id_of(plug))
    broker.sent.clear()
    for _ in range(3):
        broker.publish_as(plug, reply.encode())
    await broker.advance(10)
    assert (states, state_of(broker, plug)) == ([], "on")
    # Where all of them are doubled, a query about each would not end.
    assert broker.sent_to(plug) == []


async def test_late_push_is_shown_no_longer_than_until_the_plug_is_asked(
    broker: MqttBroker,
) -> None:
    plug = await connected(broker, "mss310")
    plug.faults.hold_next_push = 20
    plug.press()
    await broker.advance(1)
    plug.press()
    await broker.advance(19)
    await broker.advance(6)
    assert (plug.onoff(), state_of(broker, plug)) == (0, "off")


@pytest.mark.parametrize("model", MODELS)
async def test_unanswered_command_is_an_error_and_the_plug_unavailable_soon(
    broker: MqttBroker, model: str
) -> None:
    plug = await connected(broker, model)
    plug.freeze()
    switching = asyncio.ensure_future(
        broker.hass.services.async_call(
            "switch", "turn_on", {"entity_id": entity_id_of(plug)}, blocking=True
        )
    )
    await broker.advance(12)
    assert switching.done()
    assert isinstance(switching.exception(), HomeAssistantError)
    assert state_of(broker, plug) == "unavailable"
    plug.thaw()
    plug.press()
    await broker.advance(1)
    assert state_of(broker, plug) == "on"


@pytest.mark.parametrize("by_command", [False, True])
async def test_power_is_asked_for_once_and_after_the_state_is_shown(
    broker: MqttBroker, *, by_command: bool
) -> None:
    plug = await connected(broker, "mss310")
    plug.faults.loses = _is_electricity
    await broker.advance(15)
    plug.faults.loses = lambda _: False
    # Between two polls, which come every ten seconds.
    broker.sent.clear()
    while not broker.sent_to(plug, "GET", "Electricity"):
        await broker.advance(0.1)
    await broker.advance(2)
    broker.sent.clear()
    if by_command:
        await turn_on(broker, entity_id_of(plug))
    else:
        plug.press()
    await broker.settle()
    assert state_of(broker, plug) == "on"
    assert not broker.sent_to(plug, "GET")
    started = broker.clock.now
    await broker.advance(5)
    (asked,) = broker.sent_to(plug, "GET", "Electricity")
    assert 0.5 <= asked.at - started <= 2.5


def _is_electricity(message: Message) -> bool:
    return message.namespace.endswith("Electricity")
