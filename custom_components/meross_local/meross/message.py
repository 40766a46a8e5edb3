"""Header, signature, encoding and decoding of messages (docs/protocol.md 2)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
import hashlib
from random import Random
from typing import Final

import orjson

from .errors import DecodeError
from .fields import Json, as_object, get_number, get_object, get_text
from .namespaces import Method
from .topics import UUID_PATTERN, uuid_from_topic

# Plugs sign with one of these unless set up with another key (docs/protocol.md 7).
WELL_KNOWN_KEYS: Final = ("", "meross")

# Bytes. The longest reply of a plug is about 3 kB, a hub's 4 kB (docs/protocol.md 9).
MAX_MESSAGE_SIZE: Final = 16_384
# Characters of a messageId, a namespace or a signature, of which plugs use 32 to 40:
# what is kept of messages that do not count must not be large.
_MAX_TEXT_LENGTH: Final = 64
# Objects and lists in one message: a plug's have some sixty. Without a limit they could
# be nested deeper than Python can traverse or encode again.
_MAX_CONTAINERS: Final = 128

# Not uuid4, which takes longer than the signature.
_RANDOM: Final = Random()  # noqa: S311 (a messageId is unique, and no secret)

# A clock before 2015 counts from boot (docs/protocol.md 0.8).
_MIN_TIME: Final = 1_420_070_400

# Calling the enum for each message would take longer than the rest of its header.
_METHODS: Final = {str(method): method for method in Method}


@dataclass(frozen=True, slots=True)
class Header:
    """The header of a message: sender, subject, method and signature.

    timestamp is in seconds of the sender's clock: epoch, or since boot for a plug
    without time (docs/protocol.md 0.8); timestamp_ms is the part below the second.
    uuid is as it was received; much firmware names it in `from` alone.
    """

    message_id: str
    namespace: str
    method: Method
    timestamp: int
    # Whoever has it can send a command with it (docs/protocol.md 8): not in any log.
    sign: str = field(repr=False)
    timestamp_ms: int = 0
    uuid: str | None = None

    @property
    def has_time(self) -> bool:
        """Return whether the sender's clock is set."""
        return self.timestamp >= _MIN_TIME


@dataclass(frozen=True, slots=True)
class Message:
    """One message; raw is what was received."""

    header: Header
    payload: Json
    raw: bytes = b""


def sign(message_id: str, key: str, timestamp: int) -> str:
    """Return the signature: it covers neither payload nor namespace.

    Source: docs/protocol.md 0.2.
    """
    text = f"{message_id}{key}{timestamp}".encode()
    return hashlib.md5(text, usedforsecurity=False).hexdigest()


def is_signed_with(header: Header, key: str) -> bool:
    """Return whether the header is signed with this key."""
    return header.sign == sign(header.message_id, key, header.timestamp)


def find_key(header: Header, keys: Iterable[str]) -> str | None:
    """Return the first of the keys that the header is signed with."""
    for key in keys:
        if is_signed_with(header, key):
            return key
    return None


def decode(data: bytes | bytearray | str) -> Message:
    """Return the message that a plug sent; raises DecodeError for anything else."""
    # Surrogates are passed on to the JSON parser, which rejects them.
    raw = data.encode(errors="surrogatepass") if isinstance(data, str) else bytes(data)
    if (
        len(raw) > MAX_MESSAGE_SIZE
        or raw.count(b"{") + raw.count(b"[") > _MAX_CONTAINERS
    ):
        raise DecodeError("larger than any message of a plug")
    try:
        envelope = as_object(orjson.loads(raw), "message")
    except orjson.JSONDecodeError as err:
        raise DecodeError(f"not JSON: {err}") from err
    header = _header(get_object(envelope, "header"))
    return Message(header, as_object(envelope.get("payload", {}), "payload"), raw)


def encode(header: Header, payload: Json, *, reply_to: str) -> bytes:
    """Return the bytes of a message to a plug, which replies on the topic reply_to."""
    return orjson.dumps(
        {
            "header": {
                "messageId": header.message_id,
                "namespace": header.namespace,
                "method": header.method,
                "payloadVersion": 1,
                "from": reply_to,
                # As the vendor's own servers do (docs/protocol.md 1.2).
                "triggerSrc": "CloudControl",
                "timestamp": header.timestamp,
                "timestampMs": header.timestamp_ms,
                "sign": header.sign,
            },
            "payload": payload,
        }
    )


def parse_sender(message: Message) -> str | None:
    """Return the uuid that the header of a received message names, if it is one."""
    header = orjson.loads(message.raw)["header"]
    uuid, topic = header.get("uuid"), header.get("from")
    if isinstance(uuid, str) and UUID_PATTERN.fullmatch(uuid):
        return uuid
    return uuid_from_topic(topic) if isinstance(topic, str) else None


def new_header(method: Method, namespace: str, *, key: str, now: int) -> Header:
    """Return a signed header with a new messageId of 32 characters.

    now is in epoch seconds: a request is stamped when it is sent (docs/protocol.md 9).
    """
    message_id = f"{_RANDOM.getrandbits(128):032x}"
    return Header(message_id, namespace, method, now, sign(message_id, key, now))


def _header(header: Json) -> Header:
    message_id, namespace = get_text(header, "messageId"), get_text(header, "namespace")
    signature, uuid = get_text(header, "sign"), header.get("uuid")
    if max(map(len, (message_id, namespace, signature))) > _MAX_TEXT_LENGTH:
        raise DecodeError("header has longer texts than that of any plug")
    return Header(
        message_id=message_id,
        namespace=namespace,
        method=_method(header),
        timestamp=get_number(header, "timestamp"),
        sign=signature,
        timestamp_ms=get_number(header, "timestampMs", 0),
        uuid=uuid if isinstance(uuid, str) else None,
    )


def _method(header: Json) -> Method:
    method = _METHODS.get(get_text(header, "method"))
    if method is None:
        raise DecodeError("method is unknown")
    return method
