"""The integration at a glance, on Home Assistant's system page."""

from typing import Any

from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import get_system_health_info

from custom_components.meross_local.const import DOMAIN
from tests.simulator import SimulatedPlug
from tests.simulator.namespaces import TOGGLE_X
from tests.support.entries import set_up
from tests.support.messages import build_message
from tests.support.mqtt import MqttBroker


async def shown(broker: MqttBroker) -> dict[str, Any]:
    """Return what the page shows of us."""
    assert await async_setup_component(broker.hass, "system_health", {})
    await broker.block_till_done()
    info: dict[str, Any] = await get_system_health_info(broker.hass, DOMAIN)
    return info


async def test_what_is_not_loaded_says_so(broker: MqttBroker) -> None:
    entry = await set_up(broker)
    assert await broker.hass.config_entries.async_unload(entry.entry_id)
    assert await shown(broker) == {"loaded": False}


async def test_plugs_are_counted_and_those_online(broker: MqttBroker) -> None:
    plugs = [SimulatedPlug("mss210", number) for number in range(3)]
    await set_up(broker, *plugs)
    assert (await shown(broker))["plugs_online"] == "3 / 3"
    plugs[1].freeze()
    await broker.advance(76)
    assert (await shown(broker))["plugs_online"] == "2 / 3"


async def test_the_connection_is_told(broker: MqttBroker) -> None:
    await set_up(broker, SimulatedPlug("mss210"))
    assert (await shown(broker))["broker_connected"] is True
    broker.disconnect()
    await broker.settle()
    info = await shown(broker)
    assert info["broker_connected"] is False
    assert info["plugs_online"] == "0 / 1"


async def test_messages_of_the_last_minute_are_counted(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210")
    await set_up(broker, plug)
    await broker.advance(15)
    # From here on it is asked after a minute, not before.
    plug.press()
    await broker.advance(50)
    quiet = (await shown(broker))["messages_per_minute"]
    for _ in range(20):
        plug.press()
    await broker.advance(2)
    assert (await shown(broker))["messages_per_minute"] == quiet + 20
    await broker.advance(70)
    assert (await shown(broker))["messages_per_minute"] < 20


async def test_what_was_not_believed_is_counted(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210")
    await set_up(broker, plug)
    assert (await shown(broker))["rejected"] == 0
    broker.publish_as(plug, build_message(plug, TOGGLE_X, "PUSH", {}, key="another"))
    broker.publish_as(plug, build_message(plug, TOGGLE_X, "PUSH", {}, key="a third"))
    broker.publish_as(plug, "no message")
    await broker.settle()
    assert (await shown(broker))["rejected"] == 3
