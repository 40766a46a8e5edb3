"""How often simulated plugs were queried."""

from collections import Counter
from itertools import pairwise

from tests.simulator import SimulatedPlug


def count_queries(plug: SimulatedPlug) -> Counter[str]:
    """Count the GET requests to a plug by the last part of their namespace."""
    return Counter(
        entry.message.namespace.rpartition(".")[2]
        for entry in plug.heard
        if entry.message is not None and entry.message.method == "GET"
    )


def query_times(plug: SimulatedPlug, namespace: str) -> list[float]:
    """Return when a plug was queried for a namespace."""
    return [
        entry.at
        for entry in plug.heard
        if entry.message is not None
        and (entry.message.method, entry.message.namespace) == ("GET", namespace)
    ]


def query_intervals(plug: SimulatedPlug, namespace: str) -> list[int]:
    """Return the whole seconds between queries: the hub checks once a second."""
    times = query_times(plug, namespace)
    return [round(after - before) for before, after in pairwise(times)]
