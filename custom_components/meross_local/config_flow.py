"""Discovery and set-up of the hub, its reconfiguration and its options."""

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, override

from homeassistant.components import mqtt
from homeassistant.config_entries import (
    SOURCE_MQTT,
    ConfigEntry,
    ConfigEntryState,
    ConfigFlow,
    ConfigFlowResult,
    ConfigSubentryFlow,
    OptionsFlow,
)
from homeassistant.core import CALLBACK_TYPE, callback
from homeassistant.helpers.importlib import async_import_module
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
from homeassistant.helpers.service_info.mqtt import MqttServiceInfo
import voluptuous as vol

from .const import (
    CONF_KEY,
    CONF_PLUG,
    CONF_POWER_INTERVAL,
    CONF_UUID,
    DEFAULT_POWER_INTERVAL,
    DOMAIN,
    SUBENTRY_PLUG,
)
from .discovered_plug import DiscoveredPlug
from .discovery import Discovery, async_get_discovery
from .flows.broker import BROKER_SCHEMA, BrokerSteps
from .flows.forms import KEY_SCHEMA, KEY_SELECTOR, error_key, normalize_uuid
from .meross.topics import UUID_PATTERN
from .subentry import subentry_from_identity
from .transport.errors import PlugRequestError, UnknownKeyError
from .transport.mqtt import parse_message

if TYPE_CHECKING:
    from .hub import MerossLocalConfigEntry
    from .plug import Plug

# How many plugs the discovery card names.
MAX_NAMED_PLUGS: Final = 5

_OPTIONS_SCHEMA: Final = vol.Schema(
    {
        vol.Required(
            CONF_POWER_INTERVAL, default=DEFAULT_POWER_INTERVAL
        ): NumberSelector(NumberSelectorConfig(min=5, max=300, unit_of_measurement="s"))
    }
)


