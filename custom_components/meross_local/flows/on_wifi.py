"""A plug on the Wi-Fi: identified over HTTP, moved to the broker, waited for."""

from typing import Any, Final, cast

from homeassistant.config_entries import SubentryFlowResult
from homeassistant.const import CONF_ADDRESS
from homeassistant.helpers.selector import TextSelector
import voluptuous as vol

from ..const import CONF_KEY
from ..meross.model import Gateway
from ..plug import Plug
from ..transport.errors import PlugRequestError, UnknownKeyError
from ..transport.http import PlugHttpClient
from .forms import KEY_SCHEMA, error_key
from .steps import PlugSteps

# Seconds within which a plug connects to the broker that it was moved to.
CONNECT_TIMEOUT: Final = 120.0

_SCHEMA: Final = vol.Schema({vol.Required(CONF_ADDRESS): TextSelector()})


class OnWifiSteps(PlugSteps):
    """Moves a plug to the broker; its previous one can be restored."""

    _client: PlugHttpClient

    async def async_step_on_wifi(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Request the address, and identify the plug there."""
        errors: dict[str, str] = {}
        if user_input is not None:
            try:
                self._client = PlugHttpClient(self.hass, user_input[CONF_ADDRESS])
                await self._client.async_identify(self._discovery.keys)
                return await self._async_show_plug()
            except UnknownKeyError:
                return await self.async_step_lan_key()
            except PlugRequestError as err:
                errors[CONF_ADDRESS] = error_key(err)
        return self.async_show_form(
            step_id="on_wifi",
            data_schema=self.add_suggested_values_to_schema(_SCHEMA, user_input),
            errors=errors,
        )

    async def async_step_lan_key(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Request the key where no known one is valid, and identify the plug."""
        errors: dict[str, str] = {}
        if user_input is not None:
            try:
                await self._client.async_identify([user_input[CONF_KEY]])
                # Other plugs may sign with it too.
                self._hub.async_try_key(user_input[CONF_KEY])
                return await self._async_show_plug()
            except PlugRequestError as err:
                errors[CONF_KEY] = error_key(err)
        return self.async_show_form(
            step_id="lan_key", data_schema=KEY_SCHEMA, errors=errors
        )

    async def async_step_move(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Request the broker that the plug is to use."""
        if user_input is not None and self._broker.submit(user_input):
            return await self.async_step_check()
        return self._show_broker()

    async def async_step_write(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Write the broker to the plug, and wait for it there."""
        return self._show_waiting("write", self._async_move, "no_show")

    async def async_step_wait(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Wait for it once more."""
        return self._show_waiting("wait", self._async_wait_connected, "no_show")

    async def async_step_no_show(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Show what to try with a plug that does not connect."""
        return self.async_show_menu(
            step_id="no_show",
            menu_options=["wait", "move", *self._restore],
            description_placeholders=self._placeholders,
        )

    async def async_step_not_restored(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Show what to try with a plug whose previous broker cannot be written."""
        return self.async_show_menu(
            step_id="not_restored",
            menu_options=[*self._restore, "wait", "move"],
            description_placeholders=self._placeholders,
        )

    async def async_step_restore(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Write the previous broker to the plug, while it can be reached."""
        try:
            # Offered only where it is known.
            gateway = cast("Gateway", self._client.system_all.gateway)
            await self._client.async_set_gateway(gateway)
        except PlugRequestError:
            return await self.async_step_not_restored()
        return self.async_abort(
            reason="restored", description_placeholders=self._placeholders
        )

    @property
    def _restore(self) -> list[str]:
        """Return the step that restores the previous broker, where it is known."""
        return ["restore"] if self._client.system_all.gateway else []

    async def _async_show_plug(self) -> SubentryFlowResult:
        """Continue with a plug that is identified."""
        identity, gateway = self._client.identity, self._client.system_all.gateway
        known = self._hub.plugs.get(identity.uuid)
        self._more_placeholders = {
            "plug": known.name if known else identity.name,
            "hardware": identity.hardware or "?",
            "firmware": identity.firmware or "?",
            "mac": identity.mac or "?",
            "old_broker": f"{gateway.host}:{gateway.port}" if gateway else "?",
        }
        await self._async_prepare_broker(
            identity.credentials(self._client.key),
            broker_step="move",
            next_step="write",
        )
        return await self.async_step_move()

    async def _async_move(self) -> Plug:
        """Return the plug at the new broker; raises PlugRequestError, TimeoutError."""
        self._hub.async_expect_key(self._client.identity.uuid, self._client.key)
        await self._client.async_set_gateway(self._broker.gateway)
        return await self._async_wait_connected()

    async def _async_wait_connected(self) -> Plug:
        """Return the plug; raises TimeoutError where it does not connect in time."""
        return await self._async_wait_for_plug(
            lambda plug: plug.identity.uuid == self._client.identity.uuid,
            CONNECT_TIMEOUT,
        )
