"""The values of sensors, and when a plug is queried for them."""

from collections import Counter

import pytest

from tests.simulator import SimulatedPlug
from tests.simulator.namespaces import CONSUMPTION_X, ELECTRICITY, OVER_TEMP, RUNTIME
from tests.support.clock import DAY, HOUR, seconds_until_midnight
from tests.support.entities import (
    enable,
    entity_id_of,
    record_states,
    registry_entry_of,
    state_of,
    suggested_precision_of,
    turn_on,
    value_of,
)
from tests.support.entries import set_up
from tests.support.messages import build_message
from tests.support.mqtt import MqttBroker
from tests.support.queries import count_queries, query_times


@pytest.mark.parametrize("model", ["mss310", "mss305"])
async def test_values(broker: MqttBroker, model: str) -> None:
    plug = SimulatedPlug(model)
    await set_up(broker, plug)
    plug.consume(1234)
    await broker.leap(61)
    assert value_of(broker, plug, "energy") == "1.234"
    assert value_of(broker, plug, "energy_today") == "1.234"
    assert not query_times(plug, RUNTIME)
    plug.press()
    await enable(broker, plug, "voltage", "current", "signal_strength")
    expected = {
        "power": "60.0",
        "voltage": "233.1",
        "current": "0.257",
        "signal_strength": "86",
    }
    assert {key: value_of(broker, plug, key) for key in expected} == expected
    precision = {
        key: suggested_precision_of(registry_entry_of(broker, plug, key))
        for key in ("voltage", "current", "signal_strength")
    }
    assert precision == {"voltage": 1, "current": 2, "signal_strength": None}
    plug.device.signal = 40
    plug.inbox.clear()
    await broker.leap(305)
    assert len(query_times(plug, RUNTIME)) == 1
    assert value_of(broker, plug, "signal_strength") == "40"


@pytest.mark.parametrize("model", ["mss210", "mss425e", "mss210v1"])
async def test_plug_without_metering_is_not_queried_for_it(
    broker: MqttBroker, model: str
) -> None:
    plug = SimulatedPlug(model)
    await set_up(broker, plug)
    plug.press()
    await broker.advance(20)
    assert not set(count_queries(plug)) & {"Electricity", "ConsumptionX", "Runtime"}


@pytest.mark.parametrize("how", ["button", "switch"])
async def test_power_is_queried_once_after_a_switch_when_it_has_settled(
    broker: MqttBroker, how: str
) -> None:
    plug = SimulatedPlug("mss310")
    await set_up(broker, plug)
    await broker.leap(30)
    while not plug.inbox or plug.inbox[-1].at + 4 > broker.clock.timers.now():
        await broker.advance(0.25)
    plug.inbox.clear()
    started = broker.clock.timers.now()
    if how == "button":
        plug.press()
    else:
        await turn_on(broker, entity_id_of(plug))
    await broker.settle()
    assert state_of(broker, plug) == "on"
    assert not query_times(plug, ELECTRICITY)
    await broker.advance(3)
    assert value_of(broker, plug, "power") == "60.0"
    (after,) = [time - started for time in query_times(plug, ELECTRICITY)]
    assert 1 <= after <= 2.25


