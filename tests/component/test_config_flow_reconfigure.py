"""The options of the hub."""

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.data_entry_flow import FlowResultType, InvalidData
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from tests.simulator import SimulatedPlug
from tests.simulator.namespaces import ELECTRICITY
from tests.support.entities import entity_id_of
from tests.support.entries import reload_entry, set_up
from tests.support.mqtt import MqttBroker
from tests.support.queries import query_intervals


async def choose(
    broker: MqttBroker, entry: MockConfigEntry, interval: float
) -> ConfigFlowResult:
    """Choose how often power is asked."""
    options = broker.hass.config_entries.options
    form = await options.async_init(entry.entry_id)
    assert form["type"] is FlowResultType.FORM
    result = await options.async_configure(
        form["flow_id"], {"power_interval": interval}
    )
    await broker.block_till_done()
    return result


def suggested(form: ConfigFlowResult) -> dict[str, object]:
    """Return the field of the form, and what it is filled in with."""
    schema = form["data_schema"]
    assert schema is not None
    (field,) = schema.schema
    description = field.description or {}
    return {str(field): description.get("suggested_value", field.default())}


async def test_the_interval_is_ten_seconds_until_another_one_is_chosen(
    broker: MqttBroker,
) -> None:
    entry = await set_up(broker)
    form = await broker.hass.config_entries.options.async_init(entry.entry_id)
    assert suggested(form) == {"power_interval": 10}
    await choose(broker, entry, 60)
    form = await broker.hass.config_entries.options.async_init(entry.entry_id)
    assert suggested(form) == {"power_interval": 60}


@pytest.mark.parametrize("interval", [4, 301, -1])
async def test_an_interval_out_of_reach_is_refused(
    broker: MqttBroker, interval: int
) -> None:
    entry = await set_up(broker)
    with pytest.raises(InvalidData):
        await choose(broker, entry, interval)
    assert entry.options == {}


@pytest.mark.parametrize("interval", [5, 45, 300])
async def test_another_interval_holds_without_a_reload(
    broker: MqttBroker, interval: int
) -> None:
    plugs = [SimulatedPlug("mss310"), SimulatedPlug("mss305", 2)]
    entry = await set_up(broker, *plugs)
    hub = entry.runtime_data
    before = broker.hass.states.get(entity_id_of(plugs[0]))
    assert before is not None
    await choose(broker, entry, interval)
    await broker.leap(12)
    for plug in plugs:
        plug.inbox.clear()
    await broker.leap(3.5 * interval)
    for plug in plugs:
        assert set(query_intervals(plug, ELECTRICITY)) <= {interval, interval + 1}
        assert len(query_intervals(plug, ELECTRICITY)) >= 2
    after = broker.hass.states.get(entity_id_of(plugs[0]))
    assert after is not None
    assert after.last_changed == before.last_changed
    assert entry.runtime_data is hub


async def test_a_shorter_interval_does_not_wait_for_the_end_of_the_longer(
    broker: MqttBroker,
) -> None:
    plug = SimulatedPlug("mss310")
    entry = await set_up(broker, plug)
    await choose(broker, entry, 300)
    await broker.leap(20)
    plug.inbox.clear()
    await choose(broker, entry, 5)
    await broker.leap(20)
    assert len(query_intervals(plug, ELECTRICITY)) >= 2


async def test_the_interval_outlives_a_restart(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss310")
    entry = await set_up(broker, plug)
    await choose(broker, entry, 30)
    await reload_entry(broker, entry)
    plug.inbox.clear()
    await broker.leap(100)
    assert set(query_intervals(plug, ELECTRICITY)) <= {30, 31}
    assert len(query_intervals(plug, ELECTRICITY)) >= 2


async def test_the_interval_is_that_of_plugs_to_come(broker: MqttBroker) -> None:
    entry = await set_up(broker)
    await choose(broker, entry, 30)
    plug = SimulatedPlug("mss310")
    broker.connect(plug)
    await broker.leap(10)
    plug.inbox.clear()
    await broker.leap(100)
    assert set(query_intervals(plug, ELECTRICITY)) <= {30, 31}
    assert len(query_intervals(plug, ELECTRICITY)) >= 2
