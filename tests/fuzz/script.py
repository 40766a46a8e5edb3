"""An input of the fuzzer: a script of messages and events, as bytes.

Signatures are made when it is played, so that changed messages can still be valid.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum, IntFlag
import struct
from typing import Final

_HEAD: Final = struct.Struct(">BBH")
MAX_STEPS: Final = 64


class Kind(IntEnum):
    """What happens in a step; up to 6 is the number of a sender."""

    SENDER = 0
    ANY_UUID = 7
    ANY_TOPIC = 9
    TIME = 10
    SWITCH = 12
    CONNECTION = 14
    USER = 15


_KINDS: Final = 16


class Mode(IntFlag):
    """How a message is published."""

    OWN_KEY = 1
    OTHER_KEY = 2
    REPLY = 4
    RESPONSE = 8
    RETAIN = 16


@dataclass(frozen=True, slots=True)
class Step:
    """One message or event; the meaning of mode depends on the kind."""

    number: int
    mode: int
    payload: bytes = b""

    @property
    def kind(self) -> Kind:
        """Return what happens."""
        number = self.number % _KINDS
        return next(kind for kind in reversed(Kind) if kind <= number)

    @property
    def sender(self) -> int:
        """Return the number of the sender."""
        return self.number % _KINDS


def encode(steps: Iterable[Step]) -> bytes:
    """Return the bytes of a script."""
    return b"".join(
        _HEAD.pack(step.number, step.mode, len(payload)) + payload
        for step in steps
        for payload in (step.payload[:0xFFFF],)
    )


def decode(data: bytes, max_steps: int | None = MAX_STEPS) -> list[Step]:
    """Return the steps in any bytes."""
    steps: list[Step] = []
    at = 0
    while at + _HEAD.size <= len(data) and (
        max_steps is None or len(steps) < max_steps
    ):
        number, mode, length = _HEAD.unpack_from(data, at)
        at += _HEAD.size
        steps.append(Step(number, mode, data[at : at + length]))
        at += length
    return steps
