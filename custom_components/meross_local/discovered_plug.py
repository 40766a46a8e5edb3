"""A plug that is not set up, and what its messages contain about it."""

from dataclasses import dataclass
from typing import Final

from .meross.identity import Identity, may_be_plug
from .meross.message import Header, Message
from .meross.model import SystemAll, parse_abilities, parse_all, parse_bind
from .meross.namespaces import Method, Namespace

# Seconds until a query without a reply is sent again, or is given up.
QUERY_TIMEOUT: Final = 5.0


@dataclass(slots=True)
class DiscoveredPlug:
    """A plug that sent a message, and what is known of it so far.

    last_header is the last one that it signed, against which a key can be tried; key is
    the one that it signs with, None while no known key is valid; suggested_key is one
    that it may sign with.
    """

    uuid: str
    last_header: Header | None = None
    key: str | None = None
    suggested_key: str | None = None
    model: str | None = None
    system_all: SystemAll | None = None
    identity: Identity | None = None
    queried_at: float = -QUERY_TIMEOUT

    @property
    def label(self) -> str:
        """Return a name for it before it is identified."""
        return f"{self.model.upper() if self.model else 'Plug'} …{self.uuid[-4:]}"

    @property
    def is_plug(self) -> bool:
        """Return whether it is a plug, as far as is known."""
        return self.model is None or may_be_plug(self.model)

    @property
    def next_query(self) -> Namespace | None:
        """Return the namespace that has to be queried next to identify it."""
        if self.system_all is None:
            return Namespace.ALL
        return Namespace.ABILITY if self.identity is None else None

    def set_key(self, key: str | None) -> None:
        """Set the key that is valid; what was signed with another one is dropped."""
        if key != self.key:
            self.key = key
            self.system_all = self.identity = None
            self.queried_at = -QUERY_TIMEOUT

    def update_from(self, message: Message) -> None:
        """Apply what a message contains about the plug; raises DecodeError."""
        header = message.header
        if header.namespace == Namespace.BIND and header.method is not Method.ERROR:
            self.model = parse_bind(message.payload).model
        elif header.method is Method.GETACK and header.namespace == Namespace.ALL:
            self.system_all = parse_all(message.payload)
            self.model = self.system_all.hardware.model
            self.queried_at = -QUERY_TIMEOUT
        elif (
            header.method is Method.GETACK
            and header.namespace == Namespace.ABILITY
            and self.system_all is not None
        ):
            abilities = parse_abilities(message.payload)
            self.identity = Identity.of(self.uuid, self.system_all, abilities)
