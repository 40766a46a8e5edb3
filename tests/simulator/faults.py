"""Faults of a plug and of its connection, for tests to switch on."""

from collections.abc import Callable
from dataclasses import dataclass, field

from .wire import Message


@dataclass(slots=True)
class Faults:
    """Plain switches; any thread may set them at any time."""

    frozen: bool = False
    """Connected, but ignores messages and publishes none; its button still works."""
    drop_replies: int = 0
    """So many requests are carried out without a reply."""
    reply_delay: float = 0.0
    """Seconds that each reply takes."""
    hold_next_push: float = 0.0
    """Seconds by which the next PUSH is late; then back to 0."""
    refuse_with: int = 0
    """Each request is rejected with this error code."""
    max_reply_size: int = 0
    """Replies are cut at so many bytes (docs/protocol.md 9); 0 is no limit."""
    unanswered: set[str] = field(default_factory=set)
    """Requests of these namespaces are ignored, listed or not."""
    refused: dict[str, int] = field(default_factory=dict)
    """Requests of these namespaces are rejected with these error codes."""
    lose_sent: int = 0
    """So many of its messages are lost on the way, whatever they are."""
    lose_received: int = 0
    """So many messages to it are lost on the way."""
    loses: Callable[[Message], bool] = lambda _: False
    """Which messages are lost besides, in either direction."""
    double_sent: int = 0
    """So many of its messages arrive twice."""
    timestamp_ms: int | None = None
    """In each header in the place of its milliseconds, which nothing signs."""
    omits_push: bool = False
    """Commands are acknowledged, but no PUSH follows."""
    push_first_by: float = 0.0
    """Seconds by which a command's PUSH precedes its acknowledgement; 0: it follows."""

    def is_sent_lost(self, message: Message) -> bool:
        """Return whether a message of the plug is lost, and count it."""
        if self.lose_sent > 0:
            self.lose_sent -= 1
            return True
        return self.loses(message)

    def is_received_lost(self, message: Message | None) -> bool:
        """Return whether a message to the plug is lost, and count it."""
        if self.lose_received > 0:
            self.lose_received -= 1
            return True
        return message is not None and self.loses(message)

    def copies_of_sent(self) -> int:
        """Return how often the next message of the plug arrives, and count it."""
        is_doubled = self.double_sent > 0
        self.double_sent -= is_doubled
        return 1 + is_doubled
