"""What must hold whatever is received, checked without the integration's own code."""

from collections.abc import Sequence
import json
import logging
from typing import Any, Final, override

from tests.simulator import sign
from tests.simulator.namespaces import ABILITY, ALL
from tests.support.mqtt_clients import Sent

_OURS: Final = "custom_components.meross_local"
_INFO_LINES: Final = {"%s is unavailable", "%s is available again"}

_MAX_SENT: Final = 3


class BrokenPromiseError(AssertionError):
    """Something that must never happen did."""


def expect(holds: bool, promise: str, found: object = "") -> None:  # noqa: FBT001
    """Raise where a promise does not hold."""
    if not holds:
        raise BrokenPromiseError(f"{promise}: {found!r:.2000}")


class Log(logging.Handler):
    """Collect the lines that must not be logged."""

    def __init__(self) -> None:
        """Initialize without a line."""
        super().__init__(logging.DEBUG)
        self.wrong: list[str] = []

    @override
    def emit(self, record: logging.LogRecord) -> None:
        """Format each line, which may fail too."""
        line = record.getMessage()
        if record.name.startswith(_OURS) and record.levelno > logging.DEBUG:
            if record.levelno == logging.INFO and record.msg in _INFO_LINES:
                return
        elif record.levelno < logging.WARNING:
            return
        if record.exc_info:
            line += "\n" + logging.Formatter().formatException(record.exc_info)
        self.wrong.append(f"{record.levelname} {record.name} {line}")


def check_sent(sent: Sequence[Sent], uuid: str | None, length: int) -> None:
    """Check what was sent because of a message of some length with a uuid."""
    expect(len(sent) <= _MAX_SENT, "few responses", sent)
    for one in sent:
        expect(one.topic == f"/appliance/{uuid}/subscribe", "to the sender", one)
        expect(not one.retain, "never retained", one)
        expect(len(one.raw) <= 8 * length + 1024, "no amplification", one)
        expect(one.message.keys() == {"header", "payload"}, "a message", one)


class Parsed:
    """A message as the fuzzer parses it, which accepts more than the integration."""

    def __init__(self, data: bytes) -> None:
        """Parse what can be parsed."""
        try:
            message: Any = json.loads(data)
            self.header = dict(message["header"])
            self.payload = message.get("payload")
        except ValueError, RecursionError, TypeError, KeyError, AttributeError:
            self.header = {}
            self.payload = None

    def is_signed_with(self, key: str) -> bool:
        """Return whether the sender knew the key."""
        message_id, timestamp = map(self.header.get, ("messageId", "timestamp"))
        if not isinstance(message_id, str) or type(timestamp) is not int:
            return False
        try:
            return bool(self.header.get("sign") == sign(message_id, key, timestamp))
        except UnicodeEncodeError:
            return False

    def describes(self, uuid: str) -> str | None:
        """Return which part of a valid description of this plug it is, if any."""
        name = self.header.get("namespace")
        if self.header.get("method") != "GETACK" or not isinstance(self.payload, dict):
            return None
        if name == ABILITY and isinstance(self.payload.get("ability"), dict):
            return "ability"
        if name == ALL and _is_valid(self.payload, uuid):
            return "all"
        return None


def _is_valid(payload: dict[str, Any], uuid: str) -> bool:
    """Return whether it is a plug of this uuid with outlets (docs/protocol.md 4.1)."""
    try:
        whole = payload["all"]
        hardware = whole["system"]["hardware"]
        state = whole["digest"] if "digest" in whole else whole["control"]
        outlets = state["togglex"] if "togglex" in state else state["toggle"]
        is_plug = hardware["type"].lower().startswith("mss")
        is_own = hardware["uuid"] == uuid
    except KeyError, TypeError, AttributeError:
        return False
    return bool(is_plug and is_own and outlets)
