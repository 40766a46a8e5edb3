"""A house to try things in: a broker, a Home Assistant and plugs."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from tests.simulator import Fleet, Message, SimulatedPlug
from tests.support.processes.client import CallError, Client
from tests.support.processes.hass import COMPONENT, HomeAssistant
from tests.support.processes.listeners import Listener
from tests.support.processes.mosquitto import Mosquitto
from tests.support.processes.storage import Broker

DOMAIN = "meross_local"

_LOOK = 0.02

type Outlet = tuple[str, int]
"""A plug's uuid and a channel of it."""


async def until(condition: Callable[[], object], within: float = 5.0) -> None:
    """Wait for something to become true; TimeoutError when it takes too long."""
    async with asyncio.timeout(within):
        while not condition():
            await asyncio.sleep(_LOOK)


@dataclass(frozen=True, slots=True)
class House:
    """What a test needs to look at and to touch."""

    mosquitto: Mosquitto
    hass: HomeAssistant
    fleet: Fleet

    @property
    def client(self) -> Client:
        """Home Assistant as its user sees it."""
        return self.hass.client

    @property
    def outlets(self) -> dict[Outlet, SimulatedPlug]:
        """Every channel of every plug."""
        return {
            (plug.uuid, channel): plug
            for plug in self.fleet.plugs
            for channel in range(len(plug.model.outlets))
        }

    async def adopt(self, *plugs: SimulatedPlug) -> None:
        """Bring the first plugs, click the card, and wait for their switches."""
        self.fleet.add(*plugs)
        await until(lambda: all(plug.is_bound for plug in plugs), 10)
        card = await self.card(len(plugs))
        await self.client.answer_flow(card["flow_id"])
        await self.expect_truth(within=10)

    async def card(self, count: int, within: float = 10) -> dict[str, Any]:
        """Return the one card, once it counts so many plugs."""
        end = monotonic() + within
        while True:
            cards = await self.client.discovered(DOMAIN)
            assert len(cards) <= 1, cards
            if cards and _placeholders(cards[0]).get("count") == str(count):
                return cards[0]
            assert monotonic() < end, cards
            await asyncio.sleep(_LOOK)

    async def switches(self) -> dict[Outlet, str]:
        """Return the entity ids of the outlets' switches."""
        return {
            (uuid, int(channel)): entity["entity_id"]
            for entity in await self.client.command("config/entity_registry/list")
            if entity["platform"] == DOMAIN
            for uuid, channel in [entity["unique_id"].split("_", 1)]
            if channel.isdigit()
        }

    async def shown(self) -> dict[Outlet, str]:
        """Return what our switches show."""
        switches = await self.switches()
        states = await self.client.states("switch")
        return {
            outlet: states[entity_id]["state"] if entity_id in states else "missing"
            for outlet, entity_id in switches.items()
        }

    async def untrue(self) -> dict[Outlet, str | None]:
        """Return the outlets whose switch shows something else, and what it shows."""
        shown = await self.shown()
        return {
            outlet: shown.get(outlet)
            for outlet, plug in self.outlets.items()
            if shown.get(outlet) != ("on" if plug.onoff(outlet[1]) else "off")
        }

    async def expect_truth(self, within: float) -> None:
        """Wait until every switch is there and shows what its outlet is."""
        end = monotonic() + within
        while untrue := await self.untrue():
            assert monotonic() < end, untrue
            await asyncio.sleep(_LOOK)

    async def turn(self, outlet: Outlet, action: str) -> None:
        """Click a switch; it ends when Home Assistant says that it is done."""
        switches = await self.switches()
        await self.client.act(f"switch.turn_{action}", entity_id=switches[outlet])

    async def refusal(self, outlet: Outlet, action: str) -> str:
        """Click a switch on the dashboard; return what the person then reads."""
        switches = await self.switches()
        with pytest.raises(CallError) as caught:
            await self.client.command(
                "call_service",
                domain="switch",
                service=f"turn_{action}",
                target={"entity_id": switches[outlet]},
            )
        return str(caught.value)

    async def issues(self) -> dict[str, str]:
        """Return the ids of our issues among the repairs, by what they are about."""
        listed = await self.client.command("repairs/list_issues")
        return {
            issue["translation_key"]: issue["issue_id"]
            for issue in listed["issues"]
            if issue["domain"] == DOMAIN
        }

    async def connections_of_home_assistant(self) -> int:
        """Count how often Home Assistant has connected, by the broker's log."""
        lines = await asyncio.to_thread(self.mosquitto.process.log_lines)
        return sum(
            "New client connected" in line and " as fmware:" not in line
            for line in lines
        )

    async def expect_connection(self, number: int, within: float = 30) -> None:
        """Wait until Home Assistant has connected so many times."""
        async with asyncio.timeout(within):
            while await self.connections_of_home_assistant() < number:
                await asyncio.sleep(_LOOK)


@asynccontextmanager
async def open_house(
    python: str,
    folder: Path,
    *,
    listeners: Iterable[Listener] = (),
    component: Path = COMPONENT,
    furnish: Callable[[HomeAssistant], None] = lambda _: None,
) -> AsyncIterator[House]:
    """Start a house without plugs; `furnish` sees Home Assistant before it starts."""
    mosquitto = Mosquitto(folder / "mosquitto", listeners=listeners)
    broker = Broker(port=mosquitto.port)
    hass = HomeAssistant(python, folder / "hass", broker, component=component)
    furnish(hass)
    fleet = Fleet("127.0.0.1", mosquitto.port)
    async with mosquitto, hass:
        await hass.client.mqtt_is_ready()
        with fleet:
            yield House(mosquitto, hass, fleet)


def heard(plug: SimulatedPlug, namespace: str, method: str) -> list[Message]:
    """Return such messages that the plug heard."""
    return [
        entry.message
        for entry in list(plug.heard)
        if entry.message is not None
        and (entry.message.namespace, entry.message.method) == (namespace, method)
    ]


def said(plug: SimulatedPlug, namespace: str, method: str) -> list[Message]:
    """Return such messages that the plug said."""
    return [
        entry.message
        for entry in list(plug.said)
        if (entry.message.namespace, entry.message.method) == (namespace, method)
    ]


def _placeholders(card: dict[str, Any]) -> dict[str, str]:
    placeholders: dict[str, str] = card["context"].get("title_placeholders", {})
    return placeholders
