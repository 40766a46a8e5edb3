"""The options of the hub."""

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.data_entry_flow import FlowResultType, InvalidData
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from tests.simulator import SimulatedPlug
from tests.simulator.namespaces import ELECTRICITY

from .broker import Broker
from .metering import gaps, leap, reload
from .steps import entity_id, fields, set_up


async def choose(
    broker: Broker, entry: MockConfigEntry, interval: float
) -> ConfigFlowResult:
    """Choose how often power is asked."""
    options = broker.hass.config_entries.options
    form = await options.async_init(entry.entry_id)
    assert form["type"] is FlowResultType.FORM
    result = await options.async_configure(
        form["flow_id"], {"power_interval": interval}
    )
    await broker.done()
    return result


def suggested(form: ConfigFlowResult) -> object:
    """Return what the form shows before anything is entered."""
    schema = form["data_schema"]
    assert schema is not None
    (field,) = schema.schema
    description = field.description or {}
    return description.get("suggested_value", field.default())


async def test_the_interval_is_ten_seconds_until_another_one_is_chosen(
    broker: Broker,
) -> None:
    entry = await set_up(broker)
    form = await broker.hass.config_entries.options.async_init(entry.entry_id)
    assert list(fields(form)) == ["power_interval"]
    assert suggested(form) == 10
    await choose(broker, entry, 60)
    form = await broker.hass.config_entries.options.async_init(entry.entry_id)
    assert suggested(form) == 60


@pytest.mark.parametrize("interval", [4, 301, -1])
async def test_an_interval_out_of_reach_is_refused(
    broker: Broker, interval: int
) -> None:
    entry = await set_up(broker)
    with pytest.raises(InvalidData):
        await choose(broker, entry, interval)
    assert entry.options == {}


@pytest.mark.parametrize("interval", [5, 45, 300])
async def test_another_interval_holds_without_a_reload(
    broker: Broker, interval: int
) -> None:
    plugs = [SimulatedPlug("mss310"), SimulatedPlug("mss305", 2)]
    entry = await set_up(broker, *plugs)
    hub = entry.runtime_data
    before = broker.hass.states.get(entity_id(plugs[0]))
    assert before is not None
    await choose(broker, entry, interval)
    await leap(broker, 12)
    for plug in plugs:
        plug.inbox.clear()
    await leap(broker, 3.5 * interval)
    for plug in plugs:
        assert set(gaps(plug, ELECTRICITY)) <= {interval, interval + 1}
        assert len(gaps(plug, ELECTRICITY)) >= 2
    after = broker.hass.states.get(entity_id(plugs[0]))
    assert after is not None
    assert after.last_changed == before.last_changed
    assert entry.runtime_data is hub


async def test_a_shorter_interval_does_not_wait_for_the_end_of_the_longer(
    broker: Broker,
) -> None:
    plug = SimulatedPlug("mss310")
    entry = await set_up(broker, plug)
    await choose(broker, entry, 300)
    await leap(broker, 20)
    plug.inbox.clear()
    await choose(broker, entry, 5)
    await leap(broker, 20)
    assert len(gaps(plug, ELECTRICITY)) >= 2


async def test_the_interval_outlives_a_restart(broker: Broker) -> None:
    plug = SimulatedPlug("mss310")
    entry = await set_up(broker, plug)
    await choose(broker, entry, 30)
    await reload(broker, entry)
    plug.inbox.clear()
    await leap(broker, 100)
    assert set(gaps(plug, ELECTRICITY)) <= {30, 31}
    assert len(gaps(plug, ELECTRICITY)) >= 2


async def test_the_interval_is_that_of_plugs_to_come(broker: Broker) -> None:
    entry = await set_up(broker)
    await choose(broker, entry, 30)
    plug = SimulatedPlug("mss310")
    broker.add(plug)
    await leap(broker, 10)
    plug.inbox.clear()
    await leap(broker, 100)
    assert set(gaps(plug, ELECTRICITY)) <= {30, 31}
    assert len(gaps(plug, ELECTRICITY)) >= 2
