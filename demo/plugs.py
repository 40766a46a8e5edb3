"""The demo's plugs: three on the broker, and one that uses the vendor's."""

from pathlib import Path
import sys
from typing import override

from tests.support.processes.process import Process

MODELS = ("mss210", "mss310", "mss425e")


class Simulator(Process):
    """Simulated plugs."""

    def __init__(self, *arguments: str, log: Path) -> None:
        """Prepare the command; nothing is started yet."""
        command = [sys.executable, "-m", "tests.simulator", *arguments]
        super().__init__(command, log=log, cwd=Path(__file__).parents[1])


class TerminalSimulator(Simulator):
    """Simulated plugs that read and write the terminal."""

    @override
    async def start(self) -> None:
        """Start it with the terminal's input and output."""
        await self._spawn(None, None)
