"""Plugs are discovered before there is an entry, and set up together."""

import time

from homeassistant.config_entries import ConfigEntryState
from homeassistant.data_entry_flow import FlowResultType
import pytest

from custom_components.meross_local.const import DOMAIN
from tests.simulator import MODELS, SimulatedPlug
from tests.simulator.namespaces import BIND
from tests.support.entities import state_of
from tests.support.entries import device_names, names_of, set_up
from tests.support.flows import (
    FlowDriver,
    discovery_flows,
    discovery_titles,
    open_discovery,
)
from tests.support.messages import build_message
from tests.support.mqtt import MqttBroker


async def discover(broker: MqttBroker, *plugs: SimulatedPlug) -> None:
    """Connect plugs, and wait until they are discovered."""
    broker.connect(*plugs)
    await broker.block_till_done()


async def confirm(broker: MqttBroker) -> FlowDriver:
    """Set up the discovered plugs."""
    flow = await open_discovery(broker)
    await flow.submit()
    return flow


def devices_of(broker: MqttBroker, flow: FlowDriver) -> set[str]:
    """Return the names of the devices that a flow created."""
    assert flow.is_created
    return device_names(broker.hass, flow.result["result"].entry_id)


@pytest.mark.parametrize("key", ["meross", "own"])
async def test_bind_is_acknowledged_at_once_whatever_the_key(
    broker: MqttBroker, key: str
) -> None:
    plug = SimulatedPlug("mss210", key=key)
    started = time.monotonic()
    await discover(broker, plug)
    assert time.monotonic() == started
    (reply,) = broker.sent_to(plug, "SETACK", "Bind")
    (bind,) = [
        sent.message for sent in plug.outbox if sent.message.namespace.endswith("Bind")
    ]
    assert reply.is_signed_with(key)
    assert reply.header["messageId"] == bind.message_id
    # Without the key the plug's own signature is returned, with its timestamp.
    assert (reply.header["sign"] == bind.signature) is (key == "own")
    assert (reply.header["timestamp"] == bind.timestamp) is (key == "own")
    assert (reply.qos, reply.retain) == (0, False)
    assert plug.is_bound
    assert not broker.hass.config_entries.async_entries(DOMAIN)


