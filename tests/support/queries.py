"""How often simulated plugs were queried, and when they got and sent messages."""

from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

from tests.simulator import SimulatedPlug
from tests.simulator.sender import PublishedMessage, ReceivedMessage


def count_queries(plug: SimulatedPlug) -> Counter[str]:
    """Count the GET requests to a plug by the last part of their namespace."""
    return Counter(
        entry.message.namespace.rpartition(".")[2]
        for entry in plug.inbox
        if entry.message is not None and entry.message.method == "GET"
    )


def message_times(
    entries: Iterable[ReceivedMessage | PublishedMessage], namespace: str, method: str
) -> list[float]:
    """Return when a plug received or published such messages."""
    return [
        entry.at
        for entry in list(entries)
        if entry.message is not None
        and (entry.message.namespace, entry.message.method) == (namespace, method)
    ]


def query_times(plug: SimulatedPlug, namespace: str) -> list[float]:
    """Return when a plug was queried for a namespace."""
    return message_times(plug.inbox, namespace, "GET")


def query_intervals(plug: SimulatedPlug, namespace: str) -> list[int]:
    """Return the whole seconds between queries: the hub checks once a second."""
    times = query_times(plug, namespace)
    return [round(after - before) for before, after in pairwise(times)]
