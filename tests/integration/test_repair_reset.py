"""A plug that says Unbind was reset: it does not come back by itself."""

from homeassistant.helpers import issue_registry as ir
import pytest

from tests.simulator import SimulatedPlug
from tests.simulator.namespaces import UNBIND
from tests.support.entities import state_of
from tests.support.entries import active_issues, set_up
from tests.support.messages import build_message
from tests.support.mqtt import MqttBroker


@pytest.mark.parametrize("model", ["mss210", "mss310", "mss210v1"])
async def test_it_is_told_at_once_and_over_restarts(
    broker: MqttBroker, model: str
) -> None:
    plug = SimulatedPlug(model)
    await set_up(broker, plug)
    plug.reset()
    await broker.settle()
    assert state_of(broker, plug) == "unavailable"
    (issue,) = active_issues(broker.hass).values()
    assert issue.translation_key == "unbound"
    assert issue.translation_placeholders == {
        "plug": f"{plug.model.type.upper()} {plug.uuid[-4:]}"
    }
    assert issue.is_persistent
    assert not issue.is_fixable
    assert issue.severity is ir.IssueSeverity.ERROR


async def test_it_stays_until_the_plug_is_back(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    plug.reset()
    await broker.advance(200)
    assert len(active_issues(broker.hass)) == 1
    assert await broker.hass.config_entries.async_reload(entry.entry_id)
    await broker.advance(1)
    assert len(active_issues(broker.hass)) == 1
    broker.connect(plug)
    await broker.advance(1)
    assert state_of(broker, plug) == "off"
    assert not active_issues(broker.hass)


async def test_it_goes_with_the_entry(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    plug.reset()
    await broker.settle()
    await broker.hass.config_entries.async_remove(entry.entry_id)
    await broker.advance(1)
    assert not active_issues(broker.hass)


async def test_it_goes_with_the_entry_that_was_unloaded_before(
    broker: MqttBroker,
) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    plug.reset()
    await broker.settle()
    assert await broker.hass.config_entries.async_unload(entry.entry_id)
    assert active_issues(broker.hass)
    await broker.hass.config_entries.async_remove(entry.entry_id)
    assert not active_issues(broker.hass)


async def test_a_forged_one_is_counted_and_nothing_else(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    broker.publish_as(plug, build_message(plug, UNBIND, "PUSH", {}, key="another"))
    await broker.settle()
    assert state_of(broker, plug) == "off"
    assert not active_issues(broker.hass)
    assert entry.runtime_data.rejected == 1
