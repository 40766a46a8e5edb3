"""Energy only rises, over midnights, restarts and faults of the plug."""

from datetime import datetime, timedelta
import json
import time

from homeassistant.core import State
from homeassistant.helpers import restore_state
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    async_capture_events,
    mock_restore_cache_with_extra_data,
)

from tests.simulator import SimulatedPlug
from tests.simulator.namespaces import CONSUMPTION_X
from tests.support.clock import DAY, HOUR, seconds_until_midnight
from tests.support.entities import (
    disable,
    display_options_of,
    enable,
    registry_entry_of,
    state_object_of,
    value_of,
)
from tests.support.entries import reload_entry, set_up
from tests.support.mqtt import MqttBroker
from tests.support.queries import query_times

# A load that takes 2.4 kWh a day.
LOAD = 100_000


async def burning(broker: MqttBroker, load: int = LOAD) -> SimulatedPlug:
    """Set up a metering plug that is switched on at the user's midnight."""
    plug = SimulatedPlug("mss310")
    plug.device.meter.load = load
    broker.clock.tick(seconds_until_midnight())
    await set_up(broker, plug)
    plug.press()
    await broker.leap(61)
    return plug


def energy(broker: MqttBroker, plug: SimulatedPlug, key: str = "energy") -> float:
    """Return the kilowatt-hours that are shown."""
    return float(value_of(broker, plug, key))


def stored(broker: MqttBroker, plug: SimulatedPlug) -> dict[str, object]:
    """Return what Home Assistant would store of the energy now."""
    entity_id = registry_entry_of(broker, plug, "energy").entity_id
    data = restore_state.async_get(broker.hass)
    kept = data.entities[entity_id].extra_restore_state_data
    assert kept is not None
    return dict(json.loads(json.dumps(kept.as_dict())))


@pytest.mark.parametrize("key", ["energy", "energy_today"])
async def test_energy_is_what_the_energy_dashboard_wants(
    broker: MqttBroker, key: str
) -> None:
    plug = SimulatedPlug("mss310")
    await set_up(broker, plug)
    plug.consume(1234)
    await broker.leap(61)
    sensor = state_object_of(broker, plug, key)
    assert sensor.state == "1.234"
    assert sensor.attributes["device_class"] == "energy"
    assert sensor.attributes["state_class"] == "total_increasing"
    assert sensor.attributes["unit_of_measurement"] == "kWh"
    suggested = display_options_of(registry_entry_of(broker, plug, key))
    assert suggested["suggested_display_precision"] == 2
    assert not registry_entry_of(broker, plug, key).disabled


async def test_energy_grows_with_the_load(broker: MqttBroker) -> None:
    plug = await burning(broker)
    await broker.leap(10 * HOUR, step=10)
    assert energy(broker, plug) == pytest.approx(1.0, abs=0.01)
    assert energy(broker, plug, "energy_today") == energy(broker, plug)
    assert len(query_times(plug, CONSUMPTION_X)) > 1


async def test_energy_today_begins_anew_at_the_users_midnight(
    broker: MqttBroker,
) -> None:
    plug = await burning(broker)
    await broker.leap(seconds_until_midnight() - 30, step=600)
    await broker.leap(25)
    before = energy(broker, plug)
    assert energy(broker, plug, "energy_today") == pytest.approx(2.4, abs=0.01)
    asked = len(query_times(plug, CONSUMPTION_X))
    # Nothing is waited for: the plug may be silent until its first watt-hour.
    plug.freeze()
    await broker.leap(6)
    assert energy(broker, plug, "energy_today") == 0
    assert energy(broker, plug) == before
    assert len(query_times(plug, CONSUMPTION_X)) <= asked + 1
    plug.thaw()
    await broker.leap(6 * HOUR, step=60)
    assert energy(broker, plug, "energy_today") == pytest.approx(0.6, abs=0.01)
    assert energy(broker, plug) == pytest.approx(3.0, abs=0.01)


