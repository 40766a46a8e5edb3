"""The integration on Home Assistant's system information page."""

from typing import Any

from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import get_system_health_info

from custom_components.meross_local.const import DOMAIN
from tests.simulator import SimulatedPlug
from tests.simulator.namespaces import TOGGLE_X
from tests.support.entries import set_up
from tests.support.messages import build_message
from tests.support.mqtt import MqttBroker


async def info_of(broker: MqttBroker) -> dict[str, Any]:
    """Return what the page shows of the integration."""
    assert await async_setup_component(broker.hass, "system_health", {})
    await broker.block_till_done()
    info: dict[str, Any] = await get_system_health_info(broker.hass, DOMAIN)
    return info


async def test_unloaded_entry(broker: MqttBroker) -> None:
    entry = await set_up(broker)
    assert await broker.hass.config_entries.async_unload(entry.entry_id)
    assert await info_of(broker) == {"loaded": False}


async def test_plugs_online_and_connection(broker: MqttBroker) -> None:
    plugs = [SimulatedPlug("mss210", number) for number in range(3)]
    await set_up(broker, *plugs)
    info = await info_of(broker)
    assert (info["broker_connected"], info["plugs_online"]) == (True, "3 / 3")
    plugs[1].freeze()
    await broker.advance(76)
    info = await info_of(broker)
    assert (info["broker_connected"], info["plugs_online"]) == (True, "2 / 3")
    broker.disconnect()
    await broker.settle()
    info = await info_of(broker)
    assert (info["broker_connected"], info["plugs_online"]) == (False, "0 / 3")


async def test_messages_of_the_last_minute_and_rejected_ones_are_counted(
    broker: MqttBroker,
    plug: SimulatedPlug,
) -> None:
    await broker.advance(15)
    # From here on it is queried after a minute, not before.
    plug.press()
    await broker.advance(50)
    info = await info_of(broker)
    assert info["rejected"] == 0
    quiet = info["messages_per_minute"]
    for _ in range(20):
        plug.press()
    await broker.advance(2)
    assert (await info_of(broker))["messages_per_minute"] == quiet + 20
    for key in ("another", "a third"):
        broker.publish_as(plug, build_message(plug, TOGGLE_X, "PUSH", {}, key=key))
    broker.publish_as(plug, "no message")
    await broker.advance(70)
    info = await info_of(broker)
    assert info["messages_per_minute"] < 20
    assert info["rejected"] == 3
