"""Plugs are discovered, set up with one click or their key, and stay in sync.

The tests build on each other.
"""

import asyncio

import pytest
import pytest_asyncio

from tests.simulator import SimulatedPlug

from .environment import DOMAIN, Environment, press, published, received, until
from .flow import CONFIG, Flow

pytestmark = pytest.mark.usefixtures("plugs")

BIND = "Appliance.Control.Bind"
KEY = "a key of its own"

# A plug disconnects after three of them without a reply: 3 seconds instead of 15.
BIND_INTERVAL = 1.0


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
