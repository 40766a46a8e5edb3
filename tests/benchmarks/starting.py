"""What a hundred plugs add to a start of Home Assistant."""

from collections.abc import Sequence
from statistics import median

from .contender import Contender
from .report import Row, Size, margin_of_error
from .session import Session, open_session

_PLUGS = 100


async def start(contenders: Sequence[Contender], size: Size) -> list[Row]:
    """Start with the plugs and without, in turns, until EVENT_HOMEASSISTANT_STARTED."""
    rows = {
        "seconds": Row(
            f"added to the start of Home Assistant, {_PLUGS} plugs",
            "s",
            digits=2,
            goal=0.1,
        ),
        "processor": Row("… processor time until then", "s", digits=2),
    }
    for contender in contenders:
        async with (
            open_session(contender, []) as empty,
            open_session(contender, contender.plugs(_PLUGS)) as full,
        ):
            await full.set_up()
            # Identities are saved when Home Assistant stops; only one runs at a time.
            await empty.environment.hass.stop()
            await full.environment.hass.stop()
            pairs = [
                (await _start(full), await _start(empty)) for _ in range(size.starts)
            ]
        for key, row in rows.items():
            added = [with_plugs[key] - without[key] for with_plugs, without in pairs]
            error = margin_of_error(added)
            row.numbers[contender] = median(added)
            row.remarks[contender] = f"± {error:.2f}"
            if contender is Contender.OURS:
                row.error = error
    return list(rows.values())


async def _start(session: Session) -> dict[str, float]:
    await session.environment.hass.start()
    await session.wait_until_idle()
    times = await session.probe("start_times")
    await session.environment.hass.stop()
    return times
