"""Processes in the background with their output in files."""

import asyncio
from contextlib import suppress
import os
from pathlib import Path
import secrets
import signal
import socket
from typing import IO, Self

# Before a process is killed.
STOP_TIMEOUT = 20.0
_READY_CHECK_INTERVAL = 0.05
# Below those that the system gives to connections.
_FIRST_PORT, _PORTS = 20_000, 12_000


class ProcessError(Exception):
    """A process did not start or ended unexpectedly."""


def free_port() -> int:
    """Return a port without a listener, which no connection of others will take."""
    while not is_free(port := _FIRST_PORT + secrets.randbelow(_PORTS)):
        pass
    return port


def is_free(port: int) -> bool:
    """Return whether the port has no listener on any address."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("", port))
        except OSError:
            return False
        return True


async def accepts_connections(port: int) -> bool:
    """Return whether the port has a listener on 127.0.0.1."""
    try:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.close()
    return True


class Process:
    """Control a command and write its output to a file.

    It gets a process group of its own, so that Ctrl-C reaches only the caller, who
    then stops everything in the right order.
    """

    def __init__(
        self, command: list[str], *, log: Path, cwd: Path | None = None
    ) -> None:
        """Initialize without starting the command."""
        self._command = command
        self._cwd = cwd
        self._running: asyncio.subprocess.Process | None = None
        self.log = log

    @property
    def running(self) -> bool:
        """Return whether it was started and has not ended."""
        return self._running is not None and self._running.returncode is None

    async def start(self) -> None:
        """Start it; its output is appended to the log."""
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
        """Terminate it; kill it after STOP_TIMEOUT."""
        self._signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self.ended(), STOP_TIMEOUT)
        except TimeoutError:
            await self.kill()

    async def kill(self) -> None:
        """Kill it and its children, as a power cut would."""
        self._signal(signal.SIGKILL)
        await self.ended()

    def _signal(self, number: signal.Signals) -> None:
        if self._running is not None and self.running:
            # It may end between the check and the signal.
            with suppress(ProcessLookupError):
                os.killpg(self._running.pid, number)

    def expect_running(self) -> None:
        """Raise ProcessError with the end of its output if it has ended."""
        if not self.running:
            last_lines = "\n".join(self.log_lines()[-20:])
            raise ProcessError(f"{self._command[0]} has ended:\n{last_lines}")

    def log_lines(self) -> list[str]:
        """Return the lines of its output so far."""
        return self.log.read_text(errors="replace").splitlines()


class Service:
    """Control a process that is ready some time after its start."""

    process: Process
    start_timeout = 20.0
    """Seconds."""

    async def is_ready(self) -> bool:
        """Return whether the start is complete."""
        raise NotImplementedError

    async def __aenter__(self) -> Self:
        """Start it; kill it if that fails."""
        try:
            await self.start()
        except BaseException:
            await self.kill()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop it."""
        await self.stop()

    async def start(self) -> None:
        """Start it and wait until it is ready."""
        await self.process.start()
        async with asyncio.timeout(self.start_timeout):
            while not await self.is_ready():
                self.process.expect_running()
                await asyncio.sleep(_READY_CHECK_INTERVAL)

    async def stop(self) -> None:
        """Stop it properly: it disconnects clients, and saves its state."""
        await self.process.stop()

    async def kill(self) -> None:
        """Kill it, as a power cut would."""
        await self.process.kill()

    async def restart(self) -> None:
        """Stop it and start it again."""
        await self.stop()
        await self.start()
