"""Home Assistant starts anew among a hundred plugs that say nothing by themselves."""

from tests.simulator import SimulatedPlug

from .house import House, heard, said, until

# What was not shut down, Home Assistant mends.
_RECORDER = r"\[homeassistant\.components\.recorder\.util\] "
EXPECTED_IN_LOG = (
    _RECORDER
    + "The system could not validate that the sqlite3 database at .* was shut",
    _RECORDER + "Ended unfinished session",
)

BIND = "Appliance.Control.Bind"


async def test_a_hundred_plugs_are_set_up_with_one_click(house: House) -> None:
    await house.adopt(*(SimulatedPlug("mss210", number) for number in range(100)))

    assert len(await house.switches()) == 100


async def test_all_switches_are_right_after_a_restart(house: House) -> None:
    plugs = house.fleet.plugs
    await house.hass.stop()
    for plug in plugs[::2]:
        plug.press()
    await until(lambda: all(plug.onoff() for plug in plugs[::2]))
    spoken = [len(said(plug, BIND, "SET")) for plug in plugs]
    await house.hass.start()

    await house.expect_truth(within=3)

    # They were asked: none of them announced itself anew.
    assert [plug.connections for plug in plugs] == [1] * 100
    assert [len(said(plug, BIND, "SET")) for plug in plugs] == spoken


async def test_all_switches_are_right_after_a_power_cut_of_home_assistant(
    house: House,
) -> None:
    plugs = house.fleet.plugs
    await house.hass.kill()
    for plug in plugs:
        plug.press()
    await until(lambda: not any(plug.onoff() for plug in plugs[::2]))
    await house.hass.start()

    await house.expect_truth(within=3)


async def test_a_hundred_plugs_that_return_at_once_are_all_answered_at_once(
    house: House,
) -> None:
    plugs = house.fleet.plugs
    for plug in plugs:
        plug.power_off()
    await until(lambda: not any(plug.is_connected for plug in plugs))
    for plug in plugs:
        plug.inbox.clear()
        plug.outbox.clear()
        plug.press()
        plug.power_on()
    await until(lambda: all(plug.is_bound for plug in plugs), 4)

    await house.expect_truth(within=3)
    for plug in plugs:
        assert len(said(plug, BIND, "SET")) == 1
        assert len(heard(plug, BIND, "SETACK")) == 1
