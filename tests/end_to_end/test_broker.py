"""The broker goes and comes back; so does Home Assistant's connection to it."""

import asyncio
from time import monotonic

import pytest
import pytest_asyncio

from tests.simulator import SimulatedPlug

from .house import DOMAIN, House, heard, said, until

pytestmark = pytest.mark.usefixtures("plugs")

BIND = "Appliance.Control.Bind"
CLOCK = "Appliance.System.Clock"

# Home Assistant's own words on a broker that is gone.
_MQTT = r"\[homeassistant\.components\.mqtt\.client\] "
EXPECTED_IN_LOG = (
    _MQTT + "Error returned from MQTT server: The connection was lost",
    _MQTT + "Failed to connect to MQTT server due to exception: .*Connection refused",
    _MQTT + "No ACK from MQTT server",
    r"\[paho\.mqtt\.client\] failed to receive on socket",
    # It forgets that the broker may leave before it has announced itself there.
    r"\[homeassistant\] Error doing job.*_async_resubscribe_and_publish_birth_message",
)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def plugs(house: House) -> list[SimulatedPlug]:
    """Set up plugs that are back on the broker long before Home Assistant is.

    Those of the second generation then say all they have to say while nobody hears.
    """
    plugs = [
        SimulatedPlug(("mss210", "mss310")[number % 2], number, reconnect_delay=0.2)
        for number in range(30)
    ]
    await house.adopt(*plugs)
    return plugs


async def press_all(plugs: list[SimulatedPlug]) -> None:
    """Switch every plug by hand."""
    before = [plug.onoff() for plug in plugs]
    for plug in plugs:
        plug.press()
    await until(lambda: all(p.onoff() != b for p, b in zip(plugs, before, strict=True)))


async def test_all_are_unavailable_at_once_when_the_broker_dies(house: House) -> None:
    await house.mosquitto.kill()
    gone = monotonic()
    while set((await house.shown()).values()) != {"unavailable"}:
        assert monotonic() < gone + 0.5
        await asyncio.sleep(0)


async def test_all_are_right_when_the_broker_is_back(
    house: House, plugs: list[SimulatedPlug]
) -> None:
    await press_all(plugs)
    connections = await house.connections_of_home_assistant()
    await house.mosquitto.start()
    await house.expect_connection(connections + 1)

    await house.expect_truth(within=5)


async def test_all_are_right_after_a_reload_of_mqtt(
    house: House, plugs: list[SimulatedPlug]
) -> None:
    # A plug that is not bound does not tell of its button; a second later, no stamp
    # is left from before its clock was set.
    await until(lambda: all(plug.is_bound for plug in plugs), 6)
    await asyncio.sleep(1)
    await press_all(plugs)
    (broker,) = await house.client.entries("mqtt")
    await house.client.post(f"config/config_entries/entry/{broker['entry_id']}/reload")

    await house.expect_truth(within=5)
    await press_all(plugs)
    await house.expect_truth(within=1)


async def test_after_both_reloads_every_message_is_handled_once(
    house: House, plugs: list[SimulatedPlug]
) -> None:
    (hub,) = await house.client.entries(DOMAIN)
    await house.client.post(f"config/config_entries/entry/{hub['entry_id']}/reload")
    await house.client.mqtt_is_ready()
    await house.expect_truth(within=5)

    for plug in plugs:
        plug.power_off()
    await until(lambda: not any(plug.is_connected for plug in plugs))
    for plug in plugs:
        plug.inbox.clear()
        plug.outbox.clear()
        plug.power_on()
    await until(lambda: all(plug.is_bound for plug in plugs))
    await house.expect_truth(within=2)
    # Time enough for a second answer, if there were one.
    await asyncio.sleep(0.5)

    for plug in plugs:
        assert len(heard(plug, BIND, "SETACK")) == len(said(plug, BIND, "SET"))
        assert len(heard(plug, CLOCK, "PUSH")) == len(said(plug, CLOCK, "PUSH"))
        assert len(said(plug, CLOCK, "PUSH")) > 0


async def test_a_broker_that_starts_after_home_assistant(
    house: House, plugs: list[SimulatedPlug]
) -> None:
    await house.hass.stop()
    await house.mosquitto.stop()
    await press_all(plugs)
    await house.hass.start()
    # What was known before the restart is still there, and nothing is made up.
    assert set((await house.shown()).values()) == {"unavailable"}
    assert set(await house.switches()) == set(house.outlets)

    connections = await house.connections_of_home_assistant()
    await house.mosquitto.start()
    await house.expect_connection(connections + 1)

    await house.expect_truth(within=5)
