"""What Home Assistant shows and stores of the entities of each model."""

from dataclasses import replace

from homeassistant.helpers import entity_registry as er
import pytest
from syrupy.assertion import SnapshotAssertion

from tests.simulator import SimulatedPlug
from tests.support.entities import disable, enable, entity_id_of, suggested_precision_of
from tests.support.entries import (
    device_names,
    device_of,
    names_of,
    registry_entries,
    reload_entry,
    remove_subentry,
    set_up,
)
from tests.support.mqtt import MqttBroker
from tests.support.queries import count_queries

MODELS = ["mss210", "mss310", "mss425e", "mss210v1", "mss305"]

_DEVICE_FACTS = (
    "name",
    "manufacturer",
    "model",
    "hw_version",
    "sw_version",
    "serial_number",
    "connections",
)


def line(title: str, **facts: object) -> str:
    """Return one line with the facts that there are."""
    known = [f"{name}={fact}" for name, fact in facts.items() if fact is not None]
    return f"{title}: {', '.join(known)}"


def entity_line(broker: MqttBroker, device_name: str, entry: er.RegistryEntry) -> str:
    """Return one line about an entity, whose state shows what is registered of it."""
    shown = {
        "device_class": entry.original_device_class,
        "state_class": (entry.capabilities or {}).get("state_class"),
        "unit_of_measurement": entry.unit_of_measurement,
    }
    state = broker.hass.states.get(entry.entity_id)
    if state is not None:
        names = [device_name, entry.original_name]
        attributes = {"friendly_name": " ".join(filter(None, names)), **shown}
        assert {**state.attributes, "icon": None} == {
            "icon": None,
            **{name: value for name, value in attributes.items() if value is not None},
        }
    assert entry.has_entity_name
    return line(
        entry.unique_id.partition("_")[2],
        entity_id=entry.entity_id,
        name=entry.original_name,
        translation_key=entry.translation_key,
        category=entry.entity_category,
        **shown,
        precision=suggested_precision_of(entry),
        disabled_by=entry.disabled_by,
        state=state and state.state,
    )


@pytest.mark.parametrize("model", MODELS)
async def test_device_and_entities_of_each_model(
    broker: MqttBroker, model: str, snapshot: SnapshotAssertion
) -> None:
    plug = SimulatedPlug(model)
    entry = await set_up(broker, plug)
    device = device_of(broker.hass, entry.entry_id, plug)
    entities = registry_entries(broker.hass, entry.entry_id)
    assert {one.config_subentry_id for one in entities} == set(entry.subentries)
    enabled = {one.entity_id for one in entities if not one.disabled}
    assert set(broker.hass.states.async_entity_ids(("sensor", "switch"))) == enabled
    lines = [
        line("device", **{name: getattr(device, name) for name in _DEVICE_FACTS}),
        *sorted(entity_line(broker, device.name or "", one) for one in entities),
    ]
    assert "\n".join(lines) == snapshot


async def test_custom_name_and_entity_id_are_kept(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    er.async_get(broker.hass).async_update_entity(
        entity_id_of(plug), name="Lamp", new_entity_id="switch.lamp"
    )
    await broker.block_till_done()
    await reload_entry(broker, entry)
    lamp = broker.hass.states.get("switch.lamp")
    assert lamp is not None
    assert lamp.state == "off"
    assert lamp.attributes["friendly_name"].endswith("Lamp")


async def test_disabled_entities_are_not_polled(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss305")
    await set_up(broker, plug)
    measured = ("power", "energy", "energy_today")
    await disable(broker, plug, *measured, "status_light", "overheat_protection")
    plug.inbox.clear()
    plug.press()
    await broker.leap(300)
    assert set(count_queries(plug)) <= {"ToggleX"}
    await enable(broker, plug, "voltage")
    # The jitter after the reload is over then.
    await broker.leap(20)
    plug.inbox.clear()
    await broker.leap(300)
    assert count_queries(plug) == {"Electricity": 30, "ToggleX": 5}


async def test_plug_that_names_the_mac_of_another_is_a_device_of_its_own(
    broker: MqttBroker, caplog: pytest.LogCaptureFixture
) -> None:
    """A uuid ends with the MAC, or the MAC is not used."""
    plug, forged = SimulatedPlug("mss210", 1), SimulatedPlug("mss210", 2)
    identity = forged.device.identity
    forged.device.identity = replace(identity, mac=plug.mac)
    entry = await set_up(broker, plug, forged)
    devices = [device_of(broker.hass, entry.entry_id, one) for one in (plug, forged)]
    assert [len(device.identifiers) for device in devices] == [1, 1]
    assert [len(device.connections) for device in devices] == [1, 0]
    remove_subentry(broker, entry, forged)
    await broker.advance(2)
    assert device_names(broker.hass, entry.entry_id) == names_of(plug)
    assert not [one for one in caplog.records if "different config sub" in one.message]
