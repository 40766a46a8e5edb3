"""The time from a button to the dashboard, and from the dashboard to a plug."""

import asyncio
from collections.abc import Sequence
from random import Random
from time import monotonic

from .contender import Contender
from .report import Row, compared
from .targets import Size, Target, in_turns, open_targets

_WARM_UP = 20
_MILLISECONDS = 1000
_ROWS = (
    "button → state on the websocket, median",
    "click → plug, median",
    "click → confirmed state, median",
)


async def switching(contenders: Sequence[Contender], size: Size) -> list[Row]:
    """Press the button of a plug and click its switch, again and again."""
    random = Random(0)  # noqa: S311 (no secret)
    samples: list[dict[Contender, list[float]]] = [
        {name: [] for name in contenders} for _ in _ROWS
    ]
    async with open_targets(contenders, 1) as targets:
        for number, target in in_turns(targets, _WARM_UP + size.clicks):
            # At random intervals, so as not to be in step with anything.
            await asyncio.sleep(random.uniform(0.01, 0.02))
            pressed = await _press(target)
            await asyncio.sleep(random.uniform(0.01, 0.02))
            times = (pressed, *await _click(target))
            if number >= _WARM_UP:
                for row, seconds in zip(samples, times, strict=True):
                    row[target.contender].append(seconds * _MILLISECONDS)
    return [
        compared(row, what=what, unit="ms", digits=3, goal=1.0)
        for what, row in zip(_ROWS, samples, strict=True)
    ]


async def _press(target: Target) -> float:
    """Return the seconds from the relay to the dashboard."""
    (plug,) = target.session.plugs
    switched: list[float] = []
    plug.on_switched = lambda *_: switched.append(monotonic())
    plug.press()
    shown = await target.dashboard.wait_for_changes(1)
    plug.on_switched = None
    return shown - switched[0]


async def _click(target: Target) -> tuple[float, float]:
    """Return the seconds from the action to the relay and to the dashboard."""
    (plug,) = target.session.plugs
    switched: list[float] = []
    plug.on_switched = lambda *_: switched.append(monotonic())
    clicked = monotonic()
    await target.dashboard.send(
        "call_service",
        domain="switch",
        service="turn_off" if plug.onoff() else "turn_on",
        target={"entity_id": target.session.entity_ids[plug.uuid]},
    )
    shown = await target.dashboard.wait_for_changes(1)
    plug.on_switched = None
    return switched[0] - clicked, shown - clicked
