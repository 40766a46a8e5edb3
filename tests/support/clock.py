"""A clock that only moves on request, for everything that reads the time."""

import asyncio
from datetime import timedelta
import time
from typing import Final

from freezegun.api import (
    FrozenDateTimeFactory,
    StepTickTimeFactory,
    TickingDateTimeFactory,
)
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from tests.simulator.timers import Timers

HOUR: Final = 3600
DAY: Final = 24 * HOUR

# Seconds for the polls that are all due after a long step, one every two seconds.
_POLL_TIME: Final = 8
# Turns of the event loop: other threads may need the first few to hand over a result.
_MIN_TURNS: Final = 4
_MAX_TURNS: Final = 10_000
_MAX_TURNS_AT_ONCE: Final = 100
# Seconds: events that are closer together share a step; and the clock's resolution.
_MIN_STEP: Final = 0.001
_RESOLUTION: Final = 0.000_001
_TASK_CHECK_INTERVAL: Final = 0.25
# Seconds of real time that threads get before each check of a task.
_THREAD_TIME: Final = 0.001

type FrozenTime = FrozenDateTimeFactory | TickingDateTimeFactory | StepTickTimeFactory


def real_monotonic() -> float:
    """Return seconds of real time, which freezegun does not stop."""
    return time.clock_gettime(time.CLOCK_MONOTONIC)


def seconds_until_midnight(days: int = 1) -> float:
    """Return the seconds until the next local midnight, or a later one."""
    now = dt_util.now()
    midnight = dt_util.start_of_local_day(now + timedelta(days=days))
    return midnight.timestamp() - now.timestamp()


class SteppedClock:
    """Move time from one event to the next, for Home Assistant and simulated plugs."""

    def __init__(
        self, hass: HomeAssistant, frozen: FrozenTime, *, min_turns: int = _MIN_TURNS
    ) -> None:
        """Initialize with the time that freezegun has stopped."""
        self.timers = Timers(now=time.monotonic)
        """What simulated plugs do later; it runs between turns of the event loop."""
        self.longest_turn = 0.0
        """Seconds of real time that one turn of the event loop took."""
        self.excluded = 0.0
        """Seconds of the current turn that are not counted."""
        self._settling = 0
        self.now = time.monotonic()
        self._loop = hass.loop
        self._frozen = frozen
        self._min_turns = min_turns

    def tick(self, seconds: float) -> None:
        """Move time without running anything that becomes due."""
        self._frozen.tick(timedelta(seconds=seconds))
        self.now = time.monotonic()

    async def settle(self) -> None:
        """Run everything that needs no time."""
        self._settling += 1
        try:
            await self._settle()
        finally:
            self._settling -= 1

    async def advance(self, seconds: float) -> None:
        """Move time, and run each thing that becomes due at its time."""
        end = time.monotonic() + seconds
        await self.settle()
        while (left := end - time.monotonic()) > 0:
            step = min(left, max(_MIN_STEP, self._until_next()))
            self.tick(max(_RESOLUTION, step))
            await self.settle()

    async def leap(self, seconds: float, step: float = 1.0) -> None:
        """Move time in steps; what becomes due within a step runs late, at its end."""
        while seconds > 0:
            this_step = min(step, seconds)
            seconds -= step
            if this_step < 2 * _POLL_TIME:
                self.tick(this_step)
                await self.settle()
            else:
                self.tick(this_step - _POLL_TIME)
                await self.advance(_POLL_TIME)

    async def until[Result](
        self, task: asyncio.Task[Result], timeout_seconds: float = 60
    ) -> Result:
        """Move time until the task is done; return its result."""
        end = time.monotonic() + timeout_seconds
        while not task.done():
            assert time.monotonic() < end, "the task is still not done"
            await asyncio.to_thread(time.sleep, _THREAD_TIME)
            await self.advance(_TASK_CHECK_INTERVAL)
        return await task

    async def _settle(self) -> None:
        for turn in range(_MAX_TURNS):
            self.excluded, started = 0.0, real_monotonic()
            await asyncio.sleep(0)
            took = real_monotonic() - started - self.excluded
            self.longest_turn = max(self.longest_turn, took)
            acted = [action() for action in self.timers.due()]
            # Each other task that settles is ready once a turn.
            ready = len(self._loop._ready) - self._settling + 1  # type: ignore[attr-defined]
            if not acted and ready <= 0 and turn >= self._min_turns:
                return
            if turn % _MAX_TURNS_AT_ONCE == _MAX_TURNS_AT_ONCE - 1:
                # A timer whose time differs from now by a rounding error runs forever.
                self.tick(_RESOLUTION)
        raise RuntimeError("the event loop never becomes idle")

    def _until_next(self) -> float:
        """Return the seconds until anything is due, for Home Assistant or a plug."""
        scheduled: list[asyncio.TimerHandle] = self._loop._scheduled  # type: ignore[attr-defined]
        times = [scheduled[0].when() - time.monotonic()] if scheduled else []
        left = self.timers.until_next()
        if left is not None:
            times.append(left)
        return min(times, default=float("inf"))
