"""The least that an integration on MQTT can cost: hear a message, or show one too.

It understands nothing of what it hears: `bench_floor: {writes: true, topics: [...]}`.
"""

import logging
from typing import Any, Final

from homeassistant.components import mqtt
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_component import EntityComponent
from homeassistant.helpers.start import async_at_started

DOMAIN: Final = "bench_floor"


class _Switch(Entity):
    """Something that is on or off."""

    _attr_should_poll = False

    def __init__(self, number: int) -> None:
        self._attr_name = f"Plug {number}"
        self._on = False

    @property
    def state(self) -> str:
        """Return what it was toggled to."""
        return "on" if self._on else "off"

    @callback
    def toggle(self) -> None:
        """Show the other state."""
        self._on = not self._on
        self.async_write_ha_state()


async def async_setup(hass: HomeAssistant, config: dict[str, Any]) -> bool:
    """Hear all plugs, from when Home Assistant has started."""
    options = config[DOMAIN]
    switches = {
        topic: _Switch(number) for number, topic in enumerate(options["topics"], 1)
    }
    component = EntityComponent[_Switch](logging.getLogger(__name__), DOMAIN, hass)
    await component.async_add_entities(switches.values())

    @callback
    def heard(message: mqtt.ReceiveMessage) -> None:
        if options["writes"] and (switch := switches.get(message.topic)) is not None:
            switch.toggle()

    async def subscribe(_hass: HomeAssistant) -> None:
        await mqtt.async_wait_for_mqtt_client(hass)
        await mqtt.async_subscribe(
            hass, "/appliance/+/publish", heard, 0, encoding=None
        )

    async_at_started(hass, subscribe)
    return True
