"""Config, subentry and repair flows, as the front end drives them.

Every text that a step shows is looked up: it exists, and its placeholders are filled.
"""

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass
import json
from pathlib import Path
import re
from typing import Any, Final

from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowManager, FlowResultType
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components import meross_local
from custom_components.meross_local.const import DOMAIN
from tests.simulator import SimulatedPlug

from .mqtt import MqttBroker

_TEXTS: Final = json.loads(
    (Path(meross_local.__file__).parent / "translations" / "en.json").read_text()
)

type Result = Mapping[str, Any]


@dataclass
class FlowDriver:
    """Drive one flow from step to step."""

    broker: MqttBroker
    manager: FlowManager[Any, Any, Any]
    result: Result
    translations: str
    """Where its texts are, such as `config`."""

    def __post_init__(self) -> None:
        """Check the texts of the first step."""
        self._check_texts()

    async def submit(self, **user_input: object) -> Result:
        """Submit a form, and go on to the next step that takes time."""
        await self._configure(user_input)
        result = await self.wait(1)
        if self.result["type"] is not FlowResultType.SHOW_PROGRESS:
            await self.broker.block_till_done()
        return result

    def start_submit(self, **user_input: object) -> asyncio.Task[None]:
        """Submit a form in a task that may wait for something."""

        async def submit() -> None:
            flow_id = self.result["flow_id"]
            self.result = await self.manager.async_configure(flow_id, user_input)
            self._check_texts()

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
    def is_aborted(self) -> bool:
        """Return whether the flow has ended without a new entry."""
        return bool(self.result["type"] is FlowResultType.ABORT)

    @property
    def step(self) -> str:
        """Return the ID of the step, or the reason of an aborted flow."""
        step: str = self.result.get("reason") or self.result["step_id"]
        return step

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
        self.result = await _finish(self.broker, flow)
        self._check_texts()

    def _check_texts(self) -> None:
        result = self.result
        match result["type"]:
            case FlowResultType.CREATE_ENTRY:
                return
            case FlowResultType.ABORT:
                texts = [f"abort.{result['reason']}"]
            case FlowResultType.SHOW_PROGRESS:
                step = result["step_id"]
                texts = [f"progress.{result['progress_action']}", f"step.{step}.title"]
            case FlowResultType.MENU:
                texts = [f"step.{result['step_id']}"]
                options = f"step.{result['step_id']}.menu_options"
                texts += [f"{options}.{option}" for option in result["menu_options"]]
            case _:
                texts = [f"step.{result['step_id']}"]
                texts += [f"error.{error}" for error in self.errors.values()]
        for text in texts:
            named = re.findall("{(.*?)}", _text_below(f"{self.translations}.{text}"))
            assert set(named) <= self.placeholders.keys(), text


async def start_user_flow(broker: MqttBroker) -> FlowDriver:
    """Add the integration by hand."""
    manager = broker.hass.config_entries.flow
    flow = manager.async_init(DOMAIN, context={"source": SOURCE_USER})
    return FlowDriver(broker, manager, await _finish(broker, flow), "config")


async def open_discovery(broker: MqttBroker) -> FlowDriver:
    """Open the only discovered flow."""
    manager = broker.hass.config_entries.flow
    (discovered,) = discovery_flows(broker.hass)
    flow = manager.async_configure(discovered["flow_id"])
    return FlowDriver(broker, manager, await _finish(broker, flow), "config")


async def start_reconfigure_flow(
    broker: MqttBroker, entry: MockConfigEntry, option: str
) -> FlowDriver:
    """Reconfigure the entry, and choose an option of the menu."""
    result = await entry.start_reconfigure_flow(broker.hass)
    assert result["menu_options"] == ["key", "check_broker"]
    manager = broker.hass.config_entries.flow
    flow = FlowDriver(broker, manager, result, "config")
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
    result = await _finish(broker, start)
    flow = FlowDriver(broker, manager, result, "config_subentries.plug")
    if option is not None:
        assert flow.step == "user"
        await flow.choose(option)
    return flow


async def start_change_key(
    broker: MqttBroker, entry: MockConfigEntry, plug: SimulatedPlug
) -> FlowDriver:
    """Reconfigure a plug."""
    (subentry_id,) = [
        subentry_id
        for subentry_id, subentry in entry.subentries.items()
        if subentry.unique_id == plug.uuid
    ]
    result = await entry.start_subentry_reconfigure_flow(broker.hass, subentry_id)
    manager = broker.hass.config_entries.subentries
    return FlowDriver(broker, manager, result, "config_subentries.plug")


def discovery_flows(hass: HomeAssistant) -> list[dict[str, Any]]:
    """Return the discovered flows that the integrations page shows."""
    flows = hass.config_entries.flow.async_progress_by_handler(DOMAIN)
    return [dict(flow) for flow in flows]


def discovery_titles(hass: HomeAssistant) -> list[dict[str, str]]:
    """Return the title placeholders of the discovered flows."""
    return [flow["context"]["title_placeholders"] for flow in discovery_flows(hass)]


async def _finish(broker: MqttBroker, flow: Coroutine[Any, Any, Any]) -> Result:
    result: Result = await broker.until(broker.hass.async_create_task(flow))
    return result


def _text_below(path: str) -> str:
    """Return all texts below a path, which must exist."""
    texts: Any = _TEXTS
    for name in path.split("."):
        texts = texts[name]
    return _joined(texts)


def _joined(texts: str | dict[str, Any]) -> str:
    return texts if isinstance(texts, str) else " ".join(map(_joined, texts.values()))
