"""The key of the hub is changed: for new plugs, and for those that are in trouble."""

from pytest_homeassistant_custom_component.common import MockConfigEntry

from tests.simulator import SimulatedPlug
from tests.support.entities import entity_id_of, state_of, turn_on
from tests.support.entries import (
    active_issues,
    device_names,
    names_of,
    set_up,
    skip_jitter,
)
from tests.support.flows import FlowDriver, start_reconfigure_flow
from tests.support.mqtt import MqttBroker


async def reconfigure(
    broker: MqttBroker, entry: MockConfigEntry, key: str
) -> FlowDriver:
    """Change the key of the hub on its page."""
    flow = await start_reconfigure_flow(broker, entry, "key")
    assert flow.step == "key"
    assert flow.fields == ["key"]
    await flow.submit(key=key)
    return flow


def key_of(entry: MockConfigEntry, plug: SimulatedPlug) -> str:
    """Return the key that is kept for a plug."""
    (subentry,) = [
        one for one in entry.subentries.values() if one.unique_id == plug.uuid
    ]
    key: str = subentry.data["key"]
    return key


async def test_it_is_kept_and_tried_with_new_plugs(broker: MqttBroker) -> None:
    entry = await set_up(broker)
    flow = await reconfigure(broker, entry, "new")
    assert flow.is_aborted
    assert flow.step == "reconfigure_successful"
    assert dict(entry.data) == {"key": "new"}
    plug = SimulatedPlug("mss210", key="new")
    broker.connect(plug)
    await broker.advance(1)
    assert device_names(broker.hass, entry.entry_id) == names_of(plug)
    assert key_of(entry, plug) == "new"


async def test_newcomers_that_wait_for_it_are_set_up_at_once(
    broker: MqttBroker,
) -> None:
    plug = SimulatedPlug("mss210", key="new")
    entry = await set_up(broker, plug)
    assert not device_names(broker.hass, entry.entry_id)
    await reconfigure(broker, entry, "new")
    assert device_names(broker.hass, entry.entry_id) == names_of(plug)
    assert state_of(broker, plug) == "off"


async def test_the_repair_of_newcomers_that_it_fits_goes(broker: MqttBroker) -> None:
    entry = await set_up(broker, SimulatedPlug("mss210", key="new"))
    assert active_issues(broker.hass)
    await reconfigure(broker, entry, "new")
    await broker.advance(5)
    assert not active_issues(broker.hass)


async def test_a_plug_in_trouble_works_again_at_once(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    plug.cut()
    plug.key = "new"
    broker.connect(plug)
    await broker.advance(77)
    assert state_of(broker, plug) == "unavailable"
    assert active_issues(broker.hass)
    await reconfigure(broker, entry, "new")
    assert state_of(broker, plug) == "off"
    assert not active_issues(broker.hass)
    assert key_of(entry, plug) == "new"


async def test_plugs_that_work_keep_theirs_and_notice_nothing(
    broker: MqttBroker,
) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    await skip_jitter(broker, plug)
    history: list[str] = []
    broker.hass.bus.async_listen(
        "state_changed", lambda event: history.append(event.data["entity_id"])
    )
    broker.sent.clear()
    await reconfigure(broker, entry, "new")
    assert not broker.sent_to(plug)
    assert not history
    assert key_of(entry, plug) == "meross"
    await turn_on(broker, entity_id_of(plug))
    assert state_of(broker, plug) == "on"


async def test_the_same_key_again_changes_nothing(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210", key="own")
    entry = await set_up(broker, plug, key="own")
    await skip_jitter(broker, plug)
    broker.sent.clear()
    flow = await reconfigure(broker, entry, "own")
    assert flow.step == "reconfigure_successful"
    assert not broker.sent_to(plug)
    assert state_of(broker, plug) == "off"


async def test_an_unloaded_hub_uses_it_when_it_is_loaded(broker: MqttBroker) -> None:
    entry = await set_up(broker)
    assert await broker.hass.config_entries.async_unload(entry.entry_id)
    flow = await reconfigure(broker, entry, "new")
    assert flow.step == "reconfigure_successful"
    assert await broker.hass.config_entries.async_setup(entry.entry_id)
    plug = SimulatedPlug("mss210", key="new")
    await broker.advance(1)
    broker.connect(plug)
    await broker.advance(1)
    assert device_names(broker.hass, entry.entry_id) == names_of(plug)
