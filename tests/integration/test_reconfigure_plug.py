"""The key of a plug is changed on its own page."""

from homeassistant.data_entry_flow import FlowResultType

from tests.simulator import SimulatedPlug
from tests.support.entities import entity_id_of, state_of, turn_off, turn_on
from tests.support.entries import active_issues, set_up
from tests.support.flows import start_change_key
from tests.support.mqtt import MqttBroker


def rekey(broker: MqttBroker, plug: SimulatedPlug, key: str) -> None:
    """Set a plug up again, with another key."""
    plug.cut()
    plug.key = key
    broker.connect(plug)


async def test_a_new_key_is_taken_as_soon_as_the_plug_signed_with_it(
    broker: MqttBroker,
) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    rekey(broker, plug, "new")
    await broker.advance(1)
    plug.press()
    await broker.advance(1)
    flow = await start_change_key(broker, entry, plug)
    assert flow.step == "reconfigure"
    assert flow.fields == ["key"]
    assert flow.placeholders == {"plug": f"MSS210 {plug.uuid[-4:]}"}
    await flow.submit(key="new")
    assert flow.is_aborted
    assert flow.step == "reconfigure_successful"
    assert state_of(broker, plug) == "on"
    (subentry,) = entry.subentries.values()
    assert subentry.data["key"] == "new"
    await turn_off(broker, entity_id_of(plug))
    assert state_of(broker, plug) == "off"


async def test_it_ends_the_repair(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    rekey(broker, plug, "new")
    await broker.advance(77)
    assert active_issues(broker.hass)
    flow = await start_change_key(broker, entry, plug)
    await flow.submit(key="new")
    assert not active_issues(broker.hass)
    assert state_of(broker, plug) == "off"


async def test_a_key_that_does_not_fit_is_told_and_not_kept(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    rekey(broker, plug, "new")
    await broker.advance(1)
    flow = await start_change_key(broker, entry, plug)
    await flow.submit(key="another")
    assert flow.result["type"] is FlowResultType.FORM
    assert flow.errors == {"key": "wrong_key"}
    (subentry,) = entry.subentries.values()
    assert subentry.data["key"] == "meross"
    await flow.submit(key="new")
    assert flow.step == "reconfigure_successful"


async def test_a_plug_that_works_is_not_given_another_key(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    flow = await start_change_key(broker, entry, plug)
    await flow.submit(key="new")
    assert flow.errors == {"key": "wrong_key"}
    await turn_on(broker, entity_id_of(plug))
    assert state_of(broker, plug) == "on"


async def test_the_key_that_it_has_is_told_to_be_that(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    flow = await start_change_key(broker, entry, plug)
    await flow.submit(key="meross")
    assert flow.is_aborted
    assert flow.step == "same_key"


async def test_another_plugs_key_is_wrong_here(broker: MqttBroker) -> None:
    one, two = SimulatedPlug("mss210", 1), SimulatedPlug("mss210", 2)
    entry = await set_up(broker, one, two)
    rekey(broker, two, "new")
    await broker.advance(1)
    flow = await start_change_key(broker, entry, one)
    await flow.submit(key="new")
    assert flow.errors == {"key": "wrong_key"}
    keys = {one.unique_id: one.data["key"] for one in entry.subentries.values()}
    assert keys[one.uuid] == "meross"


async def test_other_plugs_notice_nothing(broker: MqttBroker) -> None:
    plug, other = SimulatedPlug("mss210", 1), SimulatedPlug("mss210", 2)
    entry = await set_up(broker, plug, other)
    rekey(broker, plug, "new")
    await broker.advance(1)
    broker.sent.clear()
    flow = await start_change_key(broker, entry, plug)
    await flow.submit(key="new")
    assert broker.sent_to(plug)
    assert not broker.sent_to(other)


async def test_without_a_running_hub_it_cannot_be_changed(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    assert await broker.hass.config_entries.async_unload(entry.entry_id)
    flow = await start_change_key(broker, entry, plug)
    assert flow.is_aborted
    assert flow.step == "not_loaded"
