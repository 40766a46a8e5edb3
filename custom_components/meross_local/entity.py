"""What all entities of a plug have in common."""

from abc import abstractmethod
from typing import override

from homeassistant.core import callback
from homeassistant.helpers.device_registry import CONNECTION_NETWORK_MAC, DeviceInfo
from homeassistant.helpers.entity import Entity, EntityDescription

from .const import DOMAIN
from .meross.namespaces import Namespace
from .plug import Plug


class PlugEntity(Entity):
    """An entity of a plug: shows what the plug says, when it changes."""

    _attr_has_entity_name = True
    _attr_should_poll = False

    def __init__(
        self,
        plug: Plug,
        description: EntityDescription,
        namespace: Namespace,
        unique_id: str,
    ) -> None:
        """Belong to the plug's device, and show what it says about the namespace."""
        self.plug = plug
        self.entity_description = description
        self._attr_unique_id = f"{plug.identity.uuid}_{unique_id}"
        self._namespace = namespace
        self._shown: tuple[bool, object] | None = None

    @property
    @override
    def device_info(self) -> DeviceInfo:
        """Return what is known of the plug."""
        identity = self.plug.identity
        return DeviceInfo(
            connections={(CONNECTION_NETWORK_MAC, identity.mac)},
            identifiers={(DOMAIN, identity.uuid)},
            hw_version=identity.hardware,
            manufacturer="Meross",
            model=identity.model.upper(),
            name=identity.name,
            serial_number=identity.uuid,
            sw_version=identity.firmware,
        )

    @property
    @override
    def available(self) -> bool:
        """Return whether the plug is there."""
        return self.plug.available

    @property
    @abstractmethod
    def _said(self) -> object:
        """Return what the state is made of."""

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the plug."""
        self.async_on_remove(self.plug.async_listen(self._namespace, self._follow))

    @callback
    def _follow(self) -> None:
        """Write the state if it is another one than before: most messages repeat it."""
        shown = (self.available, self._said)
        if shown != self._shown:
            self._shown = shown
            self.async_write_ha_state()


class AskedEntity(PlugEntity):
    """An entity that shows what the plug does not say by itself.

    While it is enabled, the plug is asked.
    """

    def __init__(
        self, plug: Plug, description: EntityDescription, namespace: Namespace
    ) -> None:
        """Show the answers to questions of this namespace."""
        super().__init__(plug, description, namespace, description.key)

    @override
    async def async_added_to_hass(self) -> None:
        """Have the plug asked."""
        await super().async_added_to_hass()
        self.async_on_remove(self.plug.polling.async_need(self._namespace))
