"""What a plug is: enough to create its entities before it sends anything."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, Self

from .credentials import Credentials
from .errors import DecodeError
from .model import SystemAll
from .namespaces import Namespace

# The channel that switches all outlets of a strip; the only one of a single plug.
MASTER: Final = 0

# Models, by how they begin, whose last channel is a group of USB sockets: nothing that
# a plug sends marks it (docs/protocol.md 5).
_USB_MODELS: Final = ("mss425e", "mss425f", "mss426", "msp84", "sp425e", "sp425f")

# Other families, some with ToggleX too, by how their own namespaces and their models
# begin (docs/protocol.md 5). scripts/pair has the same namespaces.
OTHER_NAMESPACES: Final = (
    *("Appliance.GarageDoor.", "Appliance.Hub.", "Appliance.RollerShutter."),
    *("Appliance.Control.Diffuser", "Appliance.Control.Fan"),
    *("Appliance.Control.FilterMaintenance", "Appliance.Control.Light"),
    *("Appliance.Control.Mp3", "Appliance.Control.Oven", "Appliance.Control.Presence"),
    *("Appliance.Control.Screen", "Appliance.Control.Smoke"),
    *("Appliance.Control.Spray", "Appliance.Control.TempUnit"),
    *("Appliance.Control.Thermostat", "Appliance.Control.Water"),
)
_OTHER_MODELS: Final = (
    *("em0", "em1", "hp1", "map", "mfc", "mod", "mrs", "ms1", "ms2", "ms4", "ms6"),
    *("msg", "msh", "msl", "mst", "msxh", "mts"),
)


class Role(StrEnum):
    """The role of a channel; the values are translation keys of its switch."""

    SINGLE = "outlet"
    MASTER = "all_outlets"
    OUTLET = "numbered_outlet"
    USB = "usb"


@dataclass(frozen=True, slots=True)
class Identity:
    """A plug as its System.All and Ability describe it.

    mac is lower case with colons, None where it is not the one that the uuid ends
    with; model is lower case. user_id is the vendor's account that the plug was set up
    with, 0 for none: part of its login to the broker (docs/protocol.md 6.1).
    """

    uuid: str
    mac: str | None
    model: str
    hardware: str
    firmware: str
    abilities: frozenset[str]
    channels: tuple[int, ...]
    user_id: int

    @classmethod
    def of(cls, uuid: str, system_all: SystemAll, abilities: frozenset[str]) -> Self:
        """Return the identity of the plug that publishes on the topics of this uuid.

        Raises DecodeError where the replies are not those of a plug with switches.
        """
        hardware = system_all.hardware
        if hardware.uuid != uuid:
            raise DecodeError("System.All of another plug")
        if not system_all.channels or not is_plug(abilities):
            raise DecodeError("not a plug")
        return cls(
            uuid=uuid,
            mac=hardware.mac,
            model=hardware.model,
            hardware=hardware.version,
            firmware=system_all.firmware,
            abilities=abilities,
            channels=tuple(sorted(set(system_all.channels))),
            user_id=system_all.user_id,
        )

    def updated_from(self, system_all: SystemAll) -> Self:
        """Return the identity with the versions and the account of a System.All.

        Raises DecodeError where it is that of another plug.
        """
        hardware = system_all.hardware
        if (hardware.uuid, hardware.model) != (self.uuid, self.model):
            raise DecodeError("System.All of another plug")
        return replace(
            self,
            hardware=hardware.version or self.hardware,
            firmware=system_all.firmware or self.firmware,
            user_id=system_all.user_id,
        )

    @property
    def name(self) -> str:
        """Return the default name: model and the last four characters of the MAC."""
        return f"{self.model.upper()} {self.uuid[-4:]}"

    @property
    def toggle(self) -> Namespace:
        """Return the namespace that switches its outlets (docs/protocol.md 4.2)."""
        if Namespace.TOGGLE_X in self.abilities:
            return Namespace.TOGGLE_X
        return Namespace.TOGGLE

    @property
    def state_query(self) -> Namespace:
        """Return the cheapest query that has every outlet in its reply."""
        return self.toggle if len(self.channels) == 1 else Namespace.ALL

    def credentials(self, key: str) -> Credentials:
        """Return its login to a broker when it has this key."""
        mac = self.mac or mac_from_uuid(self.uuid)
        return Credentials(self.uuid, mac, key, self.user_id)

    def role(self, channel: int) -> Role:
        """Return the role of a channel."""
        if len(self.channels) == 1:
            return Role.SINGLE
        if channel == MASTER:
            return Role.MASTER
        if channel == self.channels[-1] and self.model.startswith(_USB_MODELS):
            return Role.USB
        return Role.OUTLET


def is_plug(abilities: frozenset[str]) -> bool:
    """Return whether abilities are those of a plug (docs/protocol.md 5)."""
    return not abilities.isdisjoint({Namespace.TOGGLE, Namespace.TOGGLE_X}) and not any(
        ability.startswith(OTHER_NAMESPACES) for ability in abilities
    )


def may_be_plug(model: str) -> bool:
    """Return whether a model is of no other known family: its abilities decide."""
    return not model.startswith(_OTHER_MODELS)


def mac_from_uuid(uuid: str) -> str:
    """Return the MAC that a uuid ends with (docs/protocol.md 0.7)."""
    return ":".join(uuid[at : at + 2] for at in range(20, 32, 2))
