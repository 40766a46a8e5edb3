"""Buttons and clicks, of one plug each, in turns."""

import asyncio
from collections.abc import Sequence
from random import Random
from time import monotonic

from tests.simulator import SimulatedPlug

from .cast import Actor, Size, cast
from .contender import BUILT_IN, Contender
from .report import Goal, Row, compared

_WARM_UP = 20

type _Samples = dict[str, list[float]]


async def switching(contenders: Sequence[Contender], size: Size) -> list[Row]:
    """Press and click, and see when the page and when the plug hears of it."""
    random = Random(0)  # noqa: S311 (no secret)
    async with cast(contenders, 1) as all_of_them:
        button: _Samples = {actor.name: [] for actor in all_of_them.actors}
        arrival: _Samples = {actor.name: [] for actor in all_of_them.actors}
        confirmation: _Samples = {actor.name: [] for actor in all_of_them.actors}
        for number in range(_WARM_UP + size.clicks):
            turn = number % len(all_of_them.actors)
            for actor in all_of_them.actors[turn:] + all_of_them.actors[:turn]:
                # At no fixed beat, so as to be in step with nothing.
                await asyncio.sleep(random.uniform(0.01, 0.02))
                pressed = await _press(actor)
                await asyncio.sleep(random.uniform(0.01, 0.02))
                arrived, confirmed = await _click(actor)
                if number >= _WARM_UP:
                    button[actor.name].append(pressed)
                    arrival[actor.name].append(arrived)
                    confirmation[actor.name].append(confirmed)
        return all_of_them.note(
            compared(
                button,
                what="button → state on the websocket, median",
                unit="ms",
                digits=3,
                goal=Goal(most=1.0, of=[BUILT_IN]),
            ),
            compared(
                arrival,
                what="click → plug, median",
                unit="ms",
                digits=3,
                goal=Goal(most=1.0, of=[BUILT_IN]),
            ),
            compared(
                confirmation,
                what="click → confirmed state, median",
                unit="ms",
                digits=3,
                goal=Goal(most=1.0, of=[BUILT_IN]),
            ),
        )


async def _press(actor: Actor) -> float:
    (plug,) = actor.stage.plugs
    stamps: list[float] = []
    plug.on_switched = lambda *_: stamps.append(monotonic())
    plug.press()
    shown = await actor.page.changes(1)
    plug.on_switched = None
    return 1000 * (shown - stamps[0])


async def _click(actor: Actor) -> tuple[float, float]:
    (plug,) = actor.stage.plugs
    heard: list[float] = []

    def switched(_plug: SimulatedPlug, _channel: int, _onoff: int) -> None:
        heard.append(monotonic())

    plug.on_switched = switched
    clicked = monotonic()
    await actor.page.send(
        "call_service",
        domain="switch",
        service="turn_off" if plug.onoff() else "turn_on",
        target={"entity_id": actor.stage.entity_ids[plug.uuid]},
    )
    shown = await actor.page.changes(1)
    plug.on_switched = None
    return 1000 * (heard[0] - clicked), 1000 * (shown - clicked)
