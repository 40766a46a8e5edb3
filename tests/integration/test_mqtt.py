"""MQTT comes and goes; nothing is handled twice, and nothing stays wrong."""

from homeassistant.components import mqtt
from homeassistant.config_entries import SIGNAL_CONFIG_ENTRY_CHANGED, ConfigEntryChange
from homeassistant.helpers.dispatcher import async_dispatcher_send
import pytest

from tests.simulator import SimulatedPlug
from tests.simulator.namespaces import CLOCK
from tests.support.entities import entity_id_of, state_of, turn_on
from tests.support.entries import set_up
from tests.support.messages import build_message
from tests.support.mqtt import MqttBroker


async def reload_mqtt(broker: MqttBroker) -> None:
    """Reload Home Assistant's MQTT entry."""
    (entry,) = broker.hass.config_entries.async_entries(mqtt.DOMAIN)
    task = broker.hass.async_create_task(
        broker.hass.config_entries.async_reload(entry.entry_id)
    )
    assert await broker.until(task)
    await broker.advance(8)


async def test_a_lost_broker_makes_all_unavailable_at_once(broker: MqttBroker) -> None:
    plugs = [SimulatedPlug("mss210", number) for number in range(3)]
    await set_up(broker, *plugs)
    broker.disconnect()
    await broker.settle()
    assert [state_of(broker, plug) for plug in plugs] == ["unavailable"] * 3


async def test_a_broker_that_is_back_shows_what_was_switched_meanwhile(
    broker: MqttBroker,
) -> None:
    plugs = [SimulatedPlug("mss210", number) for number in range(30)]
    await set_up(broker, *plugs)
    broker.disconnect()
    await broker.advance(5)
    plugs[0].press()
    broker.reconnect()
    await broker.advance(5)
    assert [state_of(broker, plug) for plug in plugs] == ["on", *["off"] * 29]


async def test_plugs_that_noticed_nothing_are_asked(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210")
    await set_up(broker, plug)
    broker.disconnect()
    await broker.advance(1)
    plug.is_connected = True
    broker.sent.clear()
    broker.reconnect(with_plugs=False)
    await broker.advance(5)
    assert broker.sent_to(plug, "GET", "All")


async def test_after_reloads_every_message_is_handled_once(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    await reload_mqtt(broker)
    assert state_of(broker, plug) == "off"
    assert await broker.hass.config_entries.async_reload(entry.entry_id)
    await broker.advance(2)
    await reload_mqtt(broker)
    assert state_of(broker, plug) == "off"
    broker.sent.clear()
    broker.publish_as(
        plug, build_message(plug, CLOCK, "PUSH", {"clock": {"timestamp": 12}})
    )
    await broker.settle()
    assert len(broker.sent_to(plug, "PUSH", "Clock")) == 1
    await turn_on(broker, entity_id_of(plug))
    assert len(broker.sent_to(plug, "SET", "ToggleX")) == 1
    assert state_of(broker, plug) == "on"


async def test_an_unloaded_hub_does_not_return_with_mqtt(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    assert await broker.hass.config_entries.async_unload(entry.entry_id)
    await reload_mqtt(broker)
    broker.sent.clear()
    plug.press()
    await broker.advance(2)
    assert not broker.sent_to(plug)
    assert not [topic for topic in broker.subscriptions if topic.endswith("/reply")][1:]


async def test_while_mqtt_is_unloaded_all_is_unavailable(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210")
    await set_up(broker, plug)
    (entry,) = broker.hass.config_entries.async_entries(mqtt.DOMAIN)
    task = broker.hass.async_create_task(
        broker.hass.config_entries.async_unload(entry.entry_id)
    )
    assert await broker.until(task)
    await broker.settle()
    assert state_of(broker, plug) == "unavailable"


async def test_a_change_of_mqtts_entry_is_no_second_subscription(
    broker: MqttBroker,
) -> None:
    plug = SimulatedPlug("mss210")
    await set_up(broker, plug)
    (entry,) = broker.hass.config_entries.async_entries(mqtt.DOMAIN)
    subscribed = list(broker.subscriptions)
    async_dispatcher_send(
        broker.hass, SIGNAL_CONFIG_ENTRY_CHANGED, ConfigEntryChange.UPDATED, entry
    )
    await broker.advance(2)
    assert broker.subscriptions == subscribed
    assert state_of(broker, plug) == "off"


async def test_what_nobody_waits_for_is_lost_without_a_connection(
    broker: MqttBroker, caplog: pytest.LogCaptureFixture
) -> None:
    plug = SimulatedPlug("mss210")
    await set_up(broker, plug)
    # Lost, but nobody has noticed yet.
    broker.is_up = False
    await broker.advance(77)
    assert f"Not sent to {plug.uuid}" in caplog.text
    assert state_of(broker, plug) == "unavailable"
