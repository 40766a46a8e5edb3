"""Plugs of another integration, Meross LAN: imported with their keys."""

import asyncio
from typing import Any, Final

from homeassistant.config_entries import SubentryFlowResult
from homeassistant.const import CONF_DEVICE_ID
from homeassistant.core import HomeAssistant, callback
import voluptuous as vol

from ..const import CONF_KEY
from ..meross.topics import UUID_PATTERN
from ..transport.errors import PlugRequestError
from .steps import PlugSteps

_MEROSS_LAN: Final = "meross_lan"


class MerossLanSteps(PlugSteps):
    """Queries all plugs of Meross LAN at once."""

    async def async_step_meross_lan(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Show how many plugs there are, and import them."""
        keys = meross_lan_keys(self.hass)
        if user_input is None:
            return self.async_show_form(
                step_id="meross_lan",
                data_schema=vol.Schema({}),
                description_placeholders={"count": str(len(keys))},
            )
        missing = await self._async_import(keys)
        return self.async_abort(
            reason="partly_taken_over" if missing else "taken_over",
            description_placeholders={
                "count": str(len(keys) - len(missing)),
                "missing": ", ".join(f"…{uuid[-4:]}" for uuid in missing),
            },
        )

    async def _async_import(self, keys: dict[str, str]) -> list[str]:
        """Query the plugs; return the uuids of those that are not on this broker."""
        new = [uuid for uuid in keys if uuid not in self._hub.plugs]
        for uuid in new:
            self._hub.async_expect_key(uuid, keys[uuid])
        replied = await asyncio.gather(*map(self._async_is_plug, new))
        return [uuid for uuid, is_plug in zip(new, replied, strict=True) if not is_plug]

    async def _async_is_plug(self, uuid: str) -> bool:
        """Return whether a plug replies on this broker."""
        try:
            await self._discovery.async_identify(uuid)
        except PlugRequestError:
            return False
        return True


@callback
def meross_lan_keys(hass: HomeAssistant) -> dict[str, str]:
    """Return the keys of the plugs that Meross LAN has entries for, by their uuids."""
    return {
        uuid: str(entry.data.get(CONF_KEY) or "")
        for entry in hass.config_entries.async_entries(_MEROSS_LAN)
        if UUID_PATTERN.fullmatch(uuid := str(entry.data.get(CONF_DEVICE_ID, "")))
    }
