"""The broker stops and starts again, and Home Assistant reconnects."""

import asyncio
from time import monotonic

import pytest
import pytest_asyncio

from tests.simulator import SimulatedPlug

from .environment import (
    DOMAIN,
    MQTT_RECONNECT_INTERVAL,
    Environment,
    Options,
    power_cycle,
    press,
    published,
    received,
    until,
)

pytestmark = pytest.mark.usefixtures("plugs")

BIND = "Appliance.Control.Bind"
CLOCK = "Appliance.System.Clock"

# Home Assistant's records about a lost connection.
_MQTT = r"\[homeassistant\.components\.mqtt\.client\] "
EXPECTED_IN_LOG = (
    _MQTT + "Error returned from MQTT server: The connection was lost",
    _MQTT + "Failed to connect to MQTT server due to exception: .*Connection refused",
    _MQTT + "No ACK from MQTT server",
    r"\[paho\.mqtt\.client\] failed to receive on socket",
    # It does not expect that the broker may stop before its birth message.
    r"\[homeassistant\] Error doing job.*_async_resubscribe_and_publish_birth_message",
)


@pytest.fixture(scope="module")
def options() -> Options:
    """Let Home Assistant reconnect after 3 seconds instead of 10."""
    return {"constants": {MQTT_RECONNECT_INTERVAL: 3}}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def plugs(environment: Environment) -> list[SimulatedPlug]:
    """Set up plugs that reconnect long before Home Assistant does.

    Those of the second generation then publish their whole greeting to no subscriber.
    """
    plugs = [
        SimulatedPlug(("mss210", "mss310")[number % 2], number, reconnect_delay=0.2)
        for number in range(30)
    ]
    await environment.set_up(*plugs)
    return plugs


async def test_all_are_unavailable_at_once_when_the_broker_is_killed(
    environment: Environment,
) -> None:
    await environment.mosquitto.kill()
    since = monotonic()
    while set((await environment.states()).values()) != {"unavailable"}:
        assert monotonic() < since + 0.5
        await asyncio.sleep(0)


async def test_all_are_in_sync_when_the_broker_is_back(
    environment: Environment, plugs: list[SimulatedPlug]
) -> None:
    await press(*plugs)
    await environment.restart_broker()

    await environment.expect_in_sync(within=5)


async def test_all_are_in_sync_after_a_reload_of_mqtt(
    environment: Environment, plugs: list[SimulatedPlug]
) -> None:
    # A plug that is not bound does not report its button; a second later, no timestamp
    # is left from before its clock was set.
    await until(lambda: all(plug.is_bound for plug in plugs), 6)
    await asyncio.sleep(1)
    await press(*plugs)
    await environment.reload("mqtt")

    await environment.expect_in_sync(within=5)
    await press(*plugs)
    await environment.expect_in_sync(within=1)


async def test_after_both_reloads_every_message_is_handled_once(
    environment: Environment, plugs: list[SimulatedPlug]
) -> None:
    await environment.reload(DOMAIN)
    await environment.client.mqtt_is_ready()
    await environment.expect_in_sync(within=5)

    await power_cycle(*plugs)
    await environment.expect_in_sync(within=2)
    # A second reply would have arrived by then.
    await asyncio.sleep(0.5)

    for plug in plugs:
        binds, clocks = published(plug, BIND, "SET"), published(plug, CLOCK, "PUSH")
        assert len(received(plug, BIND, "SETACK")) == len(binds)
        assert len(received(plug, CLOCK, "PUSH")) == len(clocks) > 0


async def test_a_broker_that_starts_after_home_assistant(
    environment: Environment, plugs: list[SimulatedPlug]
) -> None:
    await environment.hass.stop()
    await environment.mosquitto.stop()
    await press(*plugs)
    await environment.hass.start()
    # The entities from before the restart are there, without an invented state.
    assert set((await environment.states()).values()) == {"unavailable"}
    assert set(await environment.switches()) == set(environment.outlets)

    await environment.restart_broker()

    await environment.expect_in_sync(within=5)
