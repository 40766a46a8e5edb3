"""The outlets and the settings of a plug as switches."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, override

from homeassistant.components.switch import (
    SwitchDeviceClass,
    SwitchEntity,
    SwitchEntityDescription,
)
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .entity import AskedEntity, PlugEntity
from .hub import MerossLocalConfigEntry
from .meross.commands import overheat_protection_payload, status_light_payload
from .meross.fields import Json
from .meross.identity import Role
from .meross.namespaces import Namespace
from .meross.readings import Readings
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


@dataclass(frozen=True, kw_only=True)
class SettingDescription(SwitchEntityDescription):
    """A setting: where it is asked and told, and how."""

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
    _hass: HomeAssistant,
    entry: MerossLocalConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Make a switch for every channel of a plug and every setting it knows."""

    @callback
    def add(plug: Plug) -> None:
        async_add_entities(
            [
                *(Outlet(plug, channel) for channel in plug.identity.channels),
                *(
                    Setting(plug, setting)
                    for setting in _SETTINGS
                    if setting.namespace in plug.identity.abilities
                ),
            ],
            config_subentry_id=plug.subentry_id,
        )

    entry.runtime_data.async_add_platform(add)


class Outlet(PlugEntity, SwitchEntity):
    """A channel of a plug."""

    def __init__(self, plug: Plug, channel: int) -> None:
        """Be what the channel is to a person."""
        description = _OUTLETS[plug.identity.role(channel)]
        super().__init__(plug, description, plug.identity.toggle, str(channel))
        self._attr_translation_placeholders = {"number": str(channel)}
        self._channel = channel

    @property
    @override
    def is_on(self) -> bool | None:
        """Return what the plug last said."""
        return self.plug.is_on(self._channel)

    _said = is_on

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Switch on, confirmed by the plug."""
        await self.plug.async_switch(self._channel, on=True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Switch off, confirmed by the plug."""
        await self.plug.async_switch(self._channel, on=False)


class Setting(AskedEntity, SwitchEntity):
    """A setting of a plug."""

    entity_description: SettingDescription

    def __init__(self, plug: Plug, description: SettingDescription) -> None:
        """Be what the description says."""
        super().__init__(plug, description, description.namespace)

    @property
    @override
    def available(self) -> bool:
        """Return whether the plug is there and answers what it is asked."""
        return super().available and self.is_on is not None

    @property
    @override
    def is_on(self) -> bool | None:
        """Return what the plug last said."""
        return self.entity_description.value_fn(self.plug.readings)

    _said = is_on

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Switch on, confirmed by the plug."""
        await self._async_set(on=True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Switch off, confirmed by the plug."""
        await self._async_set(on=False)

    async def _async_set(self, *, on: bool) -> None:
        description = self.entity_description
        await self.plug.async_set(description.namespace, description.payload_fn(on))
