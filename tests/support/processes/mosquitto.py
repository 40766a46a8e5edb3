"""A mosquitto of one's own: a free port of the loopback address, nothing kept."""

import asyncio
from collections.abc import Iterable
from pathlib import Path
import shutil
from typing import Self

from .listeners import Listener
from .process import Process, accepts_connections, free_port

START_TIMEOUT = 10.0

# Without tcp_nodelay a message waits up to 40 ms for the acknowledgement of the one
# before it: Nagle's algorithm would be what a timing test measures.
# Started by root, it would become a user that may not read the files of its listeners;
# anybody else it leaves as they are.
CONFIGURATION = """\
per_listener_settings true
user root
persistence false
set_tcp_nodelay true
log_dest stderr
log_type error
log_type warning
log_type notice
log_type information
log_type subscribe
listener {port} 127.0.0.1
allow_anonymous true
"""


def find_mosquitto() -> str | None:
    """Return where mosquitto is; Debian's is not on everybody's PATH."""
    return shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin")


class Mosquitto:
    """A broker that can be stopped, killed and started again on the same port."""

    def __init__(
        self,
        folder: Path,
        port: int | None = None,
        *,
        listeners: Iterable[Listener] = (),
    ) -> None:
        """Write its configuration to the folder.

        Its own port is plain and open to all; `listeners` come beside it.
        """
        program = find_mosquitto()
        if program is None:
            raise FileNotFoundError("mosquitto is not installed")
        self.port = port or free_port()
        folder.mkdir(parents=True, exist_ok=True)
        configuration = folder / "mosquitto.conf"
        more = "".join(listener.configuration for listener in listeners)
        configuration.write_text(CONFIGURATION.format(port=self.port) + more)
        self.process = Process(
            [program, "-c", str(configuration)], log=folder / "mosquitto.log"
        )

    async def __aenter__(self) -> Self:
        """Start it."""
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop it."""
        await self.stop()

    async def start(self) -> None:
        """Start it and wait until it takes connections."""
        await self.process.start()
        async with asyncio.timeout(START_TIMEOUT):
            while not await accepts_connections(self.port):
                self.process.expect_running()
                await asyncio.sleep(0.02)

    async def stop(self) -> None:
        """Stop it; clients hear of it."""
        await self.process.stop()

    async def kill(self) -> None:
        """End it as a power cut would."""
        await self.process.kill()

    async def restart(self) -> None:
        """Stop it and start it again."""
        await self.stop()
        await self.start()
