"""The time from a new plug's Bind to its acknowledgement."""

import asyncio
from collections.abc import Sequence
from statistics import median

from tests.end_to_end.environment import until
from tests.simulator import SimulatedPlug
from tests.simulator.namespaces import BIND

from .contender import Contender
from .report import Row
from .session import message_times, open_session
from .targets import Size

_BIND_TIMEOUT = 60.0
# By then, the queries that follow the handshake are answered.
_NEXT_PLUG_INTERVAL = 0.25
_MILLISECONDS = 1000


async def greeting(contenders: Sequence[Contender], size: Size) -> list[Row]:
    """Connect plugs at once before the integration is set up, then one by one after."""
    ours = Contender.OURS
    if ours not in contenders:
        return []
    rows = []
    for count in sorted({1, 10, size.plugs}):
        plugs = ours.plugs(count)
        async with open_session(ours, plugs) as session:
            session.fleet.add(*plugs)
            await _wait_until_bound(plugs)
        what = f"{count} new {'plug' if count == 1 else 'plugs'}, not set up"
        rows.append(_row(what, plugs, goal=50))
    first, *new = ours.plugs(1 + size.plugs)
    async with open_session(ours, [first]) as session:
        await session.adopt()
        for plug in new:
            session.fleet.add(plug)
            await _wait_until_bound([plug])
            await asyncio.sleep(_NEXT_PLUG_INTERVAL)
    rows.append(_row("a new plug, set up", new, goal=4))
    return rows


async def _wait_until_bound(plugs: Sequence[SimulatedPlug]) -> None:
    await until(lambda: all(plug.is_bound for plug in plugs), _BIND_TIMEOUT)


def _row(what: str, plugs: Sequence[SimulatedPlug], *, goal: float) -> Row:
    times = [_bind_time(plug) * _MILLISECONDS for plug in plugs]
    return Row(
        what=f"Bind → SETACK, {what}, median",
        unit="ms",
        digits=2,
        goal=goal,
        numbers={Contender.OURS: median(times)},
        remarks={Contender.OURS: f"at most {max(times):.0f}"},
    )


def _bind_time(plug: SimulatedPlug) -> float:
    """Return the seconds from the first Bind to its acknowledgement."""
    sent = message_times(plug.outbox, BIND, "SET")[0]
    return message_times(plug.inbox, BIND, "SETACK")[0] - sent
