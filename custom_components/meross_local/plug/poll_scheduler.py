"""Polls of what a plug does not push: only what is shown, one query at a time.

Reading everything that a plug supports in a row is suspected of restarting plugs
(docs/protocol.md 9).
"""

from dataclasses import dataclass, field
from typing import Final

from homeassistant.core import CALLBACK_TYPE, callback

from ..const import DEFAULT_POWER_INTERVAL
from ..meross.namespaces import Namespace
from .availability import REPLY_TIMEOUT

# Seconds between two polls; that of Electricity is an option of the user.
_POLL_INTERVALS: Final = {
    Namespace.ALL: 6 * 3600.0,  # firmware, clock and time zone seldom change
    Namespace.CONSUMPTION_X: 60.0,
    Namespace.DND_MODE: 300.0,
    Namespace.OVER_TEMP: 300.0,
    Namespace.RUNTIME: 300.0,
}
# These can wait for the keepalive of a plug that is silent otherwise, so that it is not
# queried more often than once a minute.
_DEFERRABLE: Final = {Namespace.DND_MODE, Namespace.OVER_TEMP, Namespace.RUNTIME}

_AT_ONCE: Final = float("-inf")


@dataclass(slots=True)
class _Poll:
    """A query: when it is due by its interval, when in addition, and for how many."""

    due: float = _AT_ONCE
    extra_due: list[float] = field(default_factory=list)
    users: int = 0

    @property
    def next(self) -> float:
        return min(self.due, *self.extra_due) if self.extra_due else self.due


class PollScheduler:
    """The polls of one plug. All times are monotonic seconds.

    due is the earliest time at which `next_poll` returns a poll.
    """

    def __init__(self) -> None:
        """Start with the poll of System.All alone."""
        self.power_interval: float = DEFAULT_POWER_INTERVAL
        self.due = _AT_ONCE
        self._polls = {Namespace.ALL: _Poll()}
        self._open: Namespace | None = None
        self._opened_at = _AT_ONCE

    @callback
    def async_add_poll(self, namespace: Namespace) -> CALLBACK_TYPE:
        """Poll a namespace from now on, until the returned function is called."""
        poll = self._polls.setdefault(namespace, _Poll())
        poll.users += 1
        self.due = _AT_ONCE

        @callback
        def remove() -> None:
            poll.users -= 1
            if not poll.users:
                self._polls.pop(namespace, None)

        return remove

    def request_at(self, namespace: Namespace, at: float) -> None:
        """Poll a namespace at this time in addition, if it is polled at all."""
        if (poll := self._polls.get(namespace)) is not None:
            poll.extra_due.append(at)
            self.due = min(self.due, at)

    def set_power_interval(self, interval: float) -> None:
        """Poll Electricity at another interval in seconds, from now on."""
        if interval != self.power_interval:
            self.power_interval = interval
            self.request_at(Namespace.ELECTRICITY, _AT_ONCE)

    def reset(self, now: float) -> None:
        """Make every poll due but System.All, with which the plug just came back."""
        self._open = None
        self.due = _AT_ONCE
        for namespace, poll in self._polls.items():
            is_known = namespace is Namespace.ALL
            poll.due = now + _POLL_INTERVALS[namespace] if is_known else _AT_ONCE

    def reply_received(self, namespace: str) -> None:
        """Let the next poll follow the reply to the last one."""
        if namespace == self._open:
            self._open = None
            self.due = _AT_ONCE

    def next_poll(self, now: float) -> Namespace | None:
        """Return the poll that is due, if one is, and count it as sent."""
        if now < self.due:
            return None
        if self._open is not None and now - self._opened_at < REPLY_TIMEOUT:
            self.due = self._opened_at + REPLY_TIMEOUT
            return None
        has_frequent_poll = not self._polls.keys() <= {Namespace.ALL, *_DEFERRABLE}
        return self._take(
            now,
            {
                namespace: poll
                for namespace, poll in self._polls.items()
                if has_frequent_poll
                or namespace not in _DEFERRABLE
                or poll.due == _AT_ONCE
            },
        )

    def due_as_keepalive(self, now: float) -> Namespace | None:
        """Return a poll that is due and can serve as keepalive, deferred ones too."""
        return self._take(now, self._polls)

    def _take(self, now: float, polls: dict[Namespace, _Poll]) -> Namespace | None:
        namespace, poll = min(polls.items(), key=lambda item: item[1].next)
        if poll.next > now:
            self.due = poll.next
            return None
        poll.due = now + _POLL_INTERVALS.get(namespace, self.power_interval)
        poll.extra_due = [at for at in poll.extra_due if at > now]
        self._open, self._opened_at = namespace, now
        self.due = now + REPLY_TIMEOUT
        return namespace
