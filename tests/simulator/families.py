"""Plugs by other names, and devices that are no plugs (docs/protocol.md 5).

No trace has their messages: they are those of plugs of their generation, with the
names, outlets and namespaces that are reported.
"""

from dataclasses import replace

from . import namespaces
from .models import MODELS, Model

_MSS110, _MSS210, _MSS305, _MSS310, _MSS425E = (
    MODELS[name] for name in ("mss110", "mss210", "mss305", "mss310", "mss425e")
)
_STRIP = ("all outlets", "outlet 1", "outlet 2", "outlet 3", "outlet 4", "USB")


def _variant(base: Model, model_type: str, *added: str, **changes: object) -> Model:
    """Return a model with another type, and namespaces in addition."""
    ability = base.ability | {f"Appliance.{name}": {} for name in added}
    return replace(base, **{"type": model_type, "ability": ability, **changes})  # type: ignore[arg-type]


ODD_NAMES: dict[str, Model] = {
    "msp844": _variant(
        _MSS305,
        "msp844",
        hardware="9.0.0",
        firmware="9.3.1",
        chip="rtl8720cm",
        outlets=_STRIP,
    ),
    "msp843p": _variant(_MSS210, "msp843p", firmware="7.1.2", outlets=_STRIP),
    "wp110b": _variant(_MSS425E, "wp110b", firmware="2.1.2", outlets=("",)),
    "mop320": _variant(
        _MSS210,
        "mop320",
        "Control.ElectricityX",
        outlets=("all outlets", "outlet 1", "outlet 2"),
    ),
    "sp425ew": _variant(_MSS425E, "sp425ew"),
    "sp425fw": _variant(_MSS425E, "sp425fw", outlets=_STRIP),
    "r10": _variant(_MSS305, "r10", firmware="8.2.4"),
}
"""Plugs and strips whose names do not begin as those of others do."""

OTHER_FAMILIES: dict[str, Model] = {
    "msl120": _variant(
        _MSS110, "msl120", "Control.Light", digest={"light": {"channel": 0, "rgb": 255}}
    ),
    "msg100": _variant(
        _MSS210,
        "msg100",
        "GarageDoor.State",
        digest={"garageDoor": [{"channel": 0, "open": 0}]},
    ),
    "mts200": _variant(
        _MSS210,
        "mts200",
        "Control.Thermostat.Mode",
        digest={"thermostat": {"mode": [{"channel": 0, "onoff": 1}]}},
    ),
    "map100": _variant(_MSS210, "map100", "Control.Spray"),
    "msh300": replace(
        _MSS310,
        type="msh300",
        hardware="4.0.0",
        firmware="4.1.26",
        ability={
            **{name: {} for name in (namespaces.ABILITY, namespaces.ALL)},
            **{name: {} for name in (namespaces.CLOCK, namespaces.TIME)},
            **{name: {} for name in (namespaces.BIND, namespaces.REPORT)},
            "Appliance.Digest.Hub": {},
            "Appliance.Hub.Online": {},
        },
        calibration=None,
        digest={"hub": {"hubId": -381895630, "mode": 0, "subdevice": []}},
    ),
}
"""A lamp, a garage door opener, a thermostat, an air purifier and a hub."""
