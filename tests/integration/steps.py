"""What a person does, and what they see."""

from collections.abc import Iterable
from typing import Any

from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigFlowResult,
    ConfigSubentryData,
    SubentryFlowResult,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import (
    device_registry as dr,
    entity_registry as er,
    issue_registry as ir,
)
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.meross_local.const import DOMAIN
from custom_components.meross_local.meross.identity import Identity
from custom_components.meross_local.meross.model import parse_all
from custom_components.meross_local.subentry import subentry_from_identity
from tests.simulator import SimulatedPlug
from tests.simulator.payloads import system_all

from .broker import Broker


async def set_up(
    broker: Broker, *plugs: SimulatedPlug, key: str | None = None
) -> MockConfigEntry:
    """Set up an entry without plugs; the plugs come on by themselves."""
    data = {} if key is None else {"key": key}
    entry = MockConfigEntry(domain=DOMAIN, title="Meross Local", data=data)
    entry.add_to_hass(broker.hass)
    assert await broker.hass.config_entries.async_setup(entry.entry_id)
    await broker.passes(1)
    broker.add(*plugs)
    await broker.passes(1)
    await broker.done()
    return entry


def stored(plug: SimulatedPlug) -> ConfigSubentryData:
    """Return a plug as an entry keeps it, before it has spoken."""
    abilities = frozenset(plug.model.ability)
    identity = Identity.of(plug.uuid, parse_all(system_all(plug.device)), abilities)
    return subentry_from_identity(identity, plug.key)


async def calm(broker: Broker, plug: SimulatedPlug) -> None:
    """Let a plug find its beat: from here on it is not asked for a minute."""
    await broker.passes(11)
    plug.press()
    plug.press()
    await broker.done()


def entity_id(plug: SimulatedPlug, outlet: str = "") -> str:
    """Return the entity of a plug or of its outlet of that name."""
    name = f"{plug.model.type}_{plug.uuid[-4:]}"
    return f"switch.{name}_{outlet}" if outlet else f"switch.{name}"


def state(broker: Broker, plug: SimulatedPlug, outlet: str = "") -> str | None:
    """Return the state that Home Assistant shows; None where there is no entity."""
    shown = broker.hass.states.get(entity_id(plug, outlet))
    return None if shown is None else shown.state


async def switch(broker: Broker, service: str, *entity_ids: str) -> None:
    """Call a service of the switches and wait for its end, as a dashboard does."""
    call = broker.hass.services.async_call(
        "switch", service, {"entity_id": list(entity_ids)}, blocking=True
    )
    await broker.until(broker.hass.async_create_task(call))


def devices(hass: HomeAssistant, entry_id: str) -> set[str]:
    """Return the names of all devices of an entry."""
    found = dr.async_entries_for_config_entry(dr.async_get(hass), entry_id)
    return {device.name or "" for device in found}


def device_of(
    hass: HomeAssistant, entry_id: str, plug: SimulatedPlug
) -> dr.DeviceEntry:
    """Return the device of a plug."""
    found = dr.async_entries_for_config_entry(dr.async_get(hass), entry_id)
    (device,) = [one for one in found if (DOMAIN, plug.uuid) in one.identifiers]
    return device


def entities(hass: HomeAssistant, entry_id: str) -> list[er.RegistryEntry]:
    """Return all entities of an entry."""
    return er.async_entries_for_config_entry(er.async_get(hass), entry_id)


def names(*plugs: SimulatedPlug) -> set[str]:
    """Return what the devices of plugs are called."""
    return {f"{plug.model.type.upper()} {plug.uuid[-4:]}" for plug in plugs}


def cards(hass: HomeAssistant) -> list[dict[str, Any]]:
    """Return the discoveries that the integrations page shows."""
    flows = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    return [dict(flow) for flow in flows]


def titles(hass: HomeAssistant) -> list[dict[str, str]]:
    """Return what stands on the cards."""
    return [card["context"]["title_placeholders"] for card in cards(hass)]


async def begin(broker: Broker) -> ConfigFlowResult:
    """Add the integration by hand."""
    flow = broker.hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    return await broker.until(broker.hass.async_create_task(flow))


async def submit(broker: Broker, flow_id: str, **answers: str) -> ConfigFlowResult:
    """Submit the form of a config flow."""
    flow = broker.hass.config_entries.flow.async_configure(flow_id, answers)
    result = await broker.until(broker.hass.async_create_task(flow))
    await broker.passes(1)
    await broker.done()
    return result


async def begin_adding(broker: Broker, entry: MockConfigEntry) -> SubentryFlowResult:
    """Click Add plug."""
    flow = broker.hass.config_entries.subentries.async_init(
        (entry.entry_id, "plug"), context={"source": SOURCE_USER}
    )
    return await broker.until(broker.hass.async_create_task(flow))


async def choose(
    broker: Broker, entry: MockConfigEntry, way: str
) -> SubentryFlowResult:
    """Click Add plug, and then a way of the menu."""
    menu = await begin_adding(broker, entry)
    assert menu["type"] is FlowResultType.MENU
    assert menu["step_id"] == "user"
    assert way in menu["menu_options"]
    return await submit_adding(broker, menu["flow_id"], next_step_id=way)


async def submit_adding(
    broker: Broker, flow_id: str, **answers: str
) -> SubentryFlowResult:
    """Submit a form of Add plug."""
    flow = broker.hass.config_entries.subentries.async_configure(flow_id, answers)
    result = await broker.until(broker.hass.async_create_task(flow))
    await broker.passes(1)
    await broker.done()
    return result


def fields(result: ConfigFlowResult | SubentryFlowResult) -> Iterable[str]:
    """Return the names of a form's fields."""
    schema = result["data_schema"]
    assert schema is not None
    return [str(field) for field in schema.schema]


def issues(hass: HomeAssistant) -> dict[str, ir.IssueEntry]:
    """Return the repairs of ours that are shown, by what they are about."""
    found = [
        issue
        for issue in ir.async_get(hass).issues.values()
        if issue.domain == DOMAIN and issue.active
    ]
    return {f"{one.translation_key} {_plug_of(one)}".strip(): one for one in found}


def _plug_of(issue: ir.IssueEntry) -> str:
    return (issue.translation_placeholders or {}).get("plug", "")
