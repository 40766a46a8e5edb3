"""Plugs that vanish, freeze, are reset, or return with another state or key."""

import asyncio
from time import monotonic

import pytest
import pytest_asyncio

from tests.simulator import SimulatedPlug

from .environment import DOMAIN, Environment, press, until
from .flow import REPAIR, Flow, problem

pytestmark = pytest.mark.usefixtures("plugs")

# Documented limits in seconds.
UNAVAILABLE_WITHIN = 75
AVAILABLE_WITHIN = 1


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def plugs(environment: Environment) -> list[SimulatedPlug]:
    """Set up one plug for each reason to be unavailable, and two that stay."""
    models = ("mss210", "mss310", "mss425e", "mss210v1", "mss305", "mss210")
    plugs = [
        SimulatedPlug(model, number, reconnect_delay=0.2)
        for number, model in enumerate(models)
    ]
    await environment.set_up(*plugs)
    return plugs


async def test_a_silent_plug_becomes_unavailable(
    environment: Environment, plugs: list[SimulatedPlug]
) -> None:
    vanished, frozen, powerless, *connected, rekeyed = plugs
    vanished.cut()
    frozen.freeze()
    powerless.power_off()
    # It connects again, but none of its signatures is valid.
    rekeyed.power_off()
    rekeyed.key = "another key"
    rekeyed.power_on()
    since = monotonic()

    silent = {plug.uuid for plug in (vanished, frozen, powerless, rekeyed)}
    while silent != await _unavailable(environment):
        assert monotonic() < since + UNAVAILABLE_WITHIN
        await asyncio.sleep(0.2)

    assert not silent & {plug.uuid for plug in connected}


async def test_a_plug_with_another_key_stays_connected_and_has_a_repair(
    environment: Environment, plugs: list[SimulatedPlug]
) -> None:
    rekeyed = plugs[-1]
    assert rekeyed.is_bound
    await press(rekeyed)

    flow = Flow(environment.client, REPAIR)
    issue_id = (await environment.issues())["wrong_key"]
    await flow.start(handler=DOMAIN, issue_id=issue_id)
    assert problem(await flow.submit(key="not its key")) == "wrong_key"
    assert (await flow.submit(key="another key"))["type"] == "create_entry"
    assert await environment.issues() == {}
    await environment.expect_in_sync(2, rekeyed)


async def test_a_thawed_plug_is_available_with_its_first_message(
    environment: Environment, plugs: list[SimulatedPlug]
) -> None:
    frozen = plugs[1]
    await press(frozen)
    frozen.thaw()
    frozen.press()
    await environment.expect_in_sync(AVAILABLE_WITHIN, frozen)


@pytest.mark.parametrize("number", [0, 2])
async def test_a_plug_returns_with_its_present_state(
    environment: Environment, plugs: list[SimulatedPlug], number: int
) -> None:
    plug = plugs[number]
    plug.press()
    plug.power_on()
    await until(lambda: plug.is_bound, 10)
    await environment.expect_in_sync(AVAILABLE_WITHIN, plug)


async def test_a_reset_plug_is_unavailable_at_once_and_has_a_repair(
    environment: Environment, plugs: list[SimulatedPlug]
) -> None:
    plug = plugs[0]
    plug.reset()
    async with asyncio.timeout(1):
        while plug.uuid not in await _unavailable(environment):
            await asyncio.sleep(0.02)

    assert "unbound" in await environment.issues()


async def test_a_plug_that_is_paired_again_has_no_repair(
    environment: Environment, plugs: list[SimulatedPlug]
) -> None:
    plug = plugs[0]
    plug.power_on()
    await until(lambda: plug.is_bound, 10)
    await environment.expect_in_sync(AVAILABLE_WITHIN, plug)

    assert await environment.issues() == {}


async def _unavailable(environment: Environment) -> set[str]:
    states = await environment.states()
    return {uuid for (uuid, _), state in states.items() if state == "unavailable"}
