"""A plug that is on the broker but says nothing: asked over MQTT."""

from typing import Any, Final

from homeassistant.config_entries import SubentryFlowResult
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.selector import TextSelector
import voluptuous as vol

from .const import CONF_KEY, CONF_PLUG
from .discovery import Discovery, Newcomer
from .lan import LanError, LanPlug, WrongKeyError
from .meross.topics import UUID
from .plug_steps import KEY_SCHEMA, PlugSteps

_SCHEMA: Final = vol.Schema({vol.Required(CONF_PLUG): TextSelector()})


class SilentSteps(PlugSteps):
    """Makes a plug speak."""

    _newcomer: Newcomer

    async def async_step_silent(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for the plug; the hub sets it up as it answers."""
        errors: dict[str, str] = {}
        if user_input is not None:
            try:
                uuid = await self._async_uuid_of(user_input[CONF_PLUG])
            except WrongKeyError:
                errors[CONF_PLUG] = "unknown_key"
            except LanError as err:
                errors[CONF_PLUG] = err.reason
            else:
                if uuid in self._hub.plugs:
                    return self.async_abort(reason="already_configured")
                newcomer, errors = await async_find(self._discovery, uuid)
                if newcomer is not None:
                    self._newcomer = newcomer
                    return await self.async_step_key()
        return self.async_show_form(
            step_id="silent",
            data_schema=self.add_suggested_values_to_schema(_SCHEMA, user_input),
            errors=errors,
        )

    async def async_step_key(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for the key where no known one verifies."""
        errors: dict[str, str] = {}
        uuid = self._newcomer.uuid
        if user_input is not None:
            if self._discovery.async_try_key(user_input[CONF_KEY]):
                newcomer, errors = await async_find(self._discovery, uuid)
                self._newcomer = newcomer or self._newcomer
            else:
                errors[CONF_KEY] = "wrong_key"
        placeholders = {"plug": self._newcomer.label}
        if self._newcomer.identity is not None:
            return self.async_abort(
                reason="plug_added", description_placeholders=placeholders
            )
        return self.async_show_form(
            step_id="key",
            data_schema=KEY_SCHEMA,
            description_placeholders=placeholders,
            errors=errors,
        )

    async def _async_uuid_of(self, plug: str) -> str:
        """Return a uuid as it is, else that of the plug there; raises LanError."""
        if UUID.fullmatch(uuid := normalized(plug)):
            return uuid
        lan = LanPlug(self.hass, plug)
        await lan.async_read(self._keys)
        self._hub.async_expect(lan.identity.uuid, lan.key)
        return lan.identity.uuid


def normalized(uuid: str) -> str:
    """Return a uuid as plugs spell it."""
    return uuid.strip().lower()


async def async_find(
    discovery: Discovery, uuid: str
) -> tuple[Newcomer | None, dict[str, str]]:
    """Return the plug of this uuid, else what is wrong with it as a form's errors."""
    try:
        newcomer = await discovery.async_find(uuid)
    except TimeoutError, HomeAssistantError:
        return None, {"base": "no_answer"}
    if not newcomer.is_plug:
        return None, {"base": "not_a_plug"}
    return newcomer, {}
