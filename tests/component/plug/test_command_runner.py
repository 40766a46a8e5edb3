"""Each command ends in a confirmed state or in an error that explains itself."""

import time

from homeassistant.exceptions import HomeAssistantError
import pytest

from tests.simulator import SimulatedPlug
from tests.simulator.namespaces import DND_MODE, OVER_TEMP, TOGGLE_X
from tests.support.entities import (
    entity_id_of,
    registry_entry_of,
    state_of,
    turn_off,
    turn_on,
    value_of,
)
from tests.support.entries import set_up
from tests.support.mqtt import MqttBroker


def commands(broker: MqttBroker, plug: SimulatedPlug) -> list[int]:
    """Return the states that the outlet was switched to."""
    return [
        sent.payload["togglex"]["onoff"]
        for sent in broker.sent_to(plug, "SET", "ToggleX")
    ]


async def test_command_is_signed_and_neither_retained_nor_acknowledged_in_public(
    broker: MqttBroker, plug: SimulatedPlug
) -> None:
    now = int(time.time())
    await turn_on(broker, entity_id_of(plug))
    (command,) = broker.sent_to(plug, "SET", "ToggleX")
    assert command.payload == {"togglex": {"channel": 0, "onoff": 1}}
    assert command.is_signed_with("meross")
    assert command.header["from"] == f"/appliance/{plug.uuid}/reply"
    assert command.header["timestamp"] == now
    assert (command.qos, command.retain) == (0, False)


@pytest.mark.parametrize("key", ["0", "status_light"])
async def test_one_lost_reply_costs_one_more_attempt(
    broker: MqttBroker, plug: SimulatedPlug, key: str
) -> None:
    turn, state = (turn_on, "on") if key == "0" else (turn_off, "off")
    plug.faults.drop_replies = 1
    await turn(broker, registry_entry_of(broker, plug, key).entity_id)
    assert len(broker.sent_to(plug, "SET", "ToggleX" if key == "0" else "DNDMode")) == 2
    assert value_of(broker, plug, key) == state


async def test_reply_topic_without_replies_is_replaced_by_the_public_one(
    broker: MqttBroker,
) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    plug.faults.drop_replies = 1
    assert await broker.hass.config_entries.async_reload(entry.entry_id)
    broker.sent.clear()
    await broker.advance(8)
    assert state_of(broker, plug) == "off"
    public = f"/appliance/{plug.uuid}/publish"
    assert broker.sent_to(plug, "GET", "All")[1].header["from"] == public
    # The topic that works is kept for commands.
    await turn_on(broker, entity_id_of(plug))
    (command,) = broker.sent_to(plug, "SET", "ToggleX")
    assert command.header["from"] == public


@pytest.mark.parametrize(
    ("key", "namespace", "state"),
    [
        ("0", TOGGLE_X, "off"),
        ("status_light", DND_MODE, "on"),
        ("overheat_protection", OVER_TEMP, "on"),
    ],
)
@pytest.mark.parametrize(
    ("fault", "reason", "attempts"),
    [
        ("ignores it", "no_answer", 2),
        ("is frozen", "no_answer", 2),
        ("rejects it", "refused", 1),
        ("has another key", "wrong_key", 1),
        ("has no broker", "not_connected", 0),
    ],
)
async def test_unconfirmed_command_is_an_error_and_changes_nothing(  # noqa: PLR0913, PLR0917
    broker: MqttBroker,
    plug: SimulatedPlug,
    key: str,
    namespace: str,
    state: str,
    fault: str,
    reason: str,
    attempts: int,
) -> None:
    match fault:
        case "ignores it":
            plug.faults.unanswered.add(namespace)
        case "is frozen":
            plug.freeze()
        case "rejects it":
            plug.faults.refused[namespace] = 5000
        case "has another key":
            plug.key = "another"
        case "has no broker":
            broker.is_up = False
    entity_id = registry_entry_of(broker, plug, key).entity_id
    broker.sent.clear()
    started = time.monotonic()
    with pytest.raises(HomeAssistantError) as caught:
        await (turn_off if state == "on" else turn_on)(broker, entity_id)
    # An ERROR that another key signs may be forged: the reply is waited for.
    limit = {"no_answer": 7, "wrong_key": 3.25}.get(reason, 0.25)
    assert time.monotonic() - started <= limit
    placeholders = {"plug": f"MSS210 {plug.uuid[-4:]}"}
    if reason == "refused":
        placeholders["code"] = "5000"
    assert caught.value.translation_domain == "meross_local"
    assert caught.value.translation_key == reason
    assert caught.value.translation_placeholders == placeholders
    for value in placeholders.values():
        assert value in str(caught.value)
    sent = broker.sent_to(plug, "SET", namespace.rpartition(".")[2])
    assert len(sent) == attempts
    assert value_of(broker, plug, key) == state


async def test_ten_commands_in_a_row_end_in_the_last_state(
    broker: MqttBroker, plug: SimulatedPlug
) -> None:
    for number in range(10):
        await broker.hass.services.async_call(
            "switch",
            "turn_off" if number % 2 else "turn_on",
            {"entity_id": entity_id_of(plug)},
        )
    await broker.advance(8)
    assert state_of(broker, plug) == "off"
    assert plug.onoff() == 0
    assert commands(broker, plug) == [1, 0] * 5


async def test_outdated_command_is_not_sent_again(
    broker: MqttBroker, plug: SimulatedPlug
) -> None:
    plug.freeze()
    target = {"entity_id": entity_id_of(plug)}
    # Only one of the two moves time: neither would see the event loop become idle.
    on = broker.hass.async_create_task(
        broker.hass.services.async_call("switch", "turn_on", target, blocking=True)
    )
    await broker.settle()
    plug.thaw()
    await turn_off(broker, entity_id_of(plug))
    await broker.until(on)
    assert commands(broker, plug) == [1, 0]
    assert state_of(broker, plug) == "off"


async def test_fifty_plugs_are_switched_at_once(broker: MqttBroker) -> None:
    plugs = [SimulatedPlug("mss210", number) for number in range(50)]
    await set_up(broker, *plugs)
    frozen = plugs[7]
    frozen.freeze()
    started = time.monotonic()
    with pytest.raises(HomeAssistantError):
        await turn_on(broker, *map(entity_id_of, plugs))
    assert time.monotonic() - started <= 7
    assert [state_of(broker, plug) for plug in plugs] == [
        "off" if plug is frozen else "on" for plug in plugs
    ]


async def test_command_ends_when_the_broker_is_lost(
    broker: MqttBroker, plug: SimulatedPlug
) -> None:
    plug.freeze()
    call = broker.hass.services.async_call(
        "switch", "turn_on", {"entity_id": entity_id_of(plug)}, blocking=True
    )
    task = broker.hass.async_create_task(call)
    await broker.settle()
    broker.disconnect()
    await broker.settle()
    with pytest.raises(HomeAssistantError) as caught:
        await task
    assert caught.value.translation_key == "not_connected"
