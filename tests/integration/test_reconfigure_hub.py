"""The key of the hub is changed: for new plugs, and for those that are in trouble."""

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.data_entry_flow import FlowResultType
from pytest_homeassistant_custom_component.common import MockConfigEntry

from tests.simulator import SimulatedPlug

from .broker import Broker
from .steps import (
    calm,
    devices,
    entity_id,
    fields,
    issues,
    names,
    set_up,
    state,
    submit,
    switch,
)


async def reconfigure(
    broker: Broker, entry: MockConfigEntry, key: str
) -> ConfigFlowResult:
    """Change the key of the hub on its page."""
    menu = await entry.start_reconfigure_flow(broker.hass)
    assert menu["type"] is FlowResultType.MENU
    assert menu["menu_options"] == ["key", "check_broker"]
    flow = await submit(broker, menu["flow_id"], next_step_id="key")
    assert flow["type"] is FlowResultType.FORM
    assert flow["step_id"] == "key"
    assert fields(flow) == ["key"]
    return await submit(broker, flow["flow_id"], key=key)


def key_of(entry: MockConfigEntry, plug: SimulatedPlug) -> str:
    """Return the key that is kept for a plug."""
    (subentry,) = [
        one for one in entry.subentries.values() if one.unique_id == plug.uuid
    ]
    key: str = subentry.data["key"]
    return key


async def test_it_is_kept_and_tried_with_new_plugs(broker: Broker) -> None:
    entry = await set_up(broker)
    result = await reconfigure(broker, entry, "new")
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "reconfigure_successful"
    assert dict(entry.data) == {"key": "new"}
    plug = SimulatedPlug("mss210", key="new")
    broker.add(plug)
    await broker.passes(1)
    assert devices(broker.hass, entry.entry_id) == names(plug)
    assert key_of(entry, plug) == "new"


async def test_newcomers_that_wait_for_it_are_set_up_at_once(broker: Broker) -> None:
    plug = SimulatedPlug("mss210", key="new")
    entry = await set_up(broker, plug)
    assert not devices(broker.hass, entry.entry_id)
    await reconfigure(broker, entry, "new")
    assert devices(broker.hass, entry.entry_id) == names(plug)
    assert state(broker, plug) == "off"


async def test_the_repair_of_newcomers_that_it_fits_goes(broker: Broker) -> None:
    entry = await set_up(broker, SimulatedPlug("mss210", key="new"))
    assert issues(broker.hass)
    await reconfigure(broker, entry, "new")
    await broker.passes(5)
    assert not issues(broker.hass)


async def test_a_plug_in_trouble_works_again_at_once(broker: Broker) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    plug.cut()
    plug.key = "new"
    broker.add(plug)
    await broker.passes(77)
    assert state(broker, plug) == "unavailable"
    assert issues(broker.hass)
    await reconfigure(broker, entry, "new")
    assert state(broker, plug) == "off"
    assert not issues(broker.hass)
    assert key_of(entry, plug) == "new"


async def test_plugs_that_work_keep_theirs_and_notice_nothing(broker: Broker) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    await calm(broker, plug)
    history: list[str] = []
    broker.hass.bus.async_listen(
        "state_changed", lambda event: history.append(event.data["entity_id"])
    )
    broker.sent.clear()
    await reconfigure(broker, entry, "new")
    assert not broker.to(plug)
    assert not history
    assert key_of(entry, plug) == "meross"
    await switch(broker, "turn_on", entity_id(plug))
    assert state(broker, plug) == "on"


async def test_the_same_key_again_changes_nothing(broker: Broker) -> None:
    plug = SimulatedPlug("mss210", key="own")
    entry = await set_up(broker, plug, key="own")
    await calm(broker, plug)
    broker.sent.clear()
    result = await reconfigure(broker, entry, "own")
    assert result["reason"] == "reconfigure_successful"
    assert not broker.to(plug)
    assert state(broker, plug) == "off"


async def test_an_unloaded_hub_uses_it_when_it_is_loaded(broker: Broker) -> None:
    entry = await set_up(broker)
    assert await broker.hass.config_entries.async_unload(entry.entry_id)
    result = await reconfigure(broker, entry, "new")
    assert result["reason"] == "reconfigure_successful"
    assert await broker.hass.config_entries.async_setup(entry.entry_id)
    plug = SimulatedPlug("mss210", key="new")
    await broker.passes(1)
    broker.add(plug)
    await broker.passes(1)
    assert devices(broker.hass, entry.entry_id) == names(plug)
