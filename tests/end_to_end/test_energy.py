"""The Energy dashboard accepts the sensors, and the recorder creates statistics."""

import asyncio
from datetime import UTC, datetime, timedelta
import os
from typing import Any

import pytest

from tests.simulator import SimulatedPlug

from .environment import DOMAIN, Environment, until

KETTLE = 3_000_000  # milliwatts
# Statistics of five minutes each.
PERIODS = 2


async def entity_id(environment: Environment, key: str) -> str:
    """Return the entity id of a sensor of the only plug."""
    (plug,) = environment.fleet.plugs
    return (await environment.entity_ids())[f"{plug.uuid}_{key}"]


async def expect_energy(
    environment: Environment, at_least: float, within: float
) -> float:
    """Wait until the sensor shows so many kilowatt-hours; return its value."""
    energy = await entity_id(environment, "energy")
    async with asyncio.timeout(within):
        while True:
            state = await environment.client.state(energy)
            if state not in {None, "unknown", "unavailable"}:
                value = float(str(state))
                if value >= at_least:
                    return value
            await asyncio.sleep(0.2)


async def statistics(environment: Environment) -> list[dict[str, Any]]:
    """Return the five-minute statistics of the last hour."""
    energy = await entity_id(environment, "energy")
    found = await environment.client.command(
        "recorder/statistics_during_period",
        start_time=(datetime.now(UTC) - timedelta(hours=1)).isoformat(),
        statistic_ids=[energy],
        period="5minute",
    )
    return list(found.get(energy, []))


async def validation_issues(environment: Environment) -> set[str]:
    """Add the plug to the Energy dashboard; return what it finds wrong with it."""
    await environment.client.command(
        "energy/save_prefs",
        device_consumption=[
            {
                "stat_consumption": await entity_id(environment, "energy"),
                "stat_rate": await entity_id(environment, "power"),
            }
        ],
    )
    found = await environment.client.command("energy/validate")
    return {issue["type"] for issues in found["device_consumption"] for issue in issues}


async def test_power_is_shown(environment: Environment) -> None:
    plug = SimulatedPlug("mss310")
    plug.device.meter.load = KETTLE
    await environment.set_up(plug)
    await environment.turn((plug.uuid, 0), "on")
    power = await entity_id(environment, "power")
    await environment.client.wait_for_state(power, "3000.0", timeout=5)


async def test_the_plug_has_the_time_zone_of_home_assistant(
    environment: Environment,
) -> None:
    (plug,) = environment.fleet.plugs
    await until(lambda: plug.device.timezone == "Europe/Berlin")
    assert len(plug.device.time_rule) == 20


async def test_the_energy_dashboard_accepts_the_sensor(
    environment: Environment,
) -> None:
    (plug,) = environment.fleet.plugs
    plug.consume(watt_hours=5)
    # It polls the energy at once instead of within a minute.
    await environment.reload(DOMAIN)
    await expect_energy(environment, 0.005, within=5)
    # Statistics start only with the recorder's first five minutes.
    assert await validation_issues(environment) <= {"statistics_not_defined"}


async def test_the_recorder_knows_it_as_a_sum(environment: Environment) -> None:
    energy = await entity_id(environment, "energy")
    listed = await environment.client.command("recorder/list_statistic_ids")
    (found,) = [one for one in listed if one["statistic_id"] == energy]
    assert found["has_sum"]
    assert found["statistics_unit_of_measurement"] == "kWh"
    assert found["unit_class"] == "energy"


@pytest.mark.skipif(
    "MEROSS_PATIENT" not in os.environ,
    reason="the recorder creates statistics every five minutes: MEROSS_PATIENT=1",
)
async def test_a_long_term_statistic_grows(environment: Environment) -> None:
    async with asyncio.timeout(660):
        while len(found := await statistics(environment)) < PERIODS:
            await asyncio.sleep(2)
    sums = [one["sum"] for one in found]
    assert sums == sorted(sums)
    # The kettle was on throughout the second period.
    assert 0.2 <= sums[1] - sums[0] <= 0.3
    assert await validation_issues(environment) == set()


async def test_the_energy_survives_restarts(environment: Environment) -> None:
    (plug,) = environment.fleet.plugs
    before = await expect_energy(environment, 0.005, within=1)
    plug.device.meter.restart()
    await environment.hass.restart()
    await expect_energy(environment, before, within=10)
