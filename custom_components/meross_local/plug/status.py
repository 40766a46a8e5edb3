"""The status of one plug: one at a time, with the one issue that belongs to it."""

from collections.abc import Callable
from enum import Enum, auto
from typing import Final

from homeassistant.core import HomeAssistant

from ..const import LOGGER
from ..issues import PlugIssue, async_delete_issues, async_is_reported, async_report


class Status(Enum):
    """What is known of a plug's connection."""

    UNKNOWN = auto()
    AVAILABLE = auto()
    UNAVAILABLE = auto()
    WRONG_KEY = auto()
    """It replies, but signs with another key than the stored one."""
    RESET = auto()
    """It was reset to its factory settings, which it sends only once."""
    MISSING = auto()
    """It is absent for so long that a person has to see to it."""


class Event(Enum):
    """What changes the status."""

    STATE_RECEIVED = auto()
    NO_REPLY = auto()
    REPLY_REJECTED = auto()
    UNBOUND = auto()
    BROKER_LOST = auto()
    LONG_ABSENT = auto()


_ALWAYS: Final = tuple(Status)
_PRESENT: Final = (Status.UNKNOWN, Status.AVAILABLE)

# The next status by event, and by the statuses that it changes.
_TRANSITIONS: Final[dict[Event, tuple[tuple[Status, ...], Status]]] = {
    Event.STATE_RECEIVED: (_ALWAYS, Status.AVAILABLE),
    Event.NO_REPLY: (_PRESENT, Status.UNAVAILABLE),
    Event.REPLY_REJECTED: (_ALWAYS, Status.WRONG_KEY),
    Event.UNBOUND: (_ALWAYS, Status.RESET),
    Event.BROKER_LOST: (_PRESENT, Status.UNAVAILABLE),
    Event.LONG_ABSENT: ((Status.UNKNOWN, Status.UNAVAILABLE), Status.MISSING),
}
# Plugs that are missing share one issue, which the hub reports.
_ISSUES: Final = {Status.WRONG_KEY: PlugIssue.WRONG_KEY, Status.RESET: PlugIssue.RESET}


def next_status(status: Status, event: Event) -> Status:
    """Return the status after an event."""
    changed_by, status_after = _TRANSITIONS[event]
    return status_after if status in changed_by else status


class StatusTracker:
    """Follows the status of one plug, with its log lines and its issue."""

    def __init__(
        self, hass: HomeAssistant, subentry_id: str, name: Callable[[], str]
    ) -> None:
        """Start unknown, or with the reset that was reported before a restart."""
        self._hass = hass
        self._subentry_id = subentry_id
        self._name = name
        self._is_absence_logged = False
        is_reset = async_is_reported(hass, PlugIssue.RESET, subentry_id)
        self.status = Status.RESET if is_reset else Status.UNKNOWN

    def handle(self, event: Event) -> bool:
        """Change the status as an event requires; return whether it did."""
        status = next_status(self.status, event)
        if status is self.status:
            return False
        self.status = status
        self._log(event)
        async_delete_issues(self._hass, self._subentry_id)
        if (issue := _ISSUES.get(status)) is not None:
            async_report(self._hass, issue, self._subentry_id, self._name())
        return True

    def _log(self, event: Event) -> None:
        """Log each absence once, and its end; a lost broker is logged by MQTT."""
        if self.status is Status.AVAILABLE:
            if self._is_absence_logged:
                LOGGER.info("%s is available again", self._name())
            self._is_absence_logged = False
        elif not self._is_absence_logged and event is not Event.BROKER_LOST:
            LOGGER.info("%s is unavailable", self._name())
            self._is_absence_logged = True
