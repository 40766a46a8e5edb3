"""Payloads of plugs as types, and their parsers (docs/protocol.md 3.2 and 4)."""

from dataclasses import dataclass
from datetime import date
from typing import Final, Self

from .errors import DecodeError
from .fields import (
    Json,
    as_object,
    as_objects,
    get_number,
    get_object,
    get_text,
)
from .timezone import TimeRule


@dataclass(frozen=True, slots=True)
class Hardware:
    """The hardware object of Bind and System.All; mac is lower case with colons."""

    model: str
    version: str
    uuid: str
    mac: str

    @classmethod
    def parse(cls, hardware: Json) -> Self:
        """Return the parsed object.

        Raises DecodeError where a member is missing or of another type.
        """
        return cls(
            model=get_text(hardware, "type").lower(),
            version=get_text(hardware, "version"),
            uuid=get_text(hardware, "uuid"),
            mac=get_text(hardware, "macAddress").lower(),
        )


@dataclass(frozen=True, slots=True)
class OutletState:
    """One entry of ToggleX, or Toggle's only one as channel 0.

    changed is lmTime, in seconds of the plug's clock; 0 where it is missing.
    """

    channel: int
    on: bool
    changed: int = 0


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

    gateway and time are None where they are missing or of an unknown form; user_id is
    the vendor's account, 0 for none.
    """

    hardware: Hardware
    firmware: str
    gateway: Gateway | None
    user_id: int
    time: PlugTime | None
    outlets: tuple[OutletState, ...]


@dataclass(frozen=True, slots=True)
class Electricity:
    """Milliwatts, tenths of a volt, milliamperes (docs/protocol.md 4.5)."""

    power: int
    voltage: int
    current: int


@dataclass(frozen=True, slots=True)
class DayEntry:
    """Watt-hours of one day; at is the epoch second of the plug's last count."""

    day: date
    at: int
    energy: int


def parse_bind(payload: Json) -> Hardware:
    """Return the hardware that a Bind describes (docs/protocol.md 3.2)."""
    return Hardware.parse(get_object(get_object(payload, "bind"), "hardware"))


def parse_all(payload: Json) -> SystemAll:
    """Return the contents of a System.All reply; raises DecodeError."""
    whole = get_object(payload, "all")
    system = get_object(whole, "system")
    # First-generation plugs have their state in control, all others in digest.
    state = get_object(whole, "digest" if "digest" in whole else "control")
    firmware = get_object(system, "firmware")
    user_id = firmware.get("userId")
    return SystemAll(
        hardware=Hardware.parse(get_object(system, "hardware")),
        firmware=get_text(firmware, "version"),
        gateway=_gateway(firmware),
        user_id=user_id if type(user_id) is int else 0,
        time=_time(system.get("time")),
        outlets=parse_outlets(state),
    )


def parse_abilities(payload: Json) -> frozenset[str]:
    """Return the namespaces that the plug supports (docs/protocol.md 4.2)."""
    return frozenset(get_object(payload, "ability"))


def parse_outlets(payload: Json) -> tuple[OutletState, ...]:
    """Return the states in a ToggleX or Toggle, object or list (docs/protocol.md 4.3).

    The channel beside them is a sentinel of some firmware, not a channel: not read.
    """
    for name in ("togglex", "toggle"):
        if name in payload:
            return tuple(_outlet(item) for item in as_objects(payload[name], name))
    raise DecodeError("neither togglex nor toggle")


def parse_error(payload: Json) -> int | None:
    """Return the code of an ERROR; None where it is missing (docs/protocol.md 2.1)."""
    error = payload.get("error")
    code = error.get("code") if isinstance(error, dict) else None
    return code if isinstance(code, int) else None


def parse_electricity(payload: Json) -> Electricity:
    """Return the contents of an Electricity reply."""
    electricity = get_object(payload, "electricity")
    return Electricity(
        power=get_number(electricity, "power"),
        voltage=get_number(electricity, "voltage"),
        current=get_number(electricity, "current"),
    )


def parse_days(payload: Json) -> tuple[DayEntry, ...]:
    """Return the entries of a ConsumptionX reply, in its order."""
    entries = payload.get("consumptionx")
    return tuple(
        DayEntry(
            day=_day(get_text(entry, "date")),
            at=get_number(entry, "time"),
            energy=get_number(entry, "value"),
        )
        for entry in as_objects(entries, "consumptionx")
    )


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
# The longest strip has seven (docs/protocol.md 5).
_MAX_CHANNELS: Final = 16


def _outlet(item: Json) -> OutletState:
    onoff = _ONOFF.get(get_number(item, "onoff"))
    channel = get_number(item, "channel", 0)
    if onoff is None or not 0 <= channel < _MAX_CHANNELS:
        raise DecodeError("not the state of an outlet")
    return OutletState(channel, onoff, get_number(item, "lmTime", 0))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as err:
        raise DecodeError("date is not a date") from err


def _gateway(firmware: Json) -> Gateway | None:
    """Return the plug's broker; None where it is of no known form: it is optional."""
    try:
        host, port = get_text(firmware, "server"), get_number(firmware, "port")
        return Gateway(
            host=host,
            port=port,
            # Many plugs name no second one (docs/protocol.md 4.1).
            second_host=get_text(firmware, "secondServer", host),
            second_port=get_number(firmware, "secondPort", port),
        )
    except DecodeError:
        return None


def _time(value: object) -> PlugTime | None:
    """Return the plug's time; None where it is of no known form: it is optional."""
    try:
        time = as_object(value, "time")
        rules = time.get("timeRule")
        return PlugTime(
            timestamp=get_number(time, "timestamp"),
            timezone=get_text(time, "timezone"),
            rules=tuple(map(_rule, rules)) if isinstance(rules, list) else (),
        )
    except DecodeError:
        return None


def _rule(value: object) -> TimeRule:
    match value:
        case [int(at), int(offset), int(summer)]:
            return at, offset, summer
        case _:
            raise DecodeError("timeRule is not a rule")
