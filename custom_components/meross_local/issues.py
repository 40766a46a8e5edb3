"""What a person has to do about a plug, as issues of Home Assistant's repairs."""

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

_FIXABLE: Final = {_WRONG_KEY, _MISSING}


@callback
def async_report_wrong_key(hass: HomeAssistant, subentry_id: str, plug: str) -> None:
    """Say that a plug, called by its name, signs with another key than it did."""
    _report(hass, _WRONG_KEY, subentry_id, plug)


@callback
def async_report_unbound(hass: HomeAssistant, subentry_id: str, plug: str) -> None:
    """Say that a plug was reset: it will not say so again after a restart."""
    _report(hass, _UNBOUND, subentry_id, plug)


@callback
def async_report_missing(hass: HomeAssistant, subentry_id: str, plug: str) -> None:
    """Say that a plug was not heard for a day while others were, if not why."""
    if not ir.async_get(hass).async_get_issue(DOMAIN, f"{_UNBOUND}_{subentry_id}"):
        _report(hass, _MISSING, subentry_id, plug)


def is_about_absence(issue_id: str) -> bool:
    """Tell whether an issue says that a plug is missing."""
    return issue_id.startswith(_MISSING)


@callback
def async_clear(hass: HomeAssistant, subentry_id: str) -> None:
    """Take back all that was said of a plug."""
    for reason in (_WRONG_KEY, _UNBOUND, _MISSING):
        ir.async_delete_issue(hass, DOMAIN, f"{reason}_{subentry_id}")


@callback
def async_report_unknown_key(hass: HomeAssistant, labels: list[str]) -> None:
    """Say that new plugs sign with a key that is not known; or no longer, where none.

    One issue for all of them: a broker that anyone may write to must not fill the list.
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


def _report(hass: HomeAssistant, reason: str, subentry_id: str, plug: str) -> None:
    ir.async_create_issue(
        hass,
        DOMAIN,
        f"{reason}_{subentry_id}",
        data={ISSUE_SUBENTRY: subentry_id},
        is_fixable=reason in _FIXABLE,
        is_persistent=reason == _UNBOUND,
        severity=ir.IssueSeverity.ERROR,
        translation_key=reason,
        translation_placeholders={"plug": plug},
    )
