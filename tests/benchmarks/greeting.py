"""From a plug's first Bind to its answer, before and after the entry is set up."""

import asyncio
from collections.abc import Sequence
from statistics import median

from tests.end_to_end.environment import until
from tests.simulator import SimulatedPlug
from tests.simulator.namespaces import BIND

from .cast import Size
from .contender import OURS, Contender
from .report import Goal, Row
from .stage import stage


async def greeting(contenders: Sequence[Contender], size: Size) -> list[Row]:
    """Bring plugs at once to a Home Assistant without an entry, then one by one."""
    rows = []
    for ours in [one for one in contenders if one.name == OURS]:
        for count in sorted({1, 10, size.plugs}):
            async with stage(ours, count) as here:
                plugs = ours.plugs(count)
                here.fleet.add(*plugs)
                await until(lambda: all(plug.is_bound for plug in plugs), 60)  # noqa: B023
                rows.append(_row(f"{count} new plugs, no entry", plugs, 50))
        async with stage(ours, 1) as here:
            await here.adopt(ours.plugs(1))
            late = [SimulatedPlug("mss210", 2 + n) for n in range(size.plugs)]
            for plug in late:
                here.fleet.add(plug)
                await until(lambda: plug.is_bound)  # noqa: B023
                # What else is said and asked about it is over by then.
                await asyncio.sleep(0.25)
            rows.append(_row("a new plug, entry set up", late, 4))
    return rows


def _row(what: str, plugs: Sequence[SimulatedPlug], most: float) -> Row:
    times = [1000 * _time(plug) for plug in plugs]
    return Row(
        what=f"Bind → SETACK, {what}, median",
        unit="ms",
        digits=2,
        goal=Goal(most=most),
        numbers={OURS: median(times)},
        remarks={OURS: f"at most {max(times):.0f}"},
    )


def _time(plug: SimulatedPlug) -> float:
    said = next(entry.at for entry in plug.outbox if entry.message.namespace == BIND)
    heard = next(
        entry.at
        for entry in plug.inbox
        if entry.message is not None
        and (entry.message.namespace, entry.message.method) == (BIND, "SETACK")
    )
    return heard - said