async def test_queries_of_an_hour(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss305")
    await set_up(broker, plug)
    await broker.leap(10)
    plug.inbox.clear()
    count = Counter[str]()
    for _ in range(6):
        await broker.leap(HOUR / 6)
        count += count_queries(plug)
        plug.inbox.clear()
    # Whatever else is polled: a PUSH of the state may have been lost.
    assert count == {
        "ToggleX": 60,
        "Electricity": 360,
        "ConsumptionX": 60,
        "DNDMode": 12,
        "OverTemp": 12,
    }


async def test_unavailable_plug_is_queried_for_its_state_only(
    broker: MqttBroker,
) -> None:
    plug = SimulatedPlug("mss305")
    await set_up(broker, plug)
    plug.freeze()
    await broker.advance(76)
    for key in ("power", "energy", "energy_today", "status_light"):
        assert value_of(broker, plug, key) == "unavailable"
    plug.inbox.clear()
    await broker.leap(300)
    assert set(count_queries(plug)) == {"All"}
    plug.thaw()
    plug.press()
    await broker.advance(8)
    assert value_of(broker, plug, "power") == "60.0"


async def test_one_query_is_open_at_a_time(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss305")
    await set_up(broker, plug)
    plug.faults.reply_delay = 1.5
    await enable(broker, plug, "voltage", "current", "signal_strength")
    await broker.advance(20)
    plug.inbox.clear()
    plug.outbox.clear()
    await broker.advance(60)
    queries = [
        (one.at, 1)
        for one in plug.inbox
        if one.message is not None and one.message.method == "GET"
    ]
    replies = [(one.at, -1) for one in plug.outbox if one.message.method == "GETACK"]
    assert len(queries) > 6
    number_open = 0
    for _, change in sorted(queries + replies):
        number_open += change
        assert number_open in (0, 1)


async def test_plug_that_ignores_or_rejects_a_query_is_sent_the_others(
    broker: MqttBroker,
) -> None:
    plug = SimulatedPlug("mss305")
    plug.faults.unanswered.add(OVER_TEMP)
    plug.faults.refused[RUNTIME] = 5000
    await set_up(broker, plug)
    await enable(broker, plug, "signal_strength")
    plug.press()
    await broker.leap(30)
    expected = {
        "power": "60.0",
        "status_light": "on",
        "overheat_protection": "unavailable",
        "signal_strength": "unknown",
    }
    assert {key: value_of(broker, plug, key) for key in expected} == expected


async def test_zeros_of_a_plug_without_the_time_are_not_shown(
    broker: MqttBroker,
) -> None:
    plug = SimulatedPlug("mss305")
    plug.device.clock.is_broken = True
    await set_up(broker, plug)
    await enable(broker, plug, "voltage")
    plug.press()
    await broker.leap(60)
    assert plug.outbox[-1].message.timestamp in range(3600)
    assert state_of(broker, plug) == "on"
    for key in ("power", "voltage", "energy", "energy_today"):
        assert value_of(broker, plug, key) == "unknown"
    plug.device.clock.is_broken = False
    plug.device.set_clock(int(broker.clock.timers.now()))
    await broker.leap(60)
    assert value_of(broker, plug, "voltage") == "233.1"


async def test_first_power_after_a_power_cut_is_not_zero(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss310")
    await set_up(broker, plug)
    plug.press()
    await broker.advance(1)
    states = record_states(broker, registry_entry_of(broker, plug, "power").entity_id)
    plug.power_off()
    await broker.advance(80)
    plug.power_on()
    await broker.advance(10)
    assert set(states) <= {"unavailable", "unknown", "60.0"}
    assert states[-1] == "60.0"


async def test_invalid_reply_changes_nothing(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss310")
    await set_up(broker, plug)
    plug.press()
    await broker.advance(3)
    valid = {"electricity": {"power": 1, "voltage": 1, "current": 1}}
    invalid = {"electricity": {"power": None, "voltage": 1, "current": 1}}
    reply = build_message(plug, ELECTRICITY, "GETACK", valid)
    for raw in (
        reply[:-3],
        build_message(plug, ELECTRICITY, "GETACK", invalid),
        build_message(plug, ELECTRICITY, "GETACK", valid, key="another"),
    ):
        broker.publish_as(plug, raw)
        await broker.settle()
        assert value_of(broker, plug, "power") == "60.0"
    broker.publish_as(plug, reply)
    await broker.settle()
    assert value_of(broker, plug, "power") == "0.001"


async def test_truncated_list_of_days_delays_nothing_else(broker: MqttBroker) -> None:
    broker.clock.tick(seconds_until_midnight() + 12 * HOUR)
    plug = SimulatedPlug("mss310")
    await set_up(broker, plug)
    plug.press()
    for ago in range(1, 30):
        plug.consume(100, seconds_ago=ago * DAY)
    plug.faults.max_reply_size = 1500
    await broker.leap(300)
    assert plug.is_connected
    assert value_of(broker, plug, "energy") == "0.0"
    assert value_of(broker, plug, "power") == "60.0"
    assert len(query_times(plug, CONSUMPTION_X)) >= 5
    plug.faults.max_reply_size = 0
    await broker.leap(61)
    assert float(value_of(broker, plug, "energy")) == pytest.approx(2.9, abs=0.02)
