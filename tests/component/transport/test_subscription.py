"""The subscription follows Home Assistant's MQTT entry and its connection."""

import asyncio

from homeassistant.components import mqtt
from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    ConfigEntry,
    ConfigEntryChange,
)
from homeassistant.helpers.dispatcher import async_dispatcher_send
import pytest

from tests.simulator import SimulatedPlug
from tests.simulator.namespaces import CLOCK
from tests.support.entities import entity_id_of, state_of, turn_on
from tests.support.entries import set_up
from tests.support.messages import build_message
from tests.support.mqtt import MqttBroker


def mqtt_entry(broker: MqttBroker) -> ConfigEntry:
    """Return Home Assistant's MQTT entry."""
    (entry,) = broker.hass.config_entries.async_entries(mqtt.DOMAIN)
    return entry


async def reload_mqtt(broker: MqttBroker) -> None:
    """Reload Home Assistant's MQTT entry."""
    reload = broker.hass.config_entries.async_reload(mqtt_entry(broker).entry_id)
    assert await broker.run(reload)
    await broker.advance(8)


async def reload_together(broker: MqttBroker, *entries: ConfigEntry) -> None:
    """Reload entries at the same time."""
    reload = broker.hass.config_entries.async_reload
    await asyncio.gather(*(reload(entry.entry_id) for entry in entries))


async def test_plugs_are_unavailable_without_the_broker_and_up_to_date_with_it(
    broker: MqttBroker,
) -> None:
    plugs = [SimulatedPlug("mss210", number) for number in range(30)]
    await set_up(broker, *plugs)
    broker.disconnect()
    await broker.settle()
    assert [state_of(broker, plug) for plug in plugs] == ["unavailable"] * 30
    await broker.advance(5)
    plugs[0].press()
    broker.reconnect()
    await broker.advance(5)
    assert [state_of(broker, plug) for plug in plugs] == ["on", *["off"] * 29]


async def test_plugs_that_stayed_connected_are_queried(
    broker: MqttBroker, plug: SimulatedPlug
) -> None:
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
    for _ in range(3):
        assert await broker.hass.config_entries.async_reload(entry.entry_id)
    await broker.advance(2)
    assert state_of(broker, plug) == "off"
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


async def test_both_entries_reloaded_at_once_leave_one_subscription(
    broker: MqttBroker,
) -> None:
    """Home Assistant does that after entities of both were enabled."""
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    for _ in range(4):
        await broker.run(reload_together(broker, mqtt_entry(broker), entry))
        await broker.advance(8)
    assert state_of(broker, plug) == "off"
    broker.sent.clear()
    broker.publish_as(
        plug, build_message(plug, CLOCK, "PUSH", {"clock": {"timestamp": 12}})
    )
    await broker.settle()
    assert len(broker.sent_to(plug, "PUSH", "Clock")) == 1
    new = SimulatedPlug("mss210", 2)
    broker.connect(new)
    await broker.advance(3)
    assert len(broker.sent_to(new, "SETACK", "Bind")) == 1
    assert len(entry.subentries) == 2


async def test_unloaded_entry_neither_subscribes_nor_publishes(
    broker: MqttBroker,
) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    assert await broker.hass.config_entries.async_unload(entry.entry_id)
    await broker.advance(1)
    broker.sent.clear()
    for _ in range(2):
        assert state_of(broker, plug) == "unavailable"
        plug.press()
        await broker.advance(120)
        assert not broker.sent_to(plug)
        await reload_mqtt(broker)
    topics = broker.client.subscriptions
    assert not [topic for topic in topics if topic.endswith("/reply")][1:]


async def test_plugs_are_unavailable_while_mqtt_is_unloaded(
    broker: MqttBroker, plug: SimulatedPlug
) -> None:
    unload = broker.hass.config_entries.async_unload(mqtt_entry(broker).entry_id)
    assert await broker.run(unload)
    await broker.settle()
    assert state_of(broker, plug) == "unavailable"


async def test_changed_mqtt_entry_causes_no_second_subscription(
    broker: MqttBroker, plug: SimulatedPlug
) -> None:
    subscribed = list(broker.client.subscriptions)
    change = ConfigEntryChange.UPDATED, mqtt_entry(broker)
    async_dispatcher_send(broker.hass, SIGNAL_CONFIG_ENTRY_CHANGED, *change)
    await broker.advance(2)
    assert broker.client.subscriptions == subscribed
    assert state_of(broker, plug) == "off"


async def test_ping_is_lost_without_a_connection(
    broker: MqttBroker, plug: SimulatedPlug, caplog: pytest.LogCaptureFixture
) -> None:
    # Lost, and not noticed yet.
    broker.is_up = False
    await broker.advance(77)
    assert f"Not published to {plug.uuid}" in caplog.text
    assert state_of(broker, plug) == "unavailable"
