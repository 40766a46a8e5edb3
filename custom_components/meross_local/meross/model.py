"""What plugs say of themselves, as types (protocol.md 3.2 and 4)."""

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
class PlugTime:
    """The plug's clock in epoch seconds (or since boot), its zone's name and rules."""

    timestamp: int
    timezone: str
    rules: tuple[TimeRule, ...]


@dataclass(frozen=True, slots=True)
class Gateway:
    """The broker that a plug was given, and the one for when that is gone."""

    host: str
    port: int
    second_host: str
    second_port: int


@dataclass(frozen=True, slots=True)
class SystemAll:
    """What System.All tells, in both of its shapes (protocol.md 4.1).

    gateway is None where it does not say; user_id is the vendor's account, 0 for none.
    """

    hardware: Hardware
    firmware: str
    gateway: Gateway | None
    user_id: int
    time: PlugTime | None
    outlets: tuple[OutletState, ...]


@dataclass(frozen=True, slots=True)
class Electricity:
    """What flows now: milliwatts, tenths of a volt, milliamperes (protocol.md 4.5)."""

    power: int
    voltage: int
    current: int


@dataclass(frozen=True, slots=True)
class DayEntry:
    """Watt-hours of one day of the plug's; at is when it was last counted up."""

    day: date
    at: int
    energy: int


def parse_bind(payload: Json) -> Hardware:
    """Return the hardware that a Bind names before any query (protocol.md 3.2)."""
    return Hardware.parse(get_object(get_object(payload, "bind"), "hardware"))


def parse_all(payload: Json) -> SystemAll:
    """Return what a System.All reply says; DecodeError where it makes no sense."""
    whole = get_object(payload, "all")
    system = get_object(whole, "system")
    # First-generation plugs keep their state in control, all others in digest.
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


def parse_electricity(payload: Json) -> Electricity:
    """Return what an Electricity reply says."""
    said = get_object(payload, "electricity")
    return Electricity(
        power=get_number(said, "power"),
        voltage=get_number(said, "voltage"),
        current=get_number(said, "current"),
    )


def parse_days(payload: Json) -> tuple[DayEntry, ...]:
    """Return the entries of a ConsumptionX reply, as unsorted as they are."""
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
    """Tell from DNDMode whether the light is lit: not while it must not disturb."""
    return get_number(get_object(payload, "DNDMode"), "mode") == 0


def parse_overheat_protection(payload: Json) -> bool:
    """Tell from Config.OverTemp whether the plug protects itself."""
    return get_number(get_object(payload, "overTemp"), "enable") == 1


def parse_signal(payload: Json) -> int:
    """Return the strength of the Wi-Fi signal in percent from a Runtime reply."""
    return get_number(get_object(payload, "runtime"), "signal")


_ONOFF: Final = {0: False, 1: True}


def _outlet(item: Json) -> OutletState:
    onoff = _ONOFF.get(get_number(item, "onoff"))
    channel = get_number(item, "channel", 0)
    if onoff is None or not 0 <= channel < _MOST_CHANNELS:
        raise DecodeError("no state of an outlet")
    return OutletState(channel, onoff, get_number(item, "lmTime", 0))


# The longest strip has seven (protocol.md 5); more is no plug.
_MOST_CHANNELS: Final = 16


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as err:
        raise DecodeError("no date") from err


def _gateway(firmware: Json) -> Gateway | None:
    """Return the plug's broker; None where it has no known form: it is not vital."""
    try:
        host, port = get_text(firmware, "server"), get_number(firmware, "port")
        return Gateway(
            host=host,
            port=port,
            # Many do not name a second one (protocol.md 4.1).
            second_host=get_text(firmware, "secondServer", host),
            second_port=get_number(firmware, "secondPort", port),
        )
    except DecodeError:
        return None


def _time(value: object) -> PlugTime | None:
    """Return the plug's time; None where it has no known form: it is not vital."""
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
            raise DecodeError("no rule of a time zone")
