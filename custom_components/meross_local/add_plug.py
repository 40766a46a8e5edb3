"""Leads a plug to the hub, wherever it is now: the flow behind Add plug."""

from typing import Any

from homeassistant.config_entries import ConfigEntryState, SubentryFlowResult

from .const import CONF_KEY
from .hub import MerossLocalConfigEntry
from .meross_lan import MerossLanSteps, keys_of_meross_lan
from .plug_new import NewSteps
from .plug_on_wifi import OnWifiSteps
from .plug_silent import SilentSteps
from .plug_steps import KEY_SCHEMA


class PlugSubentryFlow(OnWifiSteps, NewSteps, SilentSteps, MerossLanSteps):
    """Asks where the plug is, and goes the way from there."""

    async def async_step_user(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask where the plug is."""
        entry: MerossLocalConfigEntry = self._get_entry()
        if entry.state is not ConfigEntryState.LOADED:
            return self.async_abort(reason="not_loaded")
        self._hub = entry.runtime_data
        ways = ["on_wifi", "new", "silent"]
        if keys_of_meross_lan(self.hass):
            ways.append("meross_lan")
        return self.async_show_menu(step_id="user", menu_options=ways)

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
            data_schema=KEY_SCHEMA,
            description_placeholders={"plug": subentry.title},
            errors=errors,
        )
