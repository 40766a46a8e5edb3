"""The time from a new plug's Bind to its acknowledgement."""

import asyncio
from collections.abc import Sequence
from statistics import median

from tests.simulator import SimulatedPlug
from tests.simulator.namespaces import BIND
from tests.support.queries import message_times

from .contender import Contender
from .report import Row, Size
from .session import open_session, wait_until_bound

# By then, the queries that follow the handshake are answered.
_NEXT_PLUG_INTERVAL = 0.25
_MILLISECONDS = 1000
# Milliseconds, where it is another one than for the rest.
_GOALS = {20: 60}


async def greeting(contenders: Sequence[Contender], size: Size) -> list[Row]:
    """Connect plugs at once before the integration is set up, then one by one after."""
    ours = Contender.OURS
    if ours not in contenders:
        return []
    rows = []
    for count in sorted({1, 10, 20, size.plugs}):
        plugs = ours.plugs(count)
        async with open_session(ours, plugs) as session:
            session.environment.fleet.add(*plugs)
            await wait_until_bound(plugs)
        what = f"{count} new {'plug' if count == 1 else 'plugs'}, not set up"
        rows.append(_row(what, plugs, goal=_GOALS.get(count, 50)))
    first, *new = ours.plugs(1 + size.plugs)
    async with open_session(ours, [first]) as session:
        await session.set_up()
        for plug in new:
            session.environment.fleet.add(plug)
            await wait_until_bound([plug])
            await asyncio.sleep(_NEXT_PLUG_INTERVAL)
    rows.append(_row("a new plug, set up", new, goal=4))
    return rows


def _row(what: str, plugs: Sequence[SimulatedPlug], *, goal: float) -> Row:
    times = [_bind_time(plug) * _MILLISECONDS for plug in plugs]
    return Row(
        f"Bind → SETACK, {what}, median",
        "ms",
        digits=2,
        goal=goal,
        numbers={Contender.OURS: median(times)},
        remarks={Contender.OURS: f"at most {max(times):.0f}"},
    )


def _bind_time(plug: SimulatedPlug) -> float:
    """Return the seconds from the first Bind to its acknowledgement."""
    sent = message_times(plug.outbox, BIND, "SET")[0]
    return message_times(plug.inbox, BIND, "SETACK")[0] - sent
