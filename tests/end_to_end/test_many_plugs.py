"""A hundred plugs: commands, energy, restarts of Home Assistant and power cuts.

The tests build on each other.
"""

import asyncio
from time import monotonic

import pytest
import pytest_asyncio

from tests.simulator import SimulatedPlug
from tests.support.processes.client import CallError

from .environment import (
    DOMAIN,
    Environment,
    power_cycle,
    press,
    published,
    received,
    until,
)
from .texts import error, error_pattern

_RECORDER = r"\[homeassistant\.components\.recorder\.util\] "
EXPECTED_IN_LOG = (
    # Home Assistant logs the errors that it shows.
    r"\[homeassistant\.components\.(api|websocket_api\.http\.connection)\] .*"
    r"service call to switch\.turn_on: " + error_pattern("no_answer"),
    # It repairs its database after a power cut.
    _RECORDER
    + "The system could not validate that the sqlite3 database at .* was shut",
    _RECORDER + "Ended unfinished session",
)

BIND = "Appliance.Control.Bind"
MODELS = ("mss210", "mss310", "mss425e", "mss210v1", "mss305")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def plugs(environment: Environment) -> list[SimulatedPlug]:
    """Set up a hundred plugs with one click."""
    plugs = [
        SimulatedPlug(MODELS[number % 5], number, reconnect_delay=0.5)
        for number in range(100)
    ]
    await environment.set_up(*plugs)
    assert set(await environment.switches()) == set(environment.outlets)
    return plugs


async def test_fifty_plugs_are_switched_by_one_action(
    environment: Environment, plugs: list[SimulatedPlug]
) -> None:
    fifty = [plug for plug in plugs if len(plug.model.outlets) == 1][:50]
    switches = await environment.switches()
    for action in ("on", "off"):
        since = monotonic()
        await environment.client.act(
            f"switch.turn_{action}",
            entity_id=[switches[plug.uuid, 0] for plug in fifty],
        )

        assert monotonic() - since < 2
        assert {plug.onoff() for plug in fifty} == {int(action == "on")}
        states = await environment.states()
        assert {states[plug.uuid, 0] for plug in fifty} == {action}


async def test_the_last_of_ten_commands_in_a_second_wins(
    environment: Environment, plugs: list[SimulatedPlug]
) -> None:
    plug = plugs[0]
    # It takes longer to reply than the next command to follow.
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


async def test_the_error_of_a_frozen_plug_names_it(
    environment: Environment, plugs: list[SimulatedPlug]
) -> None:
    frozen = plugs[0]
    state = (await environment.states())[frozen.uuid, 0]
    frozen.freeze()
    since = monotonic()

    shown = await environment.turn_error((frozen.uuid, 0), "on")

    assert monotonic() - since < 7
    assert error("no_answer", plug=f"MSS210 {frozen.uuid[-4:]}") in shown
    # A command without a reply shows that it is gone, within some ten seconds.
    assert (await environment.states())[frozen.uuid, 0] in {state, "unavailable"}
    frozen.thaw()
    await environment.expect_in_sync(within=25)


async def test_a_vanished_plug_is_an_error_of_the_rest_api(
    environment: Environment, plugs: list[SimulatedPlug]
) -> None:
    vanished = plugs[5]
    vanished.cut()
    await until(lambda: not vanished.is_connected)
    since = monotonic()

    with pytest.raises(CallError, match="500"):
        await environment.turn((vanished.uuid, 0), "on")

    assert monotonic() - since < 7
    vanished.power_on()
    await until(lambda: vanished.is_bound)
    # It may just have been queried: there are two seconds between two queries.
    await environment.expect_in_sync(within=4)


async def test_a_scene_of_a_strip_ends_as_it_was_stored(
    environment: Environment, plugs: list[SimulatedPlug]
) -> None:
    strip = plugs[2]
    switches = [(await environment.switches())[strip.uuid, n] for n in range(5)]
    # The last one is of some outlets of a strip that was off.
    for outlets in ("1111", "0101", "1010", "0000", "1010"):
        onoff = [int("1" in outlets), *map(int, outlets)]
        states = ["on" if on else "off" for on in onoff]

        # With the master, as the UI stores it.
        await environment.client.act(
            "scene.apply", entities=dict(zip(switches, states, strict=True))
        )

        assert [strip.onoff(channel) for channel in range(5)] == onoff
        found = await environment.states()
        assert [found[strip.uuid, n] for n in range(5)] == states


