"""A plug that is set up connects again, is unbound, gets another key or firmware."""

from dataclasses import replace
from typing import Any

from homeassistant.helpers import entity_registry as er

from custom_components.meross_local.const import DOMAIN
from tests.simulator import SimulatedPlug
from tests.simulator.namespaces import (
    ABILITY,
    ALL,
    BIND,
    CONSUMPTION_X,
    ELECTRICITY,
    REPORT,
    TOGGLE_X,
)
from tests.support.clock import HOUR
from tests.support.entities import state_of
from tests.support.entries import active_issues, device_of, keys_of, set_up
from tests.support.messages import build_message
from tests.support.mqtt import MqttBroker


def entity_keys_of(broker: MqttBroker, plug: SimulatedPlug) -> set[str]:
    """Return the ends of the unique ids of a plug's entities."""
    registry = er.async_get(broker.hass)
    unique_ids = (entry.unique_id for entry in registry.entities.values())
    own = f"{plug.uuid}_"
    return {one.removeprefix(own) for one in unique_ids if one.startswith(own)}


def update(
    plug: SimulatedPlug, firmware: str, ability: dict[str, dict[str, Any]]
) -> None:
    """Install a firmware with other abilities."""
    plug.device.model = replace(plug.model, ability=ability)
    plug.device.firmware = firmware


async def test_plug_that_connects_again_is_queried(
    broker: MqttBroker, plug: SimulatedPlug
) -> None:
    plug.cut()
    plug.press()
    broker.sent.clear()
    broker.connect(plug)
    await broker.advance(1)
    assert broker.sent_to(plug, "GET", "All")
    assert state_of(broker, plug) == "on"


async def test_reset_plug_is_unavailable_at_once(
    broker: MqttBroker, plug: SimulatedPlug
) -> None:
    plug.reset()
    await broker.settle()
    assert state_of(broker, plug) == "unavailable"


async def test_plug_that_was_set_up_again_with_a_known_key_is_accepted_at_once(
    broker: MqttBroker,
) -> None:
    plug = SimulatedPlug("mss210", key="own")
    entry = await set_up(broker, plug, key="own")
    plug.reset()
    await broker.settle()
    assert active_issues(broker.hass)
    broker.pair_again(plug, "meross")
    await broker.advance(1)
    assert state_of(broker, plug) == "off"
    assert not active_issues(broker.hass)
    assert keys_of(entry) == {plug.uuid: "meross"}


async def test_key_of_another_plug_is_tried(broker: MqttBroker) -> None:
    plug, other = SimulatedPlug("mss210", 1, key="one"), SimulatedPlug("mss310", 2)
    entry = await set_up(broker, plug, other, key="one")
    broker.pair_again(other, "one")
    await broker.advance(1)
    assert state_of(broker, other) == "off"
    assert keys_of(entry) == {plug.uuid: "one", other.uuid: "one"}


async def test_forged_messages_do_not_change_the_key(
    broker: MqttBroker, plug: SimulatedPlug
) -> None:
    """Anyone can sign with a well-known key: the plug has to reply with it."""
    broker.sent.clear()
    for _ in range(1000):
        broker.publish_as(plug, build_message(plug, BIND, "SET", {}, key=""))
    plug.press()
    await broker.advance(1)
    assert state_of(broker, plug) == "on"
    # One to try the key, one because it seems to have connected again.
    assert len(broker.sent_to(plug, "GET")) <= 2
    (entry,) = broker.hass.config_entries.async_entries(DOMAIN)
    assert keys_of(entry) == {plug.uuid: "meross"}


async def test_firmware_update_brings_abilities_and_entities(
    broker: MqttBroker,
) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    metering: dict[str, dict[str, Any]] = {ELECTRICITY: {}, CONSUMPTION_X: {}}
    update(plug, "9.9.9", dict(plug.model.ability) | metering)
    await broker.leap(6 * HOUR + 60)
    assert entity_keys_of(broker, plug) >= {"power", "energy", "status_light"}
    device = device_of(broker.hass, entry.entry_id, plug)
    assert device.sw_version == "9.9.9"
    update(plug, "9.9.10", {TOGGLE_X: {}, ALL: {}, ABILITY: {}})
    await broker.leap(6 * HOUR + 60)
    assert entity_keys_of(broker, plug) == {"0"}


async def test_firmware_that_never_replies_to_ability_keeps_the_abilities(
    broker: MqttBroker,
) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    before = entity_keys_of(broker, plug)
    plug.faults.unanswered.add(ABILITY)
    plug.device.firmware = "9.9.9"
    await broker.leap(6 * HOUR + 300)
    assert entity_keys_of(broker, plug) == before
    assert device_of(broker.hass, entry.entry_id, plug).sw_version == "9.9.9"
    assert state_of(broker, plug) == "off"


async def test_messages_that_are_kept_are_bounded_in_bytes(
    broker: MqttBroker, plug: SimulatedPlug
) -> None:
    (entry,) = broker.hass.config_entries.async_entries(DOMAIN)
    log = entry.runtime_data.plugs[plug.uuid].message_log
    for _ in range(60):
        payload = {"text": "x" * 8000}
        broker.publish_as(plug, build_message(plug, REPORT, "PUSH", payload))
        broker.publish_as(plug, build_message(plug, REPORT, "PUSH", payload, key="no"))
    await broker.settle()
    assert sum(len(raw) for _, raw in log.messages_received) <= 65_536
    assert log.rejected == 60
