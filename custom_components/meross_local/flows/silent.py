"""A plug on the broker that publishes nothing by itself: queried over MQTT."""

from typing import Any, Final

from homeassistant.config_entries import SubentryFlowResult
from homeassistant.helpers.selector import TextSelector
import voluptuous as vol

from ..const import CONF_KEY, CONF_PLUG
from ..meross.topics import UUID_PATTERN
from ..transport.errors import PlugRequestError, UnknownKeyError
from ..transport.http import PlugHttpClient
from .forms import KEY_SCHEMA, error_key, normalize_uuid
from .steps import PlugSteps

_SCHEMA: Final = vol.Schema({vol.Required(CONF_PLUG): TextSelector()})


class SilentSteps(PlugSteps):
    """Queries a plug by its uuid or address until the hub adds it."""

    _uuid: str

    async def async_step_silent(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Request the uuid or the address of the plug."""
        errors: dict[str, str] = {}
        if user_input is not None:
            try:
                self._uuid = await self._async_resolve(user_input[CONF_PLUG])
            except UnknownKeyError:
                errors[CONF_PLUG] = "unknown_key"
            except PlugRequestError as err:
                errors[CONF_PLUG] = error_key(err)
            else:
                if self._uuid in self._hub.plugs:
                    return self.async_abort(reason="already_configured")
                try:
                    return await self._async_add()
                except UnknownKeyError:
                    return await self.async_step_key()
                except PlugRequestError as err:
                    errors["base"] = error_key(err)
        return self.async_show_form(
            step_id="silent",
            data_schema=self.add_suggested_values_to_schema(_SCHEMA, user_input),
            errors=errors,
        )

    async def async_step_key(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Request the key where no known one is valid."""
        errors: dict[str, str] = {}
        if user_input is not None:
            if self._hub.async_try_key(user_input[CONF_KEY]):
                try:
                    return await self._async_add()
                except PlugRequestError as err:
                    errors["base"] = error_key(err)
            else:
                errors[CONF_KEY] = "wrong_key"
        return self.async_show_form(
            step_id="key",
            data_schema=KEY_SCHEMA,
            description_placeholders={"plug": self._discovery.label(self._uuid)},
            errors=errors,
        )

    async def _async_add(self) -> SubentryFlowResult:
        """Query the plug: the hub adds it when it replies; raises PlugRequestError."""
        self._hub.new_plugs.async_want(self._uuid)
        plug = await self._discovery.async_identify(self._uuid)
        return self.async_abort(
            reason="plug_added", description_placeholders={"plug": plug.label}
        )

    async def _async_resolve(self, plug: str) -> str:
        """Return a uuid as it is, else that of the plug at the address.

        Raises PlugRequestError.
        """
        if UUID_PATTERN.fullmatch(uuid := normalize_uuid(plug)):
            return uuid
        client = PlugHttpClient(self.hass, plug)
        await client.async_identify(self._discovery.keys)
        self._hub.async_expect_key(client.identity.uuid, client.key)
        return client.identity.uuid
