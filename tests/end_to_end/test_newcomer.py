"""The newcomer's path: plugs that are found, one click, switches that stay right.

The tests build on each other, as a newcomer's days do.
"""

import asyncio

import pytest
import pytest_asyncio

from tests.simulator import SimulatedPlug

from .house import DOMAIN, House, heard, said, until

pytestmark = pytest.mark.usefixtures("plugs")

BIND = "Appliance.Control.Bind"

# Three tries, then a plug leaves: here after 3 s instead of 15.
QUICK = 1.0


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def plugs(house: House) -> dict[str, SimulatedPlug]:
    """Bring one plug of each model to the broker."""
    models = ("mss210", "mss310", "mss425e", "mss210v1", "mss305")
    plugs = {
        model: SimulatedPlug(model, number, bind_interval=QUICK, reconnect_delay=0.5)
        for number, model in enumerate(models, start=1)
    }
    house.fleet.add(*plugs.values())
    return plugs


async def test_the_first_bind_is_answered_before_anything_is_set_up(
    house: House, plugs: dict[str, SimulatedPlug]
) -> None:
    await until(lambda: all(plug.is_bound for plug in plugs.values()))
    await asyncio.sleep(4 * QUICK)

    assert await house.client.entries(DOMAIN) == []
    for plug in plugs.values():
        assert plug.is_connected
        assert plug.connections == 1
    assert len(said(plugs["mss210"], BIND, "SET")) == 1
    assert len(heard(plugs["mss210"], BIND, "SETACK")) == 1


async def test_one_card_names_all_plugs(
    house: House, plugs: dict[str, SimulatedPlug]
) -> None:
    card = await house.card(len(plugs))

    for plug in plugs.values():
        label = f"{plug.model.type.upper()} …{plug.uuid[-4:]}"
        assert label in card["context"]["title_placeholders"]["plugs"]


async def test_one_click_makes_every_switch(
    house: House, plugs: dict[str, SimulatedPlug]
) -> None:
    card = await house.card(len(plugs))
    form = await house.client.get(f"config/config_entries/flow/{card['flow_id']}")
    assert form["data_schema"] == []

    step = await house.client.answer_flow(card["flow_id"])

    assert step["type"] == "create_entry"
    await house.expect_truth(within=3)
    assert set(await house.switches()) == set(house.outlets)
    assert await house.client.discovered(DOMAIN) == []


async def test_outlets_of_a_strip_have_names_of_their_own(
    house: House, plugs: dict[str, SimulatedPlug]
) -> None:
    strip = plugs["mss425e"]
    switches = await house.switches()
    states = await house.client.states("switch")
    names = [
        states[switches[strip.uuid, channel]]["attributes"]["friendly_name"]
        for channel in range(5)
    ]

    device = f"MSS425E {strip.uuid[-4:]}"
    endings = ("All outlets", "Outlet 1", "Outlet 2", "Outlet 3", "USB")
    assert names == [f"{device} {ending}" for ending in endings]


async def test_a_click_switches_the_plug_both_ways(
    house: House, plugs: dict[str, SimulatedPlug]
) -> None:
    for plug in plugs.values():
        channel = len(plug.model.outlets) - 1
        for action in ("on", "off"):
            await house.turn((plug.uuid, channel), action)
            # Home Assistant is done only when the plug is.
            assert plug.onoff(channel) == (action == "on")
            await house.expect_truth(within=1)


async def test_a_button_press_is_shown(
    house: House, plugs: dict[str, SimulatedPlug]
) -> None:
    for plug in plugs.values():
        channel = len(plug.model.outlets) - 1
        before = plug.onoff(channel)
        plug.press(channel)
        await until(lambda: plug.onoff(channel) != before)  # noqa: B023
        await house.expect_truth(within=1)


async def test_a_strips_master_shows_its_outlets_and_switches_them(
    house: House, plugs: dict[str, SimulatedPlug]
) -> None:
    strip = plugs["mss425e"]
    master = (strip.uuid, 0)

    await house.turn(master, "on")
    assert [strip.onoff(channel) for channel in range(5)] == [1] * 5
    await house.expect_truth(within=1)

    for channel in range(1, 5):
        assert (await house.shown())[master] == "on"
        await house.turn((strip.uuid, channel), "off")
    await house.expect_truth(within=1)
    assert (await house.shown())[master] == "off"


async def test_a_plug_that_comes_later_needs_no_click(house: House) -> None:
    late = SimulatedPlug("mss210", 77)
    house.fleet.add(late)

    await house.expect_truth(within=3)

    assert len(said(late, BIND, "SET")) == len(heard(late, BIND, "SETACK")) == 1
    assert len(await house.client.entries(DOMAIN)) == 1
    assert await house.client.discovered(DOMAIN) == []


async def test_names_and_states_outlive_a_restart(
    house: House, plugs: dict[str, SimulatedPlug]
) -> None:
    kettle = plugs["mss210"]
    await house.client.command(
        "config/entity_registry/update",
        entity_id=(await house.switches())[kettle.uuid, 0],
        new_entity_id="switch.kettle",
        name="Kettle",
    )
    await house.hass.stop()
    for plug in plugs.values():
        plug.press()
    await house.hass.start()

    await house.expect_truth(within=3)

    assert set(await house.switches()) == set(house.outlets)
    states = await house.client.states("switch")
    name = states["switch.kettle"]["attributes"]["friendly_name"]
    assert name == f"MSS210 {kettle.uuid[-4:]} Kettle"
    for action in ("on", "off"):
        await house.client.act(f"switch.turn_{action}", entity_id="switch.kettle")
        assert kettle.onoff() == (action == "on")


async def test_a_plug_comes_back_by_itself_after_a_power_cut(
    house: House, plugs: dict[str, SimulatedPlug]
) -> None:
    for plug in plugs.values():
        plug.power_off()
    await until(lambda: not any(plug.is_connected for plug in plugs.values()))
    for plug in plugs.values():
        plug.press()
        plug.power_on()
    await until(lambda: all(plug.is_bound for plug in plugs.values()))

    await house.expect_truth(within=1)
    for action in ("on", "off"):
        await house.turn((plugs["mss210"].uuid, 0), action)
        assert plugs["mss210"].onoff() == (action == "on")


async def test_a_removed_hub_leaves_nothing_and_its_card_returns(
    house: House,
) -> None:
    (entry,) = await house.client.entries(DOMAIN)

    await house.client.delete(f"config/config_entries/entry/{entry['entry_id']}")

    assert await house.switches() == {}
    # Of the silent plugs, Home Assistant remembers the one that the card came from.
    card = await house.card(1)
    await house.client.answer_flow(card["flow_id"])
    # It may be clicked before the plug has described itself: the switch follows.
    async with asyncio.timeout(5):
        while len(await house.switches()) != 1:
            await asyncio.sleep(0.02)


async def test_a_silent_plug_is_added_by_its_uuid(
    house: House, plugs: dict[str, SimulatedPlug]
) -> None:
    silent = plugs["mss310"]
    assert (silent.uuid, 0) not in await house.switches()
    (entry,) = await house.client.entries(DOMAIN)
    flows = "config/config_entries/subentries/flow"

    menu = await house.client.post(flows, handler=[entry["entry_id"], "plug"])
    form = f"{flows}/{menu['flow_id']}"
    await house.client.post(form, next_step_id="silent")
    step = await house.client.post(form, plug=silent.uuid)

    assert (step["type"], step["reason"]) == ("abort", "plug_added")
    await house.turn((silent.uuid, 0), "on")
    assert silent.onoff() == 1
