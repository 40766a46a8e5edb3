"""Wait for a condition."""

from collections.abc import Callable
from time import monotonic, sleep

_POLL_INTERVAL = 0.002


def wait_until(predicate: Callable[[], object], timeout: float = 5.0) -> None:
    """Wait on the calling thread; raise TimeoutError when it takes too long."""
    end = monotonic() + timeout
    while not predicate():
        if monotonic() > end:
            raise TimeoutError
        sleep(_POLL_INTERVAL)
