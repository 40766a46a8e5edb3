"""Plugs are discovered, set up, and in sync; they vanish, are reset, and return.

The tests build on each other.
"""

import asyncio
from time import monotonic

import pytest
import pytest_asyncio

from tests.simulator import SimulatedPlug

from .environment import DOMAIN, Environment, press, published, received, until
from .flow import CONFIG, REPAIR, Flow, problem

pytestmark = pytest.mark.usefixtures("plugs")

BIND = "Appliance.Control.Bind"
KEY = "a key of its own"

# A plug disconnects after three of them without a reply: 3 seconds instead of 15.
BIND_INTERVAL = 1.0

# Documented limits in seconds.
UNAVAILABLE_WITHIN = 75
AVAILABLE_WITHIN = 1


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def plugs(environment: Environment) -> dict[str, SimulatedPlug]:
    """Connect one plug of each model to the broker."""
    models = ("mss210", "mss310", "mss425e", "mss210v1", "mss305")
    plugs = {
        model: SimulatedPlug(
            model, number, bind_interval=BIND_INTERVAL, reconnect_delay=0.5
        )
        for number, model in enumerate(models, start=1)
    }
    environment.fleet.add(*plugs.values())
    return plugs


async def find_card(environment: Environment, count: int) -> Flow:
    """Return the flow of the discovery card, once it counts so many plugs."""
    flow = Flow(environment.client, CONFIG, await environment.card(count))
    await flow.refresh()
    return flow


def expect_bound_once(plug: SimulatedPlug) -> None:
    """Check that a plug needed only one connection and one message."""
    assert plug.is_connected
    assert plug.connections == 1
    binds = published(plug, BIND, "SET")
    assert len(received(plug, BIND, "SETACK")) == len(binds) == plug.model.is_modern
    # A plug replies with an error to an invalid signature.
    assert published(plug, BIND, "ERROR") == []


async def test_the_first_bind_is_acknowledged_before_anything_is_set_up(
    environment: Environment, plugs: dict[str, SimulatedPlug]
) -> None:
    await until(lambda: all(plug.is_bound for plug in plugs.values()))
    await asyncio.sleep(4 * BIND_INTERVAL)

    assert await environment.client.entries(DOMAIN) == []
    for plug in plugs.values():
        expect_bound_once(plug)


async def test_one_card_names_all_plugs_and_needs_one_click(
    environment: Environment, plugs: dict[str, SimulatedPlug]
) -> None:
    card = await environment.card(len(plugs))

    for plug in plugs.values():
        label = f"{plug.model.type.upper()} …{plug.uuid[-4:]}"
        assert label in card["context"]["title_placeholders"]["plugs"]
    assert (await find_card(environment, len(plugs))).step["data_schema"] == []


async def test_the_key_of_a_plug_is_requested_and_verified(
    environment: Environment, plugs: dict[str, SimulatedPlug]
) -> None:
    locked = plugs["locked"] = SimulatedPlug("mss210", 6, key=KEY)
    environment.fleet.add(locked)
    await until(lambda: locked.is_bound)
    expect_bound_once(locked)

    flow = await find_card(environment, len(plugs))
    assert [field["name"] for field in flow.step["data_schema"]] == ["key"]
    for wrong in ("", "another key"):
        step = await flow.submit(key=wrong)
        assert (step["type"], step["errors"]) == ("form", {"key": "wrong_key"})
    assert await environment.client.entries(DOMAIN) == []

    assert (await flow.submit(key=KEY))["type"] == "create_entry"
    ordinary = [plug for plug in plugs.values() if plug is not locked]
    await environment.expect_in_sync(3, *ordinary)
    await environment.expect_in_sync(3, locked)
    assert set(await environment.switches()) == set(environment.outlets)
    assert await environment.client.discovered(DOMAIN) == []


async def test_every_plug_is_turned_on_and_off(
    environment: Environment, plugs: dict[str, SimulatedPlug]
) -> None:
    for plug in plugs.values():
        await environment.expect_controllable(plug, len(plug.model.outlets) - 1)
        await environment.expect_in_sync(within=1)


async def test_a_button_press_is_shown(
    environment: Environment, plugs: dict[str, SimulatedPlug]
) -> None:
    for plug in plugs.values():
        await press(plug, channel=len(plug.model.outlets) - 1)
        await environment.expect_in_sync(within=1)


@pytest.mark.parametrize(("number", "key"), [(77, "meross"), (78, KEY)])
async def test_a_plug_that_connects_later_needs_no_click(
    environment: Environment, number: int, key: str
) -> None:
    late = SimulatedPlug("mss210", number, key=key)
    environment.fleet.add(late)

    await environment.expect_in_sync(within=3)

    expect_bound_once(late)
    assert len(await environment.client.entries(DOMAIN)) == 1
    assert await environment.client.discovered(DOMAIN) == []


async def test_a_silent_plug_becomes_unavailable(
    environment: Environment, plugs: dict[str, SimulatedPlug]
) -> None:
    silent = [plugs[name] for name in ("mss210", "mss310", "mss425e", "locked")]
    vanished, frozen, powerless, rekeyed = silent
    vanished.cut()
    frozen.freeze()
    powerless.power_off()
    # It connects again, but none of its signatures is valid.
    rekeyed.power_off()
    rekeyed.key = "another key"
    rekeyed.power_on()
    since = monotonic()

    # The others stay available.
    while {plug.uuid for plug in silent} != await _unavailable(environment):
        assert monotonic() < since + UNAVAILABLE_WITHIN
        await asyncio.sleep(0.2)


async def test_a_plug_with_another_key_stays_connected_and_has_a_repair(
    environment: Environment, plugs: dict[str, SimulatedPlug]
) -> None:
    rekeyed = plugs["locked"]
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
    environment: Environment, plugs: dict[str, SimulatedPlug]
) -> None:
    frozen = plugs["mss310"]
    await press(frozen)
    frozen.thaw()
    frozen.press()
    await environment.expect_in_sync(AVAILABLE_WITHIN, frozen)


@pytest.mark.parametrize("model", ["mss210", "mss425e"])
async def test_a_plug_returns_with_its_present_state(
    environment: Environment, plugs: dict[str, SimulatedPlug], model: str
) -> None:
    plug = plugs[model]
    plug.press()
    plug.power_on()
    await until(lambda: plug.is_bound, 10)
    await environment.expect_in_sync(AVAILABLE_WITHIN, plug)


async def test_a_reset_plug_is_unavailable_at_once_and_has_a_repair(
    environment: Environment, plugs: dict[str, SimulatedPlug]
) -> None:
    plug = plugs["mss210"]
    plug.reset()
    async with asyncio.timeout(1):
        while plug.uuid not in await _unavailable(environment):
            await asyncio.sleep(0.02)

    assert "unbound" in await environment.issues()


async def test_a_plug_that_is_paired_again_has_no_repair(
    environment: Environment, plugs: dict[str, SimulatedPlug]
) -> None:
    plug = plugs["mss210"]
    plug.power_on()
    await until(lambda: plug.is_bound, 10)
    await environment.expect_in_sync(AVAILABLE_WITHIN, plug)

    assert await environment.issues() == {}


async def _unavailable(environment: Environment) -> set[str]:
    states = await environment.states()
    return {uuid for (uuid, _), state in states.items() if state == "unavailable"}
