"""The demo's plugs: three on the broker, and one that is still at the vendor's."""

from pathlib import Path
import sys
from typing import override

from tests.support.processes.process import Process, free_port

MODELS = ("mss210", "mss310", "mss425e")
CLOUD_MODEL = "mss310"
ROOT = Path(__file__).parents[1]


class Plugs(Process):
    """The simulated plugs on the broker: they read the terminal and write to it."""

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


class CloudPlug(Process):
    """A plug that was set up with the vendor's app; Add plug can lead it here."""

    def __init__(self, log: Path) -> None:
        """Know its address; nothing is started yet."""
        self.address = f"127.0.0.1:{free_port()}"
        number = str(len(MODELS) + 1)
        options = ["--cloud", "--lan", self.address, "--first", number]
        super().__init__(
            [sys.executable, "-m", "tests.simulator", *options, CLOUD_MODEL],
            log=log,
            cwd=ROOT,
        )