async def test_clock_is_set_before_there_is_an_entry(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss310")
    await discover(broker, plug)
    assert plug.device.clock.timestamp == int(time.time())
    assert plug.is_bound


async def test_one_card_shows_all_plugs_and_returns_when_closed(
    broker: MqttBroker,
) -> None:
    plugs = [SimulatedPlug("mss210", 1), SimulatedPlug("mss425e", 2)]
    labels = [f"{p.model.type.upper()} …{p.uuid[-4:]}" for p in plugs]
    await discover(broker, plugs[0])
    assert discovery_titles(broker.hass) == [{"count": "1", "plugs": labels[0]}]
    (card,) = discovery_flows(broker.hass)
    broker.hass.config_entries.flow.async_abort(card["flow_id"])
    await broker.block_till_done()
    assert not discovery_flows(broker.hass)

    await discover(broker, plugs[1])
    assert discovery_titles(broker.hass) == [{"count": "2", "plugs": ", ".join(labels)}]
    late = SimulatedPlug("mss310", 3)
    await discover(broker, late)
    labels.append(f"MSS310 …{late.uuid[-4:]}")
    (title,) = discovery_titles(broker.hass)
    assert title == {"count": "3", "plugs": ", ".join(sorted(labels))}
    # No key has to be entered where all keys are known.
    flow = await open_discovery(broker)
    assert flow.result["type"] is FlowResultType.FORM
    assert flow.fields == []
    assert flow.placeholders == title


async def test_fifty_plugs_at_once_are_set_up_connected_or_not(
    broker: MqttBroker,
) -> None:
    plugs = [SimulatedPlug("mss210", number) for number in range(50)]
    await discover(broker, *plugs)
    # Each was acknowledged before its second Bind.
    assert all(plug.is_bound for plug in plugs)
    assert all(len(broker.sent_to(plug, "SETACK", "Bind")) == 1 for plug in plugs)
    # The card names no more than five.
    (title,) = discovery_titles(broker.hass)
    assert title["count"] == "50"
    assert title["plugs"].count("MSS210") == 5
    assert title["plugs"].endswith(", …")

    gone = plugs[3]
    gone.cut()
    flow = await confirm(broker)
    assert devices_of(broker, flow) == names_of(*plugs)
    assert flow.result["result"].state is ConfigEntryState.LOADED
    assert [state_of(broker, plug) for plug in plugs] == [
        "unavailable" if plug is gone else "off" for plug in plugs
    ]


@pytest.mark.parametrize("model", MODELS)
async def test_each_model_is_set_up(broker: MqttBroker, model: str) -> None:
    plug = SimulatedPlug(model, key="")
    await discover(broker, plug)
    flow = await open_discovery(broker)
    assert flow.step == "confirm"
    await flow.submit()
    assert devices_of(broker, flow) == names_of(plug)
    assert flow.result["title"] == "Meross Local"
    assert flow.result["data"] == {}
    outlet = "all_outlets" if plug.model.is_strip else ""
    assert state_of(broker, plug, outlet) == "off"
    assert not discovery_flows(broker.hass)


async def test_plug_without_replies_is_added_once_it_replies(
    broker: MqttBroker,
) -> None:
    plug, mute = SimulatedPlug("mss210", 1), SimulatedPlug("mss210", 2)
    mute.faults.drop_replies = 1000
    await discover(broker, plug, mute)
    flow = await confirm(broker)
    assert devices_of(broker, flow) == names_of(plug)

    mute.faults.drop_replies = 0
    await broker.advance(10)
    mute.press()
    await broker.advance(1)
    await broker.block_till_done()
    assert devices_of(broker, flow) == names_of(plug, mute)
    assert state_of(broker, mute) == "on"


async def test_query_without_a_reply_is_sent_again_after_five_seconds(
    broker: MqttBroker,
) -> None:
    plug = SimulatedPlug("mss210")
    plug.faults.drop_replies = 1
    await discover(broker, plug)
    # Its messages of the next seconds cause no further queries.
    assert len(broker.sent_to(plug, "GET", "All")) == 1
    await broker.advance(6)
    plug.press()
    await broker.block_till_done()
    assert len(broker.sent_to(plug, "GET", "All")) == 2
    assert len(broker.sent_to(plug, "GET", "Ability")) == 1


async def test_plug_is_set_up_with_its_key_alone(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210", key="own")
    await discover(broker, plug)
    flow = await open_discovery(broker)
    assert flow.fields == ["key"]

    await flow.submit(key="another")
    assert flow.result["type"] is FlowResultType.FORM
    assert flow.errors == {"key": "wrong_key"}
    assert flow.fields == ["key"]

    await flow.submit(key="own")
    assert devices_of(broker, flow) == names_of(plug)
    assert state_of(broker, plug) == "off"


async def test_without_a_key_the_other_plugs_are_set_up(broker: MqttBroker) -> None:
    plug, locked = SimulatedPlug("mss210", 1), SimulatedPlug("mss210", 2, key="own")
    await discover(broker, plug, locked)
    assert devices_of(broker, await confirm(broker)) == names_of(plug)


async def test_plug_is_added_with_the_key_of_the_hub_alone(
    broker: MqttBroker,
) -> None:
    plug = SimulatedPlug("mss210", 1, key="the hub's")
    locked = SimulatedPlug("mss210", 2, key="own")
    entry = await set_up(broker, plug, locked, key="the hub's")
    assert device_names(broker.hass, entry.entry_id) == names_of(plug)
    assert all(sent.is_signed_with("the hub's") for sent in broker.sent_to(plug))
    # The other one stays connected. It would reject any other signature, and each
    # rejection costs it time.
    assert locked.is_bound
    assert not broker.sent_to(locked, "GET", "All")


async def test_changed_key_of_a_discovered_plug_replaces_the_old_one(
    broker: MqttBroker,
) -> None:
    plug = SimulatedPlug("mss210", key="own")
    await discover(broker, plug)
    plug.cut()
    plug.key = ""
    await discover(broker, plug)
    assert devices_of(broker, await confirm(broker)) == names_of(plug)
    await broker.advance(1)
    assert state_of(broker, plug) == "off"


async def test_forged_bind_is_acknowledged_and_ignored(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210")
    await discover(broker, plug)
    titles = discovery_titles(broker.hass)
    broker.sent.clear()
    hardware = {"type": "mss999", "version": "1", "uuid": plug.uuid, "macAddress": "m"}
    bind = {"bind": {"hardware": hardware}}
    broker.publish_as(plug, build_message(plug, BIND, "SET", bind, key="another"))
    await broker.block_till_done()
    assert discovery_titles(broker.hass) == titles
    assert [sent.kind for sent in broker.sent_to(plug)] == [("SETACK", "Bind")]
