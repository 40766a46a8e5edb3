"""Buttons and clicks, in turns with a switch of Home Assistant's own."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from time import monotonic
from typing import Any

import aiohttp

from tests.end_to_end.house import House
from tests.simulator import SimulatedPlug

from .report import Row, of_both
from .rival import ENTITY_ID, Rival

_SAMPLES = 300
_WARM_UP = 20
_TOGGLE = "Appliance.Control.ToggleX"


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the two that are compared: stamps of its device, and what was measured."""

    entity_id: str
    device: SimulatedPlug
    said_at: Callable[[], float]
    heard_at: Callable[[], float]
    button: list[float] = field(default_factory=list)
    arrival: list[float] = field(default_factory=list)
    confirmation: list[float] = field(default_factory=list)


async def switching(house: House, plug: SimulatedPlug, rival: Rival) -> list[Row]:
    """Return the rows of the button and of the click."""
    switches = await house.switches()
    here = Side(
        entity_id=switches[plug.uuid, 0],
        device=plug,
        said_at=lambda: _last(plug.said, "PUSH"),
        heard_at=lambda: _last(plug.heard, "SET"),
    )
    built_in = Side(
        entity_id=ENTITY_ID,
        device=rival,
        said_at=lambda: rival.said_at,
        heard_at=lambda: rival.heard_at,
    )
    async with house.client.websocket() as socket:
        page = _Page(socket)
        await page.open([here.entity_id, built_in.entity_id])
        for _ in range(_WARM_UP + _SAMPLES):
            for side in (here, built_in):
                await page.press(side)
            for side in (here, built_in):
                await page.click(side)
    return [
        of_both("button -> state", *_samples(here.button, built_in.button), 1.1),
        of_both(
            "click -> device has it", *_samples(here.arrival, built_in.arrival), 1.1
        ),
        of_both(
            "click -> confirmed state",
            *_samples(here.confirmation, built_in.confirmation),
        ),
    ]


class _Page:
    """A websocket that follows two entities, as a dashboard does."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self._socket = socket
        self._number = 0
        self._random = Random(0)  # noqa: S311

    async def open(self, entity_ids: list[str]) -> None:
        await self._send("subscribe_entities", entity_ids=entity_ids)
        while (await self._socket.receive_json())["type"] != "event":
            pass

    async def press(self, side: Side) -> None:
        """Press the button and wait for the state."""
        await self._rest()
        side.device.press()
        shown = await self._state_of(side, 1 - side.device.onoff())
        side.button.append(shown - side.said_at())

    async def click(self, side: Side) -> None:
        """Click the switch and wait for the state."""
        await self._rest()
        wanted = 1 - side.device.onoff()
        clicked = monotonic()
        await self._send(
            "call_service",
            domain="switch",
            service="turn_on" if wanted else "turn_off",
            target={"entity_id": side.entity_id},
        )
        shown = await self._state_of(side, wanted)
        side.arrival.append(side.heard_at() - clicked)
        side.confirmation.append(shown - clicked)

    async def _state_of(self, side: Side, _wanted: int) -> float:
        """Return when the next state of the entity came."""
        async with asyncio.timeout(10):
            while True:
                message = await self._socket.receive()
                now = monotonic()
                event = message.json().get("event") or {}
                change = event.get("c", {}).get(side.entity_id, {}).get("+", {})
                if "s" in change:
                    return now

    async def _rest(self) -> None:
        """Let everything settle; at no fixed beat, so as to be in step with nothing."""
        await asyncio.sleep(self._random.uniform(0.01, 0.02))

    async def _send(self, kind: str, **fields: Any) -> None:  # noqa: ANN401 (JSON)
        self._number += 1
        await self._socket.send_json({"id": self._number, "type": kind, **fields})


def _last(entries: list[Any], method: str) -> float:
    at: float = next(
        entry.at
        for entry in reversed(entries)
        if (entry.message.namespace, entry.message.method) == (_TOGGLE, method)
    )
    return at


def _samples(
    here: list[float], built_in: list[float]
) -> tuple[list[float], list[float]]:
    return here[_WARM_UP:], built_in[_WARM_UP:]