async def test_the_plugs_day_is_the_users_day(broker: MqttBroker) -> None:
    await broker.hass.config.async_update(time_zone="Asia/Kolkata")
    plug = await burning(broker)
    assert plug.device.utc_offset == 5.5 * HOUR
    await broker.leap(seconds_until_midnight() - 60, step=600)
    await broker.leap(HOUR, step=60)
    days = sorted(plug.device.meter.days(), key=lambda day: str(day["date"]))
    assert [day["value"] for day in days] == pytest.approx([2400, 98], abs=1)


async def test_a_plug_that_metered_before_brings_its_days(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss305")
    for day in range(40):
        plug.device.meter.consume(100, int(broker.clock.timers.now()) - day * DAY, 0)
    await set_up(broker, plug)
    assert energy(broker, plug) == 3.0


async def test_energy_is_right_and_only_rises_over_a_year_with_every_fault(
    broker: MqttBroker,
) -> None:
    plug = await burning(broker)
    meter = plug.device.meter
    begun = dt_util.utcnow()
    seen: list[float] = []
    for day in range(365):
        meter.carries_over = day % 3 > 0
        meter.resets_late = 6 * HOUR if day % 3 == 2 else None
        # Looked at in the small hours, before and after that late reset, and late.
        for look in ((0, 1, 0), (0, 7, 0), (5, 59, 30), (7, 0, 0), (23, 59, 20)):
            at = datetime.combine(dt_util.now(), datetime.min.time().replace(*look))
            moment = at.replace(tzinfo=dt_util.get_default_time_zone())
            await broker.leap(moment.timestamp() - time.time(), step=DAY)
            seen.append(energy(broker, plug))
        # From 23 hours to 25.
        assert energy(broker, plug, "energy_today") == pytest.approx(2.4, abs=0.11)
        await broker.leap(seconds_until_midnight())
        seen.append(energy(broker, plug))
        assert energy(broker, plug, "energy_today") <= 0.002
    assert seen == sorted(seen)
    hours = (dt_util.utcnow() - begun) / timedelta(hours=1)
    assert seen[-1] == pytest.approx(0.1 * hours, rel=0.002)


async def test_a_counter_that_restarts_takes_nothing_away(broker: MqttBroker) -> None:
    plug = await burning(broker)
    await broker.leap(5 * HOUR, step=60)
    before = energy(broker, plug)
    plug.device.meter.restart()
    await broker.leap(120, step=10)
    assert before <= energy(broker, plug) <= before + 0.01
    await broker.leap(5 * HOUR, step=60)
    assert energy(broker, plug, "energy_today") == pytest.approx(1.0, abs=0.02)


# Restarts.


async def test_energy_goes_on_after_a_restart(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss310")
    entry = await set_up(broker, plug)
    plug.consume(700)
    await broker.leap(61)
    # So that it cannot come from the plug again.
    plug.device.meter.restart()
    plug.device.meter.consume(1, plug.device.clock.timestamp, plug.device.utc_offset)
    await broker.leap(61)
    assert value_of(broker, plug, "energy") == "0.701"
    await reload_entry(broker, entry)
    assert value_of(broker, plug, "energy") == "0.701"
    assert value_of(broker, plug, "energy_today") == "0.701"


async def test_a_store_from_before_a_power_cut_counts_nothing_twice(
    broker: MqttBroker,
) -> None:
    plug = await burning(broker)
    await broker.leap(2 * DAY, step=HOUR)
    old = stored(broker, plug)
    total = energy(broker, plug)
    await broker.leap(3 * DAY + 5 * HOUR, step=HOUR)
    expected = energy(broker, plug)
    assert expected > total + 7
    entity_id = registry_entry_of(broker, plug, "energy").entity_id
    (entry,) = broker.hass.config_entries.async_entries("meross_local")
    assert await broker.hass.config_entries.async_unload(entry.entry_id)
    mock_restore_cache_with_extra_data(
        broker.hass, [(State(entity_id, str(total)), old)]
    )
    assert await broker.hass.config_entries.async_setup(entry.entry_id)
    await broker.advance(3)
    assert energy(broker, plug) == pytest.approx(expected, abs=0.002)


async def test_the_days_of_a_week_without_home_assistant_are_added_once(
    broker: MqttBroker,
) -> None:
    plug = await burning(broker)
    (entry,) = broker.hass.config_entries.async_entries("meross_local")
    assert await broker.hass.config_entries.async_unload(entry.entry_id)
    await broker.leap(7 * DAY, step=DAY)
    assert await broker.hass.config_entries.async_setup(entry.entry_id)
    await broker.advance(3)
    assert energy(broker, plug) == pytest.approx(7 * 2.4, abs=0.01)
    await reload_entry(broker, entry)
    assert energy(broker, plug) == pytest.approx(7 * 2.4, abs=0.01)


async def test_a_year_with_a_restart_each_fortnight_counts_each_day_once(
    broker: MqttBroker,
) -> None:
    plug = await burning(broker)
    (entry,) = broker.hass.config_entries.async_entries("meross_local")
    begun = dt_util.utcnow()
    for _ in range(26):
        assert await broker.hass.config_entries.async_unload(entry.entry_id)
        await broker.leap(14 * DAY, step=14 * DAY)
        assert await broker.hass.config_entries.async_setup(entry.entry_id)
        await broker.advance(3)
    hours = (dt_util.utcnow() - begun) / timedelta(hours=1)
    assert energy(broker, plug) == pytest.approx(0.1 * hours, abs=0.02)


@pytest.mark.parametrize(
    "stored_data", [{}, {"days": 5}, {"settled": 1, "settled_until": "?"}], ids=str
)
async def test_a_store_that_makes_no_sense_is_begun_anew(
    broker: MqttBroker, stored_data: dict[str, object]
) -> None:
    plug = SimulatedPlug("mss310")
    entity_id = f"sensor.mss310_{plug.uuid[-4:]}_energy"
    mock_restore_cache_with_extra_data(
        broker.hass, [(State(entity_id, "12.0"), stored_data)]
    )
    await set_up(broker, plug)
    assert registry_entry_of(broker, plug, "energy").entity_id == entity_id
    plug.consume(5)
    await broker.leap(61)
    assert value_of(broker, plug, "energy") == "0.005"


async def test_nothing_is_stored_of_a_plug_that_has_not_spoken(
    broker: MqttBroker,
) -> None:
    plug = SimulatedPlug("mss310")
    plug.faults.unanswered.add(CONSUMPTION_X)
    await set_up(broker, plug)
    assert stored(broker, plug) == {}
    assert value_of(broker, plug, "energy") == "unknown"


async def test_energy_is_kept_while_its_sensor_is_disabled(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss310")
    await set_up(broker, plug)
    plug.consume(700)
    await broker.leap(61)
    plug.device.meter.restart()
    await disable(broker, plug, "energy", "energy_today")
    await broker.leap(120, step=10)
    await enable(broker, plug, "energy", "energy_today")
    assert value_of(broker, plug, "energy") == "0.7"


async def test_energy_is_unavailable_with_its_plug_and_comes_back_unchanged(
    broker: MqttBroker,
) -> None:
    plug = SimulatedPlug("mss310")
    await set_up(broker, plug)
    plug.consume(5)
    await broker.leap(61)
    events = async_capture_events(broker.hass, "state_changed")
    plug.freeze()
    await broker.advance(76)
    plug.thaw()
    plug.press()
    await broker.advance(1)
    energy_id = registry_entry_of(broker, plug, "energy").entity_id
    seen = [
        event.data["new_state"].state
        for event in events
        if event.data["entity_id"] == energy_id
    ]
    assert seen == ["unavailable", "0.005"]
