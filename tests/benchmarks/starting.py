"""What a hundred plugs add to a start of Home Assistant."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from statistics import median

from .cast import Size
from .contender import Contender
from .report import Goal, Row, doubt
from .stage import SetUpError, Stage, stage

_PLUGS = 100


async def start(contenders: Sequence[Contender], size: Size) -> list[Row]:
    """Start with them and with none, in turns; to EVENT_HOMEASSISTANT_STARTED."""
    row = Row(
        what=f"added to the start of Home Assistant, {_PLUGS} plugs",
        unit="s",
        digits=2,
        goal=Goal(most=0.1),
    )
    work = Row(what="… processor time until then", unit="s", digits=2)
    for contender in contenders:
        async with AsyncExitStack() as stack:
            none = await stack.enter_async_context(stage(contender, 0))
            some = await stack.enter_async_context(stage(contender, _PLUGS))
            try:
                await some.adopt(contender.plugs(_PLUGS))
            except SetUpError as error:
                row.remarks[contender.name] = f"not measured: {error}"
                continue
            # What they are is saved when Home Assistant stops; only one runs at a time.
            await none.hass.stop()
            await some.hass.stop()
            pairs = [
                (await _start(some), await _start(none)) for _ in range(2 * size.starts)
            ]
            for key, one in (("seconds", row), ("processor", work)):
                more = [with_plugs[key] - without[key] for with_plugs, without in pairs]
                off = doubt(more)
                one.numbers[contender.name] = median(more)
                one.doubts[contender.name] = off
                one.remarks[contender.name] = f"± {off:.2f}"
    return [row, work]


async def _start(here: Stage) -> dict[str, float]:
    await here.hass.start()
    await here.rest()
    started: dict[str, float] = (await here.probe("read"))["started"]
    await here.hass.stop()
    return started
