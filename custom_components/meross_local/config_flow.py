"""Finds plugs, asks once, and adds single ones by hand."""

from typing import Any, Final, override

from homeassistant.components import mqtt
from homeassistant.config_entries import (
    ConfigEntry,
    ConfigEntryState,
    ConfigFlow,
    ConfigFlowResult,
    ConfigSubentryFlow,
    OptionsFlow,
    SubentryFlowResult,
)
from homeassistant.core import CALLBACK_TYPE, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
from homeassistant.helpers.service_info.mqtt import MqttServiceInfo
import voluptuous as vol

from .const import (
    CONF_KEY,
    CONF_POWER_INTERVAL,
    CONF_UUID,
    DEFAULT_POWER_INTERVAL,
    DOMAIN,
    SUBENTRY_PLUG,
)
from .discovery import Discovery, Newcomer, async_get_discovery
from .hub import MerossLocalConfigEntry
from .meross.topics import UUID
from .records import subentry_of
from .transport import read

# How many plugs are called by name on the card.
_MOST_NAMES: Final = 5

_KEY: Final = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD))
_KEY_SCHEMA: Final = vol.Schema({vol.Required(CONF_KEY, default=""): _KEY})
_OPTIONS_SCHEMA: Final = vol.Schema(
    {
        vol.Required(
            CONF_POWER_INTERVAL, default=DEFAULT_POWER_INTERVAL
        ): NumberSelector(NumberSelectorConfig(min=5, max=300, unit_of_measurement="s"))
    }
)


class MerossLocalConfigFlow(ConfigFlow, domain=DOMAIN):
    """One card for all plugs that speak on the broker."""

    VERSION = 1

    _end_listening: CALLBACK_TYPE | None = None

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(
        cls, config_entry: ConfigEntry
    ) -> dict[str, type[ConfigSubentryFlow]]:
        """Plugs are the subentries of the hub."""
        return {SUBENTRY_PLUG: PlugSubentryFlow}

    @staticmethod
    @callback
    @override
    def async_get_options_flow(config_entry: ConfigEntry) -> OptionsFlow:
        """Return the options of the hub."""
        return MerossLocalOptionsFlow()

    @override
    async def async_step_mqtt(
        self, discovery_info: MqttServiceInfo
    ) -> ConfigFlowResult:
        """Answer a plug at once: it leaves after three tries (protocol.md 3.1)."""
        if (heard := read(discovery_info)) is None:
            return self.async_abort(reason="not_a_plug")
        self._discovery.async_hear(*heard)
        if not self._discovery.plugs:
            return self.async_abort(reason="not_a_plug")
        # Aborts where the card is shown already.
        await self.async_set_unique_id(DOMAIN)
        return await self.async_step_confirm()

    @override
    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show what was found, or ask for a plug that is silent."""
        if not await mqtt.async_wait_for_mqtt_client(self.hass):
            return self.async_abort(reason="mqtt_not_set_up")
        if not mqtt.is_connected(self.hass):
            return self.async_abort(reason="mqtt_not_connected")
        await self.async_set_unique_id(DOMAIN, raise_on_progress=False)
        if self._discovery.plugs:
            return await self.async_step_confirm()
        return await self.async_step_silent()

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Change the key that new plugs are tried with first."""
        if user_input is not None:
            return self.async_update_and_abort(
                self._get_reconfigure_entry(), data=user_input
            )
        return self.async_show_form(step_id="reconfigure", data_schema=_KEY_SCHEMA)

    async def async_step_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Set up all plugs that were seen, with one click."""
        errors: dict[str, str] = {}
        if user_input is not None:
            key = user_input.get(CONF_KEY)
            if key is None or self._discovery.async_try_key(key):
                return self._create(key)
            errors[CONF_KEY] = "wrong_key"
        self._keep_title()
        # Asked for only where it is needed, and as long as it is.
        locked = next(self._discovery.locked, None) is not None
        return self.async_show_form(
            step_id="confirm",
            data_schema=vol.Schema({vol.Optional(CONF_KEY): _KEY} if locked else {}),
            description_placeholders=self._placeholders(),
            errors=errors,
        )

    async def async_step_silent(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for a plug that is on the broker but says nothing, or go on without."""
        errors: dict[str, str] = {}
        if user_input is not None:
            if CONF_UUID not in user_input or self._discovery.plugs:
                return await self.async_step_confirm({})
            uuid = _normalized(user_input[CONF_UUID])
            newcomer, errors = await _async_find(self._discovery, uuid)
            if newcomer is not None:
                return await self.async_step_confirm()
        return self.async_show_form(
            step_id="silent",
            data_schema=vol.Schema({vol.Optional(CONF_UUID): str}),
            errors=errors,
        )

    @callback
    @override
    def async_remove(self) -> None:
        """Let the card go."""
        if self._end_listening is not None:
            self._end_listening()

    @property
    def _discovery(self) -> Discovery:
        return async_get_discovery(self.hass)

    def _create(self, key: str | None) -> ConfigFlowResult:
        return self.async_create_entry(
            title="Meross Local",
            data={} if key is None else {CONF_KEY: key},
            subentries=[
                subentry_of(plug.identity, plug.key)
                for plug in self._discovery.plugs
                if plug.identity is not None and plug.key is not None
            ],
        )

    def _keep_title(self) -> None:
        """Name on the card what was found, and what will be while it is shown."""
        self.context["title_placeholders"] = self._placeholders()
        if self._end_listening is None:
            self._end_listening = self._discovery.async_listen(self._found)

    @callback
    def _found(self, _newcomer: Newcomer) -> None:
        placeholders = self._placeholders()
        if placeholders != self.context["title_placeholders"]:
            self.async_update_title_placeholders(placeholders)

    def _placeholders(self) -> dict[str, str]:
        labels = [plug.label for plug in self._discovery.plugs]
        shown = ", ".join(labels[:_MOST_NAMES])
        more = ", …" if len(labels) > _MOST_NAMES else ""
        return {"count": str(len(labels)), "plugs": shown + more}


