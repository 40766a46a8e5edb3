"""What people get to know of a plug's absence: log lines and issues."""

import time
from typing import Final

from homeassistant.core import HomeAssistant

from ..const import LOGGER
from ..issues import (
    async_delete_issues,
    async_report_missing,
    async_report_unbound,
    async_report_wrong_key,
)

# Seconds of absence until a plug is reported as missing.
MISSING_AFTER: Final = 86_400.0

_NEVER: Final = float("inf")


class AbsenceReporter:
    """Logs and reports the absence of one plug, once for each absence.

    due is the monotonic time from which `report_missing` has something to do.
    """

    def __init__(self, hass: HomeAssistant, subentry_id: str, name: str) -> None:
        """Start with the plug absent."""
        self.due = time.monotonic() + MISSING_AFTER
        self._hass = hass
        self._subentry_id = subentry_id
        self._name = name
        self._is_logged = False

    def started(self) -> None:
        """Count the absence from now on."""
        self.due = time.monotonic() + MISSING_AFTER

    def ended(self) -> None:
        """Delete the plug's issues: it is available again."""
        self.due = _NEVER
        if self._is_logged:
            self._is_logged = False
            LOGGER.info("%s is available again", self._name)
        async_delete_issues(self._hass, self._subentry_id)

    def log_unavailable(self) -> None:
        """Log that the plug does not reply, or was reset."""
        if not self._is_logged:
            self._is_logged = True
            LOGGER.info("%s is unavailable", self._name)

    def report_missing(self, now: float) -> None:
        """Report a plug that has been absent for long enough."""
        if now >= self.due:
            self.due = _NEVER
            async_report_missing(self._hass, self._subentry_id, self._name)

    def report_unbound(self) -> None:
        """Report that the plug was reset, which explains its absence."""
        self.due = _NEVER
        async_report_unbound(self._hass, self._subentry_id, self._name)

    def report_wrong_key(self) -> None:
        """Report that the plug signs with another key, which explains its absence."""
        self.due = _NEVER
        async_report_wrong_key(self._hass, self._subentry_id, self._name)
