"""A long run that nothing guides: whether a million messages cost memory."""

from collections import deque
from dataclasses import dataclass
import gc
from pathlib import Path
from random import Random
import resource
import sys
import time
from typing import Final

from .house import House
from .mutate import flip, mutate
from .promises import BrokenPromiseError
from .script import Kind, Mode, Step, write
from .seeds import seeds

# What may be kept beyond what was there after the first part: caches still fill.
_MORE_BLOCKS: Final = 20_000
_MORE_BYTES: Final = 8 << 20

_PARTS: Final = 10
_FLOODS: Final = 0.1
_PRELUDE: Final = 64  # floods, to fill all that has an end
_KEPT: Final = 1000


@dataclass(frozen=True)
class Memory:
    """What the process holds, rubbish left out."""

    blocks: int
    resident: int

    @classmethod
    def now(cls) -> Memory:
        """Measure."""
        gc.collect()
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
        return cls(sys.getallocatedblocks(), pages * resource.getpagesize())


def soak(messages: int, seed: int, crashes: Path) -> None:
    """Play mutated scripts; compare the memory after a tenth with that at the end."""
    house, random = House(), Random(seed)  # noqa: S311 (no secret)
    player = _Player(house, crashes)
    started = time.monotonic()
    player.play(_prelude(random), afresh=True)
    measured: list[Memory] = []
    for part in range(1, _PARTS + 1):
        while house.messages < messages * part // _PARTS:
            steps = _flood(random) if random.random() < _FLOODS else _any(random)
            player.play(steps)
        measured.append(Memory.now())
        _report(house, measured[-1], time.monotonic() - started)
    first, last = measured[0], measured[-1]
    more = last.blocks - first.blocks, last.resident - first.resident
    if more[0] > _MORE_BLOCKS or more[1] > _MORE_BYTES:
        sys.exit(f"memory grew by {more[0]} blocks and {more[1]} bytes")


def _any(random: Random) -> list[Step]:
    return mutate([*random.choice(seeds())], random, flip(random))


def _flood(random: Random) -> list[Step]:
    """Return messages of invented uuids, each another one."""
    payload = random.choice(random.choice(seeds())[:1]).payload
    before, name, after = payload.partition(b'"messageId":"')
    return [
        Step(
            Kind.STRANGER,
            Mode.OTHER_KEY,
            before + name + b"%032x" % random.getrandbits(128) + after[32:],
        )
        for _ in range(64)
    ]


def _prelude(random: Random) -> list[Step]:
    return [step for _ in range(_PRELUDE) for step in _flood(random)]


class _Player:
    """Plays scripts one after the other, and keeps the last steps."""

    def __init__(self, house: House, crashes: Path) -> None:
        self._house = house
        self._crashes = crashes
        self._played: deque[Step] = deque(maxlen=_KEPT)

    def play(self, steps: list[Step], *, afresh: bool = False) -> None:
        self._played += steps
        try:
            self._house.play(steps, afresh=afresh)
        except Exception as err:
            self._crashes.mkdir(parents=True, exist_ok=True)
            file = self._crashes / f"soak-{self._house.messages}"
            file.write_bytes(write(self._played))
            raise BrokenPromiseError(f"python -m tests.fuzz --replay {file}") from err


def _report(house: House, memory: Memory, seconds: float) -> None:
    print(
        f"{house.messages:>8} messages, {house.believed} believed,"
        f" {house.answers} answers, {house.set_ups} plugs set up,"
        f" {house.newcomers} strangers kept, {seconds:.0f} s,"
        f" {memory.blocks} blocks, {memory.resident >> 10} KiB",
        flush=True,
    )
