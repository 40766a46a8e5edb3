"""What a person has to do about a plug, as issues of Home Assistant's repairs."""

from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .const import CONF_UUID, DOMAIN
from .meross.identity import Identity

ISSUE_UNKNOWN_KEY: Final = "unknown_key"
_WRONG_KEY: Final = "wrong_key"
_UNBOUND: Final = "unbound"


@callback
def async_report_wrong_key(hass: HomeAssistant, identity: Identity) -> None:
    """Say that a plug signs with another key than it did."""
    _report(hass, _WRONG_KEY, identity, is_fixable=True)


@callback
def async_report_unbound(hass: HomeAssistant, identity: Identity) -> None:
    """Say that a plug was reset: it will not say so again after a restart."""
    _report(hass, _UNBOUND, identity, is_fixable=False, is_persistent=True)


@callback
def async_clear(hass: HomeAssistant, uuid: str) -> None:
    """Take back all that was said of a plug."""
    for reason in (_WRONG_KEY, _UNBOUND):
        ir.async_delete_issue(hass, DOMAIN, f"{reason}_{uuid}")


@callback
def async_report_unknown_key(hass: HomeAssistant, labels: list[str]) -> None:
    """Say that new plugs sign with a key that is not known; or no longer, where none.

    One issue for all of them: a broker that anyone may write to must not fill the list.
    """
    if not labels:
        ir.async_delete_issue(hass, DOMAIN, ISSUE_UNKNOWN_KEY)
        return
    ir.async_create_issue(
        hass,
        DOMAIN,
        ISSUE_UNKNOWN_KEY,
        is_fixable=True,
        severity=ir.IssueSeverity.WARNING,
        translation_key=ISSUE_UNKNOWN_KEY,
        translation_placeholders={"plugs": ", ".join(labels)},
    )


def _report(
    hass: HomeAssistant,
    reason: str,
    identity: Identity,
    *,
    is_fixable: bool,
    is_persistent: bool = False,
) -> None:
    ir.async_create_issue(
        hass,
        DOMAIN,
        f"{reason}_{identity.uuid}",
        data={CONF_UUID: identity.uuid},
        is_fixable=is_fixable,
        is_persistent=is_persistent,
        severity=ir.IssueSeverity.ERROR,
        translation_key=reason,
        translation_placeholders={"plug": identity.name},
    )
