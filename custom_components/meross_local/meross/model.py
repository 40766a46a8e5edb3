"""Payloads of plugs as types, and their parsers (docs/protocol.md 3.2 and 4)."""

from dataclasses import dataclass
import re
from typing import Final, Self

from .errors import DecodeError
from .fields import (
    Json,
    as_number,
    as_object,
    get_number,
    get_object,
    get_text,
    optional_number,
    optional_object,
    optional_text,
)
from .namespaces import Namespace
from .timezone import TimeRule
from .topics import UUID_PATTERN

# What is shown, stored and used in topics and logins is of these forms, or is not used:
# anyone may have sent it. Mac and versions as text only where they are.
_MODEL: Final = re.compile(r"[a-z][a-z0-9-]{1,15}")
_VERSION: Final = re.compile(r"[0-9A-Za-z.]{1,16}")
_MAC: Final = re.compile(r"[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}")
_HOST: Final = re.compile(r"[0-9A-Za-z._:-]{1,253}")
_ABILITY: Final = re.compile(r"[0-9A-Za-z.]{1,64}")
_MAX_PORT: Final = 65_535


@dataclass(frozen=True, slots=True)
class Hardware:
    """The hardware object of Bind and System.All, of checked forms.

    model is lower case; version is empty where it is of no known form. mac is lower
    case with colons, None where it is not the one that the uuid ends with
    (docs/protocol.md 0.7).
    """

    model: str
    version: str
    uuid: str
    mac: str | None

    @classmethod
    def parse(cls, hardware: Json, skipped: list[str]) -> Self:
        """Return the parsed object; raises DecodeError without a model or a uuid."""
        model = get_text(hardware, "type").lower()
        uuid = get_text(hardware, "uuid")
        if not _MODEL.fullmatch(model) or not UUID_PATTERN.fullmatch(uuid):
            raise DecodeError("type or uuid is of no known form")
        mac = optional_text(hardware, "macAddress", _MAC, skipped).lower()
        is_own = mac != "" and uuid.endswith(mac.replace(":", ""))
        return cls(
            model=model,
            version=optional_text(hardware, "version", _VERSION, skipped),
            uuid=uuid,
            mac=mac if is_own else None,
        )


@dataclass(frozen=True, slots=True)
class OutletState:
    """One entry of ToggleX, or Toggle's only one as channel 0."""

    channel: int
    on: bool


@dataclass(frozen=True, slots=True)
class PlugTime:
    """The plug's clock: epoch seconds (or since boot), its zone's name and rules."""

    timestamp: int
    timezone: str
    rules: tuple[TimeRule, ...]


@dataclass(frozen=True, slots=True)
class Gateway:
    """The broker that a plug is set up with, and the one it falls back to."""

    host: str
    port: int
    second_host: str
    second_port: int


@dataclass(frozen=True, slots=True)
class SystemAll:
    """The payload of System.All, of either shape (docs/protocol.md 4.1).

    firmware is empty, gateway, time and toggle are None where they are missing or of
    an unknown form; user_id is the vendor's account, 0 for none. channels are all that
    are listed, outlets those of them with a state; toggle is what lists them.
    """

    hardware: Hardware
    firmware: str
    gateway: Gateway | None
    user_id: int
    time: PlugTime | None
    toggle: Namespace | None
    channels: tuple[int, ...]
    outlets: tuple[OutletState, ...]


def parse_bind(payload: Json, skipped: list[str] | None = None) -> Hardware:
    """Return the hardware that a Bind describes (docs/protocol.md 3.2)."""
    hardware = get_object(get_object(payload, "bind"), "hardware")
    return Hardware.parse(hardware, [] if skipped is None else skipped)


def parse_all(payload: Json, skipped: list[str] | None = None) -> SystemAll:
    """Return the contents of a System.All reply.

    What is of no known form is left out, and added to skipped. Raises DecodeError
    without a hardware.
    """
    skipped = [] if skipped is None else skipped
    whole = get_object(payload, "all")
    system = get_object(whole, "system")
    # First-generation plugs have their state in control, all others in digest.
    state = optional_object(
        whole, "digest" if "digest" in whole else "control", skipped
    )
    firmware = optional_object(system, "firmware", skipped)
    name = next((name for name in _TOGGLES if name in state), None)
    channels, outlets = _outlets(state.get(name), skipped) if name else ((), ())
    return SystemAll(
        hardware=Hardware.parse(get_object(system, "hardware"), skipped),
        firmware=optional_text(firmware, "version", _VERSION, skipped),
        gateway=_gateway(firmware, skipped),
        user_id=optional_number(firmware, "userId", 0, skipped),
        time=_time(system.get("time"), skipped),
        toggle=_TOGGLES[name] if name else None,
        channels=channels,
        outlets=outlets,
    )


