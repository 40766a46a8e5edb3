"""Names of the protocol: methods and namespaces (docs/protocol.md 2 to 4)."""

from enum import StrEnum
from typing import Final


class Method(StrEnum):
    """The method of a message (docs/protocol.md 2)."""

    GET = "GET"
    GETACK = "GETACK"
    SET = "SET"
    SETACK = "SETACK"
    PUSH = "PUSH"
    ERROR = "ERROR"


class Namespace(StrEnum):
    """The subject of a message."""

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


# Messages after which a plug's clock may run differently: its greetings when it has
# just connected (docs/protocol.md 3.1), and the setting of its time.
CLOCK_CHANGES: Final = frozenset(
    {Namespace.BIND, Namespace.CLOCK, Namespace.REPORT, Namespace.TIME}
)
