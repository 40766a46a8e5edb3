"""One contender in operation: a broker, a Home Assistant with a probe, and plugs."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from compileall import compile_dir
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
import os
from pathlib import Path
import shutil
from tempfile import TemporaryDirectory
import time
from typing import Any

from tests.end_to_end.environment import DOMAIN, Environment, start_environment, until
from tests.simulator import SimulatedPlug
from tests.support.processes.hass import COMPONENT

from .contender import Contender
from .dashboard import Dashboard

_PYTHON = Path(__file__).parents[2] / ".venv/run/bin/python"
_PROBE = Path(__file__).parent / "bench_probe"
_SET_UP_TIMEOUT = 300.0
_STATES_TIMEOUT = 120.0
_BIND_TIMEOUT = 60.0
_IDLE_TIMEOUT = 30.0
_CHECK_INTERVAL = 0.5
# A share of one processor.
_MAX_IDLE_LOAD = 0.02


@dataclass
class Session:
    """Control one contender's Home Assistant and its plugs."""

    contender: Contender
    environment: Environment
    plugs: Sequence[SimulatedPlug]
    """They are not connected until they are set up."""
    entity_ids: dict[str, str] = field(default_factory=dict)
    """The entity ID of each plug's switch, by UUID."""

    @property
    def processor(self) -> float:
        """Return the seconds of processor time that Home Assistant has used."""
        running = self.environment.hass.process._running
        if running is None:
            return 0.0
        # The clock of another process, in nanoseconds: see clock_getcpuclockid(3).
        return time.clock_gettime(~running.pid << 3 | 2)

    async def probe(self, action: str) -> dict[str, Any]:
        """Perform an action of the probe and return its response."""
        answer = await self.environment.client.post(
            f"services/bench_probe/{action}?return_response"
        )
        return dict(answer["service_response"])

    async def set_up(self) -> None:
        """Connect the plugs, set them up, and wait until every state is right."""
        client, uuids = self.environment.client, {plug.uuid for plug in self.plugs}
        self.environment.fleet.add(*self.plugs)
        if self.contender is Contender.OURS and uuids:
            card = await self.environment.card(len(uuids), _SET_UP_TIMEOUT)
            await client.answer_flow(card["flow_id"])
        async with asyncio.timeout(_SET_UP_TIMEOUT):
            while len(self.entity_ids) < len(uuids):
                await asyncio.sleep(_CHECK_INTERVAL)
                for entity in await client.command("config/entity_registry/list"):
                    uuid, _, key = entity["unique_id"].partition("_")
                    if uuid in uuids and key == "0":
                        self.entity_ids[uuid] = entity["entity_id"]
        await self.wait_for_states()

    @asynccontextmanager
    async def dashboard(self) -> AsyncIterator[Dashboard]:
        """Open a dashboard with all switches."""
        async with self.environment.client.websocket() as socket:
            dashboard = Dashboard(socket)
            if self.entity_ids:
                await dashboard.subscribe(self.entity_ids.values())
            yield dashboard

    async def wait_for_states(self) -> float:
        """Wait until every state is right; return the seconds that it took."""
        started = time.monotonic()
        async with self.dashboard() as dashboard, asyncio.timeout(_STATES_TIMEOUT):
            while not all(
                dashboard.states.get(self.entity_ids[plug.uuid])
                == ("on" if plug.onoff() else "off")
                for plug in self.plugs
            ):
                await dashboard.receive()
        return time.monotonic() - started

    async def wait_until_idle(self) -> None:
        """Wait until Home Assistant has hardly anything to do, or the timeout."""
        end = time.monotonic() + _IDLE_TIMEOUT
        while time.monotonic() < end:
            before = self.processor
            await asyncio.sleep(_CHECK_INTERVAL)
            if self.processor - before < _MAX_IDLE_LOAD * _CHECK_INTERVAL:
                return


@asynccontextmanager
async def open_session(
    contender: Contender, plugs: Sequence[SimulatedPlug]
) -> AsyncIterator[Session]:
    """Start a broker and a Home Assistant that is configured for the plugs."""

    def prepare(folder: Path) -> None:
        file = folder / "configuration.yaml"
        # As on a user's machine: writing debug lines takes time, too.
        text = file.read_text().replace(f"{DOMAIN}: debug", f"{DOMAIN}: warning")
        file.write_text(f"{text}\nbench_probe:\n{contender.configuration(plugs)}")
        components = folder / "custom_components"
        (components / _PROBE.name).symlink_to(_PROBE)
        # Its manifest alone would have Home Assistant subscribe to the plugs.
        component = components / DOMAIN
        component.unlink()
        if contender is Contender.OURS:
            shutil.copytree(COMPONENT, component)
            # Only the very first start after an installation has to do this.
            compile_dir(component, quiet=1)

    python = os.environ.get("MEROSS_HASS", str(_PYTHON))
    with TemporaryDirectory() as folder:
        async with start_environment(
            python, Path(folder), prepare=prepare
        ) as environment:
            yield Session(contender, environment, plugs)


async def wait_until_bound(plugs: Sequence[SimulatedPlug]) -> None:
    """Wait until the handshake of every plug is complete."""
    await until(lambda: all(plug.is_bound for plug in plugs), _BIND_TIMEOUT)
