"""A plug that is set up: its state, its availability and its commands."""

from collections.abc import Callable
import time
from typing import Final

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.util import dt as dt_util

from ..const import LOGGER
from ..meross.credentials import Credentials
from ..meross.errors import DecodeError
from ..meross.fields import Json
from ..meross.handshake import handshake_reply
from ..meross.identity import Identity
from ..meross.message import Header, Message, is_signed_with
from ..meross.model import SystemAll, parse_all, parse_outlets
from ..meross.namespaces import CLOCK_CHANGES, Method, Namespace
from ..meross.outlets import Outlets
from ..meross.readings import Readings
from .absence import AbsenceReporter
from .availability import Action, AvailabilityTracker
from .clock_sync import ClockSync
from .command_runner import CommandRunner
from .listeners import Listeners
from .message_log import MessageLog
from .poll_scheduler import PollScheduler
from .request_tracker import RequestTracker

# Seconds after a switch until the power has settled.
POWER_SETTLING_TIME: Final = 2.0


class Plug:
    """A plug that is set up."""

    def __init__(
        self,
        hass: HomeAssistant,
        identity: Identity,
        key: str,
        subentry_id: str,
        identity_changed: Callable[[Plug, SystemAll], None],
    ) -> None:
        """Initialize; identity_changed is called with each System.All of the plug."""
        self.identity = identity
        self.subentry_id = subentry_id
        self.available = False
        self.available_since = float("-inf")
        self.message_log = MessageLog()
        self.readings = Readings()
        self._hass = hass
        self._identity_changed = identity_changed
        # The last header signed with another key, until a valid one arrives.
        self._rejected: Header | None = None
        self._absence = AbsenceReporter(hass, subentry_id, identity.name)
        self._outlets = Outlets(identity.channels)
        self._availability = AvailabilityTracker()
        self._polls = PollScheduler()
        self._clock_sync = ClockSync()
        self._requests = RequestTracker(hass, identity.uuid, key, self.message_log)
        self._commands = CommandRunner(
            identity, self._outlets, self._requests, self.message_log, self._acknowledge
        )
        self._listeners = Listeners()

    @property
    def key(self) -> str:
        """Return the key that it signs with."""
        return self._requests.key

    @property
    def credentials(self) -> Credentials:
        """Return its login to a broker."""
        return self.identity.credentials(self.key)

    @property
    def due(self) -> float:
        """Return the monotonic time from which `async_tick` has something to do."""
        poll = self._polls.due if self.available else float("inf")
        return min(self._availability.due, poll, self._absence.due)

    def is_on(self, channel: int) -> bool | None:
        """Return the last known state of a channel; None where it is unknown."""
        return self._outlets.is_on(channel)

    def is_rejected_with(self, key: str) -> bool:
        """Return whether the last message was rejected and this key signs it."""
        return self._rejected is not None and is_signed_with(self._rejected, key)

    @callback
    def async_add_listener(
        self, namespace: Namespace, listener: CALLBACK_TYPE
    ) -> CALLBACK_TYPE:
        """Call the listener on changes of a namespace; return what removes it."""
        return self._listeners.add(namespace, listener)

    @callback
    def async_add_poll(self, namespace: Namespace) -> CALLBACK_TYPE:
        """Poll a namespace until the returned function is called."""
        return self._polls.async_add_poll(namespace)

    @callback
    def handle_message(self, message: Message) -> None:
        """Reply to what requires a reply; apply what is signed with the plug's key."""
        header = message.header
        self.message_log.record_received(message.raw)
        signature_valid = is_signed_with(header, self.key)
        # A plug whose key was changed elsewhere is kept connected all the same.
        key = self.key if signature_valid else None
        data = handshake_reply(self.identity.uuid, message, key, int(time.time()))
        if data is not None:
            self._requests.publish(data)
        if signature_valid or header.method is Method.ERROR:
            self._requests.resolve(message)
        if not signature_valid:
            self._rejected = header
            self.message_log.rejected += 1
            LOGGER.debug("Ignored message signed with another key: %s", header)
            return
        self._rejected = None
        now = time.monotonic()
        self._availability.message_received(now)
        try:
            self._apply(message)
        except DecodeError as err:
            self.message_log.decode_errors += 1
            LOGGER.debug("Message from %s not decoded: %s", self.identity.uuid, err)
        if header.method in {Method.GETACK, Method.ERROR}:
            self._polls.reply_received(header.namespace)
            self._poll(now)

    @callback
    def async_set_key(self, key: str) -> None:
        """Verify and sign with this key from now on, and query the plug with it."""
        self._requests.key = key
        self._rejected = None
        self.async_query_all()

    @callback
    def async_set_power_interval(self, interval: float) -> None:
        """Poll the power at this interval in seconds."""
        self._polls.set_power_interval(interval)

    @callback
    def async_query_all(self) -> None:
        """Query everything that may have changed without a message."""
        self._requests.async_query(Namespace.ALL)

    @callback
    def async_query_with_others(self) -> None:
        """Query the plug at the same time as all other plugs."""
        self._availability.queried_with_all(time.monotonic())
        self.async_query_all()

    @callback
    def async_connection_lost(self) -> None:
        """Mark the plug as unavailable while there is no broker."""
        self._availability.stop()
        self._reset_state()

    @callback
    def async_day_changed(self) -> None:
        """Update what starts anew with a day."""
        self._listeners.notify(Namespace.CONSUMPTION_X)

    @callback
    def async_tick(self, now: float, *, others_available: bool) -> None:
        """Do what is due at this monotonic time.

        A plug is reported as missing only while others are available: without any, the
        broker may be the cause.
        """
        if others_available:
            self._absence.report_missing(now)
        self._poll(now)
        action = self._availability.next_action(now)
        if action is Action.PING:
            self._ping(now)
        elif action is Action.MARK_UNAVAILABLE:
            self._mark_unavailable()
            if self._rejected is not None:
                self._absence.report_wrong_key()

    async def async_switch(self, channel: int, *, on: bool) -> None:
        """Switch a channel; raises HomeAssistantError where that is not confirmed."""
        await self._commands.async_switch(channel, on=on)

    async def async_set(self, namespace: Namespace, payload: Json) -> None:
        """Change a setting; raises HomeAssistantError where that is not confirmed."""
        header = await self._commands.async_set(namespace, payload)
        # GETACK and SET have the same form: the payload serves as if it had been read.
        self.readings.update(header, payload, dt_util.now())
        self._listeners.notify(namespace)

    def _ping(self, now: float) -> None:
        """Send a query as keepalive: a poll that is due, else that of the state."""
        is_retry = self._availability.is_retry
        poll = None
        if self.available and not is_retry:
            poll = self._polls.due_as_keepalive(now)
        self._requests.async_query(poll or self.identity.state_query, is_retry=is_retry)

    def _poll(self, now: float) -> None:
        """Send the poll that is due, one at a time and none while unavailable."""
        if self.available and (namespace := self._polls.next_poll(now)) is not None:
            self._requests.async_query(namespace)

    def _apply(self, message: Message) -> None:
        """Apply a message with a valid signature; raises DecodeError."""
        header = message.header
        if header.namespace == Namespace.UNBIND:
            self._mark_unavailable()
            self._absence.report_unbound()
            return
        if header.namespace in CLOCK_CHANGES:
            self._outlets.reset_timestamps()
        changed = None
        if header.method in {Method.PUSH, Method.GETACK}:
            changed = self._update_state(message)
        if not self.available and self._outlets.known:
            self._mark_available()
        elif changed is not None:
            self._listeners.notify(changed)
        # A Bind means that it has just connected. Never a query because of a reply:
        # with a plug whose replies leave something out that would not end.
        if header.method in {Method.PUSH, Method.SET} and (
            not self.available or header.namespace == Namespace.BIND
        ):
            self.async_query_all()

    def _update_state(self, message: Message) -> str | None:
        """Return the namespace of what changed, if anything did; raises DecodeError."""
        header, payload = message.header, message.payload
        toggle = self.identity.toggle
        if header.namespace == toggle:
            if not self._outlets.update(parse_outlets(payload), header):
                return None
            self._poll_power_soon()
            return toggle
        if header.namespace == Namespace.ALL:
            system_all = parse_all(payload)
            self._identity_changed(self, system_all)
            self._correct_clock(system_all)
            return toggle if self._outlets.update(system_all.outlets, header) else None
        if self.readings.update(header, payload, dt_util.now()):
            return header.namespace
        return None

    def _acknowledge(self, channel: int, header: Header, on: bool) -> None:  # noqa: FBT001 (a callback of ours)
        """Apply an acknowledged command; a PUSH that follows it overrides it."""
        if self._outlets.acknowledge(channel, header, on=on):
            self._listeners.notify(self.identity.toggle)
        self._poll_power_soon()

    def _poll_power_soon(self) -> None:
        """Poll the power now that an outlet was switched, and when it has settled."""
        if Namespace.ELECTRICITY not in self.identity.abilities:
            return
        now = time.monotonic()
        self._polls.request_at(Namespace.ELECTRICITY, now)
        self._poll(now)
        self._polls.request_at(Namespace.ELECTRICITY, now + POWER_SETTLING_TIME)

    def _correct_clock(self, system_all: SystemAll) -> None:
        """Set the plug's clock and time zone where they are wrong."""
        if system_all.time is None or Namespace.TIME not in self.identity.abilities:
            return
        zone = self._hass.config.time_zone
        payload = self._clock_sync.correction(
            system_all.time, dt_util.now(), zone, time.monotonic()
        )
        if payload is not None:
            self._requests.set_nowait(Namespace.TIME, payload)

    def _mark_unavailable(self) -> None:
        self._absence.log_unavailable()
        self._reset_state()

    def _reset_state(self) -> None:
        """Set the state to unknown: a plug that is not connected may have changed."""
        self._outlets.clear()
        self.readings.clear()
        if self.available:
            self._absence.started()
            self._set_available(available=False)

    def _mark_available(self) -> None:
        self._absence.ended()
        now = time.monotonic()
        self._availability.start(now)
        self._polls.reset(now)
        self.available_since = time.time()
        self._set_available(available=True)

    def _set_available(self, *, available: bool) -> None:
        self.available = available
        self.message_log.record_availability(available=available)
        self._listeners.notify_all()
