"""The key of a plug is changed on its own page."""

from homeassistant.config_entries import SubentryFlowResult
from homeassistant.data_entry_flow import FlowResultType
from pytest_homeassistant_custom_component.common import MockConfigEntry

from tests.simulator import SimulatedPlug

from .broker import Broker
from .steps import entity_id, fields, issues, set_up, state, submit_adding, switch


def rekey(broker: Broker, plug: SimulatedPlug, key: str) -> None:
    """Set a plug up again, with another key."""
    plug.cut()
    plug.key = key
    broker.add(plug)


async def begin_changing(
    broker: Broker, entry: MockConfigEntry, plug: SimulatedPlug
) -> SubentryFlowResult:
    """Click Change key."""
    (subentry_id,) = [
        subentry_id
        for subentry_id, subentry in entry.subentries.items()
        if subentry.unique_id == plug.uuid
    ]
    result: SubentryFlowResult = await entry.start_subentry_reconfigure_flow(
        broker.hass, subentry_id
    )
    return result


async def test_a_new_key_is_taken_as_soon_as_the_plug_signed_with_it(
    broker: Broker,
) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    rekey(broker, plug, "new")
    await broker.passes(1)
    plug.press()
    await broker.passes(1)
    result = await begin_changing(broker, entry, plug)
    assert result["step_id"] == "reconfigure"
    assert fields(result) == ["key"]
    assert result["description_placeholders"] == {"plug": f"MSS210 {plug.uuid[-4:]}"}
    result = await submit_adding(broker, result["flow_id"], key="new")
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "reconfigure_successful"
    assert state(broker, plug) == "on"
    (subentry,) = entry.subentries.values()
    assert subentry.data["key"] == "new"
    await switch(broker, "turn_off", entity_id(plug))
    assert state(broker, plug) == "off"


async def test_it_ends_the_repair(broker: Broker) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    rekey(broker, plug, "new")
    await broker.passes(77)
    assert issues(broker.hass)
    result = await begin_changing(broker, entry, plug)
    await submit_adding(broker, result["flow_id"], key="new")
    assert not issues(broker.hass)
    assert state(broker, plug) == "off"


async def test_a_key_that_does_not_fit_is_told_and_not_kept(broker: Broker) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    rekey(broker, plug, "new")
    await broker.passes(1)
    result = await begin_changing(broker, entry, plug)
    result = await submit_adding(broker, result["flow_id"], key="another")
    assert result["type"] is FlowResultType.FORM
    assert result["errors"] == {"key": "wrong_key"}
    (subentry,) = entry.subentries.values()
    assert subentry.data["key"] == "meross"
    result = await submit_adding(broker, result["flow_id"], key="new")
    assert result["reason"] == "reconfigure_successful"


async def test_a_plug_that_works_is_not_given_another_key(broker: Broker) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    result = await begin_changing(broker, entry, plug)
    result = await submit_adding(broker, result["flow_id"], key="new")
    assert result["errors"] == {"key": "wrong_key"}
    await switch(broker, "turn_on", entity_id(plug))
    assert state(broker, plug) == "on"


async def test_the_key_that_it_has_is_told_to_be_that(broker: Broker) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    result = await begin_changing(broker, entry, plug)
    result = await submit_adding(broker, result["flow_id"], key="meross")
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "same_key"


async def test_another_plugs_key_is_wrong_here(broker: Broker) -> None:
    one, two = SimulatedPlug("mss210", 1), SimulatedPlug("mss210", 2)
    entry = await set_up(broker, one, two)
    rekey(broker, two, "new")
    await broker.passes(1)
    result = await begin_changing(broker, entry, one)
    result = await submit_adding(broker, result["flow_id"], key="new")
    assert result["errors"] == {"key": "wrong_key"}
    keys = {one.unique_id: one.data["key"] for one in entry.subentries.values()}
    assert keys[one.uuid] == "meross"


async def test_other_plugs_notice_nothing(broker: Broker) -> None:
    plug, other = SimulatedPlug("mss210", 1), SimulatedPlug("mss210", 2)
    entry = await set_up(broker, plug, other)
    rekey(broker, plug, "new")
    await broker.passes(1)
    broker.sent.clear()
    result = await begin_changing(broker, entry, plug)
    await submit_adding(broker, result["flow_id"], key="new")
    assert broker.to(plug)
    assert not broker.to(other)


async def test_without_a_running_hub_it_cannot_be_changed(broker: Broker) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    assert await broker.hass.config_entries.async_unload(entry.entry_id)
    result = await begin_changing(broker, entry, plug)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "not_loaded"
