"""What a toggle PUSH costs: processor time, and attempts of config flows."""

import asyncio
from collections.abc import Sequence

from .cast import Actor, Size, cast
from .contender import BUILT_IN, OURS, SILENT, WRITING, Contender, contender
from .report import Goal, Row, compared

# Seconds in which a round that nobody watches is over.
_ROUND = 0.1
_PAUSE = 0.02
_MILLION = 1e6


async def push(contenders: Sequence[Contender], size: Size) -> list[Row]:
    """Press all buttons, with recorder and one page; count the config flows, too."""
    async with cast(contenders, size.plugs) as all_of_them:
        actors = all_of_them.actors
        for actor in actors:
            await _press_all(actor, 10, watched=True)
            await actor.stage.probe("read")
        samples = await _in_turns(actors, size, watched=True)
        pushes = size.blocks * size.rounds * size.plugs
        flows = Row(
            what="config flows a PUSH: begun by MQTT's discovery",
            unit="",
            digits=2,
        )
        reached = Row(
            what="… of them reaching the integration's code",
            unit="",
            digits=2,
            goal=Goal(most=0),
        )
        for actor in actors:
            counted = await actor.stage.probe("read")
            flows.numbers[actor.name] = counted["flows"] / pushes
            reached.numbers[actor.name] = counted["handlers"] / pushes
        rows = [
            compared(
                samples,
                what=f"processor time a toggle PUSH ({size.plugs} plugs)",
                unit="µs",
                goal=Goal(most=0.9, of=[BUILT_IN]),
            ),
            flows,
            reached,
            await _polls(actors),
        ]
        return all_of_them.note(*rows)


async def bare(contenders: Sequence[Contender], size: Size) -> list[Row]:
    """Press all buttons where there is neither recorder nor page, beside the floor."""
    floor = [contender(SILENT), contender(WRITING)]
    async with cast([*contenders, *floor], size.plugs, lean=True) as all_of_them:
        for actor in all_of_them.actors:
            await _press_all(actor, 10, watched=False)
        samples = await _in_turns(all_of_them.actors, size, watched=False)
        row = compared(
            samples,
            what="the same in a bare Home Assistant (no recorder, no page)",
            unit="µs",
        )
        silent, writing = row.numbers.pop(SILENT), row.numbers.pop(WRITING)
        least = Row(
            what=f"… over the floor: no-op callback {silent:.0f} µs,"
            f" one state write {writing:.0f} µs",
            unit="x floor",
            digits=2,
            goal=Goal(most=1.1),
            numbers={name: number / writing for name, number in row.numbers.items()},
        )
        if OURS in row.ratios:
            least.numbers[OURS] = row.ratios[WRITING]
            least.doubts[OURS] = row.doubts[WRITING]
        return all_of_them.note(row, least)


async def _in_turns(
    actors: Sequence[Actor], size: Size, *, watched: bool
) -> dict[str, list[float]]:
    samples: dict[str, list[float]] = {actor.name: [] for actor in actors}
    for block in range(size.blocks):
        # Whoever comes first in a block is another one each time.
        turn = block % len(actors)
        for actor in [*actors[turn:], *actors[:turn]]:
            before = actor.stage.processor
            await _press_all(actor, size.rounds, watched=watched)
            spent = actor.stage.processor - before
            pushes = size.rounds * len(actor.stage.plugs)
            samples[actor.name].append(spent / pushes * _MILLION)
    return samples


async def _press_all(actor: Actor, rounds: int, *, watched: bool) -> None:
    for _ in range(rounds):
        for plug in actor.stage.plugs:
            plug.press()
        if watched:
            await actor.page.changes(len(actor.stage.plugs))
        await asyncio.sleep(_PAUSE if watched else _ROUND)


async def _polls(actors: Sequence[Actor]) -> Row:
    """Have all plugs asked: a change of Home Assistant's own settings does it."""
    row = Row(
        what="config flows an answer to our own question",
        unit="",
        digits=2,
        goal=Goal(most=0),
    )
    for actor in actors:
        if actor.name != OURS:
            continue
        plugs = actor.stage.plugs
        before = sum(len(plug.inbox) for plug in plugs)
        await actor.stage.probe("read")
        await actor.stage.hass.client.command("config/core/update", elevation=99)
        await asyncio.sleep(3)
        asked = sum(len(plug.inbox) for plug in plugs) - before
        if asked > 0:
            row.numbers[actor.name] = (await actor.stage.probe("read"))["flows"] / asked
    return row
