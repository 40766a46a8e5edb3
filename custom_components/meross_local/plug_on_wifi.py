"""A plug that is on the Wi-Fi: read over HTTP, told the broker, waited for."""

import asyncio
from typing import Any, Final

from homeassistant.config_entries import SubentryFlowResult
from homeassistant.const import CONF_ADDRESS
from homeassistant.helpers.selector import TextSelector
import voluptuous as vol

from .broker_form import BROKER_SCHEMA
from .const import CONF_KEY
from .lan import LanError, LanPlug, WrongKeyError
from .plug import Plug
from .plug_steps import KEY_SCHEMA, PlugSteps

# Seconds until a plug that was told where to report to should have done so.
_PATIENCE: Final = 120

_SCHEMA: Final = vol.Schema({vol.Required(CONF_ADDRESS): TextSelector()})


class OnWifiSteps(PlugSteps):
    """Moves a plug to the broker; what it reported to before can be written back."""

    _lan: LanPlug

    async def async_step_on_wifi(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for the address, and read the plug there."""
        errors: dict[str, str] = {}
        if user_input is not None:
            try:
                self._lan = LanPlug(self.hass, user_input[CONF_ADDRESS])
                await self._lan.async_read(self._keys)
                return await self._async_show_plug()
            except WrongKeyError:
                return await self.async_step_lan_key()
            except LanError as err:
                errors[CONF_ADDRESS] = err.reason
        return self.async_show_form(
            step_id="on_wifi",
            data_schema=self.add_suggested_values_to_schema(_SCHEMA, user_input),
            errors=errors,
        )

    async def async_step_lan_key(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for the key where no known one verifies, and read the plug with it."""
        errors: dict[str, str] = {}
        if user_input is not None:
            try:
                await self._lan.async_read([user_input[CONF_KEY]])
                return await self._async_show_plug()
            except LanError as err:
                errors[CONF_KEY] = err.reason
        return self.async_show_form(
            step_id="lan_key", data_schema=KEY_SCHEMA, errors=errors
        )

    async def async_step_move(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for the broker that the plug is to use."""
        if user_input is not None and self._broker.take(user_input):
            return await self.async_step_check()
        return self._show_broker(BROKER_SCHEMA)

    async def async_step_write(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Tell the plug its broker, and wait for it there."""
        return self._show_work("write", self._async_move, "no_show")

    async def async_step_wait(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Wait for it once more."""
        return self._show_work("wait", self._async_moved, "no_show")

    async def async_step_no_show(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Say what to try with a plug that does not come."""
        return self.async_show_menu(
            step_id="no_show",
            menu_options=["wait", "move", "restore"],
            description_placeholders=self._placeholders,
        )

    async def async_step_not_restored(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Say what to try with a plug that cannot be told its old broker."""
        return self.async_show_menu(
            step_id="not_restored",
            menu_options=["restore", "wait", "move"],
            description_placeholders=self._placeholders,
        )

    async def async_step_restore(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Tell the plug its old broker again, while it can be reached."""
        gateway = self._lan.said.gateway or self._broker.gateway
        try:
            await self._lan.async_move(gateway)
        except LanError:
            return await self.async_step_not_restored()
        return self.async_abort(
            reason="restored", description_placeholders=self._placeholders
        )

    async def _async_show_plug(self) -> SubentryFlowResult:
        """Go on with a plug that was read."""
        identity, gateway = self._lan.identity, self._lan.said.gateway
        self._words = {
            "plug": identity.name,
            "hardware": identity.hardware,
            "firmware": identity.firmware,
            "mac": identity.mac,
            "old_broker": f"{gateway.host}:{gateway.port}" if gateway else "?",
        }
        await self._async_ask_for_broker(
            identity.credentials(self._lan.key), form="move", checked="write"
        )
        return await self.async_step_move()

    async def _async_move(self) -> Plug:
        """Raise LanError where it cannot be told, TimeoutError where it is lost."""
        self._hub.async_expect(self._lan.identity.uuid, self._lan.key)
        await self._lan.async_move(self._broker.gateway)
        return await self._async_moved()

    async def _async_moved(self) -> Plug:
        async with asyncio.timeout(_PATIENCE):
            return await self._hub.async_arrival(
                lambda plug: plug.identity.uuid == self._lan.identity.uuid
            )
