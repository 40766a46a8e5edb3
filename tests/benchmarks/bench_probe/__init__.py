"""Measure a Home Assistant from inside: its start, its memory, its event loop.

It is installed beside every contender.
"""

import asyncio
import ctypes
import gc
import os
from pathlib import Path
import resource
import time
from typing import Any, Final

from homeassistant.core import HomeAssistant, ServiceCall, SupportsResponse
from homeassistant.helpers.start import async_at_started
from homeassistant.util.json import JsonObjectType

DOMAIN: Final = "bench_probe"

_WATCH_INTERVAL: Final = 0.002


class _Probe:
    """Provide the measurements as actions."""

    def __init__(self, hass: HomeAssistant) -> None:
        self._hass = hass
        self._start_times: JsonObjectType = {}
        self._longest = {"block": 0.0, "work": 0.0}
        self._watch_task: asyncio.Task[None] | None = None

    async def record_start(self, _hass: HomeAssistant) -> None:
        """Record how long the start took, and its processor time, in seconds."""
        self._start_times = {
            "seconds": time.clock_gettime(time.CLOCK_BOOTTIME) - _process_start(),
            "processor": time.process_time(),
        }

    async def start_times(self, _call: ServiceCall) -> JsonObjectType:
        """Return the recorded times of the start."""
        return self._start_times

    async def memory(self, _call: ServiceCall) -> JsonObjectType:
        """Return the resident memory after garbage collection, in bytes."""
        gc.collect()
        ctypes.CDLL(None).malloc_trim(0)
        return {"resident": _resident()}

    async def watch(self, _call: ServiceCall) -> JsonObjectType:
        """Start to measure how long the event loop is blocked."""
        self._longest = {"block": 0.0, "work": 0.0}
        self._watch_task = self._hass.async_create_background_task(
            self._watch(), "benchmark watch"
        )
        return {}

    async def unwatch(self, _call: ServiceCall) -> JsonObjectType:
        """Stop that; return the longest block and work in seconds.

        The work leaves out the processor time that other processes took meanwhile.
        """
        if self._watch_task is not None:
            self._watch_task.cancel()
        return {**self._longest}

    async def _watch(self) -> None:
        before, spent_before = time.monotonic(), time.thread_time()
        while True:
            await asyncio.sleep(_WATCH_INTERVAL)
            now, spent = time.monotonic(), time.thread_time()
            block, work = now - before - _WATCH_INTERVAL, spent - spent_before
            self._longest["block"] = max(self._longest["block"], block)
            self._longest["work"] = max(self._longest["work"], work)
            before, spent_before = now, spent


def _process_start() -> float:
    """Return when this process started, in seconds since the boot."""
    # After its name, which may hold blanks: field 22 of proc(5).
    fields = Path("/proc/self/stat").read_text("ascii").rpartition(")")[2].split()
    return int(fields[19]) / os.sysconf("SC_CLK_TCK")


def _resident() -> int:
    """Return the bytes of memory that this process holds."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize()


async def async_setup(hass: HomeAssistant, _config: dict[str, Any]) -> bool:
    """Register the actions of this domain."""
    probe = _Probe(hass)
    for action in (probe.start_times, probe.memory, probe.watch, probe.unwatch):
        hass.services.async_register(
            DOMAIN,
            action.__name__,
            action,
            supports_response=SupportsResponse.OPTIONAL,
        )
    async_at_started(hass, probe.record_start)
    return True
