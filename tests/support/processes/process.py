"""One process: started in the background, its output in a file, ended in good time."""

import asyncio
from contextlib import suppress
import os
from pathlib import Path
import signal
import socket
from typing import IO

# Seconds that a process gets to end by itself.
STOP_TIMEOUT = 20.0


class ProcessError(Exception):
    """A process did not start, or ended when it should not have."""


def free_port() -> int:
    """Return a port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def is_free(port: int) -> bool:
    """Tell whether nobody listens on the port, on whatever address."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("", port))
        except OSError:
            return False
        return True


async def accepts_connections(port: int) -> bool:
    """Tell whether somebody listens on the port of the loopback address."""
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


class Process:
    """A command that runs beside us, its output in a file.

    It gets a process group of its own: Ctrl-C at the terminal is for the one who
    started it, who then ends everything in the right order.
    """

    def __init__(
        self, command: list[str], *, log: Path, cwd: Path | None = None
    ) -> None:
        """Know the command; nothing is started yet."""
        self._command = command
        self._cwd = cwd
        self._running: asyncio.subprocess.Process | None = None
        self.log = log

    @property
    def running(self) -> bool:
        """Tell whether it was started and has not ended."""
        return self._running is not None and self._running.returncode is None

    async def start(self) -> None:
        """Start it; its output is added to the log."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as output:
            await self._spawn(asyncio.subprocess.DEVNULL, output)

    async def _spawn(self, stdin: int | None, output: IO[bytes] | None) -> None:
        self._running = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=stdin,
            stdout=output,
            stderr=output,
            cwd=self._cwd,
            start_new_session=True,
        )

    async def ended(self) -> None:
        """Wait until it has ended, for whatever reason."""
        if self._running is not None:
            await self._running.wait()

    async def stop(self) -> None:
        """Ask it to end; make it end where it takes too long."""
        self._signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self.ended(), STOP_TIMEOUT)
        except TimeoutError:
            await self.kill()

    async def kill(self) -> None:
        """End it at once, and all that it started, as a power cut would."""
        self._signal(signal.SIGKILL)
        await self.ended()

    def _signal(self, number: signal.Signals) -> None:
        if self._running is not None and self.running:
            # Between our look and the signal it may end by itself.
            with suppress(ProcessLookupError):
                os.killpg(self._running.pid, number)

    def expect_running(self) -> None:
        """Raise with the end of its output where it has ended."""
        if not self.running:
            last_words = "\n".join(self.log_lines()[-20:])
            raise ProcessError(f"{self._command[0]} has ended:\n{last_words}")

    def log_lines(self) -> list[str]:
        """Return what it has written so far."""
        return self.log.read_text(errors="replace").splitlines()
