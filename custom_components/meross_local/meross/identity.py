"""What a plug is: all that it takes to build its entities before it speaks."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

from .credentials import Credentials
from .errors import DecodeError
from .model import SystemAll
from .namespaces import Namespace

# The channel that switches all of a strip's outlets; a single plug's only one.
MASTER: Final = 0

# Strips with a group of USB sockets, and its channel: device data do not mark it
# (protocol.md 5).
_USB_CHANNELS: Final = {"mss425e": 4, "mss425f": 5}


class Role(StrEnum):
    """What a channel of a plug is to a person."""

    SINGLE = "outlet"
    MASTER = "all_outlets"
    OUTLET = "numbered_outlet"
    USB = "usb"


@dataclass(frozen=True, slots=True)
class Identity:
    """A plug, as it described itself in System.All and Ability.

    user_id is the vendor's account that it was set up with, 0 for none: it is part of
    its login to the broker (protocol.md 6.1).
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
    def of(cls, uuid: str, said: SystemAll, abilities: frozenset[str]) -> Self:
        """Return the identity of the plug that writes to the topics of this uuid.

        Raises DecodeError where what it said is not what a plug with switches says.
        """
        hardware = said.hardware
        toggles = abilities & {Namespace.TOGGLE, Namespace.TOGGLE_X}
        if hardware.uuid != uuid or not is_plug(hardware.model):
            raise DecodeError("not a plug, or another one")
        if not said.outlets or not toggles:
            raise DecodeError("a plug without an outlet")
        return cls(
            uuid=uuid,
            mac=hardware.mac,
            model=hardware.model,
            hardware=hardware.version,
            firmware=said.firmware,
            abilities=abilities,
            channels=tuple(sorted({outlet.channel for outlet in said.outlets})),
            user_id=said.user_id,
        )

    @property
    def name(self) -> str:
        """Return a name that tells it from its likes: model and the MAC's last four."""
        return f"{self.model.upper()} {self.uuid[-4:]}"

    @property
    def toggle(self) -> Namespace:
        """Return what its outlets are switched with (protocol.md 4.2)."""
        if Namespace.TOGGLE_X in self.abilities:
            return Namespace.TOGGLE_X
        return Namespace.TOGGLE

    def credentials(self, key: str) -> Credentials:
        """Return what it logs in to a broker with, having this key."""
        return Credentials(self.uuid, self.mac, key, self.user_id)

    def role(self, channel: int) -> Role:
        """Return what the channel is to a person."""
        if len(self.channels) == 1:
            return Role.SINGLE
        if channel == MASTER:
            return Role.MASTER
        if channel == _USB_CHANNELS.get(self.model):
            return Role.USB
        return Role.OUTLET


def is_plug(model: str) -> bool:
    """Tell whether hardware.type names a smart plug, strip or relay (protocol.md 5)."""
    return model.startswith("mss")
