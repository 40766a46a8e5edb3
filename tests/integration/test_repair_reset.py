"""A plug that says Unbind was reset: it does not come back by itself."""

from homeassistant.helpers import issue_registry as ir
import pytest

from tests.simulator import SimulatedPlug
from tests.simulator.namespaces import UNBIND

from .broker import Broker, said
from .steps import issues, set_up, state


@pytest.mark.parametrize("model", ["mss210", "mss310", "mss210v1"])
async def test_it_is_told_at_once_and_over_restarts(broker: Broker, model: str) -> None:
    plug = SimulatedPlug(model)
    await set_up(broker, plug)
    plug.reset()
    await broker.settle()
    assert state(broker, plug) == "unavailable"
    (issue,) = issues(broker.hass).values()
    assert issue.translation_key == "unbound"
    assert issue.translation_placeholders == {
        "plug": f"{plug.model.type.upper()} {plug.uuid[-4:]}"
    }
    assert issue.is_persistent
    assert not issue.is_fixable
    assert issue.severity is ir.IssueSeverity.ERROR


async def test_it_stays_until_the_plug_is_back(broker: Broker) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    plug.reset()
    await broker.passes(200)
    assert len(issues(broker.hass)) == 1
    assert await broker.hass.config_entries.async_reload(entry.entry_id)
    await broker.passes(1)
    assert len(issues(broker.hass)) == 1
    broker.add(plug)
    await broker.passes(1)
    assert state(broker, plug) == "off"
    assert not issues(broker.hass)


async def test_it_goes_with_the_entry(broker: Broker) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    plug.reset()
    await broker.settle()
    await broker.hass.config_entries.async_remove(entry.entry_id)
    await broker.passes(1)
    assert not issues(broker.hass)


async def test_it_goes_with_the_entry_that_was_unloaded_before(broker: Broker) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    plug.reset()
    await broker.settle()
    assert await broker.hass.config_entries.async_unload(entry.entry_id)
    assert issues(broker.hass)
    await broker.hass.config_entries.async_remove(entry.entry_id)
    assert not issues(broker.hass)


async def test_a_forged_one_is_counted_and_nothing_else(broker: Broker) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    broker.tell(plug, said(plug, UNBIND, "PUSH", {}, key="another"))
    await broker.settle()
    assert state(broker, plug) == "off"
    assert not issues(broker.hass)
    assert entry.runtime_data.rejected == 1
