"""The latest measurements and settings of one plug."""

from datetime import datetime

from .energy import EnergyMeter
from .fields import Json
from .measurements import Electricity, parse_days, parse_electricity
from .message import Header
from .model import parse_overheat_protection, parse_signal, parse_status_light
from .namespaces import Namespace


class Readings:
    """All that a plug reports but the outlets; None is not known."""

    def __init__(self) -> None:
        """Start with nothing known."""
        self.electricity: Electricity | None = None
        self.meter: EnergyMeter | None = None
        self.overheat_protection: bool | None = None
        self.signal: int | None = None
        self.status_light: bool | None = None

    def update(
        self,
        header: Header,
        payload: Json,
        now: datetime,
        skipped: list[str] | None = None,
    ) -> bool:
        """Apply a message; return whether it was about a reading.

        now is in the time zone of the plug's days; skipped gets what was left out.
        Raises DecodeError.
        """
        # A plug without time reports nothing but zeros.
        match header.namespace:
            case Namespace.ELECTRICITY if header.has_time:
                measured = parse_electricity(payload, skipped)
                if measured.power is not None:
                    self.electricity = measured
                    if self.meter is not None:
                        self.meter.update_power(measured.power / 1000, now)
            case Namespace.CONSUMPTION_X if header.has_time:
                days = parse_days(payload, skipped)
                self.meter = self.meter or EnergyMeter()
                self.meter.update(days, now)
            case Namespace.DND_MODE:
                self.status_light = parse_status_light(payload)
            case Namespace.OVER_TEMP:
                self.overheat_protection = parse_overheat_protection(payload)
            case Namespace.RUNTIME:
                self.signal = parse_signal(payload)
            case _:
                return False
        return True

    def restore_meter(self, stored: object) -> None:
        """Continue the energy meter that was stored; raises ValueError."""
        self.meter = EnergyMeter.from_json(stored)

    def clear(self) -> None:
        """Set everything but the energy to unknown."""
        self.electricity = None
        self.overheat_protection = None
        self.signal = None
        self.status_light = None
