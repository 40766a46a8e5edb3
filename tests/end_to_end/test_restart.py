"""Home Assistant restarts among a hundred plugs that publish nothing by themselves."""

from tests.simulator import SimulatedPlug

from .environment import Environment, power_cycle, press, published, received

# Home Assistant repairs its database after a power cut.
_RECORDER = r"\[homeassistant\.components\.recorder\.util\] "
EXPECTED_IN_LOG = (
    _RECORDER
    + "The system could not validate that the sqlite3 database at .* was shut",
    _RECORDER + "Ended unfinished session",
)

BIND = "Appliance.Control.Bind"
MODELS = ("mss210", "mss310", "mss425e", "mss210v1", "mss305")


async def test_a_hundred_plugs_are_set_up_with_one_click(
    environment: Environment,
) -> None:
    await environment.set_up(
        *(SimulatedPlug(MODELS[number % 5], number) for number in range(100))
    )

    assert set(await environment.switches()) == set(environment.outlets)


async def test_names_and_states_survive_a_restart(environment: Environment) -> None:
    plugs = environment.fleet.plugs
    kettle = plugs[0]
    await environment.client.command(
        "config/entity_registry/update",
        entity_id=(await environment.switches())[kettle.uuid, 0],
        new_entity_id="switch.kettle",
        name="Kettle",
    )
    await environment.hass.stop()
    await press(*plugs[::2])
    binds = [len(published(plug, BIND, "SET")) for plug in plugs]
    await environment.hass.start()

    await environment.expect_in_sync(within=3)

    # They were queried: none of them has connected again.
    assert [plug.connections for plug in plugs] == [1] * 100
    assert [len(published(plug, BIND, "SET")) for plug in plugs] == binds
    switches = await environment.switches()
    assert set(switches) == set(environment.outlets)
    assert switches[kettle.uuid, 0] == "switch.kettle"
    states = await environment.client.states("switch")
    name = states["switch.kettle"]["attributes"]["friendly_name"]
    assert name == f"MSS210 {kettle.uuid[-4:]} Kettle"
    await environment.expect_controllable(kettle)


async def test_states_survive_a_power_cut_of_home_assistant(
    environment: Environment,
) -> None:
    await environment.hass.kill()
    await press(*environment.fleet.plugs)
    await environment.hass.start()

    await environment.expect_in_sync(within=3)


async def test_a_hundred_plugs_that_reconnect_at_once_are_all_acknowledged(
    environment: Environment,
) -> None:
    plugs = environment.fleet.plugs
    await power_cycle(*plugs, within=4)

    await environment.expect_in_sync(within=3)
    for plug in plugs:
        binds = published(plug, BIND, "SET")
        assert len(received(plug, BIND, "SETACK")) == len(binds) == plug.model.is_modern
    for plug in plugs[: len(MODELS)]:
        await environment.expect_controllable(plug)
