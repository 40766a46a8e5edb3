"""Energy only rises, over midnights, restarts and faults of the plug."""

from datetime import datetime, timedelta
import json
import logging
import time

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import State
from homeassistant.helpers import restore_state
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    mock_restore_cache_with_extra_data,
)

from custom_components.meross_local.const import DOMAIN
from tests.simulator import SimulatedPlug
from tests.simulator.namespaces import CONSUMPTION_X
from tests.support.clock import DAY, HOUR, seconds_until_midnight
from tests.support.entities import (
    disable,
    enable,
    record_states,
    registry_entry_of,
    value_of,
)
from tests.support.entries import POLL_TIME, reload_entry, set_up
from tests.support.mqtt import MqttBroker
from tests.support.queries import query_times

# In milliwatts: 2.4 kWh a day.
LOAD = 100_000


async def set_up_at_midnight(broker: MqttBroker) -> SimulatedPlug:
    """Set up a metering plug that is switched on at the local midnight."""
    plug = SimulatedPlug("mss310")
    plug.device.meter.load = LOAD
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
    entity = restore_state.async_get(broker.hass).entities[entity_id]
    data = entity.extra_restore_state_data
    assert data is not None
    return dict(json.loads(json.dumps(data.as_dict())))


async def unload(broker: MqttBroker) -> ConfigEntry:
    """Unload the entry and return it."""
    (entry,) = broker.hass.config_entries.async_entries(DOMAIN)
    assert await broker.hass.config_entries.async_unload(entry.entry_id)
    return entry


async def load(broker: MqttBroker, entry: ConfigEntry) -> None:
    """Load the entry, and let its plugs respond."""
    assert await broker.hass.config_entries.async_setup(entry.entry_id)
    await broker.advance(POLL_TIME)


async def test_energy_today_starts_from_zero_at_the_local_midnight(
    broker: MqttBroker,
) -> None:
    plug = await set_up_at_midnight(broker)
    await broker.leap(seconds_until_midnight() - 30, step=600)
    await broker.leap(25)
    before = energy(broker, plug)
    assert energy(broker, plug, "energy_today") == pytest.approx(2.4, abs=0.01)
    queries = len(query_times(plug, CONSUMPTION_X))
    # It needs no reply: the plug may list no new day before its first watt-hour.
    plug.freeze()
    await broker.leap(6)
    assert energy(broker, plug, "energy_today") == 0
    assert energy(broker, plug) == before
    assert len(query_times(plug, CONSUMPTION_X)) <= queries + 1
    plug.thaw()
    await broker.leap(6 * HOUR, step=600)
    assert energy(broker, plug, "energy_today") == pytest.approx(0.6, abs=0.01)
    assert energy(broker, plug) == pytest.approx(3.0, abs=0.01)


async def test_day_of_the_plug_is_the_local_day(broker: MqttBroker) -> None:
    await broker.hass.config.async_update(time_zone="Asia/Kolkata")
    plug = await set_up_at_midnight(broker)
    assert plug.device.utc_offset == 5.5 * HOUR
    await broker.leap(seconds_until_midnight() - 60, step=600)
    await broker.leap(HOUR, step=600)
    days = sorted(plug.device.meter.days(), key=lambda day: str(day["date"]))
    assert [day["value"] for day in days] == pytest.approx([2400, 98], abs=1)


async def test_days_from_before_the_setup_are_counted(broker: MqttBroker) -> None:
    broker.clock.tick(seconds_until_midnight() + 12 * HOUR)
    plug = SimulatedPlug("mss305")
    offset = int((dt_util.now().utcoffset() or timedelta()).total_seconds())
    for ago in range(40):
        plug.device.meter.consume(100, int(time.time()) - ago * DAY, offset)
    await set_up(broker, plug)
    assert energy(broker, plug) == 3.0


async def test_energy_is_right_and_only_rises_over_a_year_of_faults(
    broker: MqttBroker,
) -> None:
    plug = await set_up_at_midnight(broker)
    # Nothing but the energy is polled.
    await disable(broker, plug, "power", "status_light")
    meter = plug.device.meter
    started = dt_util.utcnow()
    shown: list[float] = []
    for day in range(365):
        meter.carries_over = day % 3 > 0
        meter.resets_late = 6 * HOUR if day % 3 == 2 else None
        # After midnight, before and after the late reset, and before midnight.
        for local_time in ((0, 1, 0), (0, 7, 0), (5, 59, 30), (7, 0, 0), (23, 59, 20)):
            at = datetime.combine(
                dt_util.now(), datetime.min.time().replace(*local_time)
            )
            moment = at.replace(tzinfo=dt_util.get_default_time_zone())
            await broker.leap(moment.timestamp() - time.time(), step=DAY)
            shown.append(energy(broker, plug))
        # A day has 23 to 25 hours.
        assert energy(broker, plug, "energy_today") == pytest.approx(2.4, abs=0.11)
        await broker.leap(seconds_until_midnight(), step=HOUR)
        await broker.advance(1)
        shown.append(energy(broker, plug))
        assert energy(broker, plug, "energy_today") <= 0.002
    assert shown == sorted(shown)
    hours = (dt_util.utcnow() - started) / timedelta(hours=1)
    assert shown[-1] == pytest.approx(0.1 * hours, rel=0.002)


