"""The flow behind *Add plug*: each way leads a plug to the broker."""

from typing import Any

from homeassistant.config_entries import SubentryFlowResult

from ..const import CONF_KEY
from .forms import KEY_SCHEMA
from .meross_lan import MerossLanSteps, meross_lan_keys
from .new import NewSteps
from .on_wifi import OnWifiSteps
from .silent import SilentSteps


class PlugSubentryFlow(OnWifiSteps, NewSteps, SilentSteps, MerossLanSteps):
    """Offers the ways to add a plug, and the change of a plug's key."""

    async def async_step_user(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Show the menu of ways."""
        # Aborts where the entry is not loaded.
        _ = self._hub
        ways = ["on_wifi", "new", "silent"]
        if meross_lan_keys(self.hass):
            ways.append("meross_lan")
        return self.async_show_menu(step_id="user", menu_options=ways)

    async def async_step_reconfigure(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Change the key of a plug whose key was changed elsewhere."""
        hub = self._hub
        subentry = self._get_reconfigure_subentry()
        errors: dict[str, str] = {}
        if user_input is not None:
            key = user_input[CONF_KEY]
            if subentry.unique_id in hub.async_try_key(key):
                return self.async_abort(reason="reconfigure_successful")
            if key == subentry.data[CONF_KEY]:
                return self.async_abort(reason="same_key")
            errors[CONF_KEY] = "wrong_key"
        # Damaged data are those of no plug.
        plug = hub.plugs.get(str(subentry.unique_id))
        return self.async_show_form(
            step_id="reconfigure",
            data_schema=KEY_SCHEMA,
            description_placeholders={"plug": plug.name if plug else subentry.title},
            errors=errors,
        )
