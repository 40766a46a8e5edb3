"""What can be wrong with a plug, for tests to switch on."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Faults:
    """Plain switches; any thread may set them at any time."""

    frozen: bool = False
    """Connected but mute: hears nothing, says nothing; its button still clicks."""
    drop_replies: int = 0
    """So many requests are obeyed without a reply."""
    ignore_from: bool = False
    """Replies go to the publish topic, whatever the request's from says."""
    reply_delay: float = 0.0
    """Seconds that each reply takes."""
    hold_next_push: float = 0.0
    """Seconds by which the next PUSH is late; then back to 0."""
    refuse_with: int = 0
    """Each request is refused with this error code, and not obeyed."""
    truncate_replies: bool = False
    """Replies end in the middle, as overlong ones do (protocol.md 9)."""
    longest_reply: int = 0
    """Replies longer than so many bytes are cut there; 0 is no limit."""
    unanswered: set[str] = field(default_factory=set)
    """Requests of these namespaces are ignored, listed or not."""
    refused: dict[str, int] = field(default_factory=dict)
    """Requests of these namespaces are refused with these error codes."""
