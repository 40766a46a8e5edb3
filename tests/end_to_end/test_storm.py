"""Everything fails at once, again and again; in the end every switch is right."""

import asyncio
from contextlib import suppress
from random import Random

import aiohttp
import pytest
import pytest_asyncio

from tests.simulator import SimulatedPlug
from tests.support.processes.client import CallError

from .house import House, until

pytestmark = pytest.mark.usefixtures("plugs")

BROKER_DEATHS = 20
KILLS = 3
PLUGS = 20

# What Home Assistant's connection to the broker and its database say of sudden deaths,
# in whatever order they meet them.
EXPECTED_IN_LOG = (
    r"\[(paho\.mqtt|homeassistant\.components\.(mqtt|recorder))\.",
    r"\[homeassistant\] Error doing job.*components/mqtt/client\.py",
    # A person hears of a command that was not confirmed, and so does the log.
    r"\[homeassistant\.components\.api\] Error during .* (cannot be|does not answer)",
    # A click on what is unavailable.
    r"\[homeassistant\.helpers\.service\] Referenced entities .* are missing",
)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def plugs(house: House) -> list[SimulatedPlug]:
    """Set up plugs of all kinds that are quick to come back."""
    models = ("mss210", "mss310", "mss425e", "mss210v1", "mss305")
    plugs = [
        SimulatedPlug(models[number % 5], number, reconnect_delay=0.5)
        for number in range(PLUGS)
    ]
    await house.adopt(*plugs)
    # Home Assistant writes down what is new after some seconds, or when it stops.
    await house.hass.restart()
    await house.expect_truth(within=10)
    return plugs


async def test_the_broker_dies_again_and_again(
    house: House, plugs: list[SimulatedPlug]
) -> None:
    random = Random(3)  # noqa: S311 (no secret)
    for _ in range(BROKER_DEATHS):
        clicks = await _start_clicks(house, random)
        await asyncio.sleep(random.uniform(0, 0.05))
        await house.mosquitto.kill()
        for plug in random.sample(plugs, 5):
            plug.press()
        connections = await house.connections_of_home_assistant()
        await house.mosquitto.start()
        await clicks
        await house.expect_connection(connections + 1)
        await until(lambda: all(plug.is_bound for plug in plugs), 20)
        await house.expect_truth(within=5)


async def test_home_assistant_is_killed_in_the_middle_of_commands(
    house: House, plugs: list[SimulatedPlug]
) -> None:
    random = Random(4)  # noqa: S311 (no secret)
    for _ in range(KILLS):
        clicks = await _start_clicks(house, random)
        await asyncio.sleep(random.uniform(0.002, 0.02))
        await house.hass.kill()
        await clicks
        for plug in random.sample(plugs, 5):
            plug.press()
        await house.hass.start()
        await house.expect_truth(within=10)


async def _start_clicks(house: House, random: Random) -> asyncio.Future[list[None]]:
    """Click ten switches at once; it ends when all clicks have."""
    switches = sorted((await house.switches()).values())
    return asyncio.gather(
        *(
            _click(house, random.choice(switches), random.choice(("on", "off")))
            for _ in range(10)
        )
    )


async def _click(house: House, entity_id: str, action: str) -> None:
    """Click a switch; that it may fail is what the storm is for, but it must end."""
    async with asyncio.timeout(15):
        with suppress(CallError, aiohttp.ClientError):
            await house.client.act(f"switch.turn_{action}", entity_id=entity_id)
