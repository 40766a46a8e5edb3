"""Looks at a Home Assistant from inside: what it costs, and what it is kept waiting by.

An integration of the benchmarks' own, beside each contender alike.
"""

import asyncio
from collections.abc import Callable, Coroutine
import cProfile
import ctypes
import gc
import os
from pathlib import Path
import pstats
import resource
import sys
import time
import tracemalloc
from typing import Any, Final

from homeassistant.config_entries import ConfigFlow, ConfigFlowResult
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
)
from homeassistant.helpers.start import async_at_started

DOMAIN: Final = "bench_probe"

# Seconds between two looks at whether the event loop gets round.
_BEAT: Final = 0.002
_LINES: Final = 60

type _Answer = Callable[[ServiceCall], Coroutine[Any, Any, ServiceResponse]]


class _Probe:
    """What is counted, measured and profiled."""

    def __init__(self, hass: HomeAssistant) -> None:
        self.started: dict[str, float] = {}
        self.flows = 0
        self.handlers = 0
        self._hass = hass
        self._longest = 0.0
        self._busiest = 0.0
        self._watching: asyncio.Task[None] | None = None
        self._profile: cProfile.Profile | None = None
        self._count_flows()
        if "BENCH_PROFILE" in os.environ:
            self._profile = cProfile.Profile()
            self._profile.enable()

    def _count_flows(self) -> None:
        """Count every attempt of a config flow, whatever becomes of it."""
        manager = self._hass.config_entries.flow
        init = manager.async_init

        def counted(
            *args: Any,  # noqa: ANN401 (handed on)
            **kwargs: Any,  # noqa: ANN401
        ) -> Coroutine[None, None, ConfigFlowResult]:
            self.flows += 1
            return init(*args, **kwargs)

        manager.async_init = counted  # type: ignore[method-assign]
        create = manager.async_create_flow

        async def reached(
            *args: Any,  # noqa: ANN401
            **kwargs: Any,  # noqa: ANN401
        ) -> ConfigFlow:
            self.handlers += 1
            return await create(*args, **kwargs)

        manager.async_create_flow = reached  # type: ignore[method-assign]

    async def note_start(self, _hass: HomeAssistant) -> None:
        """Note how long the start took, as a process and on its processor."""
        self.started = {
            "seconds": time.clock_gettime(time.CLOCK_BOOTTIME) - _born(),
            "processor": time.process_time(),
        }

    async def read(self, _call: ServiceCall) -> ServiceResponse:
        """Return what was counted since the last time."""
        numbers: ServiceResponse = {
            "flows": self.flows,
            "handlers": self.handlers,
            "processor": time.process_time(),
            "started": dict(self.started),
            "timers": len(self._hass.loop._scheduled),  # type: ignore[attr-defined]
            "tasks": len(asyncio.all_tasks()),
        }
        self.flows = self.handlers = 0
        return numbers

    async def memory(self, call: ServiceCall) -> ServiceResponse:
        """Return what the process holds, rubbish left out, in bytes."""
        gc.collect()
        ctypes.CDLL(None).malloc_trim(0)
        numbers: dict[str, Any] = {
            "resident": _resident(),
            "blocks": sys.getallocatedblocks(),
        }
        if tracemalloc.is_tracing():
            snapshot = tracemalloc.take_snapshot()
            numbers["traced"] = tracemalloc.get_traced_memory()[0]
            numbers["lines"] = [
                [str(statistic.traceback[0]), statistic.size, statistic.count]
                for statistic in snapshot.statistics(call.data.get("by", "filename"))[
                    : _LINES * 10
                ]
            ]
        return numbers

    async def watch(self, _call: ServiceCall) -> ServiceResponse:
        """Begin to look how long the event loop is blocked."""
        if self._watching is None:
            self._watching = self._hass.async_create_background_task(
                self._watch(), "benchmark watch"
            )
        self._longest = self._busiest = 0.0
        return {}

    async def unwatch(self, _call: ServiceCall) -> ServiceResponse:
        """End that, and tell."""
        if self._watching is not None:
            self._watching.cancel()
            self._watching = None
        # The second leaves out what other processes took of the processor meanwhile.
        return {"longest_block": self._longest, "longest_work": self._busiest}

    async def _watch(self) -> None:
        before, spent_before = time.monotonic(), time.thread_time()
        while True:
            await asyncio.sleep(_BEAT)
            now, spent = time.monotonic(), time.thread_time()
            self._longest = max(self._longest, now - before - _BEAT)
            self._busiest = max(self._busiest, spent - spent_before)
            before, spent_before = now, spent

    async def profile(self, _call: ServiceCall) -> ServiceResponse:
        """Begin to profile the event loop's thread."""
        self._profile = cProfile.Profile()
        self._profile.enable()
        return {}

    async def unprofile(self, call: ServiceCall) -> ServiceResponse:
        """End that, and write it to a file."""
        if self._profile is not None:
            self._profile.disable()
            pstats.Stats(self._profile).dump_stats(call.data["file"])
        return {}


def _born() -> float:
    """Return when this process began, in seconds since the machine did."""
    # After its name, which may hold blanks: field 22 of proc(5).
    fields = Path("/proc/self/stat").read_text("ascii").rpartition(")")[2].split()
    return int(fields[19]) / os.sysconf("SC_CLK_TCK")


def _resident() -> int:
    """Return the bytes of memory that this process holds."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize()


async def async_setup(hass: HomeAssistant, _config: dict[str, Any]) -> bool:
    """Answer as actions of this domain."""
    probe = _Probe(hass)
    actions: tuple[_Answer, ...] = (
        probe.read,
        probe.memory,
        probe.watch,
        probe.unwatch,
        probe.profile,
        probe.unprofile,
    )
    for action in actions:
        hass.services.async_register(
            DOMAIN,
            action.__name__,
            action,
            supports_response=SupportsResponse.OPTIONAL,
        )
    async_at_started(hass, probe.note_start)
    return True
