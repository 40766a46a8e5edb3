"""Actions to run later, in order."""

from collections.abc import Callable, Iterator
from heapq import heappop, heappush
from itertools import count
from time import monotonic

from .world import Action


class Timers:
    """A heap of actions; its owner takes out those that are due."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        """Start without any."""
        self.now = now
        self._order = count()
        self._heap: list[tuple[float, int, Action]] = []

    def later(self, delay: float, action: Action) -> None:
        """Schedule an action."""
        heappush(self._heap, (self.now() + delay, next(self._order), action))

    def due(self) -> Iterator[Action]:
        """Take out what is due by now, also what becomes due meanwhile."""
        while self._heap and self._heap[0][0] <= self.now():
            yield heappop(self._heap)[2]

    def until_next(self) -> float | None:
        """Return the seconds until an action is due; None without any."""
        return max(0.0, self._heap[0][0] - self.now()) if self._heap else None
