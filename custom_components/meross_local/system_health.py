"""The integration on Home Assistant's system information page."""

from typing import Any

from homeassistant.components import mqtt
from homeassistant.components.system_health import SystemHealthRegistration
from homeassistant.core import HomeAssistant, callback

from .const import DOMAIN
from .hub import MerossLocalConfigEntry


@callback
def async_register(_hass: HomeAssistant, register: SystemHealthRegistration) -> None:
    """Register the information."""
    register.async_register_info(_async_info)


async def _async_info(hass: HomeAssistant) -> dict[str, Any]:
    entries: list[MerossLocalConfigEntry] = hass.config_entries.async_loaded_entries(
        DOMAIN
    )
    if not entries:
        return {"loaded": False}
    hub = entries[0].runtime_data
    online = sum(plug.available for plug in hub.plugs.values())
    return {
        "broker_connected": mqtt.is_connected(hass),
        "plugs_online": f"{online} / {len(hub.plugs)}",
        "messages_per_minute": hub.messages_per_minute,
        "rejected": hub.rejected,
    }
