"""What a plug measures, as types, and their parsers (docs/protocol.md 4.5 and 4.6)."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from .errors import DecodeError
from .fields import Json, as_object, get_number, get_object, get_text

# Watts, volts and amperes: more than any plug can switch.
MAX_POWER: Final = 4000
_MAX_VOLTAGE: Final = 300
_MAX_CURRENT: Final = 20
# Watt-hours: a day has up to 25 hours; a counter that is never reset has more.
MAX_DAILY_ENERGY: Final = 25 * MAX_POWER
_MAX_COUNTER: Final = 1000 * MAX_DAILY_ENERGY


@dataclass(frozen=True, slots=True)
class Electricity:
    """Milliwatts, tenths of a volt, milliamperes (docs/protocol.md 4.5).

    Each is None where it is missing, or not what any plug can measure.
    """

    power: int | None
    voltage: int | None
    current: int | None


@dataclass(frozen=True, slots=True)
class DayEntry:
    """Watt-hours of one day."""

    day: date
    energy: int


def parse_electricity(payload: Json, skipped: list[str] | None = None) -> Electricity:
    """Return the contents of an Electricity reply; skipped gets what was left out."""
    electricity = get_object(payload, "electricity")
    skipped = [] if skipped is None else skipped
    return Electricity(
        power=_measured(electricity, "power", 1000 * MAX_POWER, skipped),
        voltage=_measured(electricity, "voltage", 10 * _MAX_VOLTAGE, skipped),
        current=_measured(electricity, "current", 1000 * _MAX_CURRENT, skipped),
    )


def parse_days(payload: Json, skipped: list[str] | None = None) -> tuple[DayEntry, ...]:
    """Return the entries of a ConsumptionX reply, in its order.

    skipped gets what was left out. Raises DecodeError where there is no list.
    """
    listed = payload.get("consumptionx")
    if not isinstance(listed, (list, dict)):
        raise DecodeError("consumptionx is not a list")
    days = []
    for item in listed if isinstance(listed, list) else [listed]:
        try:
            days.append(_day(as_object(item, "consumptionx")))
        except ValueError as err:
            if skipped is not None:
                skipped.append(str(err))
    return tuple(days)


def _measured(
    electricity: Json, name: str, maximum: int, skipped: list[str]
) -> int | None:
    """Return a member; None where it is missing or impossible."""
    try:
        value = get_number(electricity, name)
    except DecodeError as err:
        skipped.append(str(err))
        return None
    if abs(value) > maximum:
        skipped.append(f"{name} is impossible")
        return None
    return value


def _day(entry: Json) -> DayEntry:
    """Return an entry; raises ValueError where it is none, or more than possible."""
    energy = get_number(entry, "value")
    if not 0 <= energy <= _MAX_COUNTER:
        raise DecodeError("value is impossible")
    return DayEntry(date.fromisoformat(get_text(entry, "date")), energy)
