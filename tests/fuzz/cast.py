"""The plugs that the fuzzer speaks for."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

from tests.simulator.identity import identity

HUB_KEY: Final = "the hub's key"


@dataclass(frozen=True)
class Speaker:
    """A plug: its number gives its uuid; channels are those that it is set up with."""

    number: int
    key: str
    model: str = ""
    channels: tuple[int, ...] = ()

    @cached_property
    def uuid(self) -> str:
        """Its uuid."""
        return identity(self.number, 0).uuid


# Set up from the beginning: one outlet, a strip, and one of the first generation.
KNOWN: Final = (
    Speaker(1, "meross", "mss210", (0,)),
    Speaker(2, "a key of its own", "mss425e", (0, 1, 2, 3, 4)),
    Speaker(3, "", "mss210", (0,)),
)
FIRST_GENERATION: Final = KNOWN[2]

# Only these may be set up in addition; nobody here knows the key of the last.
NEWCOMERS: Final = (
    Speaker(4, "meross"),
    Speaker(5, ""),
    Speaker(6, HUB_KEY),
    Speaker(7, "a key that nobody knows"),
)
SPEAKERS: Final = (*KNOWN, *NEWCOMERS)
