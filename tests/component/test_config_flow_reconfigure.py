"""The key of the hub and its options are changed."""

from homeassistant.data_entry_flow import InvalidData
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from tests.simulator import SimulatedPlug
from tests.simulator.namespaces import ELECTRICITY
from tests.support.entities import entity_id_of, state_of, turn_on
from tests.support.entries import (
    active_issues,
    device_names,
    keys_of,
    names_of,
    reload_entry,
    set_up,
)
from tests.support.flows import FlowDriver, start_reconfigure_flow
from tests.support.mqtt import MqttBroker
from tests.support.queries import query_intervals


async def change_key(broker: MqttBroker, entry: MockConfigEntry, key: str) -> None:
    """Change the key of the hub."""
    flow = await start_reconfigure_flow(broker, entry, "key")
    assert flow.step == "key"
    assert flow.fields == ["key"]
    await flow.submit(key=key)
    assert flow.abort_reason == "reconfigure_successful"
    assert dict(entry.data) == {"key": key}


@pytest.mark.parametrize("is_loaded", [True, False])
async def test_new_key_is_tried_with_new_plugs(
    broker: MqttBroker,
    is_loaded: bool,  # noqa: FBT001
) -> None:
    entry = await set_up(broker)
    if not is_loaded:
        assert await broker.hass.config_entries.async_unload(entry.entry_id)
    await change_key(broker, entry, "new")
    if not is_loaded:
        assert await broker.hass.config_entries.async_setup(entry.entry_id)
    plug = SimulatedPlug("mss210", key="new")
    await broker.advance(1)
    broker.connect(plug)
    await broker.advance(1)
    assert device_names(broker.hass, entry.entry_id) == names_of(plug)
    assert keys_of(entry) == {plug.uuid: "new"}


async def test_new_key_sets_up_discovered_plugs(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210", key="new")
    entry = await set_up(broker, plug)
    assert not device_names(broker.hass, entry.entry_id)
    assert active_issues(broker.hass)
    await change_key(broker, entry, "new")
    assert device_names(broker.hass, entry.entry_id) == names_of(plug)
    assert state_of(broker, plug) == "off"
    await broker.advance(5)
    assert not active_issues(broker.hass)


async def test_new_key_is_stored_for_a_plug_that_signs_with_it(
    broker: MqttBroker,
) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    broker.pair_again(plug, "new")
    await broker.advance(77)
    assert state_of(broker, plug) == "unavailable"
    assert active_issues(broker.hass)
    await change_key(broker, entry, "new")
    assert state_of(broker, plug) == "off"
    assert not active_issues(broker.hass)
    assert keys_of(entry) == {plug.uuid: "new"}


@pytest.mark.parametrize("key", ["new", "own"])
async def test_plug_that_works_keeps_its_key(broker: MqttBroker, key: str) -> None:
    """Also where the key of the hub is not changed at all."""
    plug = SimulatedPlug("mss210", key="own")
    entry = await set_up(broker, plug, key="own")
    # After that, it is not queried for a minute.
    await broker.advance(11)
    plug.press()
    plug.press()
    await broker.block_till_done()
    history: list[str] = []
    broker.hass.bus.async_listen(
        "state_changed", lambda event: history.append(event.data["entity_id"])
    )
    broker.sent.clear()
    await change_key(broker, entry, key)
    assert not broker.sent_to(plug)
    assert not history
    assert keys_of(entry) == {plug.uuid: "own"}
    await turn_on(broker, entity_id_of(plug))
    assert state_of(broker, plug) == "on"


async def open_options(broker: MqttBroker, entry: MockConfigEntry) -> FlowDriver:
    """Open the options of the hub."""
    manager = broker.hass.config_entries.options
    return FlowDriver(broker, manager, await manager.async_init(entry.entry_id))


async def choose_interval(
    broker: MqttBroker, entry: MockConfigEntry, interval: float
) -> None:
    """Choose how often plugs are queried for their power."""
    flow = await open_options(broker, entry)
    await flow.submit(power_interval=interval)
    assert flow.is_created


async def assert_interval(
    broker: MqttBroker, interval: int, *plugs: SimulatedPlug
) -> None:
    """Assert how often plugs are queried for their power."""
    for plug in plugs:
        plug.inbox.clear()
    await broker.leap(3.5 * interval)
    for plug in plugs:
        intervals = query_intervals(plug, ELECTRICITY)
        assert set(intervals) <= {interval, interval + 1}
        assert len(intervals) >= 2


async def test_interval_is_ten_seconds_until_another_one_is_chosen(
    broker: MqttBroker,
) -> None:
    entry = await set_up(broker)
    flow = await open_options(broker, entry)
    (field,) = flow.result["data_schema"].schema
    assert (field, field.default()) == ("power_interval", 10)
    for interval in (4, 301, -1):
        with pytest.raises(InvalidData):
            await choose_interval(broker, entry, interval)
    assert entry.options == {}
    await choose_interval(broker, entry, 60)
    flow = await open_options(broker, entry)
    assert flow.suggested_values == {"power_interval": 60}


@pytest.mark.parametrize("interval", [5, 45, 300])
async def test_interval_is_applied_without_a_reload(
    broker: MqttBroker, interval: int
) -> None:
    plugs = [SimulatedPlug("mss310"), SimulatedPlug("mss305", 2)]
    entry = await set_up(broker, *plugs)
    hub = entry.runtime_data
    before = broker.hass.states.get(entity_id_of(plugs[0]))
    assert before is not None
    await choose_interval(broker, entry, interval)
    await broker.leap(12)
    await assert_interval(broker, interval, *plugs)
    after = broker.hass.states.get(entity_id_of(plugs[0]))
    assert after is not None
    assert after.last_changed == before.last_changed
    assert entry.runtime_data is hub


async def test_shorter_interval_is_applied_at_once(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss310")
    entry = await set_up(broker, plug)
    await choose_interval(broker, entry, 300)
    await broker.leap(20)
    await choose_interval(broker, entry, 5)
    await assert_interval(broker, 5, plug)


async def test_interval_holds_after_a_reload_and_for_new_plugs(
    broker: MqttBroker,
) -> None:
    plug, new = SimulatedPlug("mss310", 1), SimulatedPlug("mss310", 2)
    entry = await set_up(broker, plug)
    await choose_interval(broker, entry, 30)
    broker.connect(new)
    await broker.leap(10)
    await assert_interval(broker, 30, new)
    await reload_entry(broker, entry)
    await assert_interval(broker, 30, plug)
