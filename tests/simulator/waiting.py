"""Waiting for something to become true."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic, sleep

_STEP = 0.002


def wait_until(
    predicate: Callable[[], object],
    timeout: float = 5.0,
    *,
    now: Callable[[], float] = monotonic,
) -> None:
    """Wait on the calling thread; TimeoutError when it takes too long."""
    end = now() + timeout
    while not predicate():
        if now() > end:
            raise TimeoutError
        sleep(_STEP)
