"""The plugs that can be simulated, as data (docs/protocol.md 4.1, 5)."""

from dataclasses import dataclass, field

from . import namespaces
from .abilities import (
    FIRST_GENERATION,
    METERING_2,
    METERING_8,
    STRIP_2,
    SWITCH_7,
    SWITCH_7_ENCRYPTED,
    Ability,
)

# From here on Bind is a SET and headers hold the uuid (docs/protocol.md 3.1).
_MODERN_SINCE = 6
_BLUETOOTH_SINCE = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """One hardware and firmware version of one type of plug."""

    type: str
    sub_type: str
    hardware: str
    chip: str
    firmware: str
    compiled: str
    ability: Ability = field(repr=False)
    outlets: tuple[str, ...] = ("",)
    calibration: dict[str, int] | None = None

    @property
    def generation(self) -> int:
        """Major number, the same for hardware and firmware."""
        return int(self.firmware.partition(".")[0])

    @property
    def is_modern(self) -> bool:
        """Whether headers hold its uuid, and it is inert until its Bind is answered."""
        return self.generation >= _MODERN_SINCE

    @property
    def has_access_point(self) -> bool:
        """Whether it is paired by HTTP, not Bluetooth (docs/protocol.md 4.1)."""
        return self.generation < _BLUETOOTH_SINCE

    @property
    def toggle(self) -> str:
        """The namespace of its relay: every plug has exactly one of the two."""
        has_channels = namespaces.TOGGLE_X in self.ability
        return namespaces.TOGGLE_X if has_channels else namespaces.TOGGLE

    @property
    def is_strip(self) -> bool:
        """Whether channel 0 is the master of others."""
        return len(self.outlets) > 1


MODELS: dict[str, Model] = {
    "mss210": Model(
        type="mss210",
        sub_type="un",
        hardware="7.0.0",
        chip="rtl8710cm",
        firmware="7.2.15",
        compiled="2022/07/27-16:52:07",
        ability=SWITCH_7,
    ),
    "mss310": Model(
        type="mss310",
        sub_type="us",
        hardware="2.0.0",
        chip="MT7682",
        firmware="2.1.17",
        compiled="2022/08/19 10:05:03 GMT +08:00",
        ability=METERING_2,
        calibration={"voltageRatio": 186, "electricityRatio": 121},
    ),
    "mss425e": Model(
        type="mss425e",
        sub_type="eu",
        hardware="2.0.0",
        chip="MT7682",
        firmware="2.1.2",
        compiled="2018/11/29 16:47:11 GMT +08:00",
        ability=STRIP_2,
        outlets=("all outlets", "outlet 1", "outlet 2", "outlet 3", "USB"),
    ),
    "mss210v1": Model(
        type="mss210",
        sub_type="us",
        hardware="1.0.0",
        chip="MT7688",
        firmware="1.1.12",
        compiled="2018-12-17 11:01:45",
        ability=FIRST_GENERATION,
    ),
    "mss305": Model(
        type="mss305",
        sub_type="un",
        hardware="8.0.0",
        chip="rtl8720cf",
        firmware="8.3.15",
        compiled="2025/01/02-16:34:01",
        ability=METERING_8,
        calibration={
            "voltageRatio": 188,
            "electricityRatio": 101,
            "maxElectricityCurrent": 14000,
        },
    ),
    # Its HTTP is encrypted (docs/protocol.md 7); its compile time is made up.
    "mss110": Model(
        type="mss110",
        sub_type="un",
        hardware="7.0.0",
        chip="rtl8710cm",
        firmware="7.3.37",
        compiled="2025/01/02-16:34:01",
        ability=SWITCH_7_ENCRYPTED,
    ),
}
