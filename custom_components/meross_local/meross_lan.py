"""Plugs that another integration, Meross LAN, knows: taken over with their keys."""

import asyncio
from typing import Any, Final

from homeassistant.config_entries import SubentryFlowResult
from homeassistant.const import CONF_DEVICE_ID
from homeassistant.core import HomeAssistant, callback
import voluptuous as vol

from .const import CONF_KEY
from .meross.topics import UUID
from .plug_silent import async_find
from .plug_steps import PlugSteps

_MEROSS_LAN: Final = "meross_lan"


class MerossLanSteps(PlugSteps):
    """Asks all plugs of Meross LAN at once."""

    async def async_step_meross_lan(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Tell what will happen, and do it."""
        keys = keys_of_meross_lan(self.hass)
        if user_input is None:
            return self.async_show_form(
                step_id="meross_lan",
                data_schema=vol.Schema({}),
                description_placeholders={"count": str(len(keys))},
            )
        missing = await self._async_take_over(keys)
        return self.async_abort(
            reason="partly_taken_over" if missing else "taken_over",
            description_placeholders={
                "count": str(len(keys) - len(missing)),
                "missing": ", ".join(f"…{uuid[-4:]}" for uuid in missing),
            },
        )

    async def _async_take_over(self, keys: dict[str, str]) -> list[str]:
        """Ask the plugs; return the uuids of those that are not on this broker."""
        asked = [uuid for uuid in keys if uuid not in self._hub.plugs]
        for uuid in asked:
            self._hub.async_expect(uuid, keys[uuid])
        found = await asyncio.gather(
            *(async_find(self._discovery, uuid) for uuid in asked)
        )
        return [
            uuid
            for uuid, (newcomer, _) in zip(asked, found, strict=True)
            if newcomer is None or newcomer.identity is None
        ]


@callback
def keys_of_meross_lan(hass: HomeAssistant) -> dict[str, str]:
    """Return the keys of the plugs that Meross LAN has entries for, by their uuids."""
    return {
        uuid: str(entry.data.get(CONF_KEY) or "")
        for entry in hass.config_entries.async_entries(_MEROSS_LAN)
        if UUID.fullmatch(uuid := str(entry.data.get(CONF_DEVICE_ID, "")))
    }
