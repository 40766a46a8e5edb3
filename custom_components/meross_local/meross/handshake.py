"""What a plug must hear to stay on the broker (protocol.md 3.3 to 3.5)."""

from dataclasses import replace
from typing import Final

from .message import Header, Message, encode, sign
from .namespaces import Method, Namespace
from .topics import publish_topic

# What wants an answer, and the method of that answer. Bind said as PUSH, by older
# firmware, wants none: the method decides, not the version (protocol.md 0.4).
_ANSWERS: Final[dict[tuple[str, Method], Method]] = {
    (Namespace.BIND, Method.SET): Method.SETACK,
    (Namespace.CLOCK, Method.PUSH): Method.PUSH,
    (Namespace.CONSUMPTION_CONFIG, Method.PUSH): Method.PUSH,
}


def answer(uuid: str, message: Message, key: str | None, now: int) -> bytes | None:
    """Return what the plug waits for after this message; None where it does not.

    Without a key the plug's own signed header goes back, which serves for an answer
    though not for a command (protocol.md 8). now is in epoch seconds.
    """
    header = message.header
    method = _ANSWERS.get((header.namespace, header.method))
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
