"""The entities of plugs: what a dashboard shows and does."""

from typing import Any

from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import Event, EventStateChangedData, State, callback
from homeassistant.helpers import entity_registry as er

from custom_components.meross_local.const import DOMAIN
from tests.simulator import SimulatedPlug

from .mqtt import MqttBroker


def entity_id_of(plug: SimulatedPlug, outlet: str = "") -> str:
    """Return the entity ID of a plug's switch, or of the outlet with that name."""
    name = f"{plug.model.type}_{plug.uuid[-4:]}"
    return f"switch.{name}_{outlet}" if outlet else f"switch.{name}"


def state_of(broker: MqttBroker, plug: SimulatedPlug, outlet: str = "") -> str | None:
    """Return the state of a switch; None where there is no entity."""
    state = broker.hass.states.get(entity_id_of(plug, outlet))
    return None if state is None else state.state


async def call_switch(broker: MqttBroker, service: str, *entity_ids: str) -> None:
    """Call a service of switches, and wait for its end."""
    call = broker.hass.services.async_call(
        "switch", service, {"entity_id": list(entity_ids)}, blocking=True
    )
    await broker.until(broker.hass.async_create_task(call))


async def turn_on(broker: MqttBroker, *entity_ids: str) -> None:
    """Turn on switches."""
    await call_switch(broker, "turn_on", *entity_ids)


async def turn_off(broker: MqttBroker, *entity_ids: str) -> None:
    """Turn off switches."""
    await call_switch(broker, "turn_off", *entity_ids)


def registry_entry_of(
    broker: MqttBroker, plug: SimulatedPlug, key: str
) -> er.RegistryEntry:
    """Return the registry entry of a sensor or setting of a plug."""
    unique_id = f"{plug.uuid}_{key}"
    (found,) = [one for one in _registered(broker) if one.unique_id == unique_id]
    return found


def entity_keys(broker: MqttBroker, plug: SimulatedPlug) -> set[str]:
    """Return the keys of all entities of a plug, channels among them."""
    return {one.unique_id.removeprefix(f"{plug.uuid}_") for one in _registered(broker)}


def state_object_of(broker: MqttBroker, plug: SimulatedPlug, key: str) -> State:
    """Return the state, with its attributes, of an enabled sensor or setting."""
    state = broker.hass.states.get(registry_entry_of(broker, plug, key).entity_id)
    assert state is not None
    return state


def value_of(broker: MqttBroker, plug: SimulatedPlug, key: str) -> str:
    """Return the state of an enabled sensor or setting."""
    return state_object_of(broker, plug, key).state


def record_states(broker: MqttBroker, entity_id: str) -> list[str]:
    """Return a list to which every state that the entity gets is added."""
    states: list[str] = []

    @callback
    def changed(event: Event[EventStateChangedData]) -> None:
        new = event.data["new_state"]
        if new is not None and new.entity_id == entity_id:
            states.append(new.state)

    broker.hass.bus.async_listen(EVENT_STATE_CHANGED, changed)
    return states


async def enable(broker: MqttBroker, plug: SimulatedPlug, *keys: str) -> None:
    """Enable entities; Home Assistant reloads the entry half a minute later."""
    _set_disabled_by(broker, plug, keys, None)
    await broker.leap(32)
    await broker.advance(1)
    await broker.block_till_done()


async def disable(broker: MqttBroker, plug: SimulatedPlug, *keys: str) -> None:
    """Disable entities."""
    _set_disabled_by(broker, plug, keys, er.RegistryEntryDisabler.USER)
    await broker.block_till_done()


def display_options_of(entry: er.RegistryEntry) -> dict[str, Any]:
    """Return what an entity suggests of how its value is displayed."""
    return dict(entry.options.get("sensor", {}))


def _registered(broker: MqttBroker) -> list[er.RegistryEntry]:
    entities = er.async_get(broker.hass).entities.values()
    return [one for one in entities if one.platform == DOMAIN]


def _set_disabled_by(
    broker: MqttBroker,
    plug: SimulatedPlug,
    keys: tuple[str, ...],
    disabled_by: er.RegistryEntryDisabler | None,
) -> None:
    for key in keys:
        er.async_get(broker.hass).async_update_entity(
            registry_entry_of(broker, plug, key).entity_id, disabled_by=disabled_by
        )
