"""How a person repairs something on Home Assistant's page."""

from http import HTTPStatus
from typing import Any

from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.meross_local.const import DOMAIN

from .broker import Broker

_FLOWS = "/api/repairs/issues/fix"


class Page:
    """The page of one repair, from the click on it."""

    def __init__(
        self, broker: Broker, client: ClientSessionGenerator, issue: ir.IssueEntry
    ) -> None:
        """Be about an issue."""
        self._broker = broker
        self._client = client
        self._issue = issue
        self._flow_id = ""

    async def open(self) -> dict[str, Any]:
        """Click on it; return what is shown."""
        assert await async_setup_component(self._broker.hass, "repairs", {})
        await self._broker.done()
        target = {"handler": DOMAIN, "issue_id": self._issue.issue_id}
        shown = await self._post(_FLOWS, target)
        self._flow_id = shown["flow_id"]
        return shown

    async def submit(self, key: str) -> dict[str, Any]:
        """Enter a key; return what is shown then."""
        return await self._post(f"{_FLOWS}/{self._flow_id}", {"key": key})

    async def _post(self, url: str, data: dict[str, str]) -> dict[str, Any]:
        client = await self._client()
        response = await client.post(url, json=data)
        assert response.status == HTTPStatus.OK, await response.text()
        shown: dict[str, Any] = await response.json()
        await self._broker.done()
        return shown
