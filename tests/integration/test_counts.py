"""How much work a message is, as counts: they do not depend on the machine's mood."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
import sys
import time
from types import CodeType
from typing import Any
from unittest.mock import patch

from homeassistant.core import HomeAssistant, StateMachine
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

import custom_components.meross_local
from custom_components.meross_local.const import DOMAIN
from tests.simulator import SimulatedPlug
from tests.simulator.namespaces import ALL, BIND, ELECTRICITY, REPORT, TOGGLE_X
from tests.support.entities import entity_id_of, state_of, turn_on
from tests.support.entries import set_up, subentry_data_of
from tests.support.messages import build_message
from tests.support.mqtt import MqttBroker

_FOLDER = str(Path(custom_components.meross_local.__file__).parent)
_MONITORING = sys.monitoring
_TOOL = _MONITORING.PROFILER_ID

# Calls of our own Python functions for one message: what they were when this was
# written, and a tenth more.
_MOST_CALLS = {"change": 62, "repetition": 43}


class Work:
    """What our own code did: functions entered, and what was called in other code."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.entered: Counter[str] = Counter()
        self.called: Counter[str] = Counter()
        self.files: set[str] = set()

    @property
    def parses(self) -> int:
        """How often JSON was read."""
        return self.called["loads"]

    @property
    def dumps(self) -> int:
        """How often JSON was written."""
        return self.called["dumps"]

    @property
    def digests(self) -> int:
        """How often a signature was computed."""
        return sum(count for name, count in self.called.items() if name.endswith("md5"))

    @property
    def calls(self) -> int:
        """How many functions of ours were entered."""
        return self.entered.total()


@contextmanager
def counted() -> Iterator[Work]:
    """Count what our own code does meanwhile, on whatever way it is reached."""
    work = Work()
    events = _MONITORING.events

    def entered(code: CodeType, _offset: int) -> object:
        if not code.co_filename.startswith(_FOLDER):
            return _MONITORING.DISABLE
        work.entered[code.co_qualname] += 1
        work.files.add(Path(code.co_filename).stem)
        return None

    def called(code: CodeType, _offset: int, function: Any, _: object) -> object:  # noqa: ANN401
        if not code.co_filename.startswith(_FOLDER):
            return _MONITORING.DISABLE
        work.called[getattr(function, "__name__", "")] += 1
        return None

    _MONITORING.use_tool_id(_TOOL, "counts")
    try:
        _MONITORING.register_callback(_TOOL, events.PY_START, entered)
        _MONITORING.register_callback(_TOOL, events.CALL, called)
        _MONITORING.set_events(_TOOL, events.PY_START | events.CALL)
        yield work
    finally:
        _MONITORING.set_events(_TOOL, events.NO_EVENTS)
        _MONITORING.free_tool_id(_TOOL)
        _MONITORING.restart_events()


@contextmanager
def writes() -> Iterator[Counter[str]]:
    """Count the states that are given to Home Assistant, also where none changes."""
    found: Counter[str] = Counter()
    write = StateMachine.async_set_internal

    def counting(self: StateMachine, entity_id: str, *rest: Any, **more: Any) -> None:  # noqa: ANN401
        found[entity_id] += 1
        write(self, entity_id, *rest, **more)

    with patch.object(StateMachine, "async_set_internal", counting):
        yield found


@contextmanager
def flows(hass: HomeAssistant) -> Iterator[Counter[str]]:
    """Count the config flows that are begun, whatever becomes of them."""
    found: Counter[str] = Counter()
    manager = hass.config_entries.flow
    begin = manager.async_init

    async def counting(handler: str, **more: Any) -> Any:  # noqa: ANN401
        found[handler] += 1
        return await begin(handler, **more)

    with patch.object(manager, "async_init", counting):
        yield found


def pushed(plug: SimulatedPlug, onoff: int, at: float | None = None) -> bytes:
    """Return a PUSH about the plug's only outlet."""
    item = {"channel": 0, "onoff": onoff, "lmTime": int(at or time.time())}
    return build_message(plug, TOGGLE_X, "PUSH", {"togglex": [item]}, at=at)


def timers(hass: HomeAssistant) -> int:
    """Return how many timers wait."""
    scheduled: list[asyncio.TimerHandle] = hass.loop._scheduled  # type: ignore[attr-defined]
    return sum(not handle.cancelled() for handle in scheduled)


async def thousand(
    broker: MqttBroker, model: str, count: int = 1000
) -> MockConfigEntry:
    """Set up so many plugs, none of which is there."""
    plugs = (SimulatedPlug(model, number) for number in range(1, count + 1))
    entry = MockConfigEntry(
        domain=DOMAIN,
        data={},
        subentries_data=[subentry_data_of(plug) for plug in plugs],
    )
    entry.add_to_hass(broker.hass)
    assert await broker.hass.config_entries.async_setup(entry.entry_id)
    await broker.hass.async_block_till_done()
    return entry


async def test_a_button_takes_one_parse_one_digest_and_one_state(
    broker: MqttBroker,
) -> None:
    plug = SimulatedPlug("mss210")
    await set_up(broker, plug)
    message = pushed(plug, 1)
    with counted() as work, writes() as written:
        broker.publish_as(plug, message)
        await broker.settle()
    assert state_of(broker, plug) == "on"
    assert (work.parses, work.digests, work.dumps) == (1, 1, 0)
    assert written == {entity_id_of(plug): 1}
    assert work.calls <= _MOST_CALLS["change"], work.entered


