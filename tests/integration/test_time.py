"""A plug lives by the user's clock and zone, and its facts are kept up."""

from dataclasses import replace
from datetime import datetime, timedelta
import time
from typing import Any, cast
from zoneinfo import ZoneInfo

from homeassistant.util import dt as dt_util
import pytest

from custom_components.meross_local.meross.timezone import time_rules
from tests.simulator import SimulatedPlug
from tests.simulator.namespaces import TIME
from tests.support.clock import DAY, HOUR
from tests.support.entities import state_of
from tests.support.entries import device_of, reload_entry, set_up
from tests.support.mqtt import MqttBroker
from tests.support.queries import count_queries

MODELS = ["mss210", "mss310", "mss425e", "mss210v1", "mss305"]
BERLIN = "Europe/Berlin"


def told(broker: MqttBroker, plug: SimulatedPlug) -> list[dict[str, Any]]:
    """Return all times that the plug was told."""
    return [sent.payload["time"] for sent in broker.sent_to(plug, "SET", "Time")]


@pytest.mark.parametrize("model", MODELS)
async def test_a_new_plug_is_told_time_and_zone_once(
    broker: MqttBroker, model: str
) -> None:
    await broker.hass.config.async_update(time_zone=BERLIN)
    plug = SimulatedPlug(model)
    await set_up(broker, plug)
    await broker.leap(DAY, step=HOUR)
    (time_,) = told(broker, plug)
    rules = time_rules(ZoneInfo(BERLIN), dt_util.utcnow().year)
    assert time_["timezone"] == BERLIN
    assert time_["timeRule"] == [list(rule) for rule in rules]
    assert plug.device.timezone == BERLIN
    offset = datetime.now(ZoneInfo(BERLIN)).utcoffset()
    assert timedelta(seconds=plug.device.utc_offset) == offset
    assert abs(plug.device.clock.timestamp - time.time()) <= 1


async def test_a_plug_that_is_right_is_not_told_at_a_restart(
    broker: MqttBroker,
) -> None:
    plug = SimulatedPlug("mss310")
    entry = await set_up(broker, plug)
    broker.sent.clear()
    await broker.leap(700, step=10)
    await reload_entry(broker, entry)
    assert broker.sent_to(plug, "GET", "All")
    assert told(broker, plug) == []


