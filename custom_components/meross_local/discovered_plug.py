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

    key is the one that it signs with, None while no known key is valid; suggested_key
    is one that it may sign with. query is the last one; model is that of a Bind, which
    anyone may have sent.
    """

    uuid: str
    key: str | None = None
    suggested_key: str | None = None
    model: str | None = None
    query: Header | None = None
    queried_at: float = -QUERY_TIMEOUT
    sends_like_plug: bool = False
    interview: Interview = field(init=False)
    _headers: deque[Header] = field(default_factory=lambda: deque(maxlen=_MAX_HEADERS))
    _reply: Header | None = None

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
        return (
            self.has_sent and self.is_plug and (looks_like_plug or self.key is not None)
        )

    @property
    def next_query(self) -> Namespace | None:
        """Return the namespace that has to be queried next to identify it.

        The model of a Bind, which may be forged, does not end that.
        """
        return self.interview.next_query

    def set_key(self, key: str | None) -> None:
        """Set the key that is valid; what was signed with another one is dropped."""
        if key != self.key:
            self.key = key
            self.interview = Interview(self.uuid)
            self.queried_at = -QUERY_TIMEOUT

    def is_signed_with(self, key: str) -> bool:
        """Return whether the key signs one of the last messages."""
        headers = [*self._headers, *([self._reply] if self._reply else [])]
        return any(is_signed_with(header, key) for header in headers)

    def message_received(self, header: Header) -> None:
        """Keep a header, apart from others that of a reply to the query."""
        self.sends_like_plug |= header.namespace in _OF_PLUGS
        if self.query is not None and header.message_id == self.query.message_id:
            # Without a known key only what a person looks for is queried.
            self._reply, self.sends_like_plug = header, True
        else:
            self._headers.append(header)

    def update_from(self, message: Message) -> None:
        """Apply what a message contains about the plug; raises DecodeError."""
        header = message.header
        if header.namespace == Namespace.BIND and header.method is not Method.ERROR:
            self.model = parse_bind(message.payload).model or None
        elif header.method is Method.GETACK:
            self.interview.reply_received(header.namespace, message.payload)
            self.query = None
            if system_all := self.interview.system_all:
                self.model = system_all.hardware.model
            self.queried_at = -QUERY_TIMEOUT

    def query_expired(self, now: float) -> bool:
        """Return whether the query has no reply in time, and give it up.

        now is in monotonic seconds.
        """
        if self.query is None or now < self.queried_at + QUERY_TIMEOUT:
            return False
        self.query = None
        self.interview.no_reply()
        return True
