"""A websocket that follows switches, as a dashboard does."""

import asyncio
from collections.abc import Callable, Iterable
import time
from typing import Any

import aiohttp


class Page:
    """What a person sees."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Take a websocket that is logged in."""
        self._socket = socket
        self._number = 0
        self.shown: dict[str, str] = {}
        """The state of each entity, by its id."""

    async def open(self, entity_ids: Iterable[str]) -> None:
        """Follow entities."""
        await self.send("subscribe_entities", entity_ids=list(entity_ids))
        while not await self._hear():
            pass

    async def send(self, kind: str, **fields: Any) -> None:  # noqa: ANN401 (JSON)
        """Send a command."""
        self._number += 1
        await self._socket.send_json({"id": self._number, "type": kind, **fields})

    async def changes(self, count: int, within: float = 10) -> float:
        """Wait for so many changes of state; return when the last one came."""
        async with asyncio.timeout(within):
            while count > 0:
                count -= await self._hear()
        return time.monotonic()

    async def until(self, is_right: Callable[[], object], within: float) -> None:
        """Follow until something is true of what is shown."""
        async with asyncio.timeout(within):
            while not is_right():
                await self._hear()

    async def _hear(self) -> int:
        """Take in one message; return how many states it tells."""
        message = await self._socket.receive()
        said = message.json()
        told = 0
        for one in said if isinstance(said, list) else [said]:
            event = one.get("event") or {}
            states = {
                entity_id: state["s"] for entity_id, state in event.get("a", {}).items()
            }
            for entity_id, change in event.get("c", {}).items():
                if "s" in change.get("+", {}):
                    states[entity_id] = change["+"]["s"]
            self.shown |= states
            told += len(states)
        return told
