"""Faults of a plug, for tests to switch on."""

from dataclasses import dataclass, field


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
