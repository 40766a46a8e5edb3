"""The status light and the overheat protection are switches of the configuration."""

from typing import Any

from homeassistant.const import EntityCategory
from homeassistant.exceptions import HomeAssistantError
import pytest

from tests.simulator import SimulatedPlug
from tests.simulator.namespaces import DND_MODE, OVER_TEMP
from tests.support.entities import (
    call_switch,
    entity_keys,
    registry_entry_of,
    state_object_of,
    value_of,
)
from tests.support.entries import set_up
from tests.support.messages import build_message
from tests.support.mqtt import MqttBroker

LIGHT = "status_light"
HEAT = "overheat_protection"
PLUGS = {
    "mss210": {LIGHT, HEAT},
    "mss305": {LIGHT, HEAT},
    "mss310": {LIGHT},
    "mss425e": {LIGHT},
    "mss210v1": {LIGHT},
}


async def turn(broker: MqttBroker, plug: SimulatedPlug, key: str, action: str) -> None:
    """Click a setting."""
    await call_switch(
        broker, f"turn_{action}", registry_entry_of(broker, plug, key).entity_id
    )


def payloads(broker: MqttBroker, plug: SimulatedPlug) -> list[dict[str, Any]]:
    """Return what the plug was told of settings."""
    return [
        sent.payload
        for sent in broker.sent_to(plug)
        if sent.kind in {("SET", "DNDMode"), ("SET", "OverTemp")}
    ]


@pytest.mark.parametrize("model", PLUGS)
async def test_a_plug_has_the_settings_that_it_lists(
    broker: MqttBroker, model: str
) -> None:
    plug = SimulatedPlug(model)
    await set_up(broker, plug)
    found = entity_keys(broker, plug) & {LIGHT, HEAT}
    assert found == PLUGS[model]
    for key in found:
        assert (
            registry_entry_of(broker, plug, key).entity_category
            is EntityCategory.CONFIG
        )
        assert value_of(broker, plug, key) == "on"


async def test_settings_have_names(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss305")
    await set_up(broker, plug)
    names = {
        state_object_of(broker, plug, key).name.removeprefix("MSS305 79b1 ")
        for key in PLUGS["mss305"]
    }
    assert names == {"Status light", "Overheat protection"}


async def test_on_means_lit(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss310")
    await set_up(broker, plug)
    await turn(broker, plug, LIGHT, "off")
    assert (value_of(broker, plug, LIGHT), plug.device.dnd_mode) == ("off", 1)
    await turn(broker, plug, LIGHT, "on")
    assert (value_of(broker, plug, LIGHT), plug.device.dnd_mode) == ("on", 0)
    assert payloads(broker, plug) == [
        {"DNDMode": {"mode": 1}},
        {"DNDMode": {"mode": 0}},
    ]


async def test_overheat_protection_is_switched(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss305")
    await set_up(broker, plug)
    await turn(broker, plug, HEAT, "off")
    assert (value_of(broker, plug, HEAT), plug.device.overheat_protection) == ("off", 2)
    await turn(broker, plug, HEAT, "on")
    assert (value_of(broker, plug, HEAT), plug.device.overheat_protection) == ("on", 1)
    assert payloads(broker, plug) == [
        {"overTemp": {"enable": 2}},
        {"overTemp": {"enable": 1}},
    ]


async def test_a_setting_is_shown_at_once_and_not_asked_for(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210")
    await set_up(broker, plug)
    plug.heard.clear()
    await turn(broker, plug, HEAT, "off")
    assert value_of(broker, plug, HEAT) == "off"
    assert [one.message and one.message.method for one in plug.heard] == ["SET"]


async def test_what_another_changed_is_shown_within_seven_minutes(
    broker: MqttBroker,
) -> None:
    plug = SimulatedPlug("mss210")
    await set_up(broker, plug)
    plug.device.dnd_mode = 1
    plug.device.overheat_protection = 2
    await broker.leap(420)
    assert value_of(broker, plug, LIGHT) == "off"
    assert value_of(broker, plug, HEAT) == "off"


async def test_what_a_plug_pushes_is_shown_at_once(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210")
    await set_up(broker, plug)
    broker.publish_as(
        plug, build_message(plug, DND_MODE, "PUSH", {"DNDMode": {"mode": 1}})
    )
    await broker.settle()
    assert value_of(broker, plug, LIGHT) == "off"


async def test_a_setting_that_is_not_answered_is_unavailable(
    broker: MqttBroker,
) -> None:
    plug = SimulatedPlug("mss210")
    plug.faults.unanswered.add(OVER_TEMP)
    await set_up(broker, plug)
    await broker.leap(10)
    assert value_of(broker, plug, HEAT) == "unavailable"
    assert value_of(broker, plug, LIGHT) == "on"
    plug.faults.unanswered.clear()
    await broker.leap(420)
    assert value_of(broker, plug, HEAT) == "on"


@pytest.mark.parametrize("key", [LIGHT, HEAT])
@pytest.mark.parametrize(
    ("fault", "reason"),
    [("refused", "refused"), ("unanswered", "no_answer"), ("key", "wrong_key")],
)
async def test_what_a_plug_does_not_do_is_an_error_and_changes_nothing(
    broker: MqttBroker, key: str, fault: str, reason: str
) -> None:
    plug = SimulatedPlug("mss210")
    await set_up(broker, plug)
    namespace = {LIGHT: DND_MODE, HEAT: OVER_TEMP}[key]
    match fault:
        case "refused":
            plug.faults.refused[namespace] = 5000
        case "unanswered":
            plug.faults.unanswered.add(namespace)
        case "key":
            plug.key = "another"
    with pytest.raises(HomeAssistantError) as caught:
        await turn(broker, plug, key, "off")
    assert caught.value.translation_domain == "meross_local"
    assert caught.value.translation_key == reason
    assert "MSS210 79b1" in str(caught.value)
    assert value_of(broker, plug, key) == "on"
    tries = 2 if fault == "unanswered" else 1
    assert len(payloads(broker, plug)) == tries


async def test_one_lost_answer_is_no_error(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210")
    await set_up(broker, plug)
    plug.faults.drop_replies = 1
    await turn(broker, plug, LIGHT, "off")
    assert value_of(broker, plug, LIGHT) == "off"


async def test_without_a_broker_settings_are_unavailable_and_then_right(
    broker: MqttBroker,
) -> None:
    plug = SimulatedPlug("mss210")
    await set_up(broker, plug)
    broker.disconnect()
    await broker.settle()
    assert value_of(broker, plug, LIGHT) == "unavailable"
    plug.device.dnd_mode = 1
    broker.reconnect()
    await broker.advance(8)
    assert value_of(broker, plug, LIGHT) == "off"
