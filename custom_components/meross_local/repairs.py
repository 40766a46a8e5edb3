"""Repairs: keys that are checked on the spot, and brokers that plugs miss."""

from typing import TYPE_CHECKING, Any

from homeassistant.components.repairs import RepairsFlow
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import voluptuous as vol

from .broker_form import BROKER_SCHEMA, BrokerForm
from .const import CONF_KEY, DOMAIN
from .hub import MerossLocalConfigEntry
from .issues import ISSUE_SUBENTRY, is_about_absence
from .plug import Plug

if TYPE_CHECKING:
    # From 2026.9 on; annotations are not evaluated before they are asked for.
    from homeassistant.components.repairs import RepairsFlowResult


async def async_create_fix_flow(
    _hass: HomeAssistant,
    issue_id: str,
    _data: dict[str, str | int | float | None] | None,
) -> RepairsFlow:
    """Return the flow of an issue."""
    return BrokerRepairFlow() if is_about_absence(issue_id) else KeyRepairFlow()


class KeyRepairFlow(RepairsFlow):
    """Asks for the key that plugs sign with."""

    async def async_step_init(
        self, _user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Begin with the only step."""
        return await self.async_step_key()

    async def async_step_key(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Check the key against what the plugs last said."""
        entries: list[MerossLocalConfigEntry] = (
            self.hass.config_entries.async_loaded_entries(DOMAIN)
        )
        issue = ir.async_get(self.hass).async_get_issue(DOMAIN, self.issue_id)
        if not entries or issue is None:
            return self.async_abort(reason="not_loaded")
        errors: dict[str, str] = {}
        if user_input is not None:
            fitting = entries[0].runtime_data.async_try_key(user_input[CONF_KEY])
            # The issue of one plug is solved by that plug's key alone.
            if self.data is not None:
                subentry = entries[0].subentries.get(str(self.data[ISSUE_SUBENTRY]))
                fitting &= {subentry and subentry.unique_id}
            if fitting:
                return self.async_create_entry(data={})
            errors[CONF_KEY] = "wrong_key"
        return self.async_show_form(
            step_id="key",
            data_schema=vol.Schema({vol.Required(CONF_KEY): str}),
            description_placeholders=issue.translation_placeholders,
            errors=errors,
        )


class BrokerRepairFlow(RepairsFlow):
    """Checks the broker that a plug should be at."""

    _broker: BrokerForm
    _plug: Plug

    async def async_step_init(
        self, _user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Begin with the form, in the plug's name."""
        entries: list[MerossLocalConfigEntry] = (
            self.hass.config_entries.async_loaded_entries(DOMAIN)
        )
        plugs = [
            plug
            for entry in entries
            for plug in entry.runtime_data.plugs.values()
            if self.data is not None and plug.subentry_id == self.data[ISSUE_SUBENTRY]
        ]
        if not plugs:
            return self.async_abort(reason="not_loaded")
        self._plug = plugs[0]
        self._broker = await BrokerForm.async_begin(self.hass, self._plug.credentials)
        return await self.async_step_broker()

    async def async_step_broker(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Ask for the broker as the plug was told it."""
        if user_input is not None and self._broker.take(user_input):
            return await self.async_step_check()
        return self.async_show_form(
            step_id="broker",
            data_schema=self.add_suggested_values_to_schema(
                BROKER_SCHEMA, self._broker.typed
            ),
            description_placeholders=self._broker.placeholders
            | {"plug": self._plug.identity.name},
            errors=self._broker.errors,
        )

    async def async_step_check(
        self, _user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Try the broker as the plug does."""
        return self._broker.show_check(self, form="broker", fine="checked")

    async def async_step_login(
        self, user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Say which login the broker has to know, and try it again."""
        if user_input is not None and self._broker.take(user_input):
            return await self.async_step_check()
        return self._broker.show_login(self)

    async def async_step_checked(
        self, _user_input: dict[str, Any] | None = None
    ) -> RepairsFlowResult:
        """Say that the broker is not to blame; the issue ends when the plug is back."""
        return self.async_abort(reason="broker_fine")
