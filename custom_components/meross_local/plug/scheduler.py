"""What a plug is queried for, and when: one query at a time.

Reading everything that a plug supports in a row is suspected of restarting plugs
(docs/protocol.md 9). Plugs leave no last will, so silence is queried too.
"""

from dataclasses import dataclass
from typing import Final

from ..const import DEFAULT_POWER_INTERVAL
from ..meross.namespaces import Namespace

# Seconds between two queries for the state of the outlets, whatever else is polled:
# any message may have been lost. With two queries and a check once a second, a plug is
# known to be gone at most 75 seconds after it left.
STATE_INTERVAL: Final = 60.0
REPLY_TIMEOUT: Final = 5.0
MAX_UNANSWERED: Final = 2
# Seconds between any two queries, whatever causes them.
MIN_QUERY_INTERVAL: Final = 2.0
# Seconds between two polls; that of Electricity is an option of the user.
_POLL_INTERVALS: Final = {
    Namespace.ABILITY: 60.0,  # only after a firmware update
    Namespace.ALL: 6 * 3600.0,  # firmware, clock and time zone seldom change
    Namespace.CONSUMPTION_X: 60.0,
    Namespace.DND_MODE: 300.0,
    Namespace.OVER_TEMP: 300.0,
    Namespace.RUNTIME: 300.0,
}

_NOW: Final = float("-inf")
_NEVER: Final = float("inf")


@dataclass(slots=True)
class _Poll:
    """A query: when it is due, and how many entities need it."""

    due: float = _NOW
    users: int = 0


