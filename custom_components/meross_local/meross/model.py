"""What plugs say of themselves, as types (protocol.md 3.2 and 4)."""

from dataclasses import dataclass
from typing import Final, Self

from .errors import DecodeError
from .fields import (
    Json,
    as_objects,
    get_number,
    get_object,
    get_text,
)


@dataclass(frozen=True, slots=True)
class Hardware:
    """The hardware object of Bind and System.All; mac is lower case with colons."""

    model: str
    version: str
    uuid: str
    mac: str

    @classmethod
    def parse(cls, hardware: Json) -> Self:
        """Raise DecodeError where a member is missing or of another type."""
        return cls(
            model=get_text(hardware, "type").lower(),
            version=get_text(hardware, "version"),
            uuid=get_text(hardware, "uuid"),
            mac=get_text(hardware, "macAddress").lower(),
        )


@dataclass(frozen=True, slots=True)
class OutletState:
    """One entry of ToggleX, or Toggle's only one as channel 0.

    changed is lmTime, in seconds of the plug's clock; 0 where it does not say.
    """

    channel: int
    on: bool
    changed: int


@dataclass(frozen=True, slots=True)
class SystemAll:
    """What System.All tells, in both of its shapes (protocol.md 4.1)."""

    hardware: Hardware
    firmware: str
    outlets: tuple[OutletState, ...]


def parse_bind(payload: Json) -> Hardware:
    """Return the hardware that a Bind names before any query (protocol.md 3.2)."""
    return Hardware.parse(get_object(get_object(payload, "bind"), "hardware"))


def parse_all(payload: Json) -> SystemAll:
    """Return what a System.All reply says; DecodeError where it makes no sense."""
    whole = get_object(payload, "all")
    system = get_object(whole, "system")
    # First-generation plugs keep their state in control, all others in digest.
    state = get_object(whole, "digest" if "digest" in whole else "control")
    return SystemAll(
        hardware=Hardware.parse(get_object(system, "hardware")),
        firmware=get_text(get_object(system, "firmware"), "version"),
        outlets=parse_outlets(state),
    )


def parse_abilities(payload: Json) -> frozenset[str]:
    """Return the namespaces that the plug knows (protocol.md 4.2)."""
    return frozenset(get_object(payload, "ability"))


def parse_outlets(payload: Json) -> tuple[OutletState, ...]:
    """Return the states in a ToggleX or Toggle, object or list (protocol.md 4.3).

    The channel beside them is no channel but a sentinel on some firmware: not read.
    """
    for name in ("togglex", "toggle"):
        if name in payload:
            return tuple(_outlet(item) for item in as_objects(payload[name], name))
    raise DecodeError("neither togglex nor toggle")


def parse_error(payload: Json) -> int | None:
    """Return the code of an ERROR; None where it does not say (protocol.md 2.1)."""
    error = payload.get("error")
    code = error.get("code") if isinstance(error, dict) else None
    return code if isinstance(code, int) else None


_ONOFF: Final = {0: False, 1: True}


def _outlet(item: Json) -> OutletState:
    onoff = _ONOFF.get(get_number(item, "onoff"))
    channel = get_number(item, "channel", 0)
    if onoff is None or not 0 <= channel < _MOST_CHANNELS:
        raise DecodeError("no state of an outlet")
    return OutletState(channel, onoff, get_number(item, "lmTime", 0))


# The longest strip has seven (protocol.md 5); more is no plug.
_MOST_CHANNELS: Final = 16
