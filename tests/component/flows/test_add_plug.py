"""Add plug: its menu, and the change of a plug's key."""

from homeassistant.helpers import device_registry as dr
import pytest

from tests.simulator import SimulatedPlug
from tests.support.entities import entity_id_of, state_of, turn_off, turn_on
from tests.support.entries import active_issues, device_of, keys_of, set_up
from tests.support.flows import start_add_plug, start_change_key
from tests.support.mqtt import MqttBroker


async def test_nothing_is_offered_while_the_hub_is_not_loaded(
    broker: MqttBroker,
) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    assert await broker.hass.config_entries.async_unload(entry.entry_id)
    for flow in (
        await start_add_plug(broker, entry),
        await start_change_key(broker, entry, plug),
    ):
        assert flow.abort_reason == "not_loaded"


@pytest.mark.parametrize("seconds", [1, 77])
async def test_key_of_a_plug_is_changed_once_it_signs_with_it(
    broker: MqttBroker, seconds: int
) -> None:
    """While the plug is still available, and when the issue is reported."""
    plug, other = SimulatedPlug("mss210", 1), SimulatedPlug("mss210", 2)
    entry = await set_up(broker, plug, other)
    broker.pair_again(plug, "new")
    await broker.advance(seconds)
    assert bool(active_issues(broker.hass)) == (seconds > 60)
    plug.press()
    await broker.advance(1)
    device = device_of(broker.hass, entry.entry_id, plug)
    dr.async_get(broker.hass).async_update_device(device.id, name_by_user="Kettle")
    flow = await start_change_key(broker, entry, plug)
    assert flow.step == "reconfigure"
    assert flow.fields == ["key"]
    assert flow.placeholders["plug"] == "Kettle"
    await flow.submit(key="another")
    assert (flow.step, flow.errors) == ("reconfigure", {"key": "wrong_key"})
    assert keys_of(entry) == {plug.uuid: "meross", other.uuid: "meross"}

    broker.sent.clear()
    await flow.submit(key="new")
    assert flow.abort_reason == "reconfigure_successful"
    assert keys_of(entry) == {plug.uuid: "new", other.uuid: "meross"}
    assert state_of(broker, plug) == "on"
    assert not active_issues(broker.hass)
    assert broker.sent_to(plug)
    assert not broker.sent_to(other)
    await turn_off(broker, entity_id_of(plug))
    assert state_of(broker, plug) == "off"


async def test_key_of_a_plug_that_works_is_not_changed(broker: MqttBroker) -> None:
    plug, other = SimulatedPlug("mss210", 1), SimulatedPlug("mss210", 2)
    entry = await set_up(broker, plug, other)
    broker.pair_again(other, "of the other")
    await broker.advance(1)
    flow = await start_change_key(broker, entry, plug)
    for key in ("new", "of the other"):
        await flow.submit(key=key)
        assert (flow.step, flow.errors) == ("reconfigure", {"key": "wrong_key"})
    await flow.submit(key="meross")
    assert flow.abort_reason == "same_key"
    assert keys_of(entry)[plug.uuid] == "meross"
    await turn_on(broker, entity_id_of(plug))
    assert state_of(broker, plug) == "on"
