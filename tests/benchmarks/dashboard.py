"""A websocket subscription to the states of switches, as a dashboard has one."""

import asyncio
from collections.abc import Iterable
import time
from typing import Any

import aiohttp


class Dashboard:
    """Follow the states of entities and send commands."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Use a websocket that is logged in and has sent no command yet."""
        self._socket = socket
        self._command_id = 0
        self.states: dict[str, str] = {}
        """The last state of each entity, by entity ID."""

    async def subscribe(self, entity_ids: Iterable[str]) -> None:
        """Subscribe to entities and wait for their first states."""
        await self.send("subscribe_entities", entity_ids=list(entity_ids))
        while not await self.receive():
            pass

    async def send(self, command: str, **fields: Any) -> None:  # noqa: ANN401 (JSON)
        """Send a command; its result is not awaited."""
        self._command_id += 1
        await self._socket.send_json(
            {"id": self._command_id, "type": command, **fields}
        )

    async def wait_for_changes(self, count: int, within: float = 10) -> float:
        """Wait for a number of state changes; return the time of the last one."""
        async with asyncio.timeout(within):
            while count > 0:
                count -= await self.receive()
        return time.monotonic()

    async def receive(self) -> int:
        """Process one websocket message; return the number of states in it."""
        received = (await self._socket.receive()).json()
        count = 0
        for message in received if isinstance(received, list) else [received]:
            event = message.get("event") or {}
            states = {
                entity_id: state["s"] for entity_id, state in event.get("a", {}).items()
            }
            for entity_id, change in event.get("c", {}).items():
                if "s" in change.get("+", {}):
                    states[entity_id] = change["+"]["s"]
            self.states |= states
            count += len(states)
        return count
