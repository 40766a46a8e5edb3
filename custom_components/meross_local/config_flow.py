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
)
from homeassistant.core import CALLBACK_TYPE, callback
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

from .add_plug import PlugSubentryFlow
from .broker_form import BROKER_SCHEMA, BrokerForm
from .const import (
    CONF_KEY,
    CONF_PLUG,
    CONF_POWER_INTERVAL,
    CONF_UUID,
    DEFAULT_POWER_INTERVAL,
    DOMAIN,
    SUBENTRY_PLUG,
)
from .discovery import Discovery, Newcomer, async_get_discovery
from .hub import MerossLocalConfigEntry
from .meross.topics import UUID
from .plug import Plug
from .plug_silent import async_find, normalized
from .plug_steps import KEY, KEY_SCHEMA
from .records import subentry_of
from .transport import read

# How many plugs are called by name on the card.
_MOST_NAMES: Final = 5

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
    _broker: BrokerForm
    _plugs: dict[str, Plug]

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
        self, _user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Offer what can be changed, or looked at."""
        return self.async_show_menu(
            step_id="reconfigure", menu_options=["key", "check_broker"]
        )

    async def async_step_key(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Change the key that new plugs are tried with first."""
        if user_input is not None:
            return self.async_update_and_abort(
                self._get_reconfigure_entry(), data=user_input
            )
        return self.async_show_form(step_id="key", data_schema=KEY_SCHEMA)

    async def async_step_check_broker(
        self, _user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Prepare the form that asks for the broker that is to be checked."""
        entry: MerossLocalConfigEntry = self._get_reconfigure_entry()
        if entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="not_loaded")
        self._plugs = dict(entry.runtime_data.plugs)
        if not self._plugs:
            return self.async_abort(reason="no_plugs")
        first = next(iter(self._plugs.values()))
        self._broker = await BrokerForm.async_begin(self.hass, first.credentials)
        return await self.async_step_broker()

    async def async_step_broker(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask for the broker, and as which plug it is to be tried."""
        if user_input is not None and self._broker.take(user_input):
            self._broker.credentials = self._plugs[user_input[CONF_PLUG]].credentials
            return await self.async_step_check()
        names = [
            SelectOptionDict(value=uuid, label=plug.identity.name)
            for uuid, plug in self._plugs.items()
        ]
        schema = BROKER_SCHEMA.extend(
            {
                vol.Required(CONF_PLUG, default=names[0]["value"]): SelectSelector(
                    SelectSelectorConfig(
                        options=names, mode=SelectSelectorMode.DROPDOWN
                    )
                )
            }
        )
        return self.async_show_form(
            step_id="broker",
            data_schema=self.add_suggested_values_to_schema(schema, self._broker.typed),
            description_placeholders=self._broker.placeholders,
            errors=self._broker.errors,
        )

    async def async_step_check(
        self, _user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Try the broker as the plug does."""
        return self._broker.show_check(self, form="broker", fine="checked")

    async def async_step_login(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Say which login the broker has to know, and try it again."""
        if user_input is not None and self._broker.take(user_input):
            return await self.async_step_check()
        return self._broker.show_login(self)

    async def async_step_checked(
        self, _user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Say that nothing is wrong."""
        return self.async_abort(reason="broker_fine")

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
            data_schema=vol.Schema({vol.Optional(CONF_KEY): KEY} if locked else {}),
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
            uuid = normalized(user_input[CONF_UUID])
            if not UUID.fullmatch(uuid):
                errors[CONF_UUID] = "invalid_uuid"
            else:
                newcomer, errors = await async_find(self._discovery, uuid)
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
        labels = sorted(plug.label for plug in self._discovery.plugs)
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
