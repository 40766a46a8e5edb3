"""What a person sees of a plug's sensors and settings, and days that pass at once."""

from collections import Counter
from datetime import timedelta
from itertools import pairwise
from typing import Any

from homeassistant.core import State
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.meross_local.const import DOMAIN
from tests.simulator import SimulatedPlug

from .broker import Broker

HOUR = 3600
DAY = 24 * HOUR


def entity(broker: Broker, plug: SimulatedPlug, key: str) -> er.RegistryEntry:
    """Return the registry's entry of a plug's sensor or setting."""
    registry = er.async_get(broker.hass)
    (found,) = [
        one
        for one in registry.entities.values()
        if one.platform == DOMAIN and one.unique_id == f"{plug.uuid}_{key}"
    ]
    return found


def keys(broker: Broker, plug: SimulatedPlug) -> set[str]:
    """Return the keys of all entities of a plug, channels among them."""
    return {
        one.unique_id.removeprefix(f"{plug.uuid}_")
        for one in er.async_get(broker.hass).entities.values()
        if one.platform == DOMAIN
    }


def shown(broker: Broker, plug: SimulatedPlug, key: str) -> State:
    """Return what Home Assistant shows of an enabled entity."""
    state = broker.hass.states.get(entity(broker, plug, key).entity_id)
    assert state is not None
    return state


def value(broker: Broker, plug: SimulatedPlug, key: str) -> str:
    """Return the state that Home Assistant shows."""
    return shown(broker, plug, key).state


async def enable(broker: Broker, plug: SimulatedPlug, *wanted: str) -> None:
    """Enable entities, as a person does; Home Assistant reloads half a minute later."""
    _change(broker, plug, None, wanted)
    await leap(broker, 32)
    await broker.passes(1)
    await broker.done()


async def disable(broker: Broker, plug: SimulatedPlug, *unwanted: str) -> None:
    """Disable entities."""
    _change(broker, plug, er.RegistryEntryDisabler.USER, unwanted)
    await broker.done()


def _change(
    broker: Broker,
    plug: SimulatedPlug,
    disabled_by: er.RegistryEntryDisabler | None,
    changed: tuple[str, ...],
) -> None:
    for key in changed:
        er.async_get(broker.hass).async_update_entity(
            entity(broker, plug, key).entity_id, disabled_by=disabled_by
        )


async def reload(broker: Broker, entry: MockConfigEntry) -> None:
    """Set the entry up anew, and let its plugs answer."""
    assert await broker.hass.config_entries.async_reload(entry.entry_id)
    await broker.passes(3)
    await broker.done()


async def leap(broker: Broker, seconds: float, step: float = 1.0) -> None:
    """Let time pass in longer steps than `passes`, for long times."""
    while seconds > 0:
        broker._clock.tick(min(step, seconds))
        seconds -= step
        for action in broker.timers.due():
            action()
        await broker.settle()


def until_midnight(days: int = 1) -> float:
    """Return the seconds to the user's next midnight, or a later one."""
    now = dt_util.now()
    midnight = dt_util.start_of_local_day(now + timedelta(days=days))
    return midnight.timestamp() - now.timestamp()


def questions(plug: SimulatedPlug) -> Counter[str]:
    """Count what a plug was asked, by the namespace's last word."""
    return Counter(
        entry.message.namespace.rpartition(".")[2]
        for entry in plug.inbox
        if entry.message is not None and entry.message.method == "GET"
    )


def times(plug: SimulatedPlug, namespace: str) -> list[float]:
    """Return when a plug was asked for a namespace."""
    return [
        entry.at
        for entry in plug.inbox
        if entry.message is not None
        and (entry.message.method, entry.message.namespace) == ("GET", namespace)
    ]


def gaps(plug: SimulatedPlug, namespace: str) -> list[int]:
    """Return the whole seconds between questions: time is looked at once a second."""
    return [round(after - before) for before, after in pairwise(times(plug, namespace))]


def options_of(registered: er.RegistryEntry) -> dict[str, Any]:
    """Return what an entity suggests of how its value is shown."""
    return dict(registered.options.get("sensor", {}))
