"""What flows is shown in the right unit, and asked for when somebody looks at it."""

from typing import Any

import pytest
from pytest_homeassistant_custom_component.common import async_capture_events

from tests.simulator import SimulatedPlug
from tests.simulator.namespaces import CONSUMPTION_X, ELECTRICITY, RUNTIME
from tests.support.clock import HOUR
from tests.support.entities import (
    disable,
    display_options_of,
    enable,
    entity_id_of,
    entity_keys,
    registry_entry_of,
    state_object_of,
    state_of,
    turn_on,
    value_of,
)
from tests.support.entries import set_up
from tests.support.messages import build_message
from tests.support.mqtt import MqttBroker
from tests.support.queries import count_queries, query_intervals, query_times

METERING = ["mss310", "mss305"]
MEASURED = {"power", "voltage", "current", "energy", "energy_today"}


@pytest.mark.parametrize("model", METERING)
@pytest.mark.parametrize(
    ("key", "expected", "device_class", "unit", "precision"),
    [
        ("power", "60.0", "power", "W", 1),
        ("voltage", "233.1", "voltage", "V", 1),
        ("current", "0.257", "current", "A", 2),
        ("signal_strength", "86", None, "%", None),
    ],
)
async def test_what_flows_is_shown_in_its_unit(  # noqa: PLR0913, PLR0917
    broker: MqttBroker,
    model: str,
    key: str,
    expected: str,
    device_class: str | None,
    unit: str,
    precision: int | None,
) -> None:
    plug = SimulatedPlug(model)
    await set_up(broker, plug)
    plug.press()
    await enable(broker, plug, *({key} - {"power"}))
    sensor = state_object_of(broker, plug, key)
    assert sensor.state == expected
    assert sensor.attributes.get("device_class") == device_class
    assert sensor.attributes["unit_of_measurement"] == unit
    assert sensor.attributes["state_class"] == "measurement"
    suggested = display_options_of(registry_entry_of(broker, plug, key))
    assert suggested.get("suggested_display_precision") == precision


@pytest.mark.parametrize("model", METERING)
async def test_what_few_look_at_is_disabled_at_first(
    broker: MqttBroker, model: str
) -> None:
    plug = SimulatedPlug(model)
    await set_up(broker, plug)
    wanted = MEASURED | {"signal_strength"}
    disabled = {key for key in wanted if registry_entry_of(broker, plug, key).disabled}
    assert disabled == {"voltage", "current", "signal_strength"}
    assert (
        registry_entry_of(broker, plug, "signal_strength").entity_category
        == "diagnostic"
    )


@pytest.mark.parametrize("model", ["mss210", "mss425e", "mss210v1"])
async def test_a_plug_without_metering_has_no_such_sensors(
    broker: MqttBroker, model: str
) -> None:
    plug = SimulatedPlug(model)
    await set_up(broker, plug)
    await broker.advance(20)
    assert not entity_keys(broker, plug) & MEASURED
    assert not set(count_queries(plug)) & {"Electricity", "ConsumptionX", "Runtime"}


