"""The demo's three plugs: a process that reads the terminal and writes to it."""

from pathlib import Path
import sys
from typing import override

from tests.harness.process import Process

MODELS = ("mss210", "mss310", "mss425e")
ROOT = Path(__file__).parents[1]


class Plugs(Process):
    """The simulated plugs."""

    def __init__(self, port: int, protocol: str, log: Path) -> None:
        """Know their broker; nothing is started yet."""
        broker = ["--host", "127.0.0.1", "--port", str(port), "--protocol", protocol]
        super().__init__(
            [sys.executable, "-m", "tests.simulator", *broker, *MODELS],
            log=log,
            cwd=ROOT,
        )

    @override
    async def start(self) -> None:
        """Switch their power on; what they say is for the person at the terminal."""
        await self._spawn(None, None)
