"""The Energy dashboard takes what a plug meters, and the recorder makes statistics."""

import asyncio
from datetime import UTC, datetime, timedelta
import os
from typing import Any

import pytest

from tests.simulator import SimulatedPlug

from .house import House, until

# A kettle: it changes the second decimal of the kilowatt-hours within a minute.
KETTLE = 3_000_000
# Of statistics, five minutes each.
PERIODS = 2


async def entity_id(house: House, plug: SimulatedPlug, key: str) -> str:
    """Return the entity of a plug's sensor."""
    (found,) = [
        str(one["entity_id"])
        for one in await house.client.command("config/entity_registry/list")
        if one["unique_id"] == f"{plug.uuid}_{key}"
    ]
    return found


async def kilowatt_hours(house: House, plug: SimulatedPlug) -> float | None:
    """Return what the energy sensor shows, if it is a number."""
    shown = await house.client.state(await entity_id(house, plug, "energy"))
    try:
        return float(shown or "")
    except ValueError:
        return None


async def expect_energy(
    house: House, plug: SimulatedPlug, at_least: float, within: float
) -> None:
    """Wait until so much is shown."""
    async with asyncio.timeout(within):
        while (await kilowatt_hours(house, plug) or 0) < at_least:
            await asyncio.sleep(0.2)


async def statistics_of(house: House, energy: str) -> list[dict[str, Any]]:
    """Return the five-minute statistics of the last hour."""
    found = await house.client.command(
        "recorder/statistics_during_period",
        start_time=(datetime.now(UTC) - timedelta(hours=1)).isoformat(),
        statistic_ids=[energy],
        period="5minute",
    )
    return list(found.get(energy, []))


async def test_a_metering_plug_shows_what_flows(house: House) -> None:
    plug = SimulatedPlug("mss310")
    plug.device.meter.load = KETTLE
    await house.adopt(plug)
    await house.turn((plug.uuid, 0), "on")
    power = await entity_id(house, plug, "power")
    await house.client.wait_for_state(power, "3000.0", timeout=5)


async def test_the_plug_lives_by_the_time_of_the_house(house: House) -> None:
    (plug,) = house.fleet.plugs
    await until(lambda: plug.device.timezone == "Europe/Berlin")
    assert len(plug.device.time_rule) == 20


async def problems(house: House, plug: SimulatedPlug) -> set[str]:
    """Put the plug on the Energy dashboard; return what that finds wrong with it."""
    await house.client.command(
        "energy/save_prefs",
        device_consumption=[
            {
                "stat_consumption": await entity_id(house, plug, "energy"),
                "stat_rate": await entity_id(house, plug, "power"),
            }
        ],
    )
    found = await house.client.command("energy/validate")
    return {issue["type"] for issues in found["device_consumption"] for issue in issues}


async def test_the_energy_dashboard_accepts_the_sensor(house: House) -> None:
    (plug,) = house.fleet.plugs
    await expect_energy(house, plug, 0.001, within=75)
    # What there is none of before the recorder's first five minutes are over.
    assert await problems(house, plug) <= {"statistics_not_defined"}


async def test_the_recorder_knows_it_as_a_sum(house: House) -> None:
    (plug,) = house.fleet.plugs
    energy = await entity_id(house, plug, "energy")
    statistics = await house.client.command("recorder/list_statistic_ids")
    (ours,) = [one for one in statistics if one["statistic_id"] == energy]
    assert ours["has_sum"]
    assert ours["statistics_unit_of_measurement"] == "kWh"
    assert ours["unit_class"] == "energy"


@pytest.mark.skipif(
    "MEROSS_PATIENT" not in os.environ,
    reason="the recorder makes statistics every five minutes: MEROSS_PATIENT=1",
)
async def test_a_long_term_statistic_grows(house: House) -> None:
    (plug,) = house.fleet.plugs
    energy = await entity_id(house, plug, "energy")
    async with asyncio.timeout(660):
        while len(found := await statistics_of(house, energy)) < PERIODS:
            await asyncio.sleep(2)
    sums = [one["sum"] for one in found]
    assert sums == sorted(sums)
    # The second period saw five minutes of the kettle.
    assert 0.2 <= sums[1] - sums[0] <= 0.3
    assert await problems(house, plug) == set()


async def test_energy_goes_on_after_a_restart(house: House) -> None:
    (plug,) = house.fleet.plugs
    before = await kilowatt_hours(house, plug)
    assert before
    plug.device.meter.restart()
    await house.hass.restart()
    await expect_energy(house, plug, before, within=10)
