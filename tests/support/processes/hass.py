"""A Home Assistant process with a configuration folder that is made for it."""

from pathlib import Path
from typing import override

import aiohttp

from .client import CallError, Client
from .process import Process, Service, free_port
from .storage import Broker, seed

COMPONENT = Path(__file__).parents[3] / "custom_components" / "meross_local"


class HomeAssistant(Service):
    """Control a Home Assistant process."""

    start_timeout = 120.0

    def __init__(
        self, python: str, folder: Path, broker: Broker, port: int | None = None
    ) -> None:
        """Fill the configuration folder without starting anything.

        The Python is that of an environment with all requirements installed.
        """
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.folder = folder
        self.client = Client(self.url, seed(folder, self.port, broker, COMPONENT))
        self.process = Process(
            [python, "-m", "homeassistant", "--config", str(folder), "--skip-pip"],
            log=folder / "output.log",
            # It also looks for custom_components in the current folder.
            cwd=folder,
        )

    @override
    async def start(self) -> None:
        """Start it and wait until all integrations are set up."""
        await self.client.__aenter__()
        await super().start()

    @override
    async def is_ready(self) -> bool:
        """Return whether it has started."""
        try:
            return bool((await self.client.get("config"))["state"] == "RUNNING")
        except aiohttp.ClientError, CallError:
            return False

    @override
    async def stop(self) -> None:
        """Stop it; it saves its state."""
        await self.client.__aexit__()
        await super().stop()

    @override
    async def kill(self) -> None:
        """Kill it, as a power cut would."""
        await self.client.__aexit__()
        await super().kill()

    def log(self) -> list[str]:
        """Return the lines of its log since its first start."""
        return self.process.log_lines()
