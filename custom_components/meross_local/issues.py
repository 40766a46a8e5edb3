"""Issues of Home Assistant's repairs: what only a person can do about a plug."""

from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN

# Issues name a plug by its subentry: they are part of diagnostics, uuids must not be.
ISSUE_SUBENTRY: Final = "subentry_id"

_UNKNOWN_KEY: Final = "unknown_key"
_WRONG_KEY: Final = "wrong_key"
_UNBOUND: Final = "unbound"
_MISSING: Final = "missing"


@callback
def async_report_wrong_key(hass: HomeAssistant, subentry_id: str, name: str) -> None:
    """Report that a plug signs with another key than the stored one."""
    _report(hass, _WRONG_KEY, subentry_id, name)


@callback
def async_report_unbound(hass: HomeAssistant, subentry_id: str, name: str) -> None:
    """Report that a plug was reset, which it sends only once."""
    _report(hass, _UNBOUND, subentry_id, name)


@callback
def async_report_missing(hass: HomeAssistant, subentry_id: str, name: str) -> None:
    """Report that a plug has been absent for a day, unless its reset explains that."""
    if not ir.async_get(hass).async_get_issue(DOMAIN, f"{_UNBOUND}_{subentry_id}"):
        _report(hass, _MISSING, subentry_id, name)


@callback
def async_delete_issues(hass: HomeAssistant, subentry_id: str) -> None:
    """Delete every issue of a plug."""
    for reason in (_WRONG_KEY, _UNBOUND, _MISSING):
        ir.async_delete_issue(hass, DOMAIN, f"{reason}_{subentry_id}")


@callback
def async_report_unknown_key(hass: HomeAssistant, labels: list[str]) -> None:
    """Report discovered plugs with an unknown key; delete the issue where none is left.

    One issue for all of them: a broker that anyone may publish to must not fill the
    list of repairs.
    """
    if not labels:
        ir.async_delete_issue(hass, DOMAIN, _UNKNOWN_KEY)
        return
    ir.async_create_issue(
        hass,
        DOMAIN,
        _UNKNOWN_KEY,
        is_fixable=True,
        severity=ir.IssueSeverity.WARNING,
        translation_key=_UNKNOWN_KEY,
        translation_placeholders={"plugs": ", ".join(labels)},
    )


def _report(hass: HomeAssistant, reason: str, subentry_id: str, name: str) -> None:
    ir.async_create_issue(
        hass,
        DOMAIN,
        f"{reason}_{subentry_id}",
        data={ISSUE_SUBENTRY: subentry_id},
        is_fixable=reason == _WRONG_KEY,
        is_persistent=reason == _UNBOUND,
        severity=ir.IssueSeverity.ERROR,
        translation_key=reason,
        translation_placeholders={"plug": name},
    )
