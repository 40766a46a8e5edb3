"""Plugs are found before there is an entry, and one click sets all of them up."""

import time

from homeassistant.config_entries import ConfigEntryState
from homeassistant.data_entry_flow import FlowResultType
import pytest

from custom_components.meross_local.const import DOMAIN
from tests.simulator import SimulatedPlug

from .broker import Broker
from .steps import cards, devices, fields, names, state, submit, titles


async def test_the_first_bind_is_answered_before_there_is_an_entry(
    broker: Broker,
) -> None:
    plug = SimulatedPlug("mss210")
    began = time.monotonic()
    broker.add(plug)
    await broker.done()
    assert time.monotonic() == began
    (answer,) = broker.to(plug, "SETACK", "Bind")
    (bind,) = [
        said.message for said in plug.outbox if said.message.namespace.endswith("Bind")
    ]
    assert answer.is_signed_with("meross")
    assert answer.header["messageId"] == bind.message_id
    assert (answer.qos, answer.retain) == (0, False)
    assert plug.is_bound
    assert not broker.hass.config_entries.async_entries(DOMAIN)


async def test_a_plug_with_a_key_of_its_own_gets_its_own_signature_back(
    broker: Broker,
) -> None:
    plug = SimulatedPlug("mss210", key="of its own")
    broker.add(plug)
    await broker.done()
    (answer,) = broker.to(plug, "SETACK", "Bind")
    (bind,) = [
        said.message for said in plug.outbox if said.message.namespace.endswith("Bind")
    ]
    assert answer.header["messageId"] == bind.message_id
    assert answer.header["timestamp"] == bind.timestamp
    assert answer.header["sign"] == bind.signature
    assert plug.is_bound


async def test_an_older_plug_is_told_the_time_before_there_is_an_entry(
    broker: Broker,
) -> None:
    plug = SimulatedPlug("mss310")
    broker.add(plug)
    await broker.done()
    assert plug.device.clock.timestamp == int(time.time())
    assert plug.is_bound


async def test_one_card_shows_all_plugs(broker: Broker) -> None:
    plugs = [SimulatedPlug("mss210", 1), SimulatedPlug("mss425e", 2)]
    broker.add(*plugs)
    await broker.done()
    labels = [f"{p.model.type.upper()} …{p.uuid[-4:]}" for p in plugs]
    assert titles(broker.hass) == [{"count": "2", "plugs": ", ".join(labels)}]

    late = SimulatedPlug("mss310", 3)
    broker.add(late)
    await broker.done()
    labels.append(f"MSS310 …{late.uuid[-4:]}")
    assert titles(broker.hass) == [{"count": "3", "plugs": ", ".join(sorted(labels))}]


async def test_a_card_names_no_more_than_five_plugs(broker: Broker) -> None:
    broker.add(*(SimulatedPlug("mss210", number) for number in range(7)))
    await broker.done()
    (title,) = titles(broker.hass)
    assert title["count"] == "7"
    assert title["plugs"].count("MSS210") == 5
    assert title["plugs"].endswith(", …")


@pytest.mark.parametrize("model", ["mss210", "mss310", "mss425e", "mss210v1", "mss305"])
async def test_one_click_makes_a_device_of_each_model(
    broker: Broker, model: str
) -> None:
    plug = SimulatedPlug(model, key="")
    broker.add(plug)
    await broker.done()
    (card,) = cards(broker.hass)
    assert card["step_id"] == "confirm"
    result = await submit(broker, card["flow_id"])
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert result["title"] == "Meross Local"
    assert result["data"] == {}
    assert devices(broker.hass, result["result"].entry_id) == names(plug)
    outlet = "all_outlets" if model == "mss425e" else ""
    assert state(broker, plug, outlet) == "off"
    assert not cards(broker.hass)


async def test_one_click_makes_devices_of_all_plugs_also_of_those_silent_since(
    broker: Broker,
) -> None:
    plugs = [SimulatedPlug("mss210", number) for number in range(20)]
    broker.add(*plugs)
    await broker.done()
    gone = plugs[3]
    gone.cut()
    (card,) = cards(broker.hass)
    result = await submit(broker, card["flow_id"])
    entry = result["result"]
    assert entry.state is ConfigEntryState.LOADED
    assert devices(broker.hass, entry.entry_id) == names(*plugs)
    assert [state(broker, plug) for plug in plugs] == [
        "unavailable" if plug is gone else "off" for plug in plugs
    ]


async def test_a_plug_that_did_not_tell_all_yet_follows_when_it_does(
    broker: Broker,
) -> None:
    plug, mute = SimulatedPlug("mss210", 1), SimulatedPlug("mss210", 2)
    mute.faults.drop_replies = 1000
    broker.add(plug, mute)
    await broker.done()
    (card,) = cards(broker.hass)
    result = await submit(broker, card["flow_id"])
    entry_id = result["result"].entry_id
    assert devices(broker.hass, entry_id) == names(plug)

    mute.faults.drop_replies = 0
    await broker.passes(10)
    mute.press()
    await broker.passes(1)
    await broker.done()
    assert devices(broker.hass, entry_id) == names(plug, mute)
    assert state(broker, mute) == "on"


async def test_the_form_asks_nothing_where_all_keys_are_known(broker: Broker) -> None:
    broker.add(SimulatedPlug("mss210", 1, key=""), SimulatedPlug("mss210", 2))
    await broker.done()
    (card,) = cards(broker.hass)
    result = await broker.hass.config_entries.flow.async_configure(card["flow_id"])
    assert result["type"] is FlowResultType.FORM
    assert fields(result) == []
    assert result["description_placeholders"] == titles(broker.hass)[0]


async def test_a_card_that_was_closed_comes_again_with_the_next_plug(
    broker: Broker,
) -> None:
    broker.add(SimulatedPlug("mss210", 1))
    await broker.done()
    broker.hass.config_entries.flow.async_abort(cards(broker.hass)[0]["flow_id"])
    await broker.done()
    assert not cards(broker.hass)

    broker.add(SimulatedPlug("mss210", 2))
    await broker.done()
    assert [title["count"] for title in titles(broker.hass)] == ["2"]


async def test_fifty_plugs_at_once_are_all_answered_before_their_second_bind(
    broker: Broker,
) -> None:
    plugs = [SimulatedPlug("mss210", number) for number in range(50)]
    broker.add(*plugs)
    await broker.done()
    assert all(plug.is_bound for plug in plugs)
    assert all(len(broker.to(plug, "SETACK", "Bind")) == 1 for plug in plugs)
    assert [title["count"] for title in titles(broker.hass)] == ["50"]


async def test_an_unanswered_question_is_asked_again_after_a_while(
    broker: Broker,
) -> None:
    plug = SimulatedPlug("mss210")
    plug.faults.drop_replies = 1
    broker.add(plug)
    await broker.done()
    # What it says in the next seconds is no reason to ask again and again.
    assert len(broker.to(plug, "GET", "All")) == 1
    await broker.passes(6)
    plug.press()
    await broker.done()
    assert len(broker.to(plug, "GET", "All")) == 2
    assert len(broker.to(plug, "GET", "Ability")) == 1
