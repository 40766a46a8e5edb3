"""What a plug measures and how it is set, as last heard."""

from datetime import datetime
from typing import Final

from .energy import EnergyMeter
from .fields import Json
from .message import Header
from .model import (
    Electricity,
    parse_days,
    parse_electricity,
    parse_overheat_protection,
    parse_signal,
    parse_status_light,
)
from .namespaces import Namespace

# A clock before 2015 counts since boot: such a plug measures nothing but zeros
# (protocol.md 0.8).
_CLOCK_IS_SET: Final = 1_420_070_400


class Readings:
    """Everything but the outlets. None is what has not been heard."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self.electricity: Electricity | None = None
        self.meter: EnergyMeter | None = None
        self.overheat_protection: bool | None = None
        self.signal: int | None = None
        self.status_light: bool | None = None

    def take(self, header: Header, payload: Json, now: datetime) -> bool:
        """Take over a message; tell whether it was about a reading.

        now is in the time zone of the plug's days. Raises DecodeError.
        """
        has_time = header.timestamp >= _CLOCK_IS_SET
        match header.namespace:
            case Namespace.ELECTRICITY if has_time:
                self.electricity = parse_electricity(payload)
            case Namespace.CONSUMPTION_X if has_time:
                meter = self.meter or EnergyMeter()
                meter.update(parse_days(payload), now)
                self.meter = meter
            case Namespace.DND_MODE:
                self.status_light = parse_status_light(payload)
            case Namespace.OVER_TEMP:
                self.overheat_protection = parse_overheat_protection(payload)
            case Namespace.RUNTIME:
                self.signal = parse_signal(payload)
            case _:
                return False
        return True

    def forget(self) -> None:
        """Know nothing of the present any more; what was used stays used."""
        self.electricity = None
        self.overheat_protection = None
        self.signal = None
        self.status_light = None
