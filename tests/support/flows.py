"""Config, subentry and reconfigure flows, as the front end drives them."""

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
from typing import Any

from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowManager, FlowResultType
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.meross_local.const import DOMAIN
from tests.simulator import SimulatedPlug

from .entries import subentry_id_of
from .mqtt import MqttBroker

type AnyManager = FlowManager[Any, Any, Any]
type Result = Mapping[str, Any]


@dataclass
class FlowDriver:
    """Drive one flow from step to step."""

    broker: MqttBroker
    manager: AnyManager
    result: Result

    async def submit(self, **user_input: object) -> Result:
        """Submit a form, and go on to the next step that takes time."""
        await self._configure(user_input)
        result = await self.wait(1)
        if self.result["type"] is not FlowResultType.SHOW_PROGRESS:
            await self.broker.block_till_done()
        return result

    def start_submit(self, **user_input: object) -> asyncio.Task[None]:
        """Submit a form in a task that waits until the test moves time."""

        async def submit() -> None:
            self.result = await self.manager.async_configure(
                self.result["flow_id"], user_input
            )

        return self.broker.hass.async_create_task(submit())

    async def choose(self, option: str) -> Result:
        """Choose an option of a menu."""
        assert option in self.result["menu_options"]
        return await self.submit(next_step_id=option)

    async def wait(self, seconds: float) -> Result:
        """Move time; return the step that is shown then."""
        await self.broker.advance(seconds)
        if self.result["type"] is FlowResultType.SHOW_PROGRESS:
            await self._configure(None)
        return self.result

    @property
    def is_created(self) -> bool:
        """Return whether the flow has ended with a new entry."""
        return bool(self.result["type"] is FlowResultType.CREATE_ENTRY)

    @property
    def abort_reason(self) -> str:
        """Return the reason of a flow that has ended without a new entry."""
        assert self.result["type"] is FlowResultType.ABORT, self.result
        return str(self.result["reason"])

    @property
    def step(self) -> str:
        """Return the ID of the step, or the reason of an aborted flow."""
        return str(self.result.get("reason") or self.result["step_id"])

    @property
    def errors(self) -> dict[str, str]:
        """Return the errors of the form."""
        return dict(self.result["errors"] or {})

    @property
    def placeholders(self) -> dict[str, str]:
        """Return the placeholders of the texts."""
        return dict(self.result.get("description_placeholders") or {})

    @property
    def fields(self) -> list[str]:
        """Return the names of the form's fields."""
        return [str(field) for field in self.result["data_schema"].schema]

    @property
    def suggested_values(self) -> dict[str, object]:
        """Return what the fields of the form are filled in with."""
        return {
            str(field): (field.description or {}).get("suggested_value")
            for field in self.result["data_schema"].schema
        }

    async def _configure(self, user_input: dict[str, object] | None) -> None:
        flow = self.manager.async_configure(self.result["flow_id"], user_input)
        self.result = await self.broker.run(flow)


async def _start(
    broker: MqttBroker, manager: AnyManager, flow: Coroutine[Any, Any, Any]
) -> FlowDriver:
    return FlowDriver(broker, manager, await broker.run(flow))


async def start_user_flow(broker: MqttBroker) -> FlowDriver:
    """Add the integration by hand."""
    manager = broker.hass.config_entries.flow
    flow = manager.async_init(DOMAIN, context={"source": SOURCE_USER})
    return await _start(broker, manager, flow)


async def open_discovery(broker: MqttBroker) -> FlowDriver:
    """Open the only discovered flow."""
    manager = broker.hass.config_entries.flow
    (discovered,) = discovery_flows(broker.hass)
    flow = manager.async_configure(discovered["flow_id"])
    return await _start(broker, manager, flow)


async def start_reconfigure_flow(
    broker: MqttBroker, entry: MockConfigEntry, option: str
) -> FlowDriver:
    """Reconfigure the entry, and choose an option of the menu."""
    result = await entry.start_reconfigure_flow(broker.hass)
    assert result["menu_options"] == ["key", "check_broker"]
    manager = broker.hass.config_entries.flow
    flow = FlowDriver(broker, manager, result)
    await flow.choose(option)
    return flow


async def start_add_plug(
    broker: MqttBroker, entry: MockConfigEntry, option: str | None = None
) -> FlowDriver:
    """Select Add plug, and an option of its menu if there is one."""
    manager = broker.hass.config_entries.subentries
    start = manager.async_init(
        (entry.entry_id, "plug"), context={"source": SOURCE_USER}
    )
    flow = await _start(broker, manager, start)
    if option is not None:
        assert flow.step == "user"
        await flow.choose(option)
    return flow


async def start_change_key(
    broker: MqttBroker, entry: MockConfigEntry, plug: SimulatedPlug
) -> FlowDriver:
    """Reconfigure a plug."""
    result = await entry.start_subentry_reconfigure_flow(
        broker.hass, subentry_id_of(entry, plug)
    )
    manager = broker.hass.config_entries.subentries
    return FlowDriver(broker, manager, result)


def discovery_flows(hass: HomeAssistant) -> list[dict[str, Any]]:
    """Return the discovered flows that the integrations page shows."""
    flows = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    return [dict(flow) for flow in flows]


def discovery_titles(hass: HomeAssistant) -> list[dict[str, str]]:
    """Return the title placeholders of the discovered flows."""
    return [flow["context"]["title_placeholders"] for flow in discovery_flows(hass)]