class MerossLocalOptionsFlow(OptionsFlow):
    """How often plugs are asked; the hub takes it over without a reload."""

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the interval."""
        if user_input is not None:
            return self.async_create_entry(data=user_input)
        return self.async_show_form(
            step_id="init",
            data_schema=self.add_suggested_values_to_schema(
                _OPTIONS_SCHEMA, self.config_entry.options
            ),
        )


class PlugSubentryFlow(ConfigSubentryFlow):
    """Adds a plug that is on the broker but silent; the others add themselves."""

    _newcomer: Newcomer

    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask a plug what it is; the hub sets it up as it answers."""
        entry: MerossLocalConfigEntry = self._get_entry()
        if entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="not_loaded")
        errors: dict[str, str] = {}
        if user_input is not None:
            uuid = _normalized(user_input[CONF_UUID])
            if uuid in entry.runtime_data.plugs:
                return self.async_abort(reason="already_configured")
            newcomer, errors = await _async_find(self._discovery, uuid)
            if newcomer is not None:
                self._newcomer = newcomer
                return await self.async_step_key()
        return self.async_show_form(
            step_id="user",
            data_schema=self.add_suggested_values_to_schema(
                vol.Schema({vol.Required(CONF_UUID): str}), user_input
            ),
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
                newcomer, errors = await _async_find(self._discovery, uuid)
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
            data_schema=_KEY_SCHEMA,
            description_placeholders=placeholders,
            errors=errors,
        )

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change the plug's key to the one that it was given."""
        entry: MerossLocalConfigEntry = self._get_entry()
        if entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="not_loaded")
        subentry = self._get_reconfigure_subentry()
        errors: dict[str, str] = {}
        if user_input is not None:
            key = user_input[CONF_KEY]
            if subentry.unique_id in entry.runtime_data.async_try_key(key):
                return self.async_abort(reason="reconfigure_successful")
            if key == subentry.data[CONF_KEY]:
                return self.async_abort(reason="same_key")
            errors[CONF_KEY] = "wrong_key"
        return self.async_show_form(
            step_id="reconfigure",
            data_schema=_KEY_SCHEMA,
            description_placeholders={"plug": subentry.title},
            errors=errors,
        )

    @property
    def _discovery(self) -> Discovery:
        return async_get_discovery(self.hass)


def _normalized(uuid: str) -> str:
    return uuid.strip().lower()


async def _async_find(
    discovery: Discovery, uuid: str
) -> tuple[Newcomer | None, dict[str, str]]:
    """Return the plug of this uuid, else what is wrong with it as a form's errors."""
    if not UUID.fullmatch(uuid):
        return None, {CONF_UUID: "invalid_uuid"}
    try:
        newcomer = await discovery.async_find(uuid)
    except TimeoutError, HomeAssistantError:
        return None, {"base": "no_answer"}
    if not newcomer.is_plug:
        return None, {"base": "not_a_plug"}
    return newcomer, {}
