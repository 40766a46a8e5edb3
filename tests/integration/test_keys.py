"""A key is asked for where no known one fits, and only there."""

from homeassistant.data_entry_flow import FlowResultType

from tests.simulator import SimulatedPlug
from tests.simulator.namespaces import BIND
from tests.support.entities import state_of
from tests.support.entries import device_names, names_of, set_up
from tests.support.flows import discovery_titles, open_discovery
from tests.support.messages import build_message
from tests.support.mqtt import MqttBroker


async def test_a_wrong_key_is_told_and_the_right_one_sets_up(
    broker: MqttBroker,
) -> None:
    plug = SimulatedPlug("mss210", key="of its own")
    broker.connect(plug)
    await broker.block_till_done()
    flow = await open_discovery(broker)
    assert flow.fields == ["key"]

    await flow.submit(key="another")
    assert flow.result["type"] is FlowResultType.FORM
    assert flow.errors == {"key": "wrong_key"}
    assert flow.fields == ["key"]

    await flow.submit(key="of its own")
    assert flow.is_created
    assert device_names(broker.hass, flow.result["result"].entry_id) == names_of(plug)
    assert state_of(broker, plug) == "off"


async def test_without_the_key_the_others_are_set_up(broker: MqttBroker) -> None:
    plug, locked = SimulatedPlug("mss210", 1), SimulatedPlug("mss210", 2, key="own")
    broker.connect(plug, locked)
    await broker.block_till_done()
    flow = await open_discovery(broker)
    await flow.submit()
    assert flow.is_created
    assert device_names(broker.hass, flow.result["result"].entry_id) == names_of(plug)


async def test_plugs_with_the_hubs_key_add_themselves(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210", key="the hub's")
    entry = await set_up(broker, plug, key="the hub's")
    assert device_names(broker.hass, entry.entry_id) == names_of(plug)
    assert all(sent.is_signed_with("the hub's") for sent in broker.sent_to(plug))


async def test_a_plug_with_an_unknown_key_stays_on_the_broker(
    broker: MqttBroker,
) -> None:
    plug = SimulatedPlug("mss210", key="own")
    entry = await set_up(broker, plug)
    assert plug.is_bound
    assert not device_names(broker.hass, entry.entry_id)
    # It would refuse what is signed otherwise, and every refusal costs it time.
    assert not broker.sent_to(plug, "GET", "All")


async def test_a_plug_that_was_given_another_key_is_believed_under_that(
    broker: MqttBroker,
) -> None:
    """While it is not set up: what it said under the old one counts no more."""
    plug = SimulatedPlug("mss210", key="own")
    broker.connect(plug)
    await broker.block_till_done()
    plug.cut()
    plug.key = ""
    broker.connect(plug)
    await broker.block_till_done()
    flow = await open_discovery(broker)
    await flow.submit()
    assert device_names(broker.hass, flow.result["result"].entry_id) == names_of(plug)
    await broker.advance(1)
    assert state_of(broker, plug) == "off"


async def test_a_forged_word_of_a_new_plug_is_answered_but_not_believed(
    broker: MqttBroker,
) -> None:
    plug = SimulatedPlug("mss210")
    broker.connect(plug)
    await broker.block_till_done()
    told = discovery_titles(broker.hass)
    broker.sent.clear()
    hardware = {"type": "mss999", "version": "1", "uuid": plug.uuid, "macAddress": "m"}
    bind = {"bind": {"hardware": hardware}}
    broker.publish_as(plug, build_message(plug, BIND, "SET", bind, key="another"))
    await broker.block_till_done()
    assert discovery_titles(broker.hass) == told
    assert [sent.kind for sent in broker.sent_to(plug)] == [("SETACK", "Bind")]