async def test_restarted_counter_of_the_plug_takes_nothing_away(
    broker: MqttBroker,
) -> None:
    plug = await set_up_at_midnight(broker)
    await broker.leap(5 * HOUR, step=600)
    before = energy(broker, plug)
    plug.device.meter.restart()
    await broker.leap(120, step=10)
    assert before <= energy(broker, plug) <= before + 0.01
    await broker.leap(5 * HOUR, step=600)
    assert energy(broker, plug, "energy_today") == pytest.approx(1.0, abs=0.02)


async def test_energy_continues_after_a_reload(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss310")
    entry = await set_up(broker, plug)
    plug.consume(700)
    await broker.leap(61)
    # The plug must not be able to report it again.
    plug.device.meter.restart()
    plug.device.meter.consume(1, plug.device.clock.timestamp, plug.device.utc_offset)
    await broker.leap(61)
    assert value_of(broker, plug, "energy") == "0.701"
    await reload_entry(broker, entry)
    assert value_of(broker, plug, "energy") == "0.701"
    assert value_of(broker, plug, "energy_today") == "0.701"


async def test_outdated_store_counts_nothing_twice(
    broker: MqttBroker,
) -> None:
    plug = await set_up_at_midnight(broker)
    await broker.leap(2 * DAY, step=HOUR)
    old = stored(broker, plug)
    total = energy(broker, plug)
    await broker.leap(3 * DAY + 5 * HOUR, step=HOUR)
    expected = energy(broker, plug)
    assert expected > total + 7
    entity_id = registry_entry_of(broker, plug, "energy").entity_id
    entry = await unload(broker)
    mock_restore_cache_with_extra_data(
        broker.hass, [(State(entity_id, str(total)), old)]
    )
    await load(broker, entry)
    assert energy(broker, plug) == pytest.approx(expected, abs=0.002)


async def test_days_of_a_week_without_home_assistant_are_counted_once(
    broker: MqttBroker,
) -> None:
    plug = await set_up_at_midnight(broker)
    entry = await unload(broker)
    await broker.leap(7 * DAY, step=DAY)
    await load(broker, entry)
    assert energy(broker, plug) == pytest.approx(7 * 2.4, abs=0.01)
    await reload_entry(broker, entry)
    assert energy(broker, plug) == pytest.approx(7 * 2.4, abs=0.01)


async def test_days_of_a_year_with_a_restart_each_fortnight_are_counted_once(
    broker: MqttBroker,
) -> None:
    plug = await set_up_at_midnight(broker)
    started = dt_util.utcnow()
    for _ in range(26):
        entry = await unload(broker)
        await broker.leap(14 * DAY, step=14 * DAY)
        await load(broker, entry)
    hours = (dt_util.utcnow() - started) / timedelta(hours=1)
    assert energy(broker, plug) == pytest.approx(0.1 * hours, abs=0.02)


@pytest.mark.parametrize(
    ("stored_data", "warnings"),
    [({}, 0), ({"days": 5}, 1), ({"settled": 1, "settled_until": "?"}, 1)],
    ids=str,
)
async def test_unreadable_store_is_logged_once_and_starts_from_zero(
    broker: MqttBroker,
    caplog: pytest.LogCaptureFixture,
    stored_data: dict[str, object],
    warnings: int,
) -> None:
    plug = SimulatedPlug("mss310")
    entity_id = f"sensor.mss310_{plug.uuid[-4:]}_energy"
    mock_restore_cache_with_extra_data(
        broker.hass, [(State(entity_id, "12.0"), stored_data)]
    )
    await set_up(broker, plug)
    assert registry_entry_of(broker, plug, "energy").entity_id == entity_id
    logged = [
        record.getMessage()
        for record in caplog.records
        if record.levelno >= logging.WARNING and DOMAIN in record.name
    ]
    assert len(logged) == warnings
    for message in logged:
        assert f"stored energy of MSS310 {plug.uuid[-4:]} cannot be read" in message
    plug.consume(5)
    await broker.leap(61)
    assert value_of(broker, plug, "energy") == "0.005"


async def test_nothing_is_stored_of_a_plug_that_has_not_replied(
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


async def test_energy_is_unavailable_with_its_plug_and_unchanged_after_that(
    broker: MqttBroker,
) -> None:
    plug = SimulatedPlug("mss310")
    await set_up(broker, plug)
    plug.consume(5)
    await broker.leap(61)
    states = record_states(broker, registry_entry_of(broker, plug, "energy").entity_id)
    plug.freeze()
    await broker.advance(76)
    plug.thaw()
    plug.press()
    await broker.advance(8)
    assert states == ["unavailable", "0.005"]
