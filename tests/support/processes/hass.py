"""A Home Assistant of one's own: a process with a configuration folder made for it."""

import asyncio
from pathlib import Path
from typing import Self

import aiohttp

from .client import CallError, Client
from .process import Process, free_port
from .storage import Broker, seed

START_TIMEOUT = 120.0
COMPONENT = Path(__file__).parents[3] / "custom_components" / "meross_local"


class HomeAssistant:
    """Home Assistant as a process that can be stopped, killed and started again."""

    def __init__(
        self,
        python: Path | str,
        folder: Path,
        broker: Broker,
        port: int | None = None,
        component: Path = COMPONENT,
    ) -> None:
        """Fill the configuration folder; nothing is started yet.

        The Python is that of an environment with all it needs: nothing is installed.
        """
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder = folder
        self.client = Client(self.url, seed(folder, self.port, broker, component))
        self.process = Process(
            [str(python), "-m", "homeassistant", "--config", str(folder), "--skip-pip"],
            log=folder / "output.log",
            # It also looks for custom_components in the current folder.
            cwd=folder,
        )

    async def __aenter__(self) -> Self:
        """Start it and wait until it has started."""
        try:
            await self.start()
        except BaseException:
            await self.process.kill()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop it."""
        await self.stop()

    async def start(self) -> None:
        """Start it and wait until all integrations are set up."""
        await self.process.start()
        await self.client.__aenter__()
        async with asyncio.timeout(START_TIMEOUT):
            while not await self._has_started():
                self.process.expect_running()
                await asyncio.sleep(0.1)

    async def _has_started(self) -> bool:
        try:
            return bool((await self.client.get("config"))["state"] == "RUNNING")
        except aiohttp.ClientError, CallError:
            return False

    async def stop(self) -> None:
        """Stop it; it saves what it knows."""
        await self.client.__aexit__()
        await self.process.stop()

    async def kill(self) -> None:
        """End it as a power cut would."""
        await self.client.__aexit__()
        await self.process.kill()

    async def restart(self) -> None:
        """Stop it and start it again."""
        await self.stop()
        await self.start()

    def log(self) -> list[str]:
        """Return the lines of its log, over all of its starts."""
        return self.process.log_lines()