def parse_abilities(payload: Json, skipped: list[str] | None = None) -> frozenset[str]:
    """Return the namespaces that the plug supports (docs/protocol.md 4.2)."""
    names = get_object(payload, "ability").keys()
    known = frozenset(filter(_ABILITY.fullmatch, names))
    if skipped is not None and len(known) < len(names):
        skipped.append("ability is of no known form")
    return known


def parse_outlets(
    payload: Json, skipped: list[str] | None = None
) -> tuple[OutletState, ...]:
    """Return the states in a ToggleX or Toggle, object or list (docs/protocol.md 4.3).

    The channel beside them is a sentinel of some firmware, not a channel: not read.
    """
    for name in _TOGGLES:
        if name in payload:
            return _outlets(payload[name], [] if skipped is None else skipped)[1]
    raise DecodeError("neither togglex nor toggle")


def parse_error(payload: Json) -> int | None:
    """Return the code of an ERROR; None where it is missing (docs/protocol.md 2.1)."""
    error = payload.get("error")
    code = error.get("code") if isinstance(error, dict) else None
    return code if isinstance(code, int) else None


def parse_status_light(payload: Json) -> bool:
    """Return whether the status light is lit: DNDMode 1 (do not disturb) is dark."""
    return get_number(get_object(payload, "DNDMode"), "mode") == 0


def parse_overheat_protection(payload: Json) -> bool:
    """Return whether Config.OverTemp is enabled."""
    return get_number(get_object(payload, "overTemp"), "enable") == 1


def parse_signal(payload: Json) -> int:
    """Return the strength of the Wi-Fi signal of a Runtime reply, in percent."""
    return get_number(get_object(payload, "runtime"), "signal")


_ONOFF: Final = {0: False, 1: True}
_TOGGLES: Final = {"togglex": Namespace.TOGGLE_X, "toggle": Namespace.TOGGLE}
# The longest strip has seven (docs/protocol.md 5).
_MAX_CHANNELS: Final = 16


def _outlets(
    value: object, skipped: list[str]
) -> tuple[tuple[int, ...], tuple[OutletState, ...]]:
    """Return the channels that are listed, and the states of those that have one."""
    channels: list[int] = []
    states: list[OutletState] = []
    for item in value if isinstance(value, list) else [value]:
        try:
            entry = as_object(item, "outlet")
            channels.append(channel := _channel(entry))
            states.append(OutletState(channel, _is_on(entry)))
        except DecodeError as err:
            skipped.append(str(err))
    return tuple(channels), tuple(states)


def _channel(entry: Json) -> int:
    channel = get_number(entry, "channel", 0)
    if not 0 <= channel < _MAX_CHANNELS:
        raise DecodeError("channel is not one of an outlet")
    return channel


def _is_on(entry: Json) -> bool:
    onoff = _ONOFF.get(get_number(entry, "onoff"))
    if onoff is None:
        raise DecodeError("onoff is neither 0 nor 1")
    return onoff


def _gateway(firmware: Json, skipped: list[str]) -> Gateway | None:
    """Return the plug's broker; None where it is of no known form."""
    host = optional_text(firmware, "server", _HOST, skipped)
    port = optional_number(firmware, "port", 0, skipped)
    if not host or not 0 < port <= _MAX_PORT:
        return None
    # Many plugs name no second one (docs/protocol.md 4.1).
    second_host = optional_text(firmware, "secondServer", _HOST, skipped)
    second_port = optional_number(firmware, "secondPort", port, skipped)
    return Gateway(
        host=host,
        port=port,
        second_host=second_host or host,
        second_port=second_port if 0 < second_port <= _MAX_PORT else port,
    )


def _time(value: object, skipped: list[str]) -> PlugTime | None:
    """Return the plug's time with the rules that are some; None without a clock."""
    try:
        time = as_object(value, "time")
        timestamp = get_number(time, "timestamp")
    except DecodeError as err:
        skipped.append(str(err))
        return None
    listed = time.get("timeRule")
    rules: list[TimeRule] = []
    for item in listed if isinstance(listed, list) else []:
        try:
            at, offset, summer = (as_number(part, "timeRule") for part in item)
            rules.append((at, offset, summer))
        # TypeError: not a list; ValueError: not of three, DecodeError among them.
        except TypeError, ValueError:
            skipped.append("timeRule is not a rule")
    zone = time.get("timezone")
    return PlugTime(timestamp, zone if isinstance(zone, str) else "", tuple(rules))
