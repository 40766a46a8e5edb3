"""A command ends when the plug has confirmed it, or with a readable error."""

import asyncio
from time import monotonic, time

import pytest
import pytest_asyncio

from tests.harness.client import CallError
from tests.simulator import SimulatedPlug

from .environment import Environment, press, received, until
from .texts import error, error_pattern

# Home Assistant logs the errors that it shows.
EXPECTED_IN_LOG = (
    r"\[homeassistant\.components\.(api|websocket_api\.http\.connection)\] .*"
    r"service call to switch\.turn_on: " + error_pattern("no_answer"),
)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def plugs(environment: Environment) -> list[SimulatedPlug]:
    """Set up fifty plugs."""
    plugs = [SimulatedPlug("mss210", number) for number in range(1, 51)]
    await environment.set_up(*plugs)
    return plugs


@pytest.fixture
def plug(plugs: list[SimulatedPlug]) -> SimulatedPlug:
    """Return one of them."""
    return plugs[0]


async def test_fifty_plugs_are_switched_by_one_action(
    environment: Environment, plugs: list[SimulatedPlug]
) -> None:
    switches = await environment.switches()
    for action in ("on", "off"):
        since = monotonic()
        await environment.client.act(
            f"switch.turn_{action}", entity_id=list(switches.values())
        )

        assert monotonic() - since < 2
        assert {plug.onoff() for plug in plugs} == {int(action == "on")}
        assert set((await environment.states()).values()) == {action}


async def test_the_last_of_ten_commands_in_a_second_wins(
    environment: Environment, plug: SimulatedPlug
) -> None:
    # The plug takes longer to reply than the next command to follow.
    plug.faults.reply_delay = 0.25
    for last in ("on", "off"):
        other = "off" if last == "on" else "on"
        async with asyncio.TaskGroup() as commands:
            for action in (other, last) * 5:
                commands.create_task(environment.turn((plug.uuid, 0), action))
                await asyncio.sleep(0.1)

        assert plug.onoff() == (last == "on")
        await environment.expect_in_sync(within=1)
    plug.faults.reply_delay = 0.0


async def test_a_press_right_after_a_reconnect_is_shown(
    environment: Environment, plug: SimulatedPlug
) -> None:
    # Its clock is set in whole seconds: late in one, it is set back.
    await _reconnect(plug, 0.05)
    await _reconnect(plug, 0.75)
    await press(plug)

    await environment.expect_in_sync(within=1)


async def _reconnect(plug: SimulatedPlug, fraction: float) -> None:
    """Cut the network of a plug, and restore it at a fraction of a second."""
    plug.cut()
    await until(lambda: not plug.is_connected)
    plug.inbox.clear()
    await asyncio.sleep((fraction - time()) % 1)
    plug.power_on()
    await until(lambda: received(plug, "Appliance.System.Clock", "PUSH"))


async def test_a_request_without_a_reply_is_repeated(
    environment: Environment, plug: SimulatedPlug
) -> None:
    plug.faults.drop_replies = 1

    await environment.turn((plug.uuid, 0), "off" if plug.onoff() else "on")

    await environment.expect_in_sync(within=1)
    assert plug.faults.drop_replies == 0


async def test_the_error_of_a_frozen_plug_names_it(
    environment: Environment, plugs: list[SimulatedPlug]
) -> None:
    frozen = plugs[1]
    state = (await environment.states())[frozen.uuid, 0]
    frozen.freeze()
    since = monotonic()

    shown = await environment.turn_error((frozen.uuid, 0), "on")

    assert monotonic() - since < 7
    assert error("no_answer", plug=f"MSS210 {frozen.uuid[-4:]}") in shown
    assert (await environment.states())[frozen.uuid, 0] == state
    frozen.thaw()


async def test_a_vanished_plug_is_an_error_of_the_rest_api(
    environment: Environment, plugs: list[SimulatedPlug]
) -> None:
    vanished = plugs[2]
    vanished.cut()
    await until(lambda: not vanished.is_connected)
    since = monotonic()

    with pytest.raises(CallError, match="500"):
        await environment.turn((vanished.uuid, 0), "on")

    assert monotonic() - since < 7
    vanished.power_on()
    await until(lambda: vanished.is_bound)
    await environment.expect_in_sync(within=1)


async def test_a_scene_of_a_strip_ends_as_it_was_stored(
    environment: Environment,
) -> None:
    strip = SimulatedPlug("mss425e", 99)
    environment.fleet.add(strip)
    await until(lambda: strip.is_bound)
    async with asyncio.timeout(5):
        while (strip.uuid, 4) not in await environment.states():
            await asyncio.sleep(0.05)

    # The last one is of some outlets of a strip that was off.
    for outlets in (
        [1, 1, 1, 1],
        [0, 1, 0, 1],
        [1, 0, 1, 0],
        [0, 0, 0, 0],
        [1, 0, 1, 0],
    ):
        await _apply_scene(environment, strip, outlets)


async def _apply_scene(
    environment: Environment, strip: SimulatedPlug, outlets: list[int]
) -> None:
    """Apply a scene with all switches of the strip, as the UI stores it."""
    onoff = [int(any(outlets)), *outlets]
    states = ["on" if on else "off" for on in onoff]
    switches = await environment.switches()
    await environment.client.act(
        "scene.apply",
        entities={switches[strip.uuid, n]: state for n, state in enumerate(states)},
    )

    assert [strip.onoff(channel) for channel in range(5)] == onoff
    found = await environment.states()
    assert [found[strip.uuid, n] for n in range(5)] == states