class MerossLocalConfigFlow(ConfigFlow, BrokerSteps[ConfigFlowResult], domain=DOMAIN):
    """Sets up one hub for all plugs on the broker, and reconfigures it."""

    VERSION = 1

    _remove_listener: CALLBACK_TYPE | None = None
    _plugs: dict[str, Plug]

    @classmethod
    @callback
    @override
    def async_get_supported_subentry_types(
        cls, config_entry: ConfigEntry
    ) -> dict[str, type[ConfigSubentryFlow]]:
        """Return the flow of plugs, which are the subentries of the hub."""
        # Imported with the entry: who only discovers plugs has to reply at once.
        from .flows.add_plug import PlugSubentryFlow  # noqa: PLC0415 (see above)

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
        """Reply at once: a plug leaves after three tries (docs/protocol.md 3.1)."""
        if (parsed := parse_message(discovery_info)) is None:
            return self.async_abort(reason="not_a_plug")
        self._discovery.handle_message(*parsed)
        if not self._discovery.plugs:
            return self.async_abort(reason="not_a_plug")
        # Aborts where the card is shown already.
        await self.async_set_unique_id(DOMAIN)
        return await self.async_step_confirm()

    @override
    async def async_step_user(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show what was discovered, or request a plug that is silent."""
        if not await mqtt.async_wait_for_mqtt_client(self.hass):
            return self.async_abort(reason="mqtt_not_set_up")
        if not mqtt.is_connected(self.hass):
            return self.async_abort(reason="mqtt_not_connected")
        await self.async_set_unique_id(DOMAIN, raise_on_progress=False)
        if self._discovery.plugs:
            return await self.async_step_confirm()
        return await self.async_step_silent()

    async def async_step_confirm(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Set up all discovered plugs at once."""
        errors: dict[str, str] = {}
        if user_input is not None:
            key = user_input.get(CONF_KEY)
            if key is None or self._discovery.async_try_key(key):
                await async_import_module(self.hass, f"{__package__}.flows.add_plug")
                return self._create_entry(key)
            errors[CONF_KEY] = "wrong_key"
        self._follow_discovery()
        # The key is requested only while a plug has an unknown one.
        needs_key = next(self._discovery.with_unknown_key, None) is not None
        fields = {vol.Optional(CONF_KEY): KEY_SELECTOR} if needs_key else {}
        return self.async_show_form(
            step_id="confirm",
            data_schema=vol.Schema(fields),
            description_placeholders=self._discovered_placeholders(),
            errors=errors,
        )

    async def async_step_silent(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Request a plug that is on the broker but silent, or continue without one."""
        errors: dict[str, str] = {}
        if user_input is not None:
            if CONF_UUID not in user_input or self._discovery.plugs:
                return await self.async_step_confirm({})
            uuid = normalize_uuid(user_input[CONF_UUID])
            if not UUID_PATTERN.fullmatch(uuid):
                errors[CONF_UUID] = "invalid_uuid"
            else:
                try:
                    # The form that follows requests an unknown key.
                    with suppress(UnknownKeyError):
                        await self._discovery.async_identify(uuid)
                    return await self.async_step_confirm()
                except PlugRequestError as err:
                    errors["base"] = error_key(err)
        return self.async_show_form(
            step_id="silent",
            data_schema=vol.Schema({vol.Optional(CONF_UUID): str}),
            errors=errors,
        )

    async def async_step_reconfigure(
        self, _user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show the menu of what can be changed or checked."""
        return self.async_show_menu(
            step_id="reconfigure", menu_options=["key", "check_broker"]
        )

    async def async_step_key(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Change the key that is tried first with new plugs."""
        entry = self._get_reconfigure_entry()
        if user_input is not None:
            return self.async_update_and_abort(entry, data={**entry.data, **user_input})
        return self.async_show_form(step_id="key", data_schema=KEY_SCHEMA)

    async def async_step_check_broker(
        self, _user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Prepare the check of a broker with the login of a plug."""
        entry: MerossLocalConfigEntry = self._get_reconfigure_entry()
        if entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="not_loaded")
        self._plugs = dict(entry.runtime_data.plugs)
        if not self._plugs:
            return self.async_abort(reason="no_plugs")
        first = next(iter(self._plugs.values()))
        await self._async_prepare_broker(
            first.credentials, broker_step="broker", next_step="checked"
        )
        return await self.async_step_broker()

    async def async_step_broker(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Request the broker, and the plug whose login is used."""
        if user_input is not None and self._broker.submit(user_input):
            self._broker.credentials = self._plugs[user_input[CONF_PLUG]].credentials
            return await self.async_step_check()
        options = [
            SelectOptionDict(value=uuid, label=plug.name)
            for uuid, plug in self._plugs.items()
        ]
        selector = SelectSelector(
            SelectSelectorConfig(options=options, mode=SelectSelectorMode.DROPDOWN)
        )
        plug = vol.Required(CONF_PLUG, default=options[0]["value"])
        return self._show_broker(BROKER_SCHEMA.extend({plug: selector}))

    async def async_step_checked(
        self, _user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """End with the result that nothing is wrong."""
        return self.async_abort(reason="broker_fine")

    @callback
    @override
    def async_remove(self) -> None:
        """Remove the listener of the card."""
        if self._remove_listener is not None:
            self._remove_listener()

    @property
    def _discovery(self) -> Discovery:
        return async_get_discovery(self.hass)

    def _create_entry(self, key: str | None) -> ConfigFlowResult:
        plugs = self._discovery.plugs
        # They were chosen, those too that are not identified yet.
        self._discovery.wanted.update(plug.uuid for plug in plugs)
        return self.async_create_entry(
            title="Meross Local",
            data={} if key is None else {CONF_KEY: key},
            subentries=[
                subentry_from_identity(plug.identity, plug.key)
                for plug in plugs
                if plug.identity is not None and plug.key is not None
            ],
        )

    def _follow_discovery(self) -> None:
        """Show on the card what is discovered, now and while it is shown."""
        self.context["title_placeholders"] = self._discovered_placeholders()
        if self._remove_listener is None:
            self._remove_listener = self._discovery.async_add_listener(self._discovered)

    @callback
    def _discovered(self, _plug: DiscoveredPlug) -> None:
        if self.source == SOURCE_MQTT and not self._discovery.plugs:
            # The only one was none.
            self.hass.config_entries.flow.async_abort(self.flow_id)
            return
        placeholders = self._discovered_placeholders()
        if placeholders != self.context["title_placeholders"]:
            self.async_update_title_placeholders(placeholders)

    def _discovered_placeholders(self) -> dict[str, str]:
        labels = sorted(plug.label for plug in self._discovery.plugs)
        named = ", ".join(labels[:MAX_NAMED_PLUGS])
        more = ", …" if len(labels) > MAX_NAMED_PLUGS else ""
        return {"count": str(len(labels)), "plugs": named + more}


class MerossLocalOptionsFlow(OptionsFlow):
    """Changes how often plugs are polled; the hub applies it without a reload."""

    async def async_step_init(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Request the interval."""
        if user_input is not None:
            return self.async_create_entry(data=user_input)
        return self.async_show_form(
            step_id="init",
            data_schema=self.add_suggested_values_to_schema(
                _OPTIONS_SCHEMA, self.config_entry.options
            ),
        )
