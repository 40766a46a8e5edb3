"""What leads a person through a flow, and what it needs: plugs over HTTP, and checks.

Whatever is shown is read too: every text of it exists and has what it names.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
import json
from pathlib import Path
import re
from typing import Any, Final

from aiohttp import ServerDisconnectedError
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowManager, FlowResultType
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.test_util.aiohttp import (
    AiohttpClientMocker,
    AiohttpClientMockResponse,
)
from yarl import URL

from custom_components import meross_local
from custom_components.meross_local.broker_check import Problem
from custom_components.meross_local.meross.credentials import Credentials
from tests.simulator import HttpServer, SimulatedPlug

from .broker import SERVER, Broker
from .steps import begin_adding

ADDRESS: Final = "192.0.2.20"
# What a person enters for the broker that the plugs of the tests know.
BROKER: Final = {"host": SERVER[0], "port": SERVER[1]}

_TEXTS: Final = json.loads(
    (Path(meross_local.__file__).parent / "translations" / "en.json").read_text()
)

type Result = Mapping[str, Any]


class Home:
    """The local network: plugs and other servers at their addresses."""

    def __init__(self, broker: Broker, http: AiohttpClientMocker) -> None:
        """Be empty."""
        self.http = http
        self._broker = broker

    def add(
        self, plug: SimulatedPlug, address: str = ADDRESS, *, ecdhe: bool = True
    ) -> HttpServer:
        """Give power and an address to a plug."""
        self._broker.add(plug)
        return self._open(plug, address, ecdhe=ecdhe)

    def add_silent(self, plug: SimulatedPlug) -> HttpServer:
        """Give both to a plug that is on the broker but says nothing."""
        self._broker.add_silent(plug)
        return self._open(plug)

    def _open(
        self, plug: SimulatedPlug, address: str = ADDRESS, *, ecdhe: bool = True
    ) -> HttpServer:
        lan = HttpServer(plug, ecdhe=ecdhe)

        async def answer(
            method: str, url: URL, data: bytes
        ) -> AiohttpClientMockResponse:
            reply = lan.answer(data)
            if reply is None:
                raise ServerDisconnectedError
            return AiohttpClientMockResponse(method, url, response=reply)

        self.serve(address, side_effect=answer)
        return lan

    def serve(self, address: str = ADDRESS, **answer: Any) -> None:  # noqa: ANN401
        """Let something answer at an address, always in the same way."""
        self.http.post(f"http://{address}/config", **answer)


class Checks:
    """Stands for the check of a broker: finds what it is told to, then nothing."""

    def __init__(self) -> None:
        """Find nothing."""
        self.found: list[Problem] = []
        self.checked: list[tuple[str, int, Credentials]] = []
        self.takes = 0.0

    async def check(
        self,
        _hass: HomeAssistant,
        host: str,
        port: int,
        credentials: Credentials,
        progress: Any,  # noqa: ANN401
    ) -> Problem | None:
        """Note what is to be checked."""
        self.checked.append((host, port, credentials))
        progress(0.5)
        if self.takes:
            await asyncio.sleep(self.takes)
        return self.found.pop(0) if self.found else None


@dataclass
class Wizard:
    """One flow; part is where its texts are."""

    broker: Broker
    manager: FlowManager[Any, Any, Any]
    result: Result
    part: str

    def __post_init__(self) -> None:
        """Read what is shown first."""
        self._read()

    async def submit(self, **answers: object) -> Result:
        """Submit a form, and go on to whatever is not over at once."""
        await self._configure(answers)
        return await self.wait(1)

    async def choose(self, option: str) -> Result:
        """Click on a line of a menu."""
        assert option in self.result["menu_options"]
        return await self.submit(next_step_id=option)

    async def wait(self, seconds: float) -> Result:
        """Let time pass, and see what has become of the flow."""
        await self.broker.passes(seconds)
        if self.result["type"] is FlowResultType.SHOW_PROGRESS:
            await self._configure(None)
        return self.result

    @property
    def is_over(self) -> bool:
        """Whether the flow has ended."""
        return bool(self.result["type"] is FlowResultType.ABORT)

    @property
    def shown(self) -> str:
        """The step that is shown, or why there is none any more."""
        shown: str = self.result.get("reason") or self.result["step_id"]
        return shown

    @property
    def words(self) -> dict[str, str]:
        """What the texts are completed with."""
        return dict(self.result.get("description_placeholders") or {})

    @property
    def suggested(self) -> dict[str, object]:
        """What the fields of the form are filled in with."""
        return {
            str(field): (field.description or {}).get("suggested_value")
            for field in self.result["data_schema"].schema
        }

    async def _configure(self, answers: dict[str, object] | None) -> None:
        flow = self.manager.async_configure(self.result["flow_id"], answers)
        task = self.broker.hass.async_create_task(flow)
        self.result = await self.broker.until(task)
        self._read()

    def _read(self) -> None:
        result, words = self.result, self.words
        match result["type"]:
            case FlowResultType.ABORT:
                texts = [f"abort.{result['reason']}"]
            case FlowResultType.SHOW_PROGRESS:
                step = result["step_id"]
                texts = [f"progress.{result['progress_action']}", f"step.{step}.title"]
            case FlowResultType.MENU:
                texts = [f"step.{result['step_id']}"]
                options = f"step.{result['step_id']}.menu_options"
                texts += [f"{options}.{option}" for option in result["menu_options"]]
            case _:
                texts = [f"step.{result['step_id']}"]
                texts += [f"error.{why}" for why in (result["errors"] or {}).values()]
        for text in texts:
            named = set(re.findall("{(.*?)}", _all_of(f"{self.part}.{text}")))
            assert named <= words.keys(), text


def _all_of(path: str) -> str:
    """Return all texts below a path; it must exist."""
    found: Any = _TEXTS
    for name in path.split("."):
        found = found[name]
    return _joined(found)


def _joined(texts: str | dict[str, Any]) -> str:
    if isinstance(texts, str):
        return texts
    return " ".join(map(_joined, texts.values()))


async def add_plug(broker: Broker, entry: MockConfigEntry) -> Wizard:
    """Click Add plug."""
    return Wizard(
        broker,
        broker.hass.config_entries.subentries,
        await begin_adding(broker, entry),
        "config_subentries.plug",
    )
