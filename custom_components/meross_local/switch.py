"""The outlets of a plug as switches."""

from typing import Any, Final, override

from homeassistant.components.switch import (
    SwitchDeviceClass,
    SwitchEntity,
    SwitchEntityDescription,
)
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .entity import PlugEntity
from .hub import MerossLocalConfigEntry
from .meross.identity import Role
from .plug import Plug

# A plug's own acknowledgement ends a command: there is nothing to wait in line for.
PARALLEL_UPDATES = 0

_OUTLETS: Final = {
    Role.SINGLE: SwitchEntityDescription(
        key=Role.SINGLE, device_class=SwitchDeviceClass.OUTLET, name=None
    ),
    **{
        role: SwitchEntityDescription(
            key=role, device_class=SwitchDeviceClass.OUTLET, translation_key=role
        )
        for role in (Role.MASTER, Role.OUTLET, Role.USB)
    },
}


async def async_setup_entry(
    _hass: HomeAssistant,
    entry: MerossLocalConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Make a switch for every channel of every plug."""

    @callback
    def add(plug: Plug) -> None:
        async_add_entities(
            [Outlet(plug, channel) for channel in plug.identity.channels],
            config_subentry_id=plug.subentry_id,
        )

    entry.runtime_data.async_add_platform(add)


class Outlet(PlugEntity, SwitchEntity):
    """A channel of a plug."""

    def __init__(self, plug: Plug, channel: int) -> None:
        """Be what the channel is to a person."""
        description = _OUTLETS[plug.identity.role(channel)]
        super().__init__(plug, description, str(channel))
        self._attr_translation_placeholders = {"number": str(channel)}
        self._channel = channel

    @property
    @override
    def is_on(self) -> bool | None:
        """Return what the plug last said."""
        return self.plug.is_on(self._channel)

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Switch on, confirmed by the plug."""
        await self.plug.async_switch(self._channel, on=True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Switch off, confirmed by the plug."""
        await self.plug.async_switch(self._channel, on=False)
