"""Whether a plug is there: plugs leave no last will, so silence is asked about."""

from enum import Enum, auto
import random
from typing import Final

# Seconds of silence before a plug is asked, and for each answer. With two questions and
# a look once a second, a plug is known to be gone 75 seconds after it died at most.
SILENCE: Final = 60.0
PATIENCE: Final = 5.0
_QUESTIONS: Final = 2
# Seconds in which plugs that begin to speak together have told all about themselves.
_BEGINNING: Final = 10.0


class Verdict(Enum):
    """What is to be done about a plug."""

    WAIT = auto()
    ASK = auto()
    GIVE_UP = auto()


class Presence:
    """The silence of one plug. All times are monotonic seconds.

    due is when there is something to `judge`.
    """

    def __init__(self) -> None:
        """Be silent from the beginning: nothing is asked before the first question."""
        self.due = float("inf")
        self._questions = 0
        self._begins_until = float("-inf")

    @property
    def unanswered(self) -> bool:
        """Tell whether the question before the last one went unanswered."""
        return self._questions > 1

    def heard(self, now: float) -> None:
        """Take any message as proof of life."""
        self._questions = 0
        self.due = now + SILENCE
        if now < self._begins_until:
            self._find_beat(now)

    def begin(self, now: float) -> None:
        """Find a beat of its own: others may begin to speak at the same time."""
        self._begins_until = now + _BEGINNING
        self._find_beat(now)

    def asked_with_all(self, now: float) -> None:
        """Count a question that went to every plug."""
        self.begin(now)
        self._questions = 1
        self.due = now + PATIENCE

    def stop(self) -> None:
        """Ask nothing until there is somebody to answer."""
        self.due = float("inf")

    def judge(self, now: float) -> Verdict:
        """Return what is due, and count it as done."""
        if now < self.due:
            return Verdict.WAIT
        if self._questions == _QUESTIONS:
            # Still there is a chance: it is asked once a minute until it speaks.
            self._questions -= 1
            self.due = now + SILENCE
            return Verdict.GIVE_UP
        self._questions += 1
        self.due = now + PATIENCE
        return Verdict.ASK

    def _find_beat(self, now: float) -> None:
        self.due = now + random.uniform(1, SILENCE)  # noqa: S311 (no secret)
