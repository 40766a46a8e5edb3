"""A stage for one contender: a broker, a Home Assistant with a probe, its plugs."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from compileall import compile_dir
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
import os
from pathlib import Path
import shutil
from tempfile import TemporaryDirectory
import time
from typing import Any

from tests.simulator import Fleet, SimulatedPlug
from tests.support.processes.hass import HomeAssistant
from tests.support.processes.mosquitto import Mosquitto
from tests.support.processes.storage import Broker

from .contender import Contender
from .page import Page

_PYTHON = Path(__file__).parents[2] / ".venv/run/bin/python"
_PROBE = Path(__file__).parent / "bench_probe"
_LEAN = """\
homeassistant:
  name: Home
  time_zone: Europe/Berlin
bench_probe:
"""
# As on a user's machine; but writing to the log takes time, too.
_FULL = (
    _LEAN
    + """\
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
)
# Seconds that each plug gets to be set up in, and all of them together.
_PATIENCE = 0.1
_MORE_PATIENCE = 60.0
# Of a processor, in a window of so many seconds.
_QUIET = 0.02
_WINDOW = 0.5


class SetUpError(Exception):
    """A contender could not be set up in the way that all are."""


class Stage:
    """Everything that one contender needs, and how it is looked at."""

    def __init__(
        self,
        contender: Contender,
        mosquitto: Mosquitto,
        hass: HomeAssistant,
        fleet: Fleet,
    ) -> None:
        """Know the parts."""
        self.contender = contender
        self.mosquitto = mosquitto
        self.hass = hass
        self.fleet = fleet
        self.plugs: list[SimulatedPlug] = []
        self.entity_ids: dict[str, str] = {}
        """The switch of a plug, by its uuid."""

    @property
    def processor(self) -> float:
        """Return the seconds of processor time that Home Assistant has used."""
        running = self.hass.process._running
        if running is None:
            return 0.0
        # The clock of another process, to the nanosecond: see clock_getcpuclockid(3).
        return time.clock_gettime(~running.pid << 3 | 2)

    async def probe(self, action: str, **data: Any) -> dict[str, Any]:  # noqa: ANN401 (JSON)
        """Ask the probe."""
        answer = await self.hass.client.post(
            f"services/bench_probe/{action}?return_response", **data
        )
        return dict(answer["service_response"])

    async def adopt(self, plugs: Sequence[SimulatedPlug]) -> None:
        """Bring plugs, and set them up as the contender wants it."""
        self.plugs = list(plugs)
        self.fleet.add(*plugs)
        domain = self.contender.domain
        if domain is not None:
            await self._confirm_discoveries(domain)
        if self.contender.name in ("floor: no-op", "floor: one write", "nothing"):
            return
        await self._find_switches(domain or "mqtt")

    async def _confirm_discoveries(self, domain: str) -> None:
        """Confirm every discovery until there is a device for each plug."""
        client = self.hass.client
        end = time.monotonic() + _MORE_PATIENCE + _PATIENCE * len(self.plugs)
        seen = -1
        while True:
            # So many plugs as speak up together make one card, or one each: no card
            # is clicked while they still come.
            await asyncio.sleep(1.0)
            flows = await client.discovered(domain)
            for flow in flows if self._count(flows) == seen else ():
                step = await client.answer_flow(flow["flow_id"])
                if step["type"] == "form":
                    raise SetUpError(f"asks for {step['step_id']}: {step['errors']}")
            seen = self._count(flows)
            devices = await client.command("config/device_registry/list")
            if len([one for one in devices if _is_of(one, domain)]) >= len(self.plugs):
                return
            if time.monotonic() > end:
                raise SetUpError("not every plug is set up by confirming discoveries")

    @staticmethod
    def _count(flows: list[dict[str, Any]]) -> int:
        return sum(
            int(flow["context"].get("title_placeholders", {}).get("count", 1))
            for flow in flows
        )

    async def _find_switches(self, platform: str) -> None:
        listed = await self.hass.client.command("config/entity_registry/list")
        switches: dict[str, list[str]] = {plug.uuid: [] for plug in self.plugs}
        for one in listed:
            if (
                one["platform"] == platform
                and one["entity_id"].startswith("switch.")
                and one["entity_category"] is None
            ):
                for uuid in (one["unique_id"][:32], one["unique_id"][-32:]):
                    if uuid in switches and one["entity_id"] not in switches[uuid]:
                        switches[uuid].append(one["entity_id"])
        for uuid, found in switches.items():
            if len(found) != 1:
                raise SetUpError(f"{len(found)} switches of a plug with one outlet")
            self.entity_ids[uuid] = found[0]

    @asynccontextmanager
    async def page(self) -> AsyncIterator[Page]:
        """Open a page with all switches."""
        async with self.hass.client.websocket() as socket:
            page = Page(socket)
            if self.entity_ids:
                await page.open(self.entity_ids.values())
            yield page

    async def expect_truth(self, within: float = 60) -> float:
        """Wait until every switch is right; return the seconds that it took."""
        began = time.monotonic()
        async with self.page() as page:
            try:
                await page.until(lambda: not self.wrong(page), within)
            except TimeoutError:
                raise SetUpError(f"{self.wrong(page)} switches are wrong") from None
        return time.monotonic() - began

    def wrong(self, page: Page) -> int:
        """Return how many switches show something else than what is."""
        return sum(
            page.shown.get(self.entity_ids[plug.uuid])
            != ("on" if plug.onoff() else "off")
            for plug in self.plugs
        )

    async def rest(self, at_most: float = 30) -> None:
        """Wait until it has hardly anything to do."""
        end = time.monotonic() + at_most
        while time.monotonic() < end:
            before = self.processor
            await asyncio.sleep(_WINDOW)
            if self.processor - before < _QUIET * _WINDOW:
                return


@asynccontextmanager
async def stage(
    contender: Contender,
    plugs: int,
    *,
    lean: bool = False,
    environment: dict[str, str] | None = None,
) -> AsyncIterator[Stage]:
    """Build a stage for so many plugs; lean is without recorder and frontend."""
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory()))
        mosquitto = Mosquitto(folder / "mosquitto")
        hass = HomeAssistant(
            os.environ.get("MEROSS_HASS", _PYTHON),
            folder / "hass",
            Broker(port=mosquitto.port),
            component=_PROBE,
        )
        configuration = contender.configuration(contender.plugs(plugs))
        (folder / "hass/configuration.yaml").write_text(
            f"{_LEAN if lean else _FULL}{configuration}"
        )
        if contender.folder is not None:
            components = folder / "hass/custom_components"
            copy = components / contender.folder.name
            shutil.copytree(contender.folder, copy)
            # Only the very first start after an installation has to do this.
            compile_dir(copy, quiet=1)
        stack.enter_context(_environment(environment or {}))
        await stack.enter_async_context(mosquitto)
        stack.push_async_callback(hass.stop)
        await hass.start()
        await hass.client.mqtt_is_ready()
        fleet = stack.enter_context(Fleet("127.0.0.1", mosquitto.port))
        yield Stage(contender, mosquitto, hass, fleet)


@contextmanager
def _environment(variables: dict[str, str]) -> Iterator[None]:
    """Set variables for the processes that are started."""
    os.environ.update(variables)
    try:
        yield
    finally:
        for name in variables:
            os.environ.pop(name, None)


def _is_of(device: dict[str, Any], domain: str) -> bool:
    return any(identifier[0] == domain for identifier in device["identifiers"])
