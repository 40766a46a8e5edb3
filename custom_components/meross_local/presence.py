"""Whether a plug is there: plugs leave no last will, so silence is asked about."""

from enum import Enum, auto
import random
from typing import Final

# Seconds of silence before a plug is asked, and for each answer. With two questions and
# a look once a second, a plug is known to be gone 75 seconds after it died at most.
SILENCE: Final = 60.0
PATIENCE: Final = 5.0
_QUESTIONS: Final = 2


class Verdict(Enum):
    """What is to be done about a plug."""

    WAIT = auto()
    ASK = auto()
    GIVE_UP = auto()


class Presence:
    """The silence of one plug. All times are monotonic seconds."""

    def __init__(self) -> None:
        """Be silent from the beginning: nothing is asked before the first question."""
        self._questions = 0
        self._next = float("inf")
        self._in_step = False

    @property
    def unanswered(self) -> bool:
        """Tell whether the question before the last one went unanswered."""
        return self._questions > 1

    def heard(self, now: float) -> None:
        """Take any message as proof of life."""
        self._questions = 0
        self._next = now + SILENCE
        if self._in_step:
            # All plugs were asked at once: from here on each has a beat of its own.
            self._in_step = False
            self._next = now + random.uniform(1, SILENCE)  # noqa: S311 (no secret)

    def asked_with_all(self, now: float) -> None:
        """Count a question that went to every plug."""
        self._in_step = True
        self._questions = 1
        self._next = now + PATIENCE

    def stop(self) -> None:
        """Ask nothing until there is somebody to answer."""
        self._next = float("inf")

    def judge(self, now: float) -> Verdict:
        """Return what is due, and count it as done."""
        if now < self._next:
            return Verdict.WAIT
        if self._questions == _QUESTIONS:
            # Still there is a chance: it is asked once a minute until it speaks.
            self._questions -= 1
            self._next = now + SILENCE
            return Verdict.GIVE_UP
        self._questions += 1
        self._next = now + PATIENCE
        return Verdict.ASK
