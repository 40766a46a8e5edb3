"""What a plug does not say by itself is asked: only what is shown, one at a time.

Tours of everything a plug might know are suspected of rebooting it (meross_lan#528).
"""

from dataclasses import dataclass, field
from typing import Final

from homeassistant.core import CALLBACK_TYPE, callback

from .const import DEFAULT_POWER_INTERVAL
from .meross.namespaces import Namespace
from .presence import PATIENCE

# Seconds between two questions; that of Electricity is for the user to choose.
_INTERVALS: Final = {
    Namespace.ALL: 6 * 3600.0,  # firmware, clock and time zone seldom change
    Namespace.CONSUMPTION_X: 60.0,
    Namespace.DND_MODE: 300.0,
    Namespace.OVER_TEMP: 300.0,
    Namespace.RUNTIME: 300.0,
}
# These can wait until a plug that says nothing is asked whether it is there: so that it
# is not asked more often than once a minute.
_PATIENT: Final = {Namespace.DND_MODE, Namespace.OVER_TEMP, Namespace.RUNTIME}

_AT_ONCE: Final = float("-inf")


@dataclass(slots=True)
class _Need:
    """A question: when it is due by its interval, and when besides."""

    due: float = _AT_ONCE
    besides: list[float] = field(default_factory=list)
    users: int = 0

    @property
    def next(self) -> float:
        return min(self.due, *self.besides) if self.besides else self.due


class Polling:
    """The questions to one plug. All times are monotonic seconds.

    due is when there may be something to ask.
    """

    def __init__(self) -> None:
        """Need nothing but a look at the whole from time to time."""
        self.power_interval: float = DEFAULT_POWER_INTERVAL
        self.due = _AT_ONCE
        self._needs = {Namespace.ALL: _Need()}
        self._asked: Namespace | None = None
        self._asked_at = _AT_ONCE

    @callback
    def async_need(self, namespace: Namespace) -> CALLBACK_TYPE:
        """Ask from now on, until the returned function is called."""
        need = self._needs.setdefault(namespace, _Need())
        need.users += 1
        self.due = _AT_ONCE

        @callback
        def end() -> None:
            need.users -= 1
            if not need.users:
                self._needs.pop(namespace, None)

        return end

    def hurry(self, namespace: Namespace, at: float) -> None:
        """Ask at this time too, if at all."""
        if (need := self._needs.get(namespace)) is not None:
            need.besides.append(at)
            self.due = min(self.due, at)

    def use_power_interval(self, interval: float) -> None:
        """Ask what flows at another interval, from now on."""
        if interval != self.power_interval:
            self.power_interval = interval
            self.hurry(Namespace.ELECTRICITY, _AT_ONCE)

    def renew(self, now: float) -> None:
        """Ask everything at once: the plug is back, as its System.All has told."""
        self._asked = None
        self.due = _AT_ONCE
        for namespace, need in self._needs.items():
            is_told = namespace is Namespace.ALL
            need.due = now + _INTERVALS[namespace] if is_told else _AT_ONCE

    def answered(self, namespace: str) -> None:
        """Let the next question go."""
        if namespace == self._asked:
            self._asked = None
            self.due = _AT_ONCE

    def next(self, now: float) -> Namespace | None:
        """Return the question whose turn it is, and count it as asked."""
        if now < self.due:
            return None
        if self._asked is not None and now - self._asked_at < PATIENCE:
            self.due = self._asked_at + PATIENCE
            return None
        is_talking = not self._needs.keys() <= {Namespace.ALL, *_PATIENT}
        return self._ask(
            now,
            {
                namespace: need
                for namespace, need in self._needs.items()
                if is_talking or namespace not in _PATIENT or need.due == _AT_ONCE
            },
        )

    def beat(self, now: float) -> Namespace | None:
        """Return a question that can serve to find out whether the plug is there."""
        return self._ask(now, self._needs)

    def _ask(self, now: float, needs: dict[Namespace, _Need]) -> Namespace | None:
        namespace, need = min(needs.items(), key=lambda item: item[1].next)
        if need.next > now:
            self.due = need.next
            return None
        need.due = now + _INTERVALS.get(namespace, self.power_interval)
        need.besides = [at for at in need.besides if at > now]
        self._asked, self._asked_at = namespace, now
        self.due = now + PATIENCE
        return namespace
