"""A command ends in what the plug confirmed, or in an error that a person can read."""

import asyncio
from time import monotonic, time

import pytest
import pytest_asyncio

from tests.simulator import SimulatedPlug
from tests.support.processes.client import CallError

from .house import House, heard, until

# What the person reads, Home Assistant logs.
_LOGGED = r"\[homeassistant\.components\.(api|websocket_api\.http\.connection)\] .*"
EXPECTED_IN_LOG = (
    _LOGGED + r"service call to switch\.turn_(on|off): MSS210 \w{4} does not answer",
    _LOGGED
    + r"service call to switch\.turn_(on|off): MSS210 \w{4} refused the command",
)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def plugs(house: House) -> list[SimulatedPlug]:
    """Set up fifty plugs."""
    plugs = [SimulatedPlug("mss210", number) for number in range(1, 51)]
    await house.adopt(*plugs)
    return plugs


@pytest.fixture
def plug(plugs: list[SimulatedPlug]) -> SimulatedPlug:
    """Return one of them."""
    return plugs[0]


async def test_fifty_plugs_are_switched_by_one_action(
    house: House, plugs: list[SimulatedPlug]
) -> None:
    switches = await house.switches()
    for action in ("on", "off"):
        began = monotonic()
        await house.client.act(
            f"switch.turn_{action}", entity_id=list(switches.values())
        )

        assert monotonic() - began < 2
        assert {plug.onoff() for plug in plugs} == {int(action == "on")}
        assert set((await house.shown()).values()) == {action}


async def test_ten_clicks_in_a_second_end_in_the_last_ones_state(
    house: House, plug: SimulatedPlug
) -> None:
    # A plug that takes longer to answer than the person to click again.
    plug.faults.reply_delay = 0.25
    for last in ("on", "off"):
        other = "off" if last == "on" else "on"
        async with asyncio.TaskGroup() as clicks:
            for action in (other, last) * 5:
                clicks.create_task(house.turn((plug.uuid, 0), action))
                await asyncio.sleep(0.1)

        assert plug.onoff() == (last == "on")
        await house.expect_truth(within=1)
    plug.faults.reply_delay = 0.0


async def test_the_late_word_of_a_button_does_not_undo_a_click(
    house: House, plug: SimulatedPlug
) -> None:
    plug.faults.hold_next_push = 1.0
    before = plug.onoff()
    plug.press()
    await until(lambda: plug.onoff() != before)
    action = "on" if before else "off"
    await house.turn((plug.uuid, 0), action)
    # Longer than the first word is held back.
    await asyncio.sleep(1.2)

    assert (await house.shown())[plug.uuid, 0] == action
    assert await house.untrue() == {}


async def test_a_press_right_after_a_reconnect_is_shown(
    house: House, plug: SimulatedPlug
) -> None:
    # It is told whole seconds: told late in one, its clock steps back.
    await _reconnect(plug, 0.05)
    await _reconnect(plug, 0.75)
    before = plug.onoff()
    plug.press()
    await until(lambda: plug.onoff() != before)

    await house.expect_truth(within=1)


async def _reconnect(plug: SimulatedPlug, fraction: float) -> None:
    """Take its network away, and give it back at that fraction of a second."""
    plug.cut()
    await until(lambda: not plug.is_connected)
    plug.heard.clear()
    await asyncio.sleep((fraction - time()) % 1)
    plug.power_on()
    await until(lambda: heard(plug, "Appliance.System.Clock", "PUSH"))


async def test_a_lost_answer_is_asked_for_again(
    house: House, plug: SimulatedPlug
) -> None:
    plug.faults.drop_replies = 1

    await house.turn((plug.uuid, 0), "off" if plug.onoff() else "on")

    await house.expect_truth(within=1)
    assert plug.faults.drop_replies == 0


async def test_a_frozen_plug_is_an_error_that_names_it(
    house: House, plugs: list[SimulatedPlug]
) -> None:
    frozen = plugs[1]
    shown = (await house.shown())[frozen.uuid, 0]
    frozen.freeze()
    clicked = monotonic()

    error = await house.refusal((frozen.uuid, 0), "on")

    assert monotonic() - clicked < 7
    assert f"MSS210 {frozen.uuid[-4:]} does not answer" in error
    assert (await house.shown())[frozen.uuid, 0] == shown
    frozen.thaw()


async def test_a_vanished_plug_is_an_error_of_the_rest_api(
    house: House, plugs: list[SimulatedPlug]
) -> None:
    vanished = plugs[2]
    vanished.cut()
    await until(lambda: not vanished.is_connected)
    clicked = monotonic()

    with pytest.raises(CallError, match="500"):
        await house.turn((vanished.uuid, 0), "on")

    assert monotonic() - clicked < 7
    vanished.power_on()
    await until(lambda: vanished.is_bound)
    await house.expect_truth(within=1)


async def test_what_the_plug_refuses_is_an_error_with_its_code(
    house: House, plug: SimulatedPlug
) -> None:
    plug.faults.refuse_with = 5000
    shown = (await house.shown())[plug.uuid, 0]

    error = await house.refusal((plug.uuid, 0), "off" if plug.onoff() else "on")

    plug.faults.refuse_with = 0
    assert "refused the command (error 5000)" in error
    assert (await house.shown())[plug.uuid, 0] == shown


async def test_a_scene_of_a_strip_ends_as_it_was_written(house: House) -> None:
    strip = SimulatedPlug("mss425e", 99)
    house.fleet.add(strip)
    await until(lambda: strip.is_bound)
    async with asyncio.timeout(5):
        while (strip.uuid, 4) not in await house.shown():
            await asyncio.sleep(0.05)

    for outlets in ([1, 1, 1, 1], [0, 1, 0, 1], [1, 0, 1, 0], [0, 0, 0, 0]):
        await _apply(house, strip, outlets)


async def test_a_scene_of_some_outlets_of_a_strip_that_was_off(house: House) -> None:
    strip = house.fleet.plugs[-1]

    await _apply(house, strip, [1, 0, 1, 0])


async def _apply(house: House, strip: SimulatedPlug, outlets: list[int]) -> None:
    """Apply a scene with all switches of the strip, as one made in the UI."""
    wanted = [int(any(outlets)), *outlets]
    states = ["on" if on else "off" for on in wanted]
    switches = await house.switches()
    await house.client.act(
        "scene.apply",
        entities={switches[strip.uuid, n]: state for n, state in enumerate(states)},
    )

    assert [strip.onoff(channel) for channel in range(5)] == wanted
    shown = await house.shown()
    assert [shown[strip.uuid, n] for n in range(5)] == states
