"""The names that plugs use: namespaces and methods (protocol.md 2 to 4)."""

from enum import StrEnum


class Method(StrEnum):
    """What a message wants or is (protocol.md 2)."""

    GET = "GET"
    GETACK = "GETACK"
    SET = "SET"
    SETACK = "SETACK"
    PUSH = "PUSH"
    ERROR = "ERROR"


class Namespace(StrEnum):
    """What a message is about."""

    ABILITY = "Appliance.System.Ability"
    ALL = "Appliance.System.All"
    BIND = "Appliance.Control.Bind"
    CLOCK = "Appliance.System.Clock"
    CONFIG_KEY = "Appliance.Config.Key"
    CONSUMPTION_CONFIG = "Appliance.Control.ConsumptionConfig"
    CONSUMPTION_X = "Appliance.Control.ConsumptionX"
    DND_MODE = "Appliance.System.DNDMode"
    ECDHE = "Appliance.Encrypt.ECDHE"
    ELECTRICITY = "Appliance.Control.Electricity"
    OVER_TEMP = "Appliance.Config.OverTemp"
    REPORT = "Appliance.System.Report"
    RUNTIME = "Appliance.System.Runtime"
    TIME = "Appliance.System.Time"
    TOGGLE = "Appliance.Control.Toggle"
    TOGGLE_X = "Appliance.Control.ToggleX"
    UNBIND = "Appliance.Control.Unbind"
