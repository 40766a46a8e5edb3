"""A Home Assistant with one plug, and messages of it."""

from collections.abc import AsyncGenerator, Callable
import time

from homeassistant.components import mqtt
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.meross_local.const import CONF_KEY, DOMAIN
from tests.simulator import SimulatedPlug
from tests.simulator.namespaces import ALL
from tests.simulator.payloads import system_all
from tests.support.entries import subentry_data_of
from tests.support.messages import build_message, build_toggle
from tests.support.mqtt_clients import ReplacedFunctionsClient

KEY = "meross"
pytest_plugins = ["pytest_homeassistant_custom_component.plugins"]

type Receive = Callable[[mqtt.ReceiveMessage], None]


def received(plug: SimulatedPlug, raw: bytes) -> mqtt.ReceiveMessage:
    """Return a message of the plug as Home Assistant's MQTT delivers it."""
    topic = plug.device.identity.publish_topic
    return mqtt.ReceiveMessage(topic, raw, 0, False, topic, 0.0)  # noqa: FBT003


def toggled(plug: SimulatedPlug, onoff: int, second: int = 0) -> mqtt.ReceiveMessage:
    """Return a PUSH of a changed relay."""
    return received(plug, build_toggle(plug, onoff, at=time.time() + second))


def system_all_of(plug: SimulatedPlug) -> mqtt.ReceiveMessage:
    """Return the response to System.All."""
    payload = system_all(plug.device)
    return received(plug, build_message(plug, ALL, "GETACK", payload))


@pytest.fixture
def plug() -> SimulatedPlug:
    """Return a plug with one outlet that measures nothing."""
    return SimulatedPlug("mss210", key=KEY)


@pytest.fixture
async def receive(
    hass: HomeAssistant,
    plug: SimulatedPlug,
    enable_custom_integrations: None,  # noqa: ARG001
) -> AsyncGenerator[Receive]:
    """Set up the plug, which is available; yield what gets its messages."""
    # Debug mode inspects every call.
    hass.loop.set_debug(False)
    client = ReplacedFunctionsClient(hass)
    await client.start(lambda _sent: True)
    MockConfigEntry(domain=mqtt.DOMAIN, state=ConfigEntryState.LOADED).add_to_hass(hass)
    entry = MockConfigEntry(
        domain=DOMAIN,
        data={CONF_KEY: KEY},
        subentries_data=[subentry_data_of(plug)],
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    (receive, *_) = client.receivers
    receive(system_all_of(plug))
    await hass.async_block_till_done()
    yield receive
    client.close()
