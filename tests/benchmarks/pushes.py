"""The processor time of a toggle PUSH."""

import asyncio
from collections.abc import Sequence

from .contender import Contender
from .report import Row, compared
from .targets import Size, Target, in_turns, open_targets

_WARM_UP_ROUNDS = 10
_ROUND_INTERVAL = 0.02
_MICROSECONDS = 1e6


async def push(contenders: Sequence[Contender], size: Size) -> list[Row]:
    """Press the buttons of all plugs, with recorder and one dashboard."""
    samples: dict[Contender, list[float]] = {name: [] for name in contenders}
    async with open_targets(contenders, size.plugs) as targets:
        for target in targets:
            await _press_all(target, _WARM_UP_ROUNDS)
        for _, target in in_turns(targets, size.blocks):
            before = target.session.processor
            await _press_all(target, size.rounds)
            spent = target.session.processor - before
            samples[target.contender].append(
                spent / (size.rounds * size.plugs) * _MICROSECONDS
            )
    what = f"processor time per toggle PUSH ({size.plugs} plugs)"
    return [compared(samples, what=what, unit="µs", goal=0.9)]


async def _press_all(target: Target, rounds: int) -> None:
    plugs = target.session.plugs
    for _ in range(rounds):
        for plug in plugs:
            plug.press()
        await target.dashboard.wait_for_changes(len(plugs))
        await asyncio.sleep(_ROUND_INTERVAL)
