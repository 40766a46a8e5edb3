"""Plugs are found before there is an entry, and one click sets all of them up."""

import time

from homeassistant.config_entries import ConfigEntryState
from homeassistant.data_entry_flow import FlowResultType
import pytest

from custom_components.meross_local.const import DOMAIN
from tests.simulator import SimulatedPlug
from tests.support.entities import state_of
from tests.support.entries import device_names, names_of
from tests.support.flows import discovery_flows, discovery_titles, open_discovery
from tests.support.mqtt import MqttBroker


async def test_the_first_bind_is_answered_before_there_is_an_entry(
    broker: MqttBroker,
) -> None:
    plug = SimulatedPlug("mss210")
    began = time.monotonic()
    broker.connect(plug)
    await broker.block_till_done()
    assert time.monotonic() == began
    (answer,) = broker.sent_to(plug, "SETACK", "Bind")
    (bind,) = [
        said.message for said in plug.said if said.message.namespace.endswith("Bind")
    ]
    assert answer.is_signed_with("meross")
    assert answer.header["messageId"] == bind.message_id
    assert (answer.qos, answer.retain) == (0, False)
    assert plug.is_bound
    assert not broker.hass.config_entries.async_entries(DOMAIN)


async def test_a_plug_with_a_key_of_its_own_gets_its_own_signature_back(
    broker: MqttBroker,
) -> None:
    plug = SimulatedPlug("mss210", key="of its own")
    broker.connect(plug)
    await broker.block_till_done()
    (answer,) = broker.sent_to(plug, "SETACK", "Bind")
    (bind,) = [
        said.message for said in plug.said if said.message.namespace.endswith("Bind")
    ]
    assert answer.header["messageId"] == bind.message_id
    assert answer.header["timestamp"] == bind.timestamp
    assert answer.header["sign"] == bind.signature
    assert plug.is_bound


async def test_an_older_plug_is_told_the_time_before_there_is_an_entry(
    broker: MqttBroker,
) -> None:
    plug = SimulatedPlug("mss310")
    broker.connect(plug)
    await broker.block_till_done()
    assert plug.device.clock.timestamp == int(time.time())
    assert plug.is_bound


async def test_one_card_shows_all_plugs(broker: MqttBroker) -> None:
    plugs = [SimulatedPlug("mss210", 1), SimulatedPlug("mss425e", 2)]
    broker.connect(*plugs)
    await broker.block_till_done()
    labels = [f"{p.model.type.upper()} …{p.uuid[-4:]}" for p in plugs]
    assert discovery_titles(broker.hass) == [{"count": "2", "plugs": ", ".join(labels)}]

    late = SimulatedPlug("mss310", 3)
    broker.connect(late)
    await broker.block_till_done()
    labels.append(f"MSS310 …{late.uuid[-4:]}")
    assert discovery_titles(broker.hass) == [
        {"count": "3", "plugs": ", ".join(sorted(labels))}
    ]


async def test_a_card_names_no_more_than_five_plugs(broker: MqttBroker) -> None:
    broker.connect(*(SimulatedPlug("mss210", number) for number in range(7)))
    await broker.block_till_done()
    (title,) = discovery_titles(broker.hass)
    assert title["count"] == "7"
    assert title["plugs"].count("MSS210") == 5
    assert title["plugs"].endswith(", …")


@pytest.mark.parametrize("model", ["mss210", "mss310", "mss425e", "mss210v1", "mss305"])
async def test_one_click_makes_a_device_of_each_model(
    broker: MqttBroker, model: str
) -> None:
    plug = SimulatedPlug(model, key="")
    broker.connect(plug)
    await broker.block_till_done()
    flow = await open_discovery(broker)
    assert flow.step == "confirm"
    await flow.submit()
    assert flow.is_created
    assert flow.result["title"] == "Meross Local"
    assert flow.result["data"] == {}
    assert device_names(broker.hass, flow.result["result"].entry_id) == names_of(plug)
    outlet = "all_outlets" if model == "mss425e" else ""
    assert state_of(broker, plug, outlet) == "off"
    assert not discovery_flows(broker.hass)


async def test_one_click_makes_devices_of_all_plugs_also_of_those_silent_since(
    broker: MqttBroker,
) -> None:
    plugs = [SimulatedPlug("mss210", number) for number in range(20)]
    broker.connect(*plugs)
    await broker.block_till_done()
    gone = plugs[3]
    gone.cut()
    flow = await open_discovery(broker)
    await flow.submit()
    entry = flow.result["result"]
    assert entry.state is ConfigEntryState.LOADED
    assert device_names(broker.hass, entry.entry_id) == names_of(*plugs)
    assert [state_of(broker, plug) for plug in plugs] == [
        "unavailable" if plug is gone else "off" for plug in plugs
    ]


async def test_a_plug_that_did_not_tell_all_yet_follows_when_it_does(
    broker: MqttBroker,
) -> None:
    plug, mute = SimulatedPlug("mss210", 1), SimulatedPlug("mss210", 2)
    mute.faults.drop_replies = 1000
    broker.connect(plug, mute)
    await broker.block_till_done()
    flow = await open_discovery(broker)
    await flow.submit()
    entry_id = flow.result["result"].entry_id
    assert device_names(broker.hass, entry_id) == names_of(plug)

    mute.faults.drop_replies = 0
    await broker.advance(10)
    mute.press()
    await broker.advance(1)
    await broker.block_till_done()
    assert device_names(broker.hass, entry_id) == names_of(plug, mute)
    assert state_of(broker, mute) == "on"


async def test_the_form_asks_nothing_where_all_keys_are_known(
    broker: MqttBroker,
) -> None:
    broker.connect(SimulatedPlug("mss210", 1, key=""), SimulatedPlug("mss210", 2))
    await broker.block_till_done()
    flow = await open_discovery(broker)
    assert flow.result["type"] is FlowResultType.FORM
    assert flow.fields == []
    assert flow.placeholders == discovery_titles(broker.hass)[0]


async def test_a_card_that_was_closed_comes_again_with_the_next_plug(
    broker: MqttBroker,
) -> None:
    broker.connect(SimulatedPlug("mss210", 1))
    await broker.block_till_done()
    broker.hass.config_entries.flow.async_abort(
        discovery_flows(broker.hass)[0]["flow_id"]
    )
    await broker.block_till_done()
    assert not discovery_flows(broker.hass)

    broker.connect(SimulatedPlug("mss210", 2))
    await broker.block_till_done()
    assert [title["count"] for title in discovery_titles(broker.hass)] == ["2"]


async def test_fifty_plugs_at_once_are_all_answered_before_their_second_bind(
    broker: MqttBroker,
) -> None:
    plugs = [SimulatedPlug("mss210", number) for number in range(50)]
    broker.connect(*plugs)
    await broker.block_till_done()
    assert all(plug.is_bound for plug in plugs)
    assert all(len(broker.sent_to(plug, "SETACK", "Bind")) == 1 for plug in plugs)
    assert [title["count"] for title in discovery_titles(broker.hass)] == ["50"]


async def test_an_unanswered_question_is_asked_again_after_a_while(
    broker: MqttBroker,
) -> None:
    plug = SimulatedPlug("mss210")
    plug.faults.drop_replies = 1
    broker.connect(plug)
    await broker.block_till_done()
    # What it says in the next seconds is no reason to ask again and again.
    assert len(broker.sent_to(plug, "GET", "All")) == 1
    await broker.advance(6)
    plug.press()
    await broker.block_till_done()
    assert len(broker.sent_to(plug, "GET", "All")) == 2
    assert len(broker.sent_to(plug, "GET", "Ability")) == 1
