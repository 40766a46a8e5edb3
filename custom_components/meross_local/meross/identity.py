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

# Strips with a group of USB sockets, and its channel: nothing that a plug sends marks
# it (docs/protocol.md 5).
_USB_CHANNELS: Final = {"mss425e": 4, "mss425f": 5}


class Role(StrEnum):
    """The role of a channel; the values are translation keys of its switch."""

    SINGLE = "outlet"
    MASTER = "all_outlets"
    OUTLET = "numbered_outlet"
    USB = "usb"


@dataclass(frozen=True, slots=True)
class Identity:
    """A plug as its System.All and Ability describe it.

    mac is lower case with colons, model lower case. user_id is the vendor's account
    that the plug was set up with, 0 for none: part of its login to the broker
    (docs/protocol.md 6.1).
    """

    uuid: str
    mac: str
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
        toggles = abilities & {Namespace.TOGGLE, Namespace.TOGGLE_X}
        if hardware.uuid != uuid or not is_plug(hardware.model):
            raise DecodeError("not a plug, or another one")
        if not system_all.outlets or not toggles:
            raise DecodeError("a plug without an outlet")
        return cls(
            uuid=uuid,
            mac=hardware.mac,
            model=hardware.model,
            hardware=hardware.version,
            firmware=system_all.firmware,
            abilities=abilities,
            channels=tuple(sorted({outlet.channel for outlet in system_all.outlets})),
            user_id=system_all.user_id,
        )

    def updated_from(self, system_all: SystemAll) -> Self:
        """Return the identity with the versions and the account of a System.All."""
        return replace(
            self,
            hardware=system_all.hardware.version,
            firmware=system_all.firmware,
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
        return Credentials(self.uuid, self.mac, key, self.user_id)

    def role(self, channel: int) -> Role:
        """Return the role of a channel."""
        if len(self.channels) == 1:
            return Role.SINGLE
        if channel == MASTER:
            return Role.MASTER
        if channel == _USB_CHANNELS.get(self.model):
            return Role.USB
        return Role.OUTLET


def is_plug(model: str) -> bool:
    """Return whether hardware.type is that of a plug (docs/protocol.md 5)."""
    return model.startswith("mss")