async def test_power_is_asked_every_ten_seconds(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss310")
    await set_up(broker, plug)
    await broker.leap(120)
    assert set(query_intervals(plug, ELECTRICITY)[2:]) == {10.0}


@pytest.mark.parametrize("how", ["button", "switch"])
async def test_power_is_asked_right_after_a_switch_and_two_seconds_later(
    broker: MqttBroker, how: str
) -> None:
    plug = SimulatedPlug("mss310")
    await set_up(broker, plug)
    await broker.leap(30)
    while not plug.heard or plug.heard[-1].at + 4 > broker.clock.timers.now():
        await broker.advance(0.25)
    plug.heard.clear()
    begun = broker.clock.timers.now()
    if how == "button":
        plug.press()
    else:
        await turn_on(broker, entity_id_of(plug))
    await broker.settle()
    assert value_of(broker, plug, "power") == "60.0"
    plug.device.meter.load = 61_000
    await broker.advance(3)
    assert value_of(broker, plug, "power") == "61.0"
    at = [time - begun for time in query_times(plug, ELECTRICITY)]
    # The acknowledgement and the PUSH may both have it asked.
    assert len(at) in (2, 3)
    assert at[-2] <= 0.25
    assert 2 <= at[-1] <= 3.25


async def test_a_plug_hears_no_more_in_an_hour_than_is_needed(
    broker: MqttBroker,
) -> None:
    plug = SimulatedPlug("mss305")
    await set_up(broker, plug)
    await broker.leap(10)
    plug.heard.clear()
    count: dict[str, int] = {}
    for _ in range(6):
        await broker.leap(HOUR / 6)
        for name, times_ in count_queries(plug).items():
            count[name] = count.get(name, 0) + times_
        plug.heard.clear()
    # The polls are the heartbeat: its state is never asked for on top.
    assert count == {
        "Electricity": 360,
        "ConsumptionX": 60,
        "DNDMode": 12,
        "OverTemp": 12,
    }


async def test_nothing_is_asked_for_entities_that_are_disabled(
    broker: MqttBroker,
) -> None:
    plug = SimulatedPlug("mss305")
    await set_up(broker, plug)
    unwanted = ("power", "energy", "energy_today", "status_light")
    await disable(broker, plug, *unwanted, "overheat_protection")
    plug.heard.clear()
    plug.press()
    await broker.leap(300)
    assert set(count_queries(plug)) <= {"ToggleX"}
    await enable(broker, plug, "voltage")
    # Until it has found a beat of its own.
    await broker.leap(20)
    plug.heard.clear()
    await broker.leap(300)
    assert count_queries(plug) == {"Electricity": 30}


async def test_the_signal_is_asked_every_five_minutes_when_enabled(
    broker: MqttBroker,
) -> None:
    plug = SimulatedPlug("mss310")
    await set_up(broker, plug)
    await broker.leap(400)
    assert "Runtime" not in count_queries(plug)
    await enable(broker, plug, "signal_strength")
    assert value_of(broker, plug, "signal_strength") == "86"
    plug.device.signal = 40
    plug.heard.clear()
    await broker.leap(305)
    assert len(query_times(plug, RUNTIME)) == 1
    assert value_of(broker, plug, "signal_strength") == "40"


async def test_nothing_but_its_state_is_asked_of_a_plug_that_is_gone(
    broker: MqttBroker,
) -> None:
    plug = SimulatedPlug("mss305")
    await set_up(broker, plug)
    plug.freeze()
    await broker.advance(76)
    for key in MEASURED - {"voltage", "current"} | {"status_light"}:
        assert value_of(broker, plug, key) == "unavailable"
    plug.heard.clear()
    await broker.leap(300)
    assert set(count_queries(plug)) == {"ToggleX"}
    plug.thaw()
    plug.press()
    await broker.advance(1)
    assert value_of(broker, plug, "power") == "60.0"


async def test_one_question_is_open_at_a_time(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss305")
    await set_up(broker, plug)
    plug.faults.reply_delay = 1.5
    keys_ = ("voltage", "current", "signal_strength")
    await enable(broker, plug, *keys_)
    await broker.advance(20)
    plug.heard.clear()
    plug.said.clear()
    await broker.advance(60)
    asked = [
        (one.at, 1)
        for one in plug.heard
        if one.message is not None and one.message.method == "GET"
    ]
    answered = [(one.at, -1) for one in plug.said if one.message.method == "GETACK"]
    assert len(asked) > 6
    is_open = 0
    for _, change in sorted(asked + answered):
        is_open += change
        assert is_open in (0, 1)


async def test_a_plug_that_answers_not_all_is_asked_for_the_rest(
    broker: MqttBroker,
) -> None:
    plug = SimulatedPlug("mss305")
    plug.faults.unanswered.add("Appliance.Config.OverTemp")
    plug.faults.refused[RUNTIME] = 5000
    await set_up(broker, plug)
    await enable(broker, plug, "signal_strength")
    plug.press()
    await broker.leap(30)
    assert value_of(broker, plug, "power") == "60.0"
    assert value_of(broker, plug, "status_light") == "on"
    assert value_of(broker, plug, "overheat_protection") == "unavailable"
    assert value_of(broker, plug, "signal_strength") == "unknown"


async def test_zeros_of_a_plug_without_the_time_are_not_shown(
    broker: MqttBroker,
) -> None:
    plug = SimulatedPlug("mss305")
    plug.device.clock.is_broken = True
    await set_up(broker, plug)
    await enable(broker, plug, "voltage")
    plug.press()
    await broker.leap(60)
    assert plug.said[-1].message.timestamp in range(3600)
    assert state_of(broker, plug) == "on"
    for key in ("power", "voltage", "energy", "energy_today"):
        assert value_of(broker, plug, key) == "unknown"
    plug.device.clock.is_broken = False
    plug.device.set_clock(int(broker.clock.timers.now()))
    await broker.leap(60)
    assert value_of(broker, plug, "voltage") == "233.1"


async def test_the_first_power_shown_after_a_power_cut_is_no_zero(
    broker: MqttBroker,
) -> None:
    plug = SimulatedPlug("mss310")
    await set_up(broker, plug)
    plug.press()
    await broker.advance(1)
    events = async_capture_events(broker.hass, "state_changed")
    plug.power_off()
    await broker.advance(80)
    plug.power_on()
    await broker.advance(10)
    power = registry_entry_of(broker, plug, "power").entity_id
    seen = [
        event.data["new_state"].state
        for event in events
        if event.data["entity_id"] == power
    ]
    assert set(seen) <= {"unavailable", "unknown", "60.0"}
    assert seen[-1] == "60.0"


@pytest.mark.parametrize("how", ["cut short", "no number", "of another"])
async def test_a_reply_that_is_not_whole_is_not_believed(
    broker: MqttBroker, how: str
) -> None:
    plug = SimulatedPlug("mss310")
    await set_up(broker, plug)
    plug.press()
    await broker.advance(3)
    payload: dict[str, Any] = {"electricity": {"power": 1, "voltage": 1, "current": 1}}
    if how == "no number":
        payload["electricity"]["power"] = None
    key = "another" if how == "of another" else None
    raw = build_message(plug, ELECTRICITY, "GETACK", payload, key=key)
    broker.publish_as(plug, raw[:-3] if how == "cut short" else raw)
    await broker.settle()
    assert value_of(broker, plug, "power") == "60.0"
    broker.publish_as(
        plug,
        build_message(
            plug,
            ELECTRICITY,
            "GETACK",
            payload | {"electricity": {"power": 1, "voltage": 1, "current": 1}},
        ),
    )
    await broker.settle()
    assert value_of(broker, plug, "power") == "0.001"


async def test_a_list_of_days_that_is_cut_short_holds_nothing_else_up(
    broker: MqttBroker,
) -> None:
    plug = SimulatedPlug("mss310")
    await set_up(broker, plug)
    plug.press()
    for ago in range(1, 30):
        plug.consume(100, seconds_ago=ago * 24 * HOUR)
    plug.faults.longest_reply = 1500
    await broker.leap(300)
    assert plug.is_connected
    assert value_of(broker, plug, "energy") == "0.0"
    assert value_of(broker, plug, "power") == "60.0"
    assert len(query_times(plug, CONSUMPTION_X)) >= 5
    plug.faults.longest_reply = 0
    await broker.leap(61)
    assert float(value_of(broker, plug, "energy")) == pytest.approx(2.9, abs=0.02)