async def test_the_power_of_a_metering_plug_is_shown(
    environment: Environment, plugs: list[SimulatedPlug]
) -> None:
    kettle = plugs[1]
    kettle.device.meter.load = 3_000_000
    await environment.turn((kettle.uuid, 0), "on")
    power = (await environment.entity_ids())[f"{kettle.uuid}_power"]
    await environment.client.wait_for_state(power, "3000.0", timeout=5)
    # It counts its days in Home Assistant's time zone.
    await until(lambda: kettle.device.timezone == "Europe/Berlin")
    assert len(kettle.device.time_rule) == 20


async def test_the_energy_dashboard_accepts_a_metering_plug(
    environment: Environment, plugs: list[SimulatedPlug]
) -> None:
    client, kettle = environment.client, plugs[1]
    entities = await environment.entity_ids()
    energy, power = (entities[f"{kettle.uuid}_{key}"] for key in ("energy", "power"))
    kettle.consume(watt_hours=5)
    # The energy is polled at once instead of within a minute.
    await environment.reload(DOMAIN)
    await _expect_energy(environment, kettle, 0.005)

    consumption = {"stat_consumption": energy, "stat_rate": power}
    await client.command("energy/save_prefs", device_consumption=[consumption])
    found = await client.command("energy/validate")
    problems = {
        issue["type"] for issues in found["device_consumption"] for issue in issues
    }
    # Statistics start only with the recorder's first five minutes.
    assert problems <= {"statistics_not_defined"}
    (statistic,) = [
        listed
        for listed in await client.command("recorder/list_statistic_ids")
        if listed["statistic_id"] == energy
    ]
    assert statistic["has_sum"]
    assert statistic["statistics_unit_of_measurement"] == "kWh"
    assert statistic["unit_class"] == "energy"


async def _expect_energy(
    environment: Environment, plug: SimulatedPlug, at_least: float
) -> float:
    """Wait until a sensor shows so many kilowatt-hours; return its value."""
    energy = (await environment.entity_ids())[f"{plug.uuid}_energy"]
    async with asyncio.timeout(10):
        while True:
            state = await environment.client.state(energy)
            if state not in {None, "unknown", "unavailable"}:
                value = float(str(state))
                if value >= at_least:
                    return value
            await asyncio.sleep(0.1)


async def test_names_states_and_energy_survive_a_restart(
    environment: Environment, plugs: list[SimulatedPlug]
) -> None:
    lamp = plugs[0]
    await environment.client.command(
        "config/entity_registry/update",
        entity_id=(await environment.switches())[lamp.uuid, 0],
        new_entity_id="switch.lamp",
        name="Lamp",
    )
    energy = await _expect_energy(environment, plugs[1], 0.005)
    await environment.hass.stop()
    plugs[1].device.meter.restart()
    await press(*plugs[::2])
    connections = [plug.connections for plug in plugs]
    binds = [len(published(plug, BIND, "SET")) for plug in plugs]
    await environment.hass.start()

    await environment.expect_in_sync(within=3)

    # They were queried: none of them has connected again.
    assert [plug.connections for plug in plugs] == connections
    assert [len(published(plug, BIND, "SET")) for plug in plugs] == binds
    switches = await environment.switches()
    assert set(switches) == set(environment.outlets)
    assert switches[lamp.uuid, 0] == "switch.lamp"
    states = await environment.client.states("switch")
    name = states["switch.lamp"]["attributes"]["friendly_name"]
    assert name == f"MSS210 {lamp.uuid[-4:]} Lamp"
    await environment.expect_controllable(lamp)
    await _expect_energy(environment, plugs[1], energy)


async def test_states_survive_a_power_cut_of_home_assistant(
    environment: Environment, plugs: list[SimulatedPlug]
) -> None:
    await environment.hass.kill()
    await press(*plugs)
    await environment.hass.start()

    await environment.expect_in_sync(within=3)


async def test_plugs_that_reconnect_at_once_are_all_acknowledged(
    environment: Environment, plugs: list[SimulatedPlug]
) -> None:
    await power_cycle(*plugs, within=4)

    await environment.expect_in_sync(within=3)
    for plug in plugs:
        binds = published(plug, BIND, "SET")
        assert len(received(plug, BIND, "SETACK")) == len(binds) == plug.model.is_modern
    for plug in plugs[: len(MODELS)]:
        await environment.expect_controllable(plug)