async def test_a_wrong_clock_is_set_when_it_is_seen(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss310")
    await set_up(broker, plug)
    broker.sent.clear()
    plug.device.clock.advance(60)
    await broker.leap(6 * HOUR + 60, step=30)
    assert len(told(broker, plug)) == 1
    assert abs(plug.device.clock.timestamp - time.time()) <= 1


async def test_a_clock_that_was_set_back_hides_no_press_of_the_button(
    broker: MqttBroker,
) -> None:
    plug = SimulatedPlug("mss310")
    await set_up(broker, plug)
    await broker.advance(5)
    plug.device.clock.advance(40)
    plug.press()
    await broker.advance(1)
    assert state_of(broker, plug) == "on"
    broker.sent.clear()
    await broker.leap(6 * HOUR - 60, step=30)
    for _ in range(600):
        if told(broker, plug):
            break
        await broker.advance(0.25)
    plug.press()
    await broker.advance(0.25)
    assert state_of(broker, plug) == "off"


async def test_rules_that_run_out_are_renewed(broker: MqttBroker) -> None:
    await broker.hass.config.async_update(time_zone=BERLIN)
    plug = SimulatedPlug("mss310")
    await set_up(broker, plug)
    plug.device.time_rule = plug.device.time_rule[:4]
    broker.sent.clear()
    await broker.leap(DAY, step=HOUR)
    assert len(told(broker, plug)) == 1
    assert len(plug.device.time_rule) == 20


@pytest.mark.parametrize("fault", ["refused", "unanswered"])
async def test_a_plug_that_does_not_take_the_time_works_all_the_same(
    broker: MqttBroker, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    plug = SimulatedPlug("mss310")
    await set_up(broker, plug)
    if fault == "refused":
        plug.faults.refused[TIME] = 5000
    else:
        plug.faults.unanswered.add(TIME)
    plug.device.clock.advance(60)
    broker.sent.clear()
    await broker.leap(12 * HOUR, step=60)
    assert state_of(broker, plug) == "off"
    assert 1 <= len(told(broker, plug)) <= 4
    assert "ERROR" not in {record.levelname for record in caplog.records}


async def test_a_broken_clock_is_not_set_over_and_over(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss310")
    plug.device.clock.is_broken = True
    await set_up(broker, plug)
    await broker.leap(DAY, step=60)
    assert 1 <= len(told(broker, plug)) <= 5


async def test_a_plug_without_such_a_thing_is_not_told(broker: MqttBroker) -> None:
    model = SimulatedPlug("mss310").model
    ability = {name: how for name, how in model.ability.items() if name != TIME}
    plug = SimulatedPlug(replace(model, ability=ability))
    await set_up(broker, plug)
    await broker.leap(DAY, step=HOUR)
    assert told(broker, plug) == []


async def test_a_plug_of_strange_time_is_left_alone(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss310")
    plug.device.timezone = cast("str", 5)
    plug.faults.unanswered.add(TIME)
    await set_up(broker, plug)
    await broker.leap(DAY, step=HOUR)
    assert told(broker, plug) == []
    assert state_of(broker, plug) == "off"


async def test_a_new_zone_of_the_user_is_told_at_once(broker: MqttBroker) -> None:
    await broker.hass.config.async_update(time_zone=BERLIN)
    plugs = [SimulatedPlug("mss310"), SimulatedPlug("mss210", 2)]
    await set_up(broker, *plugs)
    await broker.advance(5)
    broker.sent.clear()
    await broker.hass.config.async_update(time_zone="Asia/Kolkata")
    await broker.advance(5)
    assert {plug.device.timezone for plug in plugs} == {"Asia/Kolkata"}
    assert {plug.device.utc_offset for plug in plugs} == {5.5 * HOUR}
    await broker.hass.config.async_update(location_name="Elsewhere")
    await broker.advance(5)
    assert [len(told(broker, plug)) for plug in plugs] == [1, 1]


async def test_a_new_zone_of_the_user_is_told_in_the_end(broker: MqttBroker) -> None:
    await broker.hass.config.async_update(time_zone=BERLIN)
    plug = SimulatedPlug("mss310")
    await set_up(broker, plug)
    await broker.hass.config.async_update(time_zone="Asia/Kolkata")
    await broker.leap(6 * HOUR + 60, step=30)
    assert plug.device.timezone == "Asia/Kolkata"


# What System.All says besides.


async def test_new_firmware_is_shown_and_stored(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss310")
    entry = await set_up(broker, plug)
    before = device_of(broker.hass, entry.entry_id, plug)
    assert before.sw_version == "2.1.17"
    plug.update("2.1.18")
    await broker.leap(6 * HOUR + 60, step=30)
    after = device_of(broker.hass, entry.entry_id, plug)
    assert (after.id, after.sw_version) == (before.id, "2.1.18")
    assert after.connections == before.connections
    (subentry,) = entry.subentries.values()
    assert subentry.data["firmware"] == "2.1.18"
    await reload_entry(broker, entry)
    assert device_of(broker.hass, entry.entry_id, plug).sw_version == "2.1.18"


@pytest.mark.parametrize("model", ["mss210", "mss310"])
async def test_new_firmware_is_shown_as_soon_as_the_plug_has_booted(
    broker: MqttBroker, model: str
) -> None:
    plug = SimulatedPlug(model)
    entry = await set_up(broker, plug)
    await broker.advance(10)
    plug.update("9.9.9")
    await broker.advance(10)
    assert device_of(broker.hass, entry.entry_id, plug).sw_version == "9.9.9"


async def test_the_same_firmware_writes_nothing(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss310")
    entry = await set_up(broker, plug)
    modified = entry.modified_at
    registered = device_of(broker.hass, entry.entry_id, plug).modified_at
    await broker.leap(13 * HOUR, step=60)
    assert count_queries(plug)["All"] >= 1
    assert entry.modified_at == modified
    assert device_of(broker.hass, entry.entry_id, plug).modified_at == registered
