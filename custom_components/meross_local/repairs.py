"""Repairs: the key that plugs sign with, verified when it is submitted."""

from typing import TYPE_CHECKING

from homeassistant.components.repairs import RepairsFlow
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import voluptuous as vol

from .const import CONF_KEY, DOMAIN
from .hub import MerossLocalConfigEntry
from .issues import ISSUE_SUBENTRY, SharedIssue

if TYPE_CHECKING:
    # From 2026.9 on; annotations are not evaluated at run time.
    from homeassistant.components.repairs import RepairsFlowResult


async def async_create_fix_flow(
    _hass: HomeAssistant,
    issue_id: str,
    _data: dict[str, str | int | float | None] | None,
) -> RepairsFlow:
    """Return the flow of a fixable issue."""
    if issue_id == SharedIssue.WAITING:
        return WaitingRepairFlow()
    return KeyRepairFlow()


class WaitingRepairFlow(RepairsFlow):
    """Adds the plugs that wait for a click."""

    async def async_step_init(
        self, _user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Start with the only step."""
        return await self.async_step_confirm()

    async def async_step_confirm(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Add the plugs once that is confirmed."""
        entries: list[MerossLocalConfigEntry] = (
            self.hass.config_entries.async_loaded_entries(DOMAIN)
        )
        issue = ir.async_get(self.hass).async_get_issue(DOMAIN, self.issue_id)
        if not entries or issue is None:
            return self.async_abort(reason="not_loaded")
        if user_input is not None:
            entries[0].runtime_data.new_plugs.async_add_waiting()
            return self.async_create_entry(data={})
        return self.async_show_form(
            step_id="confirm",
            data_schema=vol.Schema({}),
            description_placeholders=issue.translation_placeholders,
        )


class KeyRepairFlow(RepairsFlow):
    """Requests the key that plugs sign with."""

    async def async_step_init(
        self, _user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Start with the only step."""
        return await self.async_step_key()

    async def async_step_key(
        self, user_input: dict[str, str] | None = None
    ) -> RepairsFlowResult:
        """Verify the key against the last message of each plug."""
        entries: list[MerossLocalConfigEntry] = (
            self.hass.config_entries.async_loaded_entries(DOMAIN)
        )
        issue = ir.async_get(self.hass).async_get_issue(DOMAIN, self.issue_id)
        if not entries or issue is None:
            return self.async_abort(reason="not_loaded")
        errors: dict[str, str] = {}
        if user_input is not None:
            accepted = entries[0].runtime_data.async_try_key(user_input[CONF_KEY])
            # The issue of one plug is resolved by the key of that plug alone.
            if self.data is not None:
                subentry = entries[0].subentries.get(str(self.data[ISSUE_SUBENTRY]))
                accepted &= {subentry and subentry.unique_id}
            if accepted:
                return self.async_create_entry(data={})
            errors[CONF_KEY] = "wrong_key"
        return self.async_show_form(
            step_id="key",
            # Optional: an empty key is one too.
            data_schema=vol.Schema({vol.Optional(CONF_KEY, default=""): str}),
            description_placeholders=issue.translation_placeholders,
            errors=errors,
        )
