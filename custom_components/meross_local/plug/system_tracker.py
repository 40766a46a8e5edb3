"""What a plug's System.All contains besides the outlets: its versions and its clock."""

from collections.abc import Callable

from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util

from ..meross.fields import Json
from ..meross.identity import Identity
from ..meross.interview import Interview
from ..meross.model import SystemAll
from ..meross.namespaces import Namespace
from .clock_sync import ClockSync
from .request_tracker import RequestTracker
from .scheduler import Scheduler


class SystemTracker:
    """Follows the identity of one plug, and sets its clock where it is wrong.

    A firmware update can bring abilities and channels (docs/protocol.md 19): the plug
    is interviewed again, and its identity changes when all of it is known.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        identity: Identity,
        requests: RequestTracker,
        scheduler: Scheduler,
        changed: Callable[[], None],
    ) -> None:
        """Initialize; changed is called when the identity changed."""
        self.identity = identity
        self._hass = hass
        self._requests = requests
        self._scheduler = scheduler
        self._changed = changed
        self._clock_sync = ClockSync()
        self._interview: Interview | None = None

    @callback
    def async_system_all_received(self, system_all: SystemAll, now: float) -> None:
        """Keep what changed, and correct the clock; now is in monotonic seconds.

        Raises DecodeError where it is that of another plug.
        """
        identity = self.identity.updated_from(system_all)
        if identity.firmware == self.identity.firmware:
            self._set_identity(identity)
        elif self._interview is None:
            self._interview = Interview(
                identity.uuid, system_all, self.identity.abilities
            )
            self._scheduler.add_poll(Namespace.ABILITY)
        self._correct_clock(system_all, now)

    @callback
    def async_ability_received(self, payload: Json, skipped: list[str]) -> None:
        """Continue the interview; skipped gets what was left out.

        Raises DecodeError.
        """
        if self._interview is not None:
            self._interview.reply_received(Namespace.ABILITY, payload, skipped)
            self._end_interview()

    @callback
    def async_query_unanswered(self, namespace: Namespace) -> None:
        """Continue the interview without a reply."""
        if self._interview is not None and namespace is Namespace.ABILITY:
            self._interview.no_reply()
            self._end_interview()

    def _end_interview(self) -> None:
        """Change the identity as soon as the interview has a result."""
        if self._interview is not None and self._interview.next_query is None:
            self._scheduler.remove_poll(Namespace.ABILITY)
            # None where the new firmware lists no switches: it stays what it was.
            self._set_identity(self._interview.result or self.identity)
            self._interview = None

    def _set_identity(self, identity: Identity) -> None:
        if identity != self.identity:
            self.identity = identity
            self._changed()

    def _correct_clock(self, system_all: SystemAll, now: float) -> None:
        """Set the plug's clock and time zone where they are wrong."""
        if system_all.time is None or Namespace.TIME not in self.identity.abilities:
            return
        payload = self._clock_sync.correction(
            system_all.time, dt_util.now(), self._hass.config.time_zone, now
        )
        if payload is not None:
            self._requests.set_nowait(Namespace.TIME, payload)
