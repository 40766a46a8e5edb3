"""The dialog of a repair issue, over Home Assistant's HTTP API."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.meross_local.const import DOMAIN

from .mqtt import MqttBroker

_FLOWS = "/api/repairs/issues/fix"


@dataclass
class RepairPage:
    """Drive the dialog of one repair issue."""

    broker: MqttBroker
    client: ClientSessionGenerator
    issue: ir.IssueEntry
    flow_id: str = ""

    async def open(self) -> dict[str, Any]:
        """Open the dialog; return its first step."""
        assert await async_setup_component(self.broker.hass, "repairs", {})
        await self.broker.block_till_done()
        target = {"handler": DOMAIN, "issue_id": self.issue.issue_id}
        step = await self._post(_FLOWS, target)
        self.flow_id = step["flow_id"]
        return step

    async def submit(self, key: str) -> dict[str, Any]:
        """Submit a key; return the next step."""
        return await self._post(f"{_FLOWS}/{self.flow_id}", {"key": key})

    async def confirm(self) -> dict[str, Any]:
        """Submit a form without fields; return the next step."""
        return await self._post(f"{_FLOWS}/{self.flow_id}", {})

    async def _post(self, url: str, data: dict[str, str]) -> dict[str, Any]:
        client = await self.client()
        response = await client.post(url, json=data)
        assert response.status == HTTPStatus.OK, await response.text()
        step: dict[str, Any] = await response.json()
        await self.broker.block_till_done()
        return step
