"""The namespaces that each model lists in System.Ability (docs/protocol.md 4.2).

mss310, mss210v1 and mss305 as in their traces; mss425e as mss310 without the
metering; mss210 as mss305 without the metering and what came with 8.x; mss110 as
mss210 with the encryption of later 7.3.x (4.1): no trace of it is at hand.
"""

from typing import Any

type Ability = dict[str, dict[str, Any]]

_SUN: dict[str, Any] = {"sunOffsetSupport": 1}


def _named(prefix: str, names: str, **limits: dict[str, Any]) -> Ability:
    """Spell out the namespaces of a group."""
    return {
        f"Appliance.{prefix}.{name}": limits.get(name, {}) for name in names.split()
    }


FIRST_GENERATION: Ability = {
    **_named("Config", "Key WifiList Wifi Trace"),
    **_named("System", "Online All Hardware Firmware Time Clock Debug Ability"),
    **_named("System", "Runtime Report Position DNDMode"),
    **_named("Control", "Toggle Timer Trigger Upgrade Bind Unbind", Timer=_SUN),
}

STRIP_2: Ability = {
    **_named("Config", "Key WifiList Wifi Trace"),
    **_named("System", "All Hardware Firmware Debug Online Time Clock Ability"),
    **_named("System", "Runtime Report Position DNDMode"),
    **_named("Control", "Multiple ToggleX", Multiple={"maxCmdNum": 5}),
    **_named("Control", "TimerX TriggerX Bind Unbind Upgrade", TimerX=_SUN),
    **_named("Digest", "TriggerX TimerX"),
}

METERING_2: Ability = {
    **STRIP_2,
    **_named("Control", "ConsumptionX Electricity ConsumptionConfig"),
}

SWITCH_7: Ability = {
    **_named("Config", "Info Key OverTemp Trace Wifi WifiList WifiX"),
    **_named("Control", "Bind Multiple OverTemp", Multiple={"maxCmdNum": 3}),
    **_named("Control", "TimerX ToggleX TriggerX Unbind Upgrade", TimerX=_SUN),
    **_named("Digest", "TimerX TriggerX"),
    **_named("System", "Ability All Clock DNDMode Debug Firmware Hardware"),
    **_named("System", "Online Position Report Runtime Time"),
}

SWITCH_7_ENCRYPTED: Ability = {**SWITCH_7, **_named("Encrypt", "ECDHE Suite")}

METERING_8: Ability = {
    **SWITCH_7,
    **_named("Config", "StandbyKiller"),
    **_named("Control", "AlertReport ConsumptionConfig ConsumptionH"),
    **_named("Control", "ConsumptionX Electricity"),
}
