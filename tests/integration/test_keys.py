"""A key is asked for where no known one fits, and only there."""

from homeassistant.data_entry_flow import FlowResultType

from tests.simulator import SimulatedPlug
from tests.simulator.namespaces import BIND

from .broker import Broker, said
from .steps import cards, devices, fields, names, set_up, state, submit, titles


async def test_a_wrong_key_is_told_and_the_right_one_sets_up(broker: Broker) -> None:
    plug = SimulatedPlug("mss210", key="of its own")
    broker.add(plug)
    await broker.done()
    (card,) = cards(broker.hass)
    flow_id = card["flow_id"]
    result = await broker.hass.config_entries.flow.async_configure(flow_id)
    assert fields(result) == ["key"]

    result = await submit(broker, flow_id, key="another")
    assert result["type"] is FlowResultType.FORM
    assert result["errors"] == {"key": "wrong_key"}
    assert fields(result) == ["key"]

    result = await submit(broker, flow_id, key="of its own")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert devices(broker.hass, result["result"].entry_id) == names(plug)
    assert state(broker, plug) == "off"


async def test_without_the_key_the_others_are_set_up(broker: Broker) -> None:
    plug, locked = SimulatedPlug("mss210", 1), SimulatedPlug("mss210", 2, key="own")
    broker.add(plug, locked)
    await broker.done()
    (card,) = cards(broker.hass)
    result = await submit(broker, card["flow_id"])
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert devices(broker.hass, result["result"].entry_id) == names(plug)


async def test_plugs_with_the_hubs_key_add_themselves(broker: Broker) -> None:
    plug = SimulatedPlug("mss210", key="the hub's")
    entry = await set_up(broker, plug, key="the hub's")
    assert devices(broker.hass, entry.entry_id) == names(plug)
    assert all(sent.is_signed_with("the hub's") for sent in broker.to(plug))


async def test_a_plug_with_an_unknown_key_stays_on_the_broker(broker: Broker) -> None:
    plug = SimulatedPlug("mss210", key="own")
    entry = await set_up(broker, plug)
    assert plug.is_bound
    assert not devices(broker.hass, entry.entry_id)
    # It would refuse what is signed otherwise, and every refusal costs it time.
    assert not broker.to(plug, "GET", "All")


async def test_a_plug_that_was_given_another_key_is_believed_under_that(
    broker: Broker,
) -> None:
    """While it is not set up: what it said under the old one counts no more."""
    plug = SimulatedPlug("mss210", key="own")
    broker.add(plug)
    await broker.done()
    plug.cut()
    plug.key = ""
    broker.add(plug)
    await broker.done()
    (card,) = cards(broker.hass)
    result = await submit(broker, card["flow_id"])
    assert devices(broker.hass, result["result"].entry_id) == names(plug)
    await broker.passes(1)
    assert state(broker, plug) == "off"


async def test_a_forged_word_of_a_new_plug_is_answered_but_not_believed(
    broker: Broker,
) -> None:
    plug = SimulatedPlug("mss210")
    broker.add(plug)
    await broker.done()
    told = titles(broker.hass)
    broker.sent.clear()
    hardware = {"type": "mss999", "version": "1", "uuid": plug.uuid, "macAddress": "m"}
    bind = {"bind": {"hardware": hardware}}
    broker.tell(plug, said(plug, BIND, "SET", bind, key="another"))
    await broker.done()
    assert titles(broker.hass) == told
    assert [sent.words for sent in broker.to(plug)] == [("SETACK", "Bind")]
