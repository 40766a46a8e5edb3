"""Plugs that vanish, freeze, are reset or come back as they were not."""

import asyncio
from time import monotonic

import pytest
import pytest_asyncio

from tests.simulator import SimulatedPlug

from .house import House, until

pytestmark = pytest.mark.usefixtures("plugs")

# What a person is promised, in seconds.
GONE_WITHIN = 75
BACK_WITHIN = 1


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def plugs(house: House) -> list[SimulatedPlug]:
    """Set up one plug for each way to be gone, and one that stays."""
    plugs = [
        SimulatedPlug(model, number, reconnect_delay=0.2)
        for number, model in enumerate(
            ("mss210", "mss310", "mss425e", "mss210v1", "mss305")
        )
    ]
    await house.adopt(*plugs)
    return plugs


async def test_silent_death_is_noticed(
    house: House, plugs: list[SimulatedPlug]
) -> None:
    vanished, frozen, powerless, *living = plugs
    vanished.cut()
    frozen.freeze()
    powerless.power_off()
    died = monotonic()

    dead = {plug.uuid for plug in (vanished, frozen, powerless)}
    while dead != await _unavailable(house):
        assert monotonic() < died + GONE_WITHIN
        await asyncio.sleep(0.2)

    assert not dead & {plug.uuid for plug in living}


async def test_a_thawed_plug_is_back_with_its_first_word(
    house: House, plugs: list[SimulatedPlug]
) -> None:
    frozen = plugs[1]
    frozen.press()
    await asyncio.sleep(0.2)
    frozen.thaw()
    frozen.press()
    await _expect_right(house, frozen, within=BACK_WITHIN)


@pytest.mark.parametrize("number", [0, 2])
async def test_a_plug_is_back_as_what_it_is_now(
    house: House, plugs: list[SimulatedPlug], number: int
) -> None:
    plug = plugs[number]
    plug.press()
    plug.power_on()
    await until(lambda: plug.is_bound, 10)
    await _expect_right(house, plug, within=BACK_WITHIN)


async def test_a_reset_plug_is_gone_at_once_and_a_repair_says_why(
    house: House, plugs: list[SimulatedPlug]
) -> None:
    plug = plugs[0]
    plug.reset()
    async with asyncio.timeout(1):
        while plug.uuid not in await _unavailable(house):
            await asyncio.sleep(0.02)

    assert "unbound" in await house.issues()


async def test_a_plug_that_is_set_up_again_needs_no_repair(
    house: House, plugs: list[SimulatedPlug]
) -> None:
    plug = plugs[0]
    plug.power_on()
    await until(lambda: plug.is_bound, 10)
    await _expect_right(house, plug, within=BACK_WITHIN)

    assert await house.issues() == {}


async def _unavailable(house: House) -> set[str]:
    shown = await house.shown()
    return {uuid for (uuid, _), state in shown.items() if state == "unavailable"}


async def _expect_right(house: House, plug: SimulatedPlug, within: float) -> None:
    end = monotonic() + within
    while any(uuid == plug.uuid for uuid, _ in await house.untrue()):
        assert monotonic() < end
        await asyncio.sleep(0.02)
