"""An input of the fuzzer: a script of messages and events, as bytes.

Signatures are made when it is played, so that what is changed can still be believed.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum, IntFlag
import struct
from typing import Final

_HEAD: Final = struct.Struct(">BBH")
MOST_STEPS: Final = 64


class Kind(IntEnum):
    """What happens in a step; the speakers come first."""

    SPEAKER = 0
    STRANGER = 7
    ANY_TOPIC = 9
    TIME = 10
    CLICK = 12
    CONNECTION = 14
    PERSON = 15


_KINDS: Final = 16


class Mode(IntFlag):
    """How a message is said."""

    OWN_KEY = 1
    OTHER_KEY = 2
    REPLY = 4
    ANSWER = 8
    RETAIN = 16


@dataclass(frozen=True, slots=True)
class Step:
    """One message or event; which bits of mode mean what depends on the kind."""

    number: int
    mode: int
    payload: bytes = b""

    @property
    def kind(self) -> Kind:
        """Return what it is."""
        number = self.number % _KINDS
        return next(kind for kind in reversed(Kind) if kind <= number)

    @property
    def speaker(self) -> int:
        """Return which of the speakers it is."""
        return self.number % _KINDS


def write(steps: Iterable[Step]) -> bytes:
    """Return the bytes of a script."""
    return b"".join(
        _HEAD.pack(step.number, step.mode, len(payload)) + payload
        for step in steps
        for payload in (step.payload[:0xFFFF],)
    )


def read(data: bytes, most: int | None = MOST_STEPS) -> list[Step]:
    """Return the steps in any bytes."""
    steps: list[Step] = []
    at = 0
    while at + _HEAD.size <= len(data) and (most is None or len(steps) < most):
        number, mode, length = _HEAD.unpack_from(data, at)
        at += _HEAD.size
        steps.append(Step(number, mode, data[at : at + length]))
        at += length
    return steps
