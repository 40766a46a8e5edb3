"""One contender in operation: a broker, a Home Assistant with a probe, and plugs."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from compileall import compile_dir
from contextlib import AsyncExitStack, asynccontextmanager
import os
from pathlib import Path
import shutil
from tempfile import TemporaryDirectory
import time
from typing import Any

from tests.end_to_end.environment import DOMAIN
from tests.simulator import Fleet, SimulatedPlug
from tests.simulator.sender import PublishedMessage, ReceivedMessage
from tests.support.processes.hass import COMPONENT, HomeAssistant
from tests.support.processes.mosquitto import Mosquitto
from tests.support.processes.storage import Broker

from .contender import Contender
from .dashboard import Dashboard

_PYTHON = Path(__file__).parents[2] / ".venv/run/bin/python"
_PROBE = Path(__file__).parent / "bench_probe"
# As on a user's machine, but without debug lines: writing the log takes time, too.
_CONFIGURATION = """\
homeassistant:
  name: Home
  time_zone: Europe/Berlin
bench_probe:
logger:
  default: warning
  logs:
    haffmpeg: critical
    homeassistant.components.camera.img_util: critical
    aiohttp_fast_zlib: error
frontend:
recorder:
history:
logbook:
energy:
"""
_SET_UP_TIMEOUT = 300.0
_STATES_TIMEOUT = 120.0
_IDLE_TIMEOUT = 30.0
_CHECK_INTERVAL = 0.5
# A share of one processor.
_MAX_IDLE_LOAD = 0.02


class Session:
    """Control one contender's Home Assistant and its plugs."""

    def __init__(
        self,
        contender: Contender,
        hass: HomeAssistant,
        fleet: Fleet,
        plugs: Sequence[SimulatedPlug],
    ) -> None:
        """Combine parts that are running; the plugs are not connected yet."""
        self.contender = contender
        self.hass = hass
        self.fleet = fleet
        self.plugs = plugs
        self.entity_ids: dict[str, str] = {}
        """The entity ID of each plug's switch, by UUID."""

    @property
    def processor(self) -> float:
        """Return the seconds of processor time that Home Assistant has used."""
        running = self.hass.process._running
        if running is None:
            return 0.0
        # The clock of another process, in nanoseconds: see clock_getcpuclockid(3).
        return time.clock_gettime(~running.pid << 3 | 2)

    async def probe(self, action: str) -> dict[str, Any]:
        """Perform an action of the probe and return its response."""
        answer = await self.hass.client.post(
            f"services/bench_probe/{action}?return_response"
        )
        return dict(answer["service_response"])

    async def adopt(self) -> None:
        """Connect the plugs, set them up, and wait until every state is right."""
        self.fleet.add(*self.plugs)
        async with asyncio.timeout(_SET_UP_TIMEOUT):
            if self.contender is Contender.OURS and self.plugs:
                await self._confirm_discovery()
            while len(self.entity_ids) < len(self.plugs):
                await asyncio.sleep(_CHECK_INTERVAL)
                await self._find_switches()
        await self.wait_for_states()

    async def _confirm_discovery(self) -> None:
        """Submit the card of discovered plugs as soon as it counts all of them."""
        client, count = self.hass.client, str(len(self.plugs))
        while True:
            await asyncio.sleep(_CHECK_INTERVAL)
            for card in await client.discovered(DOMAIN):
                if card["context"]["title_placeholders"].get("count") == count:
                    await client.answer_flow(card["flow_id"])
                    return

    async def _find_switches(self) -> None:
        uuids = {plug.uuid for plug in self.plugs}
        for entity in await self.hass.client.command("config/entity_registry/list"):
            uuid, _, channel = entity["unique_id"].partition("_")
            if (
                uuid in uuids
                and channel in ("", "0")
                and entity["entity_id"].startswith("switch.")
            ):
                self.entity_ids[uuid] = entity["entity_id"]

    @asynccontextmanager
    async def dashboard(self) -> AsyncIterator[Dashboard]:
        """Open a dashboard with all switches."""
        async with self.hass.client.websocket() as socket:
            dashboard = Dashboard(socket)
            if self.entity_ids:
                await dashboard.subscribe(self.entity_ids.values())
            yield dashboard

    async def wait_for_states(self) -> float:
        """Wait until every state is right; return the seconds that it took."""
        started = time.monotonic()
        async with self.dashboard() as dashboard:
            await dashboard.wait_until(
                lambda: self._is_right(dashboard), _STATES_TIMEOUT
            )
        return time.monotonic() - started

    def _is_right(self, dashboard: Dashboard) -> bool:
        return all(
            dashboard.states.get(self.entity_ids[plug.uuid])
            == ("on" if plug.onoff() else "off")
            for plug in self.plugs
        )

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
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        mosquitto = Mosquitto(folder / "mosquitto")
        hass = HomeAssistant(
            os.environ.get("MEROSS_HASS", _PYTHON),
            folder / "hass",
            Broker(port=mosquitto.port),
            component=_PROBE,
        )
        (folder / "hass/configuration.yaml").write_text(
            f"{_CONFIGURATION}{contender.configuration(plugs)}"
        )
        if contender is Contender.OURS:
            copy = folder / "hass/custom_components" / DOMAIN
            shutil.copytree(COMPONENT, copy)
            # Only the very first start after an installation has to do this.
            compile_dir(copy, quiet=1)
        await stack.enter_async_context(mosquitto)
        stack.push_async_callback(hass.stop)
        await hass.start()
        await hass.client.mqtt_is_ready()
        fleet = stack.enter_context(Fleet("127.0.0.1", mosquitto.port))
        yield Session(contender, hass, fleet, plugs)


def message_times(
    entries: Iterable[ReceivedMessage | PublishedMessage], namespace: str, method: str
) -> list[float]:
    """Return when a plug received or published such messages."""
    return [
        entry.at
        for entry in list(entries)
        if entry.message is not None
        and (entry.message.namespace, entry.message.method) == (namespace, method)
    ]
