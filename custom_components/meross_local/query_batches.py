"""Queries to many plugs at once, in batches."""

import asyncio
from collections.abc import Iterable
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from .plug import Plug

# Plugs that are queried at once, and seconds until the next ones are: a thousand must
# not reply in one burst.
QUERY_BATCH_SIZE: Final = 20
QUERY_BATCH_INTERVAL: Final = 0.05


class QueryBatches:
    """Queries plugs until the entry is unloaded."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        """Start without a query."""
        self._hass = hass
        self._entry = entry
        self._task: asyncio.Task[None] | None = None

    def start(self, plugs: Iterable[Plug]) -> None:
        """Query these plugs, and no longer those of before."""
        self.stop()
        self._task = self._entry.async_create_background_task(
            self._hass, self._async_query(list(plugs)), "meross_local query"
        )

    def stop(self) -> None:
        """Query no more plugs."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def _async_query(self, plugs: list[Plug]) -> None:
        for number, plug in enumerate(plugs, start=1):
            plug.async_query_with_others()
            if number % QUERY_BATCH_SIZE == 0:
                await asyncio.sleep(QUERY_BATCH_INTERVAL)
