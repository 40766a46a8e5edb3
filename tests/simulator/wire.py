"""A message on the wire: header, signature, JSON (docs/protocol.md 2)."""

from dataclasses import dataclass
from hashlib import md5
import json
import re
from typing import Any, Self
from uuid import uuid4

type Payload = dict[str, Any]

_MESSAGE_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """The fields of a message that matter to a plug."""

    namespace: str
    method: str
    payload: Payload
    message_id: str
    reply_to: str
    timestamp: int | str
    signature: str
    timestamp_ms: int = 0
    trigger: str | None = None
    uuid: str | None = None

    @classmethod
    def signed(cls, key: str, *, message_id: str = "", **fields: Any) -> Self:  # noqa: ANN401
        """Build a message, with a new id where none is given, and sign it."""
        message_id = message_id or new_message_id()
        signature = sign(message_id, key, fields["timestamp"])
        return cls(message_id=message_id, signature=signature, **fields)

    def is_signed_with(self, key: str) -> bool:
        """Return whether the signature is valid for this key."""
        return self.signature == sign(self.message_id, key, self.timestamp)

    def encode(self) -> bytes:
        """Encode the message as firmware does."""
        header: Payload = {
            "messageId": self.message_id,
            "namespace": self.namespace,
            "method": self.method,
            "payloadVersion": 1,
            "from": self.reply_to,
        }
        if self.trigger is not None:
            header["triggerSrc"] = self.trigger
        if self.uuid is not None:
            header["uuid"] = self.uuid
        header["timestamp"] = self.timestamp
        header["timestampMs"] = self.timestamp_ms
        header["sign"] = self.signature
        body = {"header": header, "payload": self.payload}
        return json.dumps(body, separators=(",", ":")).encode()


def sign(message_id: str, key: str, timestamp: int | str) -> str:
    """Sign a header: only these three count, the payload does not."""
    return md5(f"{message_id}{key}{timestamp}".encode()).hexdigest()  # noqa: S324


def new_message_id() -> str:
    """Make a new message id: 32 lower hex digits."""
    return uuid4().hex


def decode(raw: bytes) -> Message | None:
    """Decode a message; None for what firmware ignores."""
    try:
        data: Any = json.loads(raw)
    except ValueError, RecursionError:
        return None
    match data:
        case {
            "header": {
                "namespace": str(namespace),
                "method": str(method),
                # Newer firmware rejects 16 characters (docs/protocol.md 2, messageId).
                "messageId": str(message_id),
                "from": str(reply_to),
                # A quoted timestamp is accepted (docs/protocol.md 2, bytespider#64).
                "timestamp": int() | str() as timestamp,
                "sign": str(signature),
                **rest,
            },
            "payload": dict(payload),
        } if _MESSAGE_ID.fullmatch(message_id):
            trigger, uuid = rest.get("triggerSrc"), rest.get("uuid")
            return Message(
                namespace=namespace,
                method=method,
                payload=payload,
                message_id=message_id,
                reply_to=reply_to,
                timestamp=timestamp,
                signature=signature,
                trigger=trigger if isinstance(trigger, str) else None,
                uuid=uuid if isinstance(uuid, str) else None,
            )
    return None
