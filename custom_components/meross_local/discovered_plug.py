"""A plug that is not set up, and what its messages contain about it."""

from collections import deque
from dataclasses import dataclass, field
from typing import Final

from .meross.identity import Identity, may_be_plug
from .meross.interview import Interview
from .meross.message import Header, Message, is_signed_with
from .meross.model import parse_bind
from .meross.namespaces import Method, Namespace

# Seconds until a query without a reply is sent again, or is given up.
QUERY_TIMEOUT: Final = 5.0
# Queries to one plug within that time, whatever arrives: enough to find its key, and to
# identify it.
_MAX_QUERIES: Final = 4
# The last headers that are kept to try a key with: some may be forged.
_MAX_HEADERS: Final = 8
# What plugs send without being asked.
_OF_PLUGS: Final = {
    Namespace.CONSUMPTION_X,
    Namespace.ELECTRICITY,
    Namespace.TOGGLE,
    Namespace.TOGGLE_X,
}


@dataclass(slots=True)
class DiscoveredPlug:
    """A plug that sent a message, and what is known of it so far.

    key is the one that it signs with, None while no known key is valid; only the reply
    to a query proves it, as anyone can sign with a well-known key. suggested_key is one
    that it may sign with. query is the last one, needs_query whether one has to follow
    whatever is known; model is that of a Bind, which anyone may have sent.
    """

    uuid: str
    key: str | None = None
    is_key_proven: bool = False
    suggested_key: str | None = None
    model: str | None = None
    query: Header | None = None
    queried_at: float = -QUERY_TIMEOUT
    needs_query: bool = False
    sends_like_plug: bool = False
    interview: Interview = field(init=False)
    _headers: deque[Header] = field(default_factory=lambda: deque(maxlen=_MAX_HEADERS))
    _reply: Header | None = None
    _queries: deque[float] = field(default_factory=lambda: deque(maxlen=_MAX_QUERIES))

    def __post_init__(self) -> None:
        """Start the interview."""
        self.interview = Interview(self.uuid)

    @property
    def label(self) -> str:
        """Return a name for it before it is identified."""
        return f"{self.model.upper() if self.model else 'Plug'} …{self.uuid[-4:]}"

    @property
    def has_sent(self) -> bool:
        """Return whether it sent a message."""
        return bool(self._headers or self._reply)

    @property
    def identity(self) -> Identity | None:
        """Return what it is; None while that is not known."""
        return self.interview.result

    @property
    def is_plug(self) -> bool:
        """Return whether it is a plug, as far as is known."""
        if self.interview.is_plug is not None:
            return self.interview.is_plug
        return self.model is None or may_be_plug(self.model)

    @property
    def is_listed(self) -> bool:
        """Return whether people get to know of it."""
        looks_like_plug = self.sends_like_plug or self.model is not None
        return self.has_sent and self.is_plug and looks_like_plug

    @property
    def next_query(self) -> Namespace | None:
        """Return the namespace that has to be queried next to identify it.

        The model of a Bind, which may be forged, does not end that.
        """
        return self.interview.next_query

    def set_key(self, key: str | None, *, is_proven: bool = False) -> None:
        """Set the key that is valid; what was signed with another one is dropped."""
        self.is_key_proven = is_proven
        if key != self.key:
            self.key = key
            self.interview = Interview(self.uuid)
            self.queried_at = -QUERY_TIMEOUT

    def is_signed_with(self, key: str) -> bool:
        """Return whether the key signs one of the last messages."""
        headers = [*self._headers, *([self._reply] if self._reply else [])]
        return any(is_signed_with(header, key) for header in headers)

    def message_received(self, header: Header, key: str | None) -> bool:
        """Keep a header and follow its key; return whether its content counts.

        key is the known key that it is signed with, None where it is an unknown one.
        """
        self.sends_like_plug |= header.namespace in _OF_PLUGS
        if self._is_reply(header):
            # Without a known key only what a person looks for is queried.
            self._reply, self.sends_like_plug = header, True
            self.set_key(key, is_proven=True)
            return True
        self._headers.append(header)
        if self.is_key_proven:
            # It may have been set up anew, or the message is forged.
            self.needs_query |= self.key is None and key is not None
            if key is not None:
                self.suggested_key = key
        elif key is not None or self.query is None:
            self.set_key(key)
        return key == self.key

    def update_from(self, message: Message) -> None:
        """Apply what a message contains about the plug; raises DecodeError."""
        header, is_locked = message.header, self.key is None or not self.is_key_proven
        if header.namespace == Namespace.BIND and header.method is not Method.ERROR:
            self.model = parse_bind(message.payload).model or None
        elif header.method is Method.GETACK and not is_locked:
            if self._is_reply(header):
                self.query, self.queried_at = None, -QUERY_TIMEOUT
            self.interview.reply_received(header.namespace, message.payload)
            system_all = self.interview.system_all
            self.model = system_all.hardware.model if system_all else self.model

    def may_query(self, now: float) -> bool:
        """Return whether a query may be sent; now is in monotonic seconds."""
        started = self._queries[0] if len(self._queries) == _MAX_QUERIES else None
        return now - self.queried_at >= QUERY_TIMEOUT and (
            started is None or now - started >= QUERY_TIMEOUT
        )

    def query_sent(self, header: Header, now: float) -> None:
        """Note a query that was sent at this monotonic time."""
        self.query, self.queried_at, self.needs_query = header, now, False
        self._queries.append(now)

    def query_expired(self, now: float) -> bool:
        """Return whether the query has no reply in time, and give it up.

        now is in monotonic seconds.
        """
        if self.query is None or now < self.queried_at + QUERY_TIMEOUT:
            return False
        self.query = None
        self.interview.no_reply()
        return True

    def _is_reply(self, header: Header) -> bool:
        """Return whether a message replies to the last query."""
        return self.query is not None and header.message_id == self.query.message_id
