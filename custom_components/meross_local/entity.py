"""The base of all entities of a plug."""

from abc import abstractmethod
from collections.abc import Callable, Iterable
from typing import override
from weakref import WeakKeyDictionary

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.device_registry import CONNECTION_NETWORK_MAC, DeviceInfo
from homeassistant.helpers.entity import Entity, EntityDescription
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .const import DOMAIN
from .hub import MerossLocalConfigEntry
from .meross.namespaces import Namespace
from .plug import Plug


class PlugEntity(Entity):
    """An entity of a plug, updated when the plug's state changes."""

    _attr_has_entity_name = True
    _attr_should_poll = False

    def __init__(
        self,
        plug: Plug,
        description: EntityDescription,
        namespace: Namespace,
        unique_id: str,
    ) -> None:
        """Initialize for the changes of a namespace of the plug."""
        self.plug = plug
        self.entity_description = description
        self._attr_unique_id = f"{plug.identity.uuid}_{unique_id}"
        self._namespace = namespace
        self._last_written: tuple[bool, object] | None = None

    @property
    @override
    def device_info(self) -> DeviceInfo:
        """Return the device of the plug."""
        identity = self.plug.identity
        mac = identity.mac
        return DeviceInfo(
            connections={(CONNECTION_NETWORK_MAC, mac)} if mac else set(),
            identifiers={(DOMAIN, identity.uuid)},
            hw_version=identity.hardware or None,
            manufacturer="Meross",
            model=identity.model.upper(),
            name=identity.name,
            serial_number=identity.uuid,
            sw_version=identity.firmware or None,
        )

    @property
    @override
    def available(self) -> bool:
        """Return whether the plug is available."""
        return self.plug.available

    @property
    @abstractmethod
    def _reported(self) -> object:
        """Return the value that the state is made of."""

    @override
    async def async_added_to_hass(self) -> None:
        """Add the listener to the plug."""
        self.async_on_remove(
            self.plug.async_add_listener(self._namespace, self._handle_update)
        )

    @callback
    def _handle_update(self) -> None:
        """Write the state if it changed: most messages repeat it."""
        current = (self.available, self._reported)
        if current != self._last_written:
            self._last_written = current
            self.async_write_ha_state()


class PolledEntity(PlugEntity):
    """An entity of what the plug does not push: polled while it is enabled."""

    def __init__(
        self, plug: Plug, description: EntityDescription, namespace: Namespace
    ) -> None:
        """Initialize for a namespace, whose key is that of the description."""
        super().__init__(plug, description, namespace, description.key)

    @override
    async def async_added_to_hass(self) -> None:
        """Start the poll."""
        await super().async_added_to_hass()
        self.async_on_remove(self.plug.async_add_poll(self._namespace))


@callback
def async_add_platform(
    hass: HomeAssistant,
    entry: MerossLocalConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
    platform: Platform,
    create_entities: Callable[[Plug], Iterable[PlugEntity]],
) -> None:
    """Add the entities of every plug; follow the plugs whose abilities change."""
    added: WeakKeyDictionary[Plug, set[str]] = WeakKeyDictionary()

    @callback
    def add(plug: Plug) -> None:
        entities = {str(one.unique_id): one for one in create_entities(plug)}
        known = added.get(plug, set())
        added[plug] = set(entities)
        async_add_entities(
            [one for unique_id, one in entities.items() if unique_id not in known],
            config_subentry_id=plug.subentry_id,
        )
        registry = er.async_get(hass)
        gone = known - entities.keys()
        entity_ids = (
            registry.async_get_entity_id(platform, DOMAIN, unique_id)
            for unique_id in gone
        )
        for entity_id in filter(None, entity_ids):
            registry.async_remove(entity_id)

    entry.runtime_data.async_add_platform(add)
