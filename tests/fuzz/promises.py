"""What must hold whatever is on the wire, told without the integration's own code."""

from dataclasses import dataclass
import json
import logging
from typing import Any, Final, override

from tests.simulator import sign
from tests.simulator.namespaces import ABILITY, ALL

_OURS: Final = "custom_components.meross_local"
_INFO_LINES: Final = {"%s is unavailable", "%s is back"}

_MOST_SENT: Final = 3


class BrokenPromiseError(AssertionError):
    """Something that must never happen did."""


def expect(holds: bool, promise: str, found: object = "") -> None:  # noqa: FBT001
    """Raise where a promise does not hold."""
    if not holds:
        raise BrokenPromiseError(f"{promise}: {found!r:.2000}")


class Log(logging.Handler):
    """Sees every line of Home Assistant; remembers those that it must not write."""

    def __init__(self) -> None:
        """Have seen nothing."""
        super().__init__(logging.DEBUG)
        self.wrong: list[str] = []

    @override
    def emit(self, record: logging.LogRecord) -> None:
        """Write the line, which may fail too."""
        line = record.getMessage()
        if record.name.startswith(_OURS) and record.levelno > logging.DEBUG:
            if record.levelno == logging.INFO and record.msg in _INFO_LINES:
                return
        elif record.levelno < logging.WARNING:
            return
        if record.exc_info:
            line += "\n" + logging.Formatter().formatException(record.exc_info)
        self.wrong.append(f"{record.levelname} {record.name} {line}")


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that Home Assistant published."""

    topic: str
    data: bytes
    retain: bool

    @property
    def message_id(self) -> str:
        """Return the id under which it is answered."""
        return str(json.loads(self.data)["header"]["messageId"])


def check_answers(sent: list[Sent], uuid: str | None, heard: int) -> None:
    """Few, to nobody but the one who spoke, never retained, and not blown up."""
    expect(len(sent) <= _MOST_SENT, "few answers", sent)
    for one in sent:
        expect(one.topic == f"/appliance/{uuid}/subscribe", "to the speaker", one)
        expect(not one.retain, "never retained", one)
        expect(len(one.data) <= 8 * heard + 1024, "no amplification", one)
        message = json.loads(one.data)
        expect(message.keys() == {"header", "payload"}, "a message", one)


class Said:
    """A message as the fuzzer understands it, more generous than the integration."""

    def __init__(self, data: bytes) -> None:
        """Read what can be read."""
        try:
            message: Any = json.loads(data)
            self.header = dict(message["header"])
            self.payload = message.get("payload")
        except ValueError, RecursionError, TypeError, KeyError, AttributeError:
            self.header = {}
            self.payload = None

    def is_signed_with(self, key: str) -> bool:
        """Whether the sender knew the key."""
        message_id, timestamp = map(self.header.get, ("messageId", "timestamp"))
        if not isinstance(message_id, str) or type(timestamp) is not int:
            return False
        try:
            return bool(self.header.get("sign") == sign(message_id, key, timestamp))
        except UnicodeEncodeError:
            return False

    def describes(self, uuid: str) -> str | None:
        """Return which description of this plug it is, if it makes sense."""
        name = self.header.get("namespace")
        if self.header.get("method") != "GETACK" or not isinstance(self.payload, dict):
            return None
        if name == ABILITY and isinstance(self.payload.get("ability"), dict):
            return "ability"
        if name == ALL and _is_sensible(self.payload, uuid):
            return "all"
        return None


def _is_sensible(payload: dict[str, Any], uuid: str) -> bool:
    """Tell whether it is a plug of this uuid with outlets (protocol.md 4.1)."""
    try:
        whole = payload["all"]
        hardware = whole["system"]["hardware"]
        state = whole["digest"] if "digest" in whole else whole["control"]
        outlets = state["togglex"] if "togglex" in state else state["toggle"]
        is_plug = hardware["type"].lower().startswith("mss")
    except KeyError, TypeError, AttributeError:
        return False
    return bool(is_plug and hardware["uuid"] == uuid and outlets)
