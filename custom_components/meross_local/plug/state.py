"""The state of one plug: its outlets, its readings, and who listens to them."""

import time
from typing import Final

from homeassistant.core import CALLBACK_TYPE, callback
from homeassistant.util import dt as dt_util

from ..meross.fields import Json
from ..meross.message import Header, Message
from ..meross.model import parse_all, parse_outlets
from ..meross.namespaces import Namespace
from ..meross.outlets import Outlets
from ..meross.readings import Readings
from .listeners import Listeners
from .message_log import MessageLog
from .scheduler import Scheduler
from .system_tracker import SystemTracker

# Seconds after a switch: until the power has settled, and until a plug that does not
# push the new state is queried for it.
POWER_SETTLING_TIME: Final = 1.0
CONFIRMATION_TIME: Final = 1.0

# What listeners to the outlets name, whichever namespace switches them: a firmware
# update may change that.
OUTLETS: Final = Namespace.TOGGLE_X

_NEVER: Final = float("inf")


class PlugState:
    """The last known state of one plug.

    confirmation_due is the monotonic time at which the PUSH should have arrived that
    confirms the last command.
    """

    def __init__(
        self, system: SystemTracker, scheduler: Scheduler, message_log: MessageLog
    ) -> None:
        """Start with nothing known."""
        self.outlets = Outlets(system.identity.channels)
        self.readings = Readings()
        self.confirmation_due = _NEVER
        self._system = system
        self._scheduler = scheduler
        self._message_log = message_log
        self._listeners = Listeners()
        self._unconfirmed: dict[int, int] = {}

    @callback
    def async_add_listener(
        self, namespace: str, listener: CALLBACK_TYPE
    ) -> CALLBACK_TYPE:
        """Call the listener on changes of a namespace; return what removes it."""
        return self._listeners.add(namespace, listener)

    @callback
    def async_notify(self, namespace: str) -> None:
        """Call the listeners of a namespace."""
        self._listeners.notify(namespace)

    @callback
    def async_notify_all(self) -> None:
        """Call all listeners."""
        self._listeners.notify_all()

    @callback
    def async_update(self, message: Message, now: float) -> str | None:
        """Apply a message; return the namespace of what changed, if anything did.

        now is in monotonic seconds. Raises DecodeError.
        """
        header, payload = message.header, message.payload
        skipped: list[str] = []
        try:
            if header.namespace == self._system.identity.toggle:
                if not self.outlets.update(parse_outlets(payload, skipped)):
                    return None
                self._poll_power(now)
                return OUTLETS
            if header.namespace == Namespace.ALL:
                system_all = parse_all(payload, skipped)
                self._system.async_system_all_received(system_all, now)
                self.outlets.set_channels(self._system.identity.channels)
                return OUTLETS if self.outlets.update(system_all.outlets) else None
            if header.namespace == Namespace.ABILITY:
                self._system.async_ability_received(payload, skipped)
                self.outlets.set_channels(self._system.identity.channels)
            elif self.readings.update(header, payload, dt_util.now(), skipped):
                return header.namespace
            return None
        finally:
            self._message_log.skipped += len(skipped)

    @callback
    def async_switched(self, reports: dict[int, int], *, on: bool) -> None:
        """Apply a command that was acknowledged; a PUSH since it was sent overrides it.

        reports is what `Outlets.reports` returned then. An acknowledgement does not
        contain the state: without a PUSH for each outlet the plug is queried.
        """
        if self.outlets.acknowledge(reports, on=on):
            self._listeners.notify(OUTLETS)
        now = time.monotonic()
        self._unconfirmed, self.confirmation_due = reports, now + CONFIRMATION_TIME
        self._poll_power(now)

    @callback
    def async_changed(self, header: Header, payload: Json) -> None:
        """Apply a setting that was acknowledged."""
        # GETACK and SET have the same form: the payload serves as if it had been read.
        self.readings.update(header, payload, dt_util.now())
        self._listeners.notify(header.namespace)

    @callback
    def async_check_confirmation(self, now: float) -> None:
        """Query the plug where a command that was acknowledged had no PUSH in time."""
        if now >= self.confirmation_due:
            self.confirmation_due = _NEVER
            if self.outlets.unreported(self._unconfirmed):
                self._scheduler.request_state(now)

    @callback
    def async_clear(self) -> None:
        """Set the state to unknown: a plug that is not connected may have changed."""
        self.outlets.clear()
        self.readings.clear()

    def _poll_power(self, now: float) -> None:
        """Poll the power of an outlet that was switched once it has settled."""
        self._scheduler.request(Namespace.ELECTRICITY, now + POWER_SETTLING_TIME)
