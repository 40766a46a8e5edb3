"""What Home Assistant's registries hold of each model."""

from homeassistant.helpers import entity_registry as er
import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.filters import props

from tests.simulator import SimulatedPlug
from tests.support.entities import entity_id_of
from tests.support.entries import device_of, registry_entries, set_up
from tests.support.mqtt import MqttBroker

MODELS = ["mss210", "mss310", "mss425e", "mss210v1", "mss305"]

# Made anew in each run, or of some releases of Home Assistant only.
_ENTITY = (
    "disabled_by",
    "entity_category",
    "entity_id",
    "original_device_class",
    "original_name",
    "translation_key",
    "unique_id",
    "unit_of_measurement",
)
_DEVICE = (
    "connections",
    "hw_version",
    "manufacturer",
    "model",
    "name",
    "serial_number",
    "sw_version",
)


@pytest.mark.parametrize("model", MODELS)
async def test_the_device(
    broker: MqttBroker, model: str, snapshot: SnapshotAssertion
) -> None:
    plug = SimulatedPlug(model)
    entry = await set_up(broker, plug)
    device = device_of(broker.hass, entry.entry_id, plug)
    assert {name: getattr(device, name) for name in _DEVICE} == snapshot


@pytest.mark.parametrize("model", MODELS)
async def test_the_entities(
    broker: MqttBroker, model: str, snapshot: SnapshotAssertion
) -> None:
    plug = SimulatedPlug(model)
    entry = await set_up(broker, plug)
    found = sorted(
        registry_entries(broker.hass, entry.entry_id), key=lambda one: one.entity_id
    )
    assert [{n: getattr(one, n) for n in _ENTITY} for one in found] == snapshot
    assert {one.config_subentry_id for one in found} == set(entry.subentries)
    assert all(one.has_entity_name for one in found)


@pytest.mark.parametrize("model", MODELS)
async def test_the_states(
    broker: MqttBroker, model: str, snapshot: SnapshotAssertion
) -> None:
    await set_up(broker, SimulatedPlug(model))
    states = sorted(
        broker.hass.states.async_all(("sensor", "switch")),
        key=lambda one: one.entity_id,
    )
    shown = [
        (one.entity_id, one.state, {str(k): str(v) for k, v in one.attributes.items()})
        for one in states
    ]
    assert shown == snapshot(exclude=props("icon"))


async def test_a_name_that_was_given_is_kept(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    er.async_get(broker.hass).async_update_entity(
        entity_id_of(plug), name="Lamp", new_entity_id="switch.lamp"
    )
    await broker.block_till_done()
    assert await broker.hass.config_entries.async_reload(entry.entry_id)
    await broker.advance(1)
    shown = broker.hass.states.get("switch.lamp")
    assert shown is not None
    assert shown.state == "off"
    assert shown.attributes["friendly_name"].endswith("Lamp")
