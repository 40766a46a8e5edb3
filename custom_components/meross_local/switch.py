"""Switches: the outlets and the settings of a plug."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, override

from homeassistant.components.switch import (
    SwitchDeviceClass,
    SwitchEntity,
    SwitchEntityDescription,
)
from homeassistant.const import EntityCategory, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .entity import PlugEntity, PolledEntity, async_add_platform
from .hub import MerossLocalConfigEntry
from .meross.commands import overheat_protection_payload, status_light_payload
from .meross.fields import Json
from .meross.identity import Role
from .meross.namespaces import Namespace
from .meross.readings import Readings
from .plug import OUTLETS, Plug

# The plug's acknowledgement ends a command: commands need not wait for each other.
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


@dataclass(frozen=True, kw_only=True)
class SettingDescription(SwitchEntityDescription):
    """A setting: its namespace, its value in the readings, its payload."""

    namespace: Namespace
    value_fn: Callable[[Readings], bool | None]
    payload_fn: Callable[[bool], Json]


_SETTINGS: Final = (
    SettingDescription(
        key="status_light",
        translation_key="status_light",
        entity_category=EntityCategory.CONFIG,
        namespace=Namespace.DND_MODE,
        value_fn=lambda readings: readings.status_light,
        payload_fn=lambda on: status_light_payload(on=on),
    ),
    SettingDescription(
        key="overheat_protection",
        translation_key="overheat_protection",
        entity_category=EntityCategory.CONFIG,
        namespace=Namespace.OVER_TEMP,
        value_fn=lambda readings: readings.overheat_protection,
        payload_fn=lambda on: overheat_protection_payload(on=on),
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: MerossLocalConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add a switch for every channel and every supported setting of each plug."""
    async_add_platform(
        hass, entry, async_add_entities, Platform.SWITCH, _create_switches
    )


class Outlet(PlugEntity, SwitchEntity):
    """Represent one outlet of a plug, or all outlets of a strip."""

    def __init__(self, plug: Plug, channel: int) -> None:
        """Initialize with the description of the channel's role."""
        description = _OUTLETS[plug.identity.role(channel)]
        super().__init__(plug, description, OUTLETS, str(channel))
        self._attr_translation_placeholders = {"number": str(channel)}
        self._channel = channel

    @property
    @override
    def is_on(self) -> bool | None:
        """Return the last known state."""
        return self.plug.is_on(self._channel)

    _reported = is_on

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Switch on; raises HomeAssistantError where the plug does not confirm it."""
        await self.plug.async_switch(self._channel, on=True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Switch off; raises HomeAssistantError where the plug does not confirm it."""
        await self.plug.async_switch(self._channel, on=False)


class Setting(PolledEntity, SwitchEntity):
    """Represent one setting of a plug."""

    entity_description: SettingDescription

    def __init__(self, plug: Plug, description: SettingDescription) -> None:
        """Initialize with the namespace of the description."""
        super().__init__(plug, description, description.namespace)

    @property
    @override
    def available(self) -> bool:
        """Return whether the plug is available and replied to the poll."""
        return super().available and self.is_on is not None

    @property
    @override
    def is_on(self) -> bool | None:
        """Return the last known state."""
        return self.entity_description.value_fn(self.plug.readings)

    _reported = is_on

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Switch on; raises HomeAssistantError where the plug does not confirm it."""
        await self._async_set(on=True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Switch off; raises HomeAssistantError where the plug does not confirm it."""
        await self._async_set(on=False)

    async def _async_set(self, *, on: bool) -> None:
        description = self.entity_description
        await self.plug.async_set(description.namespace, description.payload_fn(on))


def _create_switches(plug: Plug) -> list[PlugEntity]:
    return [
        *(Outlet(plug, channel) for channel in plug.identity.channels),
        *(
            Setting(plug, setting)
            for setting in _SETTINGS
            if setting.namespace in plug.identity.abilities
        ),
    ]
