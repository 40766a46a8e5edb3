"""The entities of plugs: what a dashboard shows and does."""

from homeassistant.const import EVENT_STATE_CHANGED
from homeassistant.core import Event, EventStateChangedData, callback
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
    data = {"entity_id": list(entity_ids)}
    await broker.run(
        broker.hass.services.async_call("switch", service, data, blocking=True)
    )


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
    wanted = (DOMAIN, f"{plug.uuid}_{key}")
    entities = er.async_get(broker.hass).entities.values()
    (found,) = [one for one in entities if (one.platform, one.unique_id) == wanted]
    return found


def value_of(broker: MqttBroker, plug: SimulatedPlug, key: str) -> str:
    """Return the state of an enabled sensor or setting."""
    state = broker.hass.states.get(registry_entry_of(broker, plug, key).entity_id)
    assert state is not None
    return state.state


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
    await broker.advance(12)
    await broker.block_till_done()


async def disable(broker: MqttBroker, plug: SimulatedPlug, *keys: str) -> None:
    """Disable entities."""
    _set_disabled_by(broker, plug, keys, er.RegistryEntryDisabler.USER)
    await broker.block_till_done()


def suggested_precision_of(entry: er.RegistryEntry) -> int | None:
    """Return the number of decimals that a sensor suggests for its value."""
    options: dict[str, int] = dict(entry.options.get("sensor", {}))
    return options.get("suggested_display_precision")


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
