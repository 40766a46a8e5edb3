"""Bounds of the work for a message, as counts: they do not depend on the machine."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
import sys
from types import CodeType
from typing import Any
from unittest.mock import NonCallableMock, patch

from homeassistant.core import HomeAssistant, StateMachine
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

import custom_components.meross_local
from custom_components.meross_local.const import DOMAIN
from tests.simulator import SimulatedPlug
from tests.simulator.namespaces import ALL, BIND, ELECTRICITY, REPORT, TOGGLE_X
from tests.support.entities import entity_id_of, state_of, turn_on
from tests.support.entries import set_up, subentry_data_of
from tests.support.messages import build_message, build_toggle
from tests.support.mqtt import MqttBroker

_FOLDER = str(Path(custom_components.meross_local.__file__).parent)
_MONITORING = sys.monitoring
_TOOL = _MONITORING.PROFILER_ID

# Calls of the integration's functions: what they were when this was written, and a
# tenth more.
MAX_CALLS_OF_CHANGE = 65
MAX_CALLS_OF_REPETITION = 48
MAX_CALLS_A_SECOND_AND_PLUG = 1.1


@dataclass
class Work:
    """The functions of the integration, and those of others that it called."""

    entered: Counter[str] = field(default_factory=Counter)
    called: Counter[str] = field(default_factory=Counter)
    files: set[str] = field(default_factory=set)

    @property
    def calls(self) -> int:
        """Return how many functions of the integration were entered."""
        return self.entered.total()

    @property
    def json_and_digests(self) -> tuple[int, int, int]:
        """Return how often JSON was parsed and built, and a signature computed."""
        digests = (count for name, count in self.called.items() if name[-3:] == "md5")
        return self.called["loads"], self.called["dumps"], sum(digests)


@contextmanager
def count_work() -> Iterator[Work]:
    """Count what the integration does meanwhile, however it is reached."""
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


def spy(target: object, name: str) -> AbstractContextManager[NonCallableMock]:
    """Record the calls of a function that is called all the same."""
    function = getattr(target, name)
    return patch.object(target, name, autospec=True, side_effect=function)


@contextmanager
def count_states() -> Iterator[Counter[str]]:
    """Count the states that are written, also where nothing changes."""
    states: Counter[str] = Counter()
    with spy(StateMachine, "async_set_internal") as write:
        yield states
    states.update(call.args[1] for call in write.call_args_list)


def count_timers(hass: HomeAssistant) -> int:
    """Return how many timers are scheduled."""
    scheduled: list[asyncio.TimerHandle] = hass.loop._scheduled  # type: ignore[attr-defined]
    return sum(not handle.cancelled() for handle in scheduled)


TOGGLE = {"channel": 0, "onoff": 0, "lmTime": 1}


@pytest.mark.parametrize(
    ("namespace", "method", "payload"),
    [
        (REPORT, "PUSH", {"report": [{"type": "1", "value": "0", "timestamp": 1}]}),
        (ALL, "GETACK", {"all": {}}),
        (TOGGLE_X, "GETACK", {"togglex": [TOGGLE]}),
        (TOGGLE_X, "ERROR", {"error": {"code": 5000}}),
    ],
    ids=str,
)
async def test_message_is_parsed_and_verified_once(
    broker: MqttBroker,
    plug: SimulatedPlug,
    namespace: str,
    method: str,
    payload: dict[str, Any],
) -> None:
    message = build_message(plug, namespace, method, payload)
    with count_work() as work, count_states() as states:
        broker.publish_as(plug, message)
        await broker.settle()
    loads, _, digests = work.json_and_digests
    assert (loads, digests) == (1, 1)
    assert not states


async def test_button_takes_one_state_and_its_repetition_none(
    broker: MqttBroker, plug: SimulatedPlug
) -> None:
    for max_calls, written in (
        (MAX_CALLS_OF_CHANGE, {entity_id_of(plug): 1}),
        (MAX_CALLS_OF_REPETITION, {}),
    ):
        message = build_toggle(plug, 1)
        with count_work() as work, count_states() as states:
            broker.publish_as(plug, message)
            await broker.settle()
        assert state_of(broker, plug) == "on"
        assert work.json_and_digests == (1, 0, 1)
        assert states == written
        assert work.calls <= max_calls, work.entered


async def test_reading_without_an_enabled_sensor_takes_no_state(
    broker: MqttBroker,
) -> None:
    """The voltage varies all the time; its sensor is disabled, that of power is not."""
    plug = SimulatedPlug("mss305")
    await set_up(broker, plug)
    for voltage in (2300, 2301):
        reading = {"channel": 0, "current": 260, "voltage": voltage, "power": 60_000}
        payload = {"electricity": reading}
        with count_states() as states:
            broker.publish_as(plug, build_message(plug, ELECTRICITY, "GETACK", payload))
            await broker.settle()
    assert not states


async def test_bind_takes_one_header_for_each_message_sent(
    broker: MqttBroker, plug: SimulatedPlug
) -> None:
    message = build_message(plug, BIND, "PUSH", {"bind": {}})
    with count_work() as work:
        broker.publish_as(plug, message)
        # The reply, and the query that follows.
        await broker.settle()
    assert work.entered["encode"] == work.called["dumps"] == work.entered["new_header"]


async def test_command_takes_one_digest_each_way_and_one_state(
    broker: MqttBroker, plug: SimulatedPlug
) -> None:
    """The acknowledgement is shown; the PUSH after it repeats it."""
    with count_work() as work, count_states() as states:
        await turn_on(broker, entity_id_of(plug))
    assert state_of(broker, plug) == "on"
    # SET; SETACK and PUSH.
    assert work.json_and_digests == (2, 1, 3)
    assert states == {entity_id_of(plug): 1}


async def test_messages_of_no_plug_are_not_verified(broker: MqttBroker) -> None:
    await set_up(broker)
    with count_work() as work:
        broker.publish("/appliance/nobody/publish", b"{}")
        broker.publish(f"/appliance/{'0' * 32}/publish", b"{" * 1000)
        await broker.settle()
    assert work.json_and_digests[2] == 0


@pytest.mark.parametrize("model", ["mss210", "mss305"])
async def test_messages_of_plugs_reach_no_config_flow(
    broker: MqttBroker, model: str
) -> None:
    plug = SimulatedPlug(model)
    await set_up(broker, plug)
    broker.sent.clear()
    with count_work() as work:
        with spy(broker.hass.config_entries.flow, "async_init") as started:
            await broker.advance(600)
        assert len(broker.sent_to(plug)) >= 9
        assert not started.call_args_list
        # Home Assistant starts a flow for each PUSH, and ends it before it is ours.
        for onoff in (1, 0, 1):
            broker.publish_as(plug, build_toggle(plug, onoff))
            await broker.settle()
        await broker.block_till_done()
    assert "config_flow" not in work.files


@pytest.mark.parametrize("model", ["mss210", "mss305"])
async def test_thousand_plugs_take_one_timer_no_task_and_few_calls(
    broker: MqttBroker, model: str
) -> None:
    before = count_timers(broker.hass), len(asyncio.all_tasks())
    plugs = (SimulatedPlug(model, number) for number in range(1, 1001))
    subentries = [subentry_data_of(plug) for plug in plugs]
    entry = MockConfigEntry(domain=DOMAIN, data={}, subentries_data=subentries)
    entry.add_to_hass(broker.hass)
    assert await broker.hass.config_entries.async_setup(entry.entry_id)
    await broker.hass.async_block_till_done()
    assert len(entry.runtime_data.plugs) == 1000
    await broker.advance(10)
    # One of the hub, and what Home Assistant needs to store registries and states.
    assert count_timers(broker.hass) - before[0] <= 10
    assert len(asyncio.all_tasks()) - before[1] <= 1
    # None of them is connected: they are pinged once a minute, not in this second.
    await broker.advance(21)
    with count_work() as work:
        await broker.advance(1)
    most_common = work.entered.most_common(5)
    assert work.calls <= 1000 * MAX_CALLS_A_SECOND_AND_PLUG, most_common
