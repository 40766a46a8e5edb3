"""MQTT comes and goes; nothing is handled twice, and nothing stays wrong."""

from homeassistant.components import mqtt
from homeassistant.config_entries import SIGNAL_CONFIG_ENTRY_CHANGED, ConfigEntryChange
from homeassistant.helpers.dispatcher import async_dispatcher_send
import pytest

from tests.simulator import SimulatedPlug
from tests.simulator.namespaces import CLOCK

from .broker import Broker, said
from .steps import entity_id, set_up, state, switch


async def reload_mqtt(broker: Broker) -> None:
    """Reload Home Assistant's MQTT entry."""
    (entry,) = broker.hass.config_entries.async_entries(mqtt.DOMAIN)
    task = broker.hass.async_create_task(
        broker.hass.config_entries.async_reload(entry.entry_id)
    )
    assert await broker.until(task)
    await broker.passes(8)


async def test_a_lost_broker_makes_all_unavailable_at_once(broker: Broker) -> None:
    plugs = [SimulatedPlug("mss210", number) for number in range(3)]
    await set_up(broker, *plugs)
    broker.lose()
    await broker.settle()
    assert [state(broker, plug) for plug in plugs] == ["unavailable"] * 3


async def test_a_broker_that_is_back_shows_what_was_switched_meanwhile(
    broker: Broker,
) -> None:
    plugs = [SimulatedPlug("mss210", number) for number in range(30)]
    await set_up(broker, *plugs)
    broker.lose()
    await broker.passes(5)
    plugs[0].press()
    broker.restore()
    await broker.passes(5)
    assert [state(broker, plug) for plug in plugs] == ["on", *["off"] * 29]


async def test_plugs_that_noticed_nothing_are_asked(broker: Broker) -> None:
    plug = SimulatedPlug("mss210")
    await set_up(broker, plug)
    broker.lose()
    await broker.passes(1)
    plug.is_connected = True
    broker.sent.clear()
    broker.restore(plugs_too=False)
    await broker.passes(5)
    assert broker.to(plug, "GET", "All")


async def test_after_reloads_every_message_is_handled_once(broker: Broker) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    await reload_mqtt(broker)
    assert state(broker, plug) == "off"
    assert await broker.hass.config_entries.async_reload(entry.entry_id)
    await broker.passes(2)
    await reload_mqtt(broker)
    assert state(broker, plug) == "off"
    broker.sent.clear()
    broker.tell(plug, said(plug, CLOCK, "PUSH", {"clock": {"timestamp": 12}}))
    await broker.settle()
    assert len(broker.to(plug, "PUSH", "Clock")) == 1
    await switch(broker, "turn_on", entity_id(plug))
    assert len(broker.to(plug, "SET", "ToggleX")) == 1
    assert state(broker, plug) == "on"


async def test_an_unloaded_hub_does_not_return_with_mqtt(broker: Broker) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    assert await broker.hass.config_entries.async_unload(entry.entry_id)
    await reload_mqtt(broker)
    broker.sent.clear()
    plug.press()
    await broker.passes(2)
    assert not broker.to(plug)
    assert not [topic for topic in broker.subscriptions if topic.endswith("/reply")][1:]


async def test_while_mqtt_is_unloaded_all_is_unavailable(broker: Broker) -> None:
    plug = SimulatedPlug("mss210")
    await set_up(broker, plug)
    (entry,) = broker.hass.config_entries.async_entries(mqtt.DOMAIN)
    task = broker.hass.async_create_task(
        broker.hass.config_entries.async_unload(entry.entry_id)
    )
    assert await broker.until(task)
    await broker.settle()
    assert state(broker, plug) == "unavailable"


async def test_a_change_of_mqtts_entry_is_no_second_subscription(
    broker: Broker,
) -> None:
    plug = SimulatedPlug("mss210")
    await set_up(broker, plug)
    (entry,) = broker.hass.config_entries.async_entries(mqtt.DOMAIN)
    subscribed = list(broker.subscriptions)
    async_dispatcher_send(
        broker.hass, SIGNAL_CONFIG_ENTRY_CHANGED, ConfigEntryChange.UPDATED, entry
    )
    await broker.passes(2)
    assert broker.subscriptions == subscribed
    assert state(broker, plug) == "off"


async def test_what_nobody_waits_for_is_lost_without_a_connection(
    broker: Broker, caplog: pytest.LogCaptureFixture
) -> None:
    plug = SimulatedPlug("mss210")
    await set_up(broker, plug)
    # Lost, but nobody has noticed yet.
    broker.is_up = False
    await broker.passes(77)
    assert f"Not sent to {plug.uuid}" in caplog.text
    assert state(broker, plug) == "unavailable"