async def test_a_repetition_takes_no_state(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210")
    await set_up(broker, plug)
    broker.publish_as(plug, pushed(plug, 1))
    await broker.settle()
    message = pushed(plug, 1)
    with counted() as work, writes() as written:
        broker.publish_as(plug, message)
        await broker.settle()
    assert (work.parses, work.digests, work.dumps) == (1, 1, 0)
    assert not written
    assert work.calls <= _MOST_CALLS["repetition"], work.entered


@pytest.mark.parametrize(
    ("namespace", "method", "payload"),
    [
        (REPORT, "PUSH", {"report": [{"type": "1", "value": "0", "timestamp": 1}]}),
        (ALL, "GETACK", {"all": {}}),
        (TOGGLE_X, "GETACK", {"togglex": [{"channel": 0, "onoff": 0, "lmTime": 1}]}),
        (TOGGLE_X, "ERROR", {"error": {"code": 5000}}),
    ],
    ids=str,
)
async def test_whatever_a_plug_says_is_parsed_and_verified_once(
    broker: MqttBroker, namespace: str, method: str, payload: dict[str, Any]
) -> None:
    plug = SimulatedPlug("mss210")
    await set_up(broker, plug)
    message = build_message(plug, namespace, method, payload)
    with counted() as work, writes() as written:
        broker.publish_as(plug, message)
        await broker.settle()
    assert (work.parses, work.digests) == (1, 1)
    assert not written


async def test_what_is_not_shown_takes_no_state(broker: MqttBroker) -> None:
    """The voltage varies all the time; its sensor is disabled, that of power is not."""
    plug = SimulatedPlug("mss305")
    await set_up(broker, plug)
    found: dict[str, int] = {}
    for voltage in (2300, 2301):
        flow = {"channel": 0, "current": 260, "voltage": voltage, "power": 60_000}
        with writes() as written:
            broker.publish_as(
                plug, build_message(plug, ELECTRICITY, "GETACK", {"electricity": flow})
            )
            await broker.settle()
        found = dict(written)
    assert not found


async def test_bind_takes_one_more_digest_for_its_answer(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210")
    await set_up(broker, plug)
    message = build_message(plug, BIND, "PUSH", {"bind": {}})
    with counted() as work:
        broker.publish_as(plug, message)
        # Its answer, and the question that follows.
        await broker.settle()
    assert work.entered["encode"] == work.dumps == work.entered["new_header"]


async def test_a_click_takes_one_digest_each_way_and_one_state(
    broker: MqttBroker,
) -> None:
    """The acknowledgement shows it; the PUSH after it repeats it."""
    plug = SimulatedPlug("mss210")
    await set_up(broker, plug)
    with counted() as work, writes() as written:
        await turn_on(broker, entity_id_of(plug))
    assert state_of(broker, plug) == "on"
    # SET; SETACK and PUSH.
    assert (work.dumps, work.parses, work.digests) == (1, 2, 3)
    assert written == {entity_id_of(plug): 1}


async def test_messages_of_nobody_are_not_verified(broker: MqttBroker) -> None:
    await set_up(broker)
    with counted() as work:
        broker.publish("/appliance/nobody/publish", b"{}")
        broker.publish(f"/appliance/{'0' * 32}/publish", b"{" * 1000)
        await broker.settle()
    assert work.digests == 0


@pytest.mark.parametrize("model", ["mss210", "mss305"])
async def test_our_own_questions_begin_no_config_flow(
    broker: MqttBroker, model: str
) -> None:
    plug = SimulatedPlug(model)
    await set_up(broker, plug)
    broker.sent.clear()
    with flows(broker.hass) as begun, counted() as work:
        await broker.advance(600)
    assert len(broker.sent_to(plug)) >= 9
    assert not begun
    assert "config_flow" not in work.files


async def test_a_button_reaches_no_config_flow_of_ours(broker: MqttBroker) -> None:
    """Home Assistant begins one for each PUSH, and ends it before it is ours."""
    plug = SimulatedPlug("mss210")
    await set_up(broker, plug)
    with counted() as work:
        for onoff in (1, 0, 1):
            broker.publish_as(plug, pushed(plug, onoff))
            await broker.settle()
        await broker.block_till_done()
    assert "config_flow" not in work.files


@pytest.mark.parametrize("model", ["mss210", "mss305"])
async def test_a_thousand_plugs_have_one_timer_and_no_task(
    broker: MqttBroker, model: str
) -> None:
    before = timers(broker.hass), len(asyncio.all_tasks())
    entry = await thousand(broker, model)
    assert len(entry.runtime_data.plugs) == 1000
    await broker.advance(10)
    # One of the hub, and what Home Assistant needs to store registries and states.
    assert timers(broker.hass) - before[0] <= 10
    assert len(asyncio.all_tasks()) - before[1] <= 1


async def test_a_second_with_nothing_due_is_short_for_a_thousand_plugs(
    broker: MqttBroker,
) -> None:
    """They are all looked at, each with as few calls as can be."""
    entry = await thousand(broker, "mss210")
    # Nobody is there: they have been given up, and are asked once a minute.
    await broker.advance(31)
    with counted() as work:
        await broker.advance(1)
    assert len(entry.runtime_data.plugs) == 1000
    assert work.calls <= 1000 * _MOST_CALLS_A_SECOND, work.entered.most_common(5)


_MOST_CALLS_A_SECOND = 1.1
