"""A switch shows what its plug says, and nothing that anybody else does."""

import time
from typing import Any

import pytest

from tests.simulator import SimulatedPlug
from tests.simulator.namespaces import ALL, TOGGLE, TOGGLE_X, UNBIND

from .broker import Broker, said
from .steps import set_up, state


def pushed(plug: SimulatedPlug, onoff: int, **how: Any) -> bytes:  # noqa: ANN401
    """Return a PUSH about the plug's only outlet."""
    lm_time = int(how.get("at", time.time()))
    item = {"channel": 0, "onoff": onoff, "lmTime": lm_time}
    return said(plug, TOGGLE_X, "PUSH", {"togglex": [item]}, **how)


@pytest.mark.parametrize("model", ["mss210", "mss310", "mss210v1", "mss305"])
async def test_the_state_follows_the_button(broker: Broker, model: str) -> None:
    plug = SimulatedPlug(model)
    await set_up(broker, plug)
    for shown in ("on", "off", "on"):
        plug.press()
        await broker.settle()
        assert state(broker, plug) == shown


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
    broker: Broker, payload: dict[str, Any]
) -> None:
    plug = SimulatedPlug("mss210")
    await set_up(broker, plug)
    broker.tell(plug, said(plug, TOGGLE_X, "PUSH", payload))
    await broker.settle()
    assert state(broker, plug) == "on"


async def test_toggle_of_the_first_generation_is_shown(broker: Broker) -> None:
    plug = SimulatedPlug("mss210v1")
    await set_up(broker, plug)
    payload = {"channel": 0, "toggle": {"onoff": 1, "lmTime": int(time.time())}}
    broker.tell(plug, said(plug, TOGGLE, "PUSH", payload))
    await broker.settle()
    assert state(broker, plug) == "on"


@pytest.mark.parametrize("key", ["", "another"])
async def test_a_forged_push_changes_nothing(broker: Broker, key: str) -> None:
    plug = SimulatedPlug("mss210")
    await set_up(broker, plug)
    broker.tell(plug, pushed(plug, 1, key=key))
    await broker.passes(1)
    assert state(broker, plug) == "off"
    broker.tell(plug, pushed(plug, 1))
    await broker.settle()
    assert state(broker, plug) == "on"


async def test_a_forged_unbind_changes_nothing(broker: Broker) -> None:
    plug = SimulatedPlug("mss210")
    await set_up(broker, plug)
    broker.tell(plug, said(plug, UNBIND, "PUSH", {}, key="another"))
    await broker.passes(1)
    assert state(broker, plug) == "off"


@pytest.mark.parametrize(
    "payload",
    [{}, {"togglex": None}, {"togglex": [{"channel": 0, "onoff": 7}]}],
    ids=str,
)
async def test_a_signed_push_that_makes_no_sense_changes_nothing(
    broker: Broker, payload: dict[str, Any]
) -> None:
    plug = SimulatedPlug("mss210")
    await set_up(broker, plug)
    broker.tell(plug, said(plug, TOGGLE_X, "PUSH", payload))
    broker.tell(plug, said(plug, ALL, "GETACK", payload))
    await broker.passes(1)
    assert state(broker, plug) == "off"


async def test_a_push_that_was_overtaken_is_ignored(broker: Broker) -> None:
    plug = SimulatedPlug("mss210")
    await set_up(broker, plug)
    await broker.passes(10)
    now = time.time()
    broker.tell(plug, pushed(plug, 1, at=now))
    broker.tell(plug, pushed(plug, 0, at=now - 2))
    await broker.settle()
    assert state(broker, plug) == "on"


async def test_a_clock_that_was_set_back_is_no_late_message(broker: Broker) -> None:
    plug = SimulatedPlug("mss210")
    await set_up(broker, plug)
    broker.tell(plug, pushed(plug, 1))
    broker.tell(plug, pushed(plug, 0, at=time.time() - 3600))
    await broker.settle()
    assert state(broker, plug) == "off"


async def test_a_clock_that_starts_again_at_boot_is_believed(broker: Broker) -> None:
    plug = SimulatedPlug("mss310")
    await set_up(broker, plug)
    plug.press()
    await broker.settle()
    plug.power_off()
    plug.press()
    broker.add(plug)
    await broker.passes(1)
    assert state(broker, plug) == "off"
    plug.press()
    await broker.passes(1)
    assert state(broker, plug) == "on"
