"""From a plug's first Bind to its answer."""

import asyncio
from collections.abc import Sequence

from tests.end_to_end.house import House, until
from tests.simulator import SimulatedPlug

from .report import Row, of_times

_BIND = "Appliance.Control.Bind"
_SECOND_BIND = 5.0


async def before_set_up(house: House, plugs: Sequence[SimulatedPlug]) -> Row:
    """Bring plugs to a Home Assistant that knows of none."""
    house.fleet.add(*plugs)
    await until(lambda: all(plug.is_bound for plug in plugs), 60)
    times = [_time(plug) for plug in plugs]
    again = sum(time >= _SECOND_BIND for time in times)
    what = f"first Bind -> SETACK, no entry, {len(plugs)} at once"
    return of_times(f"{what}; {again} sent a second one", times, 50)


async def after_set_up(house: House, plugs: Sequence[SimulatedPlug]) -> Row:
    """Bring new plugs one by one to a Home Assistant with an entry."""
    for plug in plugs:
        house.fleet.add(plug)
        await until(lambda: plug.is_bound)  # noqa: B023
        # What else is said and asked about it is over by then.
        await asyncio.sleep(0.25)
    return of_times(
        "first Bind -> SETACK, new plug, entry set up", map(_time, plugs), 4
    )


def _time(plug: SimulatedPlug) -> float:
    said = next(entry.at for entry in plug.said if entry.message.namespace == _BIND)
    heard = next(
        entry.at
        for entry in plug.heard
        if entry.message is not None
        and (entry.message.namespace, entry.message.method) == (_BIND, "SETACK")
    )
    return heard - said
