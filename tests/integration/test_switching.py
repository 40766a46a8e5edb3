"""A command ends in a confirmed state or an error that the person reads."""

import time

from homeassistant.exceptions import HomeAssistantError
import pytest

from tests.simulator import SimulatedPlug
from tests.support.entities import entity_id_of, state_of, turn_on
from tests.support.entries import set_up
from tests.support.mqtt import MqttBroker

ALL_MODELS = ["mss210", "mss310", "mss210v1", "mss305"]


@pytest.mark.parametrize("model", ALL_MODELS)
async def test_it_switches_both_ways(broker: MqttBroker, model: str) -> None:
    plug = SimulatedPlug(model)
    await set_up(broker, plug)
    began = time.monotonic()
    for service, shown in (("turn_on", "on"), ("turn_off", "off")):
        await broker.hass.services.async_call(
            "switch", service, {"entity_id": entity_id_of(plug)}, blocking=True
        )
        assert state_of(broker, plug) == shown
        assert plug.onoff() == (shown == "on")
    assert time.monotonic() == began


async def test_a_command_is_signed_answered_in_private_and_never_retained(
    broker: MqttBroker,
) -> None:
    plug = SimulatedPlug("mss210")
    await set_up(broker, plug)
    clicked_at = int(time.time())
    await turn_on(broker, entity_id_of(plug))
    (command,) = broker.sent_to(plug, "SET", "ToggleX")
    assert command.payload == {"togglex": {"channel": 0, "onoff": 1}}
    assert command.is_signed_with("meross")
    assert command.header["from"] == f"/appliance/{plug.uuid}/reply"
    assert command.header["timestamp"] == clicked_at
    assert (command.qos, command.retain) == (0, False)


async def test_a_lost_answer_is_made_good_by_one_more_try(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210")
    await set_up(broker, plug)
    plug.faults.drop_replies = 1
    await turn_on(broker, entity_id_of(plug))
    assert len(broker.sent_to(plug, "SET", "ToggleX")) == 2
    assert state_of(broker, plug) == "on"


async def test_a_plug_that_never_answered_in_private_is_asked_to_do_it_aloud(
    broker: MqttBroker,
) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    plug.faults.drop_replies = 1
    assert await broker.hass.config_entries.async_reload(entry.entry_id)
    broker.sent.clear()
    await broker.advance(8)
    assert state_of(broker, plug) == "off"
    aloud = f"/appliance/{plug.uuid}/publish"
    assert broker.sent_to(plug, "GET", "ToggleX")[0].header["from"] == aloud
    # What works is remembered.
    await turn_on(broker, entity_id_of(plug))
    (command,) = broker.sent_to(plug, "SET", "ToggleX")
    assert command.header["from"] == aloud


async def test_a_dead_plug_is_an_error_within_seven_seconds(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210")
    await set_up(broker, plug)
    plug.freeze()
    began = time.monotonic()
    with pytest.raises(HomeAssistantError) as error:
        await turn_on(broker, entity_id_of(plug))
    assert time.monotonic() - began <= 7
    assert error.value.translation_key == "no_answer"
    assert error.value.translation_placeholders == {"plug": f"MSS210 {plug.uuid[-4:]}"}
    assert f"MSS210 {plug.uuid[-4:]} does not answer" in str(error.value)
    assert len(broker.sent_to(plug, "SET", "ToggleX")) == 2
    assert state_of(broker, plug) == "off"


async def test_a_refusal_is_an_error_with_its_code(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210")
    await set_up(broker, plug)
    plug.faults.refuse_with = 5000
    with pytest.raises(HomeAssistantError) as error:
        await turn_on(broker, entity_id_of(plug))
    assert error.value.translation_key == "refused"
    assert "5000" in str(error.value)
    assert len(broker.sent_to(plug, "SET", "ToggleX")) == 1
    assert state_of(broker, plug) == "off"


async def test_a_plug_that_was_given_another_key_is_an_error(
    broker: MqttBroker,
) -> None:
    plug = SimulatedPlug("mss210")
    await set_up(broker, plug)
    plug.key = "new"
    with pytest.raises(HomeAssistantError) as error:
        await turn_on(broker, entity_id_of(plug))
    assert error.value.translation_key == "wrong_key"
    assert state_of(broker, plug) == "off"


async def test_no_broker_is_an_error_at_once(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210")
    await set_up(broker, plug)
    broker.is_up = False
    with pytest.raises(HomeAssistantError) as error:
        await turn_on(broker, entity_id_of(plug))
    assert error.value.translation_key == "not_connected"
    assert state_of(broker, plug) == "off"


async def test_ten_clicks_end_in_the_last_ones_state(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210")
    await set_up(broker, plug)
    for number in range(10):
        await broker.hass.services.async_call(
            "switch",
            "turn_off" if number % 2 else "turn_on",
            {"entity_id": entity_id_of(plug)},
        )
    await broker.advance(8)
    assert state_of(broker, plug) == "off"
    assert plug.onoff() == 0
    onoffs = [
        sent.payload["togglex"]["onoff"]
        for sent in broker.sent_to(plug, "SET", "ToggleX")
    ]
    assert onoffs == [1, 0] * 5


async def test_a_command_that_was_overtaken_is_not_sent_again(
    broker: MqttBroker,
) -> None:
    plug = SimulatedPlug("mss210")
    await set_up(broker, plug)
    plug.freeze()
    on = broker.hass.async_create_task(turn_on(broker, entity_id_of(plug)))
    await broker.settle()
    plug.thaw()
    await broker.hass.services.async_call(
        "switch", "turn_off", {"entity_id": entity_id_of(plug)}, blocking=True
    )
    await on
    assert [
        sent.payload["togglex"]["onoff"]
        for sent in broker.sent_to(plug, "SET", "ToggleX")
    ] == [1, 0]
    assert state_of(broker, plug) == "off"


async def test_a_late_push_from_before_a_command_does_not_flip_it_back(
    broker: MqttBroker,
) -> None:
    plug = SimulatedPlug("mss210")
    await set_up(broker, plug)
    await turn_on(broker, entity_id_of(plug))
    await broker.advance(5)
    plug.faults.hold_next_push = 2
    plug.press()
    await broker.advance(1)
    await turn_on(broker, entity_id_of(plug))
    await broker.advance(5)
    assert plug.onoff() == 1
    assert state_of(broker, plug) == "on"


async def test_two_hundred_plugs_are_switched_at_once(broker: MqttBroker) -> None:
    plugs = [SimulatedPlug("mss210", number) for number in range(200)]
    await set_up(broker, *plugs)
    dead = plugs[7]
    dead.freeze()
    with pytest.raises(HomeAssistantError):
        await turn_on(broker, *map(entity_id_of, plugs))
    assert [state_of(broker, plug) for plug in plugs] == [
        "off" if plug is dead else "on" for plug in plugs
    ]
