"""Toggles of plugs: their processor time, and how soon they arrive at either end."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from random import Random
from time import monotonic
from typing import NamedTuple

from .contender import Contender, Kind
from .dashboard import Dashboard
from .report import Row, Size, compared
from .session import Session, open_session

_WARM_UP_ROUNDS = 10
_ROUND_INTERVAL = 0.02
_MICROSECONDS = 1e6

_WARM_UP_CLICKS = 20
_MILLISECONDS = 1000
_ROWS = (
    "button → state on the websocket, {}, median",
    "click → plug, {}, median",
    "click → confirmed state, {}, median",
)


class Target(NamedTuple):
    """Represent a contender whose plugs are set up and shown on a dashboard."""

    session: Session
    dashboard: Dashboard


async def push(contenders: Sequence[Contender], size: Size) -> list[Row]:
    """Press the buttons of all plugs, with recorder and one dashboard."""
    return [await _push(contenders, size, kind) for kind in Kind]


async def _push(contenders: Sequence[Contender], size: Size, kind: Kind) -> Row:
    samples: dict[Contender, list[float]] = {name: [] for name in contenders}
    async with _open_targets(contenders, size.plugs, kind) as targets:
        for target in targets:
            await _press_all(target, _WARM_UP_ROUNDS)
        for _, target in _in_turns(targets, size.blocks):
            before = target.session.processor
            await _press_all(target, size.rounds)
            spent = target.session.processor - before
            samples[target.session.contender].append(
                spent / (size.rounds * size.plugs) * _MICROSECONDS
            )
    what = f"processor time per toggle PUSH ({size.plugs} {kind.noun})"
    return compared(samples, what, "µs", goal=0.9)


async def _press_all(target: Target, rounds: int) -> None:
    plugs = target.session.plugs
    for _ in range(rounds):
        for plug in plugs:
            plug.press()
        await target.dashboard.wait_for_changes(len(plugs))
        await asyncio.sleep(_ROUND_INTERVAL)


async def switching(contenders: Sequence[Contender], size: Size) -> list[Row]:
    """Press the button of a plug and click its switch, again and again."""
    rows: list[Row] = []
    for kind in Kind:
        rows += await _switching(contenders, size, kind)
    return rows


async def _switching(
    contenders: Sequence[Contender], size: Size, kind: Kind
) -> list[Row]:
    random = Random(0)  # noqa: S311 (no secret)
    samples: list[dict[Contender, list[float]]] = [
        {name: [] for name in contenders} for _ in _ROWS
    ]
    async with _open_targets(contenders, 1, kind) as targets:
        for number, target in _in_turns(targets, _WARM_UP_CLICKS + size.clicks):
            times = await _press_and_click(target, random)
            if number >= _WARM_UP_CLICKS:
                for row, seconds in zip(samples, times, strict=True):
                    row[target.session.contender].append(seconds * _MILLISECONDS)
    return [
        compared(row, what.format(kind.noun), "ms", digits=3, goal=1.0)
        for what, row in zip(_ROWS, samples, strict=True)
    ]


async def _press_and_click(target: Target, random: Random) -> tuple[float, ...]:
    """Return the seconds of each row: from the relay, and twice from the action."""
    (plug,) = target.session.plugs
    switched: list[float] = []
    plug.on_switched = lambda *_: switched.append(monotonic())
    # At random intervals, so as not to be in step with anything.
    await asyncio.sleep(random.uniform(0.01, 0.02))
    plug.press()
    pressed = await target.dashboard.wait_for_changes(1)
    await asyncio.sleep(random.uniform(0.01, 0.02))
    clicked = monotonic()
    await target.dashboard.send(
        "call_service",
        domain="switch",
        service="turn_off" if plug.onoff() else "turn_on",
        target={"entity_id": target.session.entity_ids[plug.uuid]},
    )
    shown = await target.dashboard.wait_for_changes(1)
    return pressed - switched[0], switched[1] - clicked, shown - clicked


@asynccontextmanager
async def _open_targets(
    contenders: Sequence[Contender], count: int, kind: Kind
) -> AsyncIterator[list[Target]]:
    """Set up a number of plugs of a kind for every contender."""
    async with AsyncExitStack() as stack:
        targets = []
        for contender in contenders:
            session = await stack.enter_async_context(
                open_session(contender, contender.plugs(count, kind))
            )
            await session.set_up()
            dashboard = await stack.enter_async_context(session.dashboard())
            targets.append(Target(session, dashboard))
        for target in targets:
            await target.session.wait_until_idle()
        yield targets


def _in_turns(targets: Sequence[Target], count: int) -> Iterator[tuple[int, Target]]:
    """Yield every target a number of times; each time, another one is the first."""
    for number in range(count):
        first = number % len(targets)
        for target in (*targets[first:], *targets[:first]):
            yield number, target