class Scheduler:
    """The queries of one plug. All times are monotonic seconds.

    spread is from 0 to 1, another one for each plug: those that connect at the same
    time are not queried at the same time for ever. due is the time from which
    `next_query` has something to do.
    """

    def __init__(self, state_query: Namespace, spread: float) -> None:
        """Start with nothing due before the first query."""
        self.power_interval: float = DEFAULT_POWER_INTERVAL
        self.due = _NEVER
        self.unanswered = 0
        """How many queries in a row had no reply, and nothing else arrived."""
        self._state_query = state_query
        self._spread = spread
        self._is_available = False
        self._polls = {Namespace.ALL: _Poll(_NEVER), state_query: _Poll(_NEVER)}
        self._open: Namespace | None = None
        self._sent = self._connected = self._reset = _NOW

    @property
    def is_silent(self) -> bool:
        """Return whether so many queries had no reply that the plug must be gone."""
        return self.unanswered >= MAX_UNANSWERED

    def add_poll(self, namespace: Namespace) -> None:
        """Poll a namespace until `remove_poll` was called as often."""
        poll = self._polls.setdefault(namespace, _Poll())
        poll.users += 1
        self._update_due(_NOW)

    def remove_poll(self, namespace: Namespace) -> None:
        """Poll a namespace for one entity less."""
        poll = self._polls[namespace]
        poll.users -= 1
        if not poll.users:
            del self._polls[namespace]

    def set_power_interval(self, interval: float) -> None:
        """Poll Electricity at another interval in seconds, from now on."""
        if interval != self.power_interval:
            self.power_interval = interval
            self.request(Namespace.ELECTRICITY, _NOW)

    def start(self, now: float) -> None:
        """Poll everything of a plug that just became available with its state."""
        self._is_available = True
        for namespace, poll in self._polls.items():
            if namespace in {Namespace.ALL, self._state_query}:
                poll.due = now + self._interval(namespace)
            else:
                poll.due = now
        self._polls[self._state_query].due = now + STATE_INTERVAL * self._spread
        self._update_due(now)

    def stop(self, now: float) -> None:
        """Query a plug that is gone only for a sign of life, ever more seldom."""
        self._is_available = False
        self._polls[Namespace.ALL].due = now + REPLY_TIMEOUT
        # A plug may be reset right after it has connected, but not again and again.
        if self._reset + REPLY_TIMEOUT <= now < self._connected + REPLY_TIMEOUT:
            self._reset, self._connected = now, _NOW
        self._update_due(now)

    def pause(self) -> None:
        """Query nothing until the next request: there is no broker that delivers."""
        self._is_available = False
        self.unanswered = 0
        self._open = None
        self._polls[Namespace.ALL].due = self.due = _NEVER

    def request(self, namespace: Namespace, at: float) -> None:
        """Query a namespace at this time and not before, if it is polled at all."""
        if (poll := self._polls.get(namespace)) is not None:
            poll.due = at
            self._update_due(at)

    def request_state(self, now: float) -> None:
        """Query the state of the outlets soon: there is doubt about it."""
        self._request_soon(self._state_query, now)

    def request_all(self, now: float) -> None:
        """Query everything that may have changed without a message soon."""
        self._request_soon(Namespace.ALL, now)

    def connected(self, now: float) -> None:
        """Query everything of a plug that has just connected, at once.

        That is done once in five seconds, however often it connects.
        """
        if now >= self._connected + REPLY_TIMEOUT:
            self._connected, self._sent, self._open = now, _NOW, None
        self.request_all(now)

    def command_unanswered(self, now: float) -> None:
        """Count a command without a reply as an unanswered query; query the state."""
        self.unanswered = max(self.unanswered, 1)
        self._retry(now)

    def message_received(self) -> None:
        """Count a message as a sign of life."""
        self.unanswered = 0
        if not self._is_available:
            # It was sent to a plug that was not there, or its reply got lost.
            self._open = None

    def reply_received(self, namespace: str, now: float) -> None:
        """Let the next query follow the reply to the open one."""
        if namespace == self._open:
            self._open = None
            self._update_due(now)

    def query_sent(self, namespace: Namespace, now: float) -> None:
        """Count a query as sent, by `next_query` or to all plugs at once."""
        self._open, self._sent = namespace, now
        self.due = now + REPLY_TIMEOUT
        # System.All has the state in its reply.
        with_reply = {namespace}
        if namespace is Namespace.ALL:
            with_reply.add(self._state_query)
        for each in with_reply:
            self._polls[each].due = now + self._interval(each)

    def missing_reply(self, now: float) -> Namespace | None:
        """Return the query that had no reply in time, if one had none.

        The state is queried next: the plug may be gone.
        """
        namespace = self._open
        if namespace is None or now < self._sent + REPLY_TIMEOUT:
            return None
        self._open = None
        self.unanswered += 1
        self._retry(now)
        return namespace

    def next_query(self, now: float) -> Namespace | None:
        """Return the query that is due, if one is, and count it as sent."""
        if now < self.due:
            return None
        earliest = self._sent + MIN_QUERY_INTERVAL
        if self._open is not None:
            earliest = self._sent + REPLY_TIMEOUT
        if now < earliest:
            self.due = earliest
            return None
        polls = self._polls if self._is_available else {Namespace.ALL}
        # Of equals the energy first: what reacts to the power may need it.
        namespace = min(
            polls,
            key=lambda each: (self._polls[each].due, each != Namespace.CONSUMPTION_X),
        )
        if self._polls[namespace].due > now:
            self.due = self._polls[namespace].due
            return None
        self.query_sent(namespace, now)
        return namespace

    def _retry(self, now: float) -> None:
        """Query the state before everything else that is due."""
        if self._is_available:
            self.request(self._state_query, _NOW)
        else:
            # Ever more seldom, up to once a minute.
            wait = REPLY_TIMEOUT * 2 ** min(self.unanswered - 1, 4)
            is_first = not self.is_silent
            self.request(
                Namespace.ALL, now if is_first else now + min(wait, STATE_INTERVAL)
            )

    def _request_soon(self, namespace: Namespace, now: float) -> None:
        poll = self._polls[namespace if self._is_available else Namespace.ALL]
        # Before everything else that is due.
        poll.due = _NOW
        self._update_due(now)

    def _update_due(self, at: float) -> None:
        self.due = min(self.due, at)

    def _interval(self, namespace: Namespace) -> float:
        # A plug that is gone is queried until it replies, whatever else it sends.
        if not self._is_available:
            return REPLY_TIMEOUT
        if namespace is self._state_query:
            return STATE_INTERVAL
        return _POLL_INTERVALS.get(namespace, self.power_interval)
