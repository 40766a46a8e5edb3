"""A switch shows what its plug says, and nothing that anybody else does."""

import time
from typing import Any

import pytest

from tests.simulator import SimulatedPlug
from tests.simulator.namespaces import ALL, TOGGLE, TOGGLE_X, UNBIND
from tests.support.entities import state_of
from tests.support.entries import set_up
from tests.support.messages import build_message
from tests.support.mqtt import MqttBroker


def pushed(plug: SimulatedPlug, onoff: int, **how: Any) -> bytes:  # noqa: ANN401
    """Return a PUSH about the plug's only outlet."""
    lm_time = int(how.get("at", time.time()))
    item = {"channel": 0, "onoff": onoff, "lmTime": lm_time}
    return build_message(plug, TOGGLE_X, "PUSH", {"togglex": [item]}, **how)


@pytest.mark.parametrize("model", ["mss210", "mss310", "mss210v1", "mss305"])
async def test_the_state_follows_the_button(broker: MqttBroker, model: str) -> None:
    plug = SimulatedPlug(model)
    await set_up(broker, plug)
    for shown in ("on", "off", "on"):
        plug.press()
        await broker.settle()
        assert state_of(broker, plug) == shown


@pytest.mark.parametrize(
    "payload",
    [
        {"togglex": [{"channel": 0, "onoff": 1}]},
        {"togglex": {"channel": 0, "onoff": 1}},
        {"channel": 4294967295, "togglex": [{"channel": 0, "onoff": 1}]},
        {
            "togglex": [
                {"channel": 0, "onoff": 1, "entity": 1},
                {"channel": 9, "onoff": 0},
            ]
        },
    ],
    ids=str,
)
async def test_every_form_of_togglex_is_shown(
    broker: MqttBroker, payload: dict[str, Any]
) -> None:
    plug = SimulatedPlug("mss210")
    await set_up(broker, plug)
    broker.publish_as(plug, build_message(plug, TOGGLE_X, "PUSH", payload))
    await broker.settle()
    assert state_of(broker, plug) == "on"


async def test_toggle_of_the_first_generation_is_shown(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210v1")
    await set_up(broker, plug)
    payload = {"channel": 0, "toggle": {"onoff": 1, "lmTime": int(time.time())}}
    broker.publish_as(plug, build_message(plug, TOGGLE, "PUSH", payload))
    await broker.settle()
    assert state_of(broker, plug) == "on"


@pytest.mark.parametrize("key", ["", "another"])
async def test_a_forged_push_changes_nothing(broker: MqttBroker, key: str) -> None:
    plug = SimulatedPlug("mss210")
    await set_up(broker, plug)
    broker.publish_as(plug, pushed(plug, 1, key=key))
    await broker.advance(1)
    assert state_of(broker, plug) == "off"
    broker.publish_as(plug, pushed(plug, 1))
    await broker.settle()
    assert state_of(broker, plug) == "on"


async def test_a_forged_unbind_changes_nothing(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210")
    await set_up(broker, plug)
    broker.publish_as(plug, build_message(plug, UNBIND, "PUSH", {}, key="another"))
    await broker.advance(1)
    assert state_of(broker, plug) == "off"


@pytest.mark.parametrize(
    "payload",
    [{}, {"togglex": None}, {"togglex": [{"channel": 0, "onoff": 7}]}],
    ids=str,
)
async def test_a_signed_push_that_makes_no_sense_changes_nothing(
    broker: MqttBroker, payload: dict[str, Any]
) -> None:
    plug = SimulatedPlug("mss210")
    await set_up(broker, plug)
    broker.publish_as(plug, build_message(plug, TOGGLE_X, "PUSH", payload))
    broker.publish_as(plug, build_message(plug, ALL, "GETACK", payload))
    await broker.advance(1)
    assert state_of(broker, plug) == "off"


async def test_a_push_that_was_overtaken_is_ignored(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210")
    await set_up(broker, plug)
    await broker.advance(10)
    now = time.time()
    broker.publish_as(plug, pushed(plug, 1, at=now))
    broker.publish_as(plug, pushed(plug, 0, at=now - 2))
    await broker.settle()
    assert state_of(broker, plug) == "on"


async def test_a_clock_that_was_set_back_is_no_late_message(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210")
    await set_up(broker, plug)
    broker.publish_as(plug, pushed(plug, 1))
    broker.publish_as(plug, pushed(plug, 0, at=time.time() - 3600))
    await broker.settle()
    assert state_of(broker, plug) == "off"


async def test_a_clock_that_starts_again_at_boot_is_believed(
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
