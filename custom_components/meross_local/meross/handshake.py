"""The replies that keep a plug connected (docs/protocol.md 3.3 to 3.5)."""

from dataclasses import replace
from typing import Final

from .message import Header, Message, encode, sign
from .namespaces import Method, Namespace
from .topics import publish_topic

# The messages that require a reply, and the method of that reply. A Bind with method
# PUSH, from older firmware, requires none: the method decides, not the firmware's
# version (docs/protocol.md 0.4).
_REPLY_METHODS: Final[dict[tuple[str, Method], Method]] = {
    (Namespace.BIND, Method.SET): Method.SETACK,
    (Namespace.CLOCK, Method.PUSH): Method.PUSH,
    (Namespace.CONSUMPTION_CONFIG, Method.PUSH): Method.PUSH,
}


def handshake_reply(
    uuid: str, message: Message, key: str | None, now: int
) -> bytes | None:
    """Return the reply that the plug requires to this message; None where it does not.

    Without a key the plug's own signed header is sent back, which plugs accept as a
    reply but not as a command (docs/protocol.md 8). now is in epoch seconds.
    """
    header = message.header
    method = _REPLY_METHODS.get((header.namespace, header.method))
    if method is None:
        return None
    payload = message.payload
    if header.namespace == Namespace.BIND:
        payload = {}
    elif header.namespace == Namespace.CLOCK:
        payload = {"clock": {"timestamp": now}}
    return encode(
        replace(_signed(header, key, now), method=method),
        payload,
        reply_to=publish_topic(uuid),
    )


def _signed(header: Header, key: str | None, now: int) -> Header:
    """Return the header with the same messageId, signed anew where the key is known."""
    if key is None:
        return header
    return replace(
        header,
        timestamp=now,
        timestamp_ms=0,
        sign=sign(header.message_id, key, now),
    )
