"""The plugs that can be simulated (docs/protocol.md 4.1, 4.2, 5).

Their descriptions are those of traces, or of scripts/new_model in tests/fixtures.
"""

from dataclasses import dataclass, field, replace
import json
from pathlib import Path
from typing import Any

from . import namespaces

_FIXTURES = Path(__file__).parents[1] / "fixtures"
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
    ability: dict[str, dict[str, Any]] = field(repr=False)
    outlets: tuple[str, ...] = ("",)
    calibration: dict[str, int] | None = None
    digest: dict[str, Any] = field(default_factory=dict, repr=False)
    """What System.All has of other families, beside the relays."""

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


def model_of(record: dict[str, Any]) -> Model:
    """Return the model of a plug by its System.All and System.Ability."""
    system_all = record["all"]["all"]
    hardware, firmware = (system_all["system"][it] for it in ("hardware", "firmware"))
    count = len(system_all.get("digest", {}).get("togglex", []))
    outlets = ("all outlets", *(f"outlet {number}" for number in range(1, count)))
    return Model(
        type=hardware["type"],
        sub_type=hardware["subType"],
        hardware=hardware["version"],
        chip=hardware["chipType"],
        firmware=firmware["version"],
        compiled=firmware["compileTime"],
        ability=record["ability"]["ability"],
        outlets=outlets if count > 1 else ("",),
        calibration=record.get("calibration"),
    )


def _recorded(name: str, folder: Path = _FIXTURES) -> Model:
    return model_of(json.loads((folder / f"{name}.json").read_text("utf-8")))


def recorded(folder: Path = _FIXTURES / "models") -> dict[str, Model]:
    """Return the model of each file by the file's name, such as mss315_9.5.39."""
    return {
        path.stem: _recorded(path.stem, folder)
        for path in sorted(folder.glob("*.json"))
    }


def _without(model: Model, *names: str) -> dict[str, dict[str, Any]]:
    """Return the ability of a model without some namespaces."""
    left_out = {f"Appliance.{name}" for name in names}
    return {name: it for name, it in model.ability.items() if name not in left_out}


def _built_in() -> dict[str, Model]:
    names = ("mss310_2.1.17", "mss305_8.3.15", "mss210_1.1.12", "mss425e_2.1.2")
    mss310, mss305, mss210v1, mss425e = map(_recorded, names)
    metering = [f"Control.Consumption{it}" for it in ("Config", "X", "H")]
    metering.append("Control.Electricity")
    later = ("Config.StandbyKiller", "Control.AlertReport")
    # No trace lists its namespaces: those of mss305 without metering and additions.
    mss210 = Model(
        type="mss210",
        sub_type="un",
        hardware="7.0.0",
        chip="rtl8710cm",
        firmware="7.2.15",
        compiled="2022/07/27-16:52:07",
        ability=_without(mss305, *metering, *later),
    )
    # Its trace lists few namespaces: those of mss310 without metering.
    mss425e = replace(
        mss425e,
        ability=_without(mss310, *metering),
        outlets=("all outlets", "outlet 1", "outlet 2", "outlet 3", "USB"),
    )
    # Its HTTP is encrypted (docs/protocol.md 7); its compile time is made up.
    mss110 = replace(
        mss210,
        type="mss110",
        firmware="7.3.37",
        compiled="2025/01/02-16:34:01",
        ability=mss210.ability | {namespaces.ECDHE: {}, namespaces.SUITE: {}},
    )
    return {
        "mss210": mss210,
        "mss310": mss310,
        "mss425e": mss425e,
        "mss210v1": mss210v1,
        "mss305": mss305,
        "mss110": mss110,
    }


MODELS: dict[str, Model] = {**_built_in(), **recorded()}
