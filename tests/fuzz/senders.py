"""The plugs in whose name the fuzzer publishes."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

from tests.simulator import SimulatedPlug

HUB_KEY: Final = "the hub's key"


@dataclass(frozen=True)
class Sender:
    """A plug: its number determines its uuid."""

    number: int
    key: str
    model: str = "mss210"

    @cached_property
    def uuid(self) -> str:
        """Return its uuid."""
        return self.plug().uuid

    def plug(self, model: str | None = None) -> SimulatedPlug:
        """Return it as a simulated plug."""
        return SimulatedPlug(model or self.model, self.number, key=self.key)


# In the entry from the start: one outlet, a strip, and one of the first generation.
KNOWN: Final = (
    Sender(1, "meross"),
    Sender(2, "a key of its own", "mss425e"),
    Sender(3, "", "mss210v1"),
)

# Only these may be added; the key of the last is not known.
UNKNOWN: Final = (
    Sender(4, "meross"),
    Sender(5, ""),
    Sender(6, HUB_KEY),
    Sender(7, "a key that nobody knows"),
)
SENDERS: Final = (*KNOWN, *UNKNOWN)
UUIDS: Final = {sender.uuid for sender in SENDERS}
