"""A week of two hundred metering plugs: python -m tests.benchmarks.soak.

They are asked what flows every ten seconds. Of each day some minutes are lived through,
midnight among them, with power cuts and a broker that restarts; the hours between are
leapt over. Memory, timers and tasks have to stay as they are after the second day, when
all that has an end is full, and the event loop must never be blocked.
"""

from argparse import ArgumentParser
import asyncio
from dataclasses import dataclass
from datetime import timedelta
import gc
import logging
from pathlib import Path
from random import Random
import resource
import sys
import tracemalloc
from typing import Final

from homeassistant.util import dt as dt_util

from tests.simulator import SimulatedPlug

from .town import Town, run, town, true_time

_PLUGS: Final = 200
_DAYS: Final = 7
_MINUTE: Final = 60.0
_HOUR: Final = 3600.0
# Seconds around each midnight that are lived through.
_BEFORE: Final = 3 * _MINUTE
_AFTER: Final = 7 * _MINUTE
# The first day whose noon is compared with the last one's.
_FIRST: Final = 2
# Bytes a plug and day that may be more by then: a plug tells of one more day each day,
# which stands in the last messages that are kept of it.
_MORE_TRACED: Final = 1_000
_MORE_RESIDENT: Final = 4_000
_SLACK: Final = 16 << 20
_MORE_TIMERS: Final = 5
_MORE_TASKS: Final = 2
# Times that a turn of the event loop may take longer by then, and seconds besides. How
# long it takes says nothing: being watched and frozen in time slows all down.
_LONGER: Final = 3
_LONGER_STILL: Final = 0.2


# What holds the plugs and the town itself.
_NOT_OURS: Final = [
    tracemalloc.Filter(False, pattern)  # noqa: FBT003
    for pattern in ("*/tests/*", "*/tracemalloc.py", "*/freezegun/*")
]


@dataclass(frozen=True, slots=True)
class Look:
    """What there is at a noon."""

    traced: int
    resident: int
    timers: int
    tasks: int

    @classmethod
    def now(cls, here: Town) -> Look:
        """Look; rubbish is left out, and what the plugs themselves remember."""
        hass = here.hass
        for plug in here.plugs:
            plug.inbox.clear()
            plug.outbox.clear()
        gc.collect()
        snapshot = tracemalloc.take_snapshot().filter_traces(_NOT_OURS)
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
        scheduled: list[asyncio.TimerHandle] = hass.loop._scheduled  # type: ignore[attr-defined]
        return cls(
            traced=sum(one.size for one in snapshot.statistics("filename")),
            resident=pages * resource.getpagesize(),
            timers=sum(not handle.cancelled() for handle in scheduled),
            tasks=len(asyncio.all_tasks(hass.loop)),
        )

    def complaints(self, first: Look, plugs: int, days: int) -> list[str]:
        """Return what has become more than it may since the first look."""
        allowed = {
            "traced": _MORE_TRACED * plugs * days + _SLACK // 16,
            "resident": _MORE_RESIDENT * plugs * days + _SLACK,
            "timers": _MORE_TIMERS,
            "tasks": _MORE_TASKS,
        }
        return [
            f"{name}: {getattr(first, name)}, then {getattr(self, name)}"
            for name, more in allowed.items()
            if getattr(self, name) > getattr(first, name) + more
        ]


class Week:
    """The days of one town."""

    def __init__(self, here: Town, seed: int) -> None:
        """Begin."""
        self._town = here
        self._random = Random(seed)  # noqa: S311 (no secret)
        self.looks: list[Look] = []
        self.longest: list[float] = []

    async def day(self) -> None:
        """Live through noon and midnight."""
        here = self._town
        here.longest = 0.0
        await here.passes(2 * _MINUTE)
        await self._power_cut()
        await self._broker_restart()
        await self._clicks()
        now = dt_util.now()
        tomorrow = dt_util.start_of_local_day(now + timedelta(days=1))
        midnight = tomorrow.timestamp()
        here.leap(midnight - now.timestamp() - _BEFORE)
        await here.passes(_BEFORE + _AFTER)
        here.leap(11 * _HOUR)
        # All that was due in the hours that were leapt over, and its answers.
        await here.passes(3 * _MINUTE)
        self.longest.append(here.longest)
        self._expect_truth()
        self.looks.append(Look.now(here))

    async def _power_cut(self) -> None:
        here = self._town
        gone = self._random.sample(here.plugs, len(here.plugs) // 4)
        for plug in gone:
            plug.power_off()
        await here.passes(self._random.uniform(5, 100))
        for plug in gone:
            plug.power_on()
        await here.passes(_MINUTE)

    async def _broker_restart(self) -> None:
        here = self._town
        here.lose()
        await here.passes(self._random.uniform(1, 30))
        here.restore()
        await here.passes(_MINUTE)

    async def _clicks(self) -> None:
        here = self._town
        for plug in self._random.sample(here.plugs, len(here.plugs) // 4):
            plug.press()
            await here.passes(0.1)

    def _expect_truth(self) -> None:
        here = self._town
        wrong = [
            plug.uuid
            for plug in here.plugs
            if (shown := here.hass.states.get(_entity_id(plug))) is None
            or shown.state != ("on" if plug.onoff() else "off")
        ]
        if wrong:
            sys.exit(f"{len(wrong)} switches are wrong")


def _entity_id(plug: SimulatedPlug) -> str:
    return f"switch.{plug.model.type}_{plug.uuid[-4:]}"


async def _main() -> None:
    parser = ArgumentParser(prog="python -m tests.benchmarks.soak")
    parser.add_argument("--plugs", type=int, default=_PLUGS)
    parser.add_argument("--days", type=int, default=_DAYS)
    parser.add_argument("--seconds", type=float, help="no new day after so many")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    logging.disable(logging.ERROR)
    began = true_time()
    async with town() as here:
        plugs = [
            SimulatedPlug("mss305", number) for number in range(1, options.plugs + 1)
        ]
        await here.set_up(plugs)
        await here.passes(_MINUTE)
        for plug in plugs[::2]:
            plug.press()
        tracemalloc.start()
        week = Week(here, options.seed)
        for number in range(1, options.days + 1):
            await week.day()
            seconds = true_time() - began
            _report(number, here, week, seconds)
            if options.seconds and number > _FIRST and seconds > options.seconds:
                break
        first, last = week.looks[_FIRST - 1 :][0], week.looks[-1]
        days = len(week.looks) - _FIRST
    complaints = last.complaints(first, options.plugs, days)
    before, after = week.longest[_FIRST - 1 :][0], week.longest[-1]
    if after > _LONGER * before + _LONGER_STILL:
        complaints.append(f"a turn of the event loop: {before:.2f} s, then {after:.2f}")
    if complaints:
        sys.exit("\n".join(complaints))


def _report(day: int, here: Town, week: Week, seconds: float) -> None:
    look = week.looks[-1]
    sys.stdout.write(
        f"day {day}: {here.messages} messages, {look.traced >> 10} KiB traced,"
        f" {look.resident >> 10} KiB resident, {look.timers} timers,"
        f" {look.tasks} tasks, longest turn {1000 * here.longest:.0f} ms,"
        f" {seconds:.0f} s\n"
    )
    sys.stdout.flush()


if __name__ == "__main__":
    run(_main())
