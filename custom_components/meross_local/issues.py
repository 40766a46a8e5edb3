"""Issues of Home Assistant's repairs: what only a person can do about a plug."""

from enum import StrEnum
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import issue_registry as ir

from .const import DOMAIN

# Issues name a plug by its subentry: they are part of diagnostics, uuids must not be.
ISSUE_SUBENTRY: Final = "subentry_id"
# How many plugs an issue of several names.
MAX_NAMED_PLUGS: Final = 3


class PlugIssue(StrEnum):
    """What can be wrong with one plug; the values are translation keys."""

    WRONG_KEY = "wrong_key"
    RESET = "unbound"


class SharedIssue(StrEnum):
    """What can be wrong with several plugs at once; the values are translation keys.

    One issue for all of them: a broker that anyone may publish to must not fill the
    list of repairs, and what all plugs have in common is one problem.
    """

    UNKNOWN_KEY = "unknown_key"
    MISSING = "missing"
    WAITING = "plugs_waiting"


_FIXABLE: Final = {
    PlugIssue.WRONG_KEY,
    SharedIssue.UNKNOWN_KEY,
    SharedIssue.WAITING,
}
# What a plug sends only once is kept over a restart.
_PERSISTENT: Final = {PlugIssue.RESET}


@callback
def async_report(
    hass: HomeAssistant, issue: PlugIssue, subentry_id: str, name: str
) -> None:
    """Report what is wrong with a plug."""
    ir.async_create_issue(
        hass,
        DOMAIN,
        f"{issue}_{subentry_id}",
        data={ISSUE_SUBENTRY: subentry_id},
        is_fixable=issue in _FIXABLE,
        is_persistent=issue in _PERSISTENT,
        severity=ir.IssueSeverity.ERROR,
        translation_key=issue,
        translation_placeholders={"plug": name},
    )


@callback
def async_is_reported(hass: HomeAssistant, issue: PlugIssue, subentry_id: str) -> bool:
    """Return whether a plug has an issue."""
    issues = ir.async_get(hass)
    return issues.async_get_issue(DOMAIN, f"{issue}_{subentry_id}") is not None


@callback
def async_delete_issues(hass: HomeAssistant, subentry_id: str) -> None:
    """Delete every issue of a plug."""
    for issue in PlugIssue:
        ir.async_delete_issue(hass, DOMAIN, f"{issue}_{subentry_id}")


class SharedIssues:
    """The shared issues of a hub, reported as the plugs that they name change."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Start without an issue."""
        self._hass = hass
        self._reported: dict[SharedIssue, list[str]] = {}

    @callback
    def async_report(self, issue: SharedIssue, names: list[str]) -> None:
        """Report all plugs of these names in one issue; delete it for none."""
        if names == self._reported.get(issue, []):
            return
        self._reported[issue] = names
        if not names:
            ir.async_delete_issue(self._hass, DOMAIN, issue)
            return
        more = ", …" if len(names) > MAX_NAMED_PLUGS else ""
        ir.async_create_issue(
            self._hass,
            DOMAIN,
            issue,
            is_fixable=issue in _FIXABLE,
            severity=ir.IssueSeverity.WARNING,
            translation_key=issue,
            translation_placeholders={
                "plugs": ", ".join(names[:MAX_NAMED_PLUGS]) + more,
                "count": str(len(names)),
            },
        )

    @callback
    def async_clear(self) -> None:
        """Delete every issue."""
        for issue in SharedIssue:
            self.async_report(issue, [])
