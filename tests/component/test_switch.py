"""The state of a plug's outlet, and the commands that switch it."""

import time

import pytest

from tests.simulator import SimulatedPlug
from tests.simulator.namespaces import ALL, TOGGLE_X, UNBIND
from tests.support.entities import entity_id_of, state_of, turn_on
from tests.support.entries import set_up
from tests.support.messages import build_message, build_toggle
from tests.support.mqtt import MqttBroker

MODELS = ["mss210", "mss310", "mss210v1", "mss305"]
ON = {"channel": 0, "onoff": 1}


@pytest.mark.parametrize("model", MODELS)
async def test_switches_by_button_and_by_command_at_once(
    broker: MqttBroker, model: str
) -> None:
    plug = SimulatedPlug(model)
    await set_up(broker, plug)
    started = time.monotonic()
    for state in ("on", "off", "on"):
        plug.press()
        await broker.settle()
        assert state_of(broker, plug) == state
    for state in ("off", "on"):
        await broker.hass.services.async_call(
            "switch", f"turn_{state}", {"entity_id": entity_id_of(plug)}
        )
        await broker.settle()
        assert state_of(broker, plug) == state
        assert plug.onoff() == (state == "on")
    assert time.monotonic() == started


@pytest.mark.parametrize(
    "entries",
    [ON, [ON], [{**ON, "entity": 1}, {"channel": 9, "onoff": 0}]],
    ids=str,
)
async def test_push_with_and_without_other_channels_is_shown(
    broker: MqttBroker, plug: SimulatedPlug, entries: object
) -> None:
    broker.publish_as(plug, build_message(plug, TOGGLE_X, "PUSH", {"togglex": entries}))
    await broker.settle()
    assert state_of(broker, plug) == "on"


@pytest.mark.parametrize(
    ("namespace", "method", "payload", "key"),
    [
        (TOGGLE_X, "PUSH", {"togglex": [ON]}, ""),
        (TOGGLE_X, "PUSH", {"togglex": [ON]}, "another"),
        (UNBIND, "PUSH", {}, "another"),
        (TOGGLE_X, "PUSH", {"togglex": None}, None),
        (TOGGLE_X, "PUSH", {"togglex": [{"channel": 0, "onoff": 7}]}, None),
        (ALL, "GETACK", {"togglex": [ON]}, None),
    ],
)
async def test_forged_or_invalid_message_changes_nothing(  # noqa: PLR0913, PLR0917
    broker: MqttBroker,
    plug: SimulatedPlug,
    namespace: str,
    method: str,
    payload: dict[str, object],
    key: str | None,
) -> None:
    broker.publish_as(plug, build_message(plug, namespace, method, payload, key=key))
    await broker.advance(1)
    assert state_of(broker, plug) == "off"
    broker.publish_as(plug, build_toggle(plug, 1))
    await broker.settle()
    assert state_of(broker, plug) == "on"


@pytest.mark.parametrize(("seconds", "at_once"), [(2, "off"), (3600, "on")])
async def test_plug_is_queried_after_a_push_that_may_be_late(
    broker: MqttBroker, plug: SimulatedPlug, seconds: int, at_once: str
) -> None:
    """Its clock may have stepped back as well; an hour is neither."""
    plug.press()
    await broker.advance(1)
    broker.plugs.clear()
    broker.publish_as(plug, build_toggle(plug, 0, at=time.time() - seconds))
    await broker.settle()
    assert state_of(broker, plug) == at_once
    broker.plugs[plug.device.identity.request_topic] = plug
    await broker.advance(8)
    assert state_of(broker, plug) == "on"


async def test_push_from_before_a_command_does_not_revert_it(
    broker: MqttBroker, plug: SimulatedPlug
) -> None:
    await turn_on(broker, entity_id_of(plug))
    await broker.advance(5)
    plug.faults.hold_next_push = 2
    plug.press()
    await broker.advance(1)
    await turn_on(broker, entity_id_of(plug))
    await broker.advance(5)
    assert plug.onoff() == 1
    assert state_of(broker, plug) == "on"


async def test_clock_that_restarts_with_the_plug_is_accepted(
    broker: MqttBroker,
) -> None:
    plug = SimulatedPlug("mss310")
    await set_up(broker, plug)
    plug.press()
    await broker.settle()
    plug.power_off()
    plug.press()
    broker.connect(plug)
    await broker.advance(1)
    assert state_of(broker, plug) == "off"
    plug.press()
    await broker.advance(1)
    assert state_of(broker, plug) == "on"
