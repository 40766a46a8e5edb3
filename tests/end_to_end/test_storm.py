"""The broker and Home Assistant are killed again and again amid commands.

The tests build on each other: Home Assistant stores new plugs during the first.
"""

import asyncio
from contextlib import suppress
from random import Random

import aiohttp
import pytest
import pytest_asyncio

from tests.simulator import SimulatedPlug
from tests.support.processes.client import CallError

from .environment import MQTT_RECONNECT_INTERVAL, Environment, Options, until
from .texts import error_pattern

pytestmark = pytest.mark.usefixtures("plugs")

BROKER_KILLS = 20
HOME_ASSISTANT_KILLS = 3
PLUGS = 20

# Records about lost connections and an unclosed database, in any order.
EXPECTED_IN_LOG = (
    r"\[(paho\.mqtt|homeassistant\.components\.(mqtt|recorder))\.",
    r"\[homeassistant\] Error doing job.*components/mqtt/client\.py",
    # A command that was not confirmed is logged as an error.
    rf"\[homeassistant\.components\.api\] .*{error_pattern('no_answer')}",
    rf"\[homeassistant\.components\.api\] .*{error_pattern('not_connected')}",
    # A switch that is unavailable was turned on or off.
    r"\[homeassistant\.helpers\.service\] Referenced entities .* are missing",
)


@pytest.fixture(scope="module")
def options() -> Options:
    """Let Home Assistant reconnect after 1 second instead of 10: amid the greetings."""
    return {"constants": {MQTT_RECONNECT_INTERVAL: 1}}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def plugs(environment: Environment) -> list[SimulatedPlug]:
    """Set up plugs of all kinds that reconnect quickly."""
    models = ("mss210", "mss310", "mss425e", "mss210v1", "mss305")
    plugs = [
        SimulatedPlug(
            models[number % 5], number, bind_interval=1.0, reconnect_delay=0.5
        )
        for number in range(PLUGS)
    ]
    await environment.set_up(*plugs)
    return plugs


async def test_the_broker_is_killed_again_and_again(
    environment: Environment, plugs: list[SimulatedPlug]
) -> None:
    random = Random(3)  # noqa: S311 (no secret)
    for _ in range(BROKER_KILLS):
        commands = await _start_commands(environment, random)
        await asyncio.sleep(random.uniform(0, 0.05))
        await environment.mosquitto.kill()
        for plug in random.sample(plugs, 5):
            plug.press()
        await environment.restart_broker()
        await commands
        await until(lambda: all(plug.is_bound for plug in plugs), 20)
        await environment.expect_in_sync(within=5)


async def test_home_assistant_is_killed_amid_commands(
    environment: Environment, plugs: list[SimulatedPlug]
) -> None:
    random = Random(4)  # noqa: S311 (no secret)
    for _ in range(HOME_ASSISTANT_KILLS):
        commands = await _start_commands(environment, random)
        await asyncio.sleep(random.uniform(0.002, 0.02))
        await environment.hass.kill()
        await commands
        for plug in random.sample(plugs, 5):
            plug.press()
        await environment.hass.start()
        await environment.expect_in_sync(within=10)


async def _start_commands(
    environment: Environment, random: Random
) -> asyncio.Future[list[None]]:
    """Start to turn ten switches on or off at once."""
    switches = sorted((await environment.switches()).values())
    return asyncio.gather(
        *(
            _turn(environment, random.choice(switches), random.choice(("on", "off")))
            for _ in range(10)
        )
    )


async def _turn(environment: Environment, entity_id: str, action: str) -> None:
    """Turn a switch on or off; this may fail, but it must end."""
    async with asyncio.timeout(15):
        with suppress(CallError, aiohttp.ClientError):
            await environment.client.act(f"switch.turn_{action}", entity_id=entity_id)
