"""A plug that is set up: its state, its status and its commands."""

from collections.abc import Callable, Iterable
import time
from typing import Final
from zlib import crc32

from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr

from ..const import DOMAIN, LOGGER
from ..meross.credentials import Credentials
from ..meross.errors import DecodeError
from ..meross.fields import Json
from ..meross.identity import Identity
from ..meross.message import Header, Message
from ..meross.namespaces import Method, Namespace
from ..meross.readings import Readings
from .command_runner import CommandRunner
from .message_filter import MessageFilter
from .message_log import MessageLog
from .request_tracker import RequestTracker
from .scheduler import Scheduler
from .state import PlugState
from .status import Event, Status, StatusTracker
from .system_tracker import SystemTracker

_STATE_METHODS: Final = frozenset({Method.PUSH, Method.GETACK})


class Plug:
    """A plug that is set up."""

    def __init__(  # noqa: PLR0913 (what a plug depends on)
        self,
        hass: HomeAssistant,
        identity: Identity,
        key: str,
        entry_id: str,
        subentry_id: str,
        *,
        changed: Callable[[Plug], None],
        other_keys: Callable[[], Iterable[str]],
    ) -> None:
        """Initialize; changed is called when its identity or its key changed.

        other_keys returns the keys that it may have been set up with elsewhere.
        """
        self.subentry_id = subentry_id
        self.available = False
        self.absent_since = time.monotonic()
        self.available_since = float("-inf")
        self.message_log = log = MessageLog()
        self._hass = hass
        self._entry_id = entry_id
        self._device_id: str | None = None
        spread = crc32(identity.uuid.encode()) / 2**32
        self._scheduler = Scheduler(identity.state_query, spread)
        self._requests = RequestTracker(hass, identity.uuid, key, log)
        self._filter = MessageFilter(
            identity.uuid,
            self._requests,
            self._scheduler,
            log,
            other_keys=other_keys,
            key_changed=lambda: changed(self),
        )
        self._system = SystemTracker(
            hass, identity, self._requests, self._scheduler, lambda: changed(self)
        )
        self._state = PlugState(self._system, self._scheduler, log)
        self._commands = CommandRunner(self, self._state, self._requests, log)
        self._status = StatusTracker(hass, subentry_id, lambda: self.name)

    @property
    def identity(self) -> Identity:
        """Return what it is."""
        return self._system.identity

    @property
    def name(self) -> str:
        """Return the name of its device, which the user may have changed."""
        registry = dr.async_get(self._hass)
        if self._device_id is None:
            devices = dr.async_entries_for_config_entry(registry, self._entry_id)
            own = (DOMAIN, self.identity.uuid)
            ids = (device.id for device in devices if own in device.identifiers)
            self._device_id = next(ids, None)
        device = self._device_id and registry.async_get(self._device_id)
        name = device and (device.name_by_user or device.name)
        return name or self.identity.name

    @property
    def readings(self) -> Readings:
        """Return its latest measurements and settings."""
        return self._state.readings

    @property
    def key(self) -> str:
        """Return the key that it signs with."""
        return self._requests.key

    @property
    def status(self) -> Status:
        """Return what is known of its connection."""
        return self._status.status

    @property
    def toggle(self) -> Namespace:
        """Return the namespace that switches its outlets."""
        return self.identity.toggle

    @property
    def is_rejecting(self) -> bool:
        """Return whether it signs its replies with another key."""
        return self._filter.key_finder.is_reply_rejected

    @property
    def credentials(self) -> Credentials:
        """Return its login to a broker."""
        return self.identity.credentials(self.key)

    @property
    def due(self) -> float:
        """Return the monotonic time from which `async_tick` has something to do."""
        return min(self._scheduler.due, self._state.confirmation_due)

    def is_on(self, channel: int) -> bool | None:
        """Return the last known state of a channel; None where it is unknown."""
        return self._state.outlets.is_on(channel)

    def is_rejected_with(self, key: str) -> bool:
        """Return whether this key signs a message that was rejected."""
        return self._filter.key_finder.is_signed_with(key)

    @callback
    def async_add_listener(
        self, namespace: Namespace, listener: CALLBACK_TYPE
    ) -> CALLBACK_TYPE:
        """Call the listener on changes of a namespace; return what removes it."""
        return self._state.async_add_listener(namespace, listener)

    @callback
    def async_add_poll(self, namespace: Namespace) -> CALLBACK_TYPE:
        """Poll a namespace until the returned function is called."""
        self._scheduler.add_poll(namespace)
        return lambda: self._scheduler.remove_poll(namespace)

    @callback
    def handle_message(self, message: Message) -> None:
        """Reply to what requires a reply; apply what is signed with the plug's key."""
        now = time.monotonic()
        if self._filter.accept(message, now):
            try:
                self._apply(message, now)
            except DecodeError as err:
                self.message_log.decode_errors += 1
                LOGGER.debug("Message from %s not decoded: %s", self.name, err)
        self._query_next(now)

    @callback
    def async_set_key(self, key: str) -> None:
        """Verify and sign with this key from now on, and query the plug with it."""
        self._requests.key = key
        self._filter.key_finder.message_accepted()
        now = time.monotonic()
        # The one who has typed the key waits.
        self._scheduler.connected(now)
        self._query_next(now)

    @callback
    def async_set_power_interval(self, interval: float) -> None:
        """Poll the power at this interval in seconds."""
        self._scheduler.set_power_interval(interval)

    @callback
    def async_query_with_others(self) -> None:
        """Query everything that may have changed, at the same time as all plugs."""
        # Whatever is open: its reply may have come before the subscription.
        self._scheduler.query_sent(Namespace.ALL, time.monotonic())
        self._requests.async_query(Namespace.ALL)

    @callback
    def async_connection_lost(self) -> None:
        """Mark the plug as unavailable while there is no broker."""
        self._requests.async_cancel()
        self._set_status(Event.BROKER_LOST)
        self._scheduler.pause()

    @callback
    def async_stop(self) -> None:
        """Cancel the commands that wait: Home Assistant stops."""
        self._commands.async_cancel()

    @callback
    def async_close(self) -> None:
        """End the commands that wait: no message of the plug arrives any more."""
        self._requests.async_close()

    @callback
    def async_set_missing(self) -> None:
        """Mark the plug as missing unless something else explains its absence."""
        self._set_status(Event.LONG_ABSENT)

    @callback
    def async_day_changed(self) -> None:
        """Update what starts anew with a day."""
        self._state.async_notify(Namespace.CONSUMPTION_X)

    @callback
    def async_tick(self, now: float) -> bool:
        """Do what is due at this monotonic time; return whether a query was sent."""
        if (unanswered := self._scheduler.missing_reply(now)) is not None:
            self._system.async_query_unanswered(unanswered)
            if self.is_rejecting:
                self._set_status(Event.REPLY_REJECTED)
            elif self._scheduler.is_silent:
                self._set_status(Event.NO_REPLY)
        self._state.async_check_confirmation(now)
        return self._query_next(now)

    async def async_switch(self, channel: int, *, on: bool) -> None:
        """Switch a channel; raises HomeAssistantError where that is not confirmed."""
        await self._commands.async_switch(channel, on=on)

    async def async_set(self, namespace: Namespace, payload: Json) -> None:
        """Change a setting; raises HomeAssistantError where that is not confirmed."""
        await self._commands.async_set(
            namespace,
            payload,
            lambda header: self._state.async_changed(header, payload),
        )

    @callback
    def async_command_unanswered(self) -> None:
        """Query the plug: a command had no reply."""
        now = time.monotonic()
        self._scheduler.command_unanswered(now)
        self._query_next(now)

    def _query_next(self, now: float) -> bool:
        """Send the query that is due; return whether there is one."""
        if now < self._scheduler.due:
            return False
        is_retry = self._scheduler.unanswered > 0
        namespace = self._scheduler.next_query(now)
        if namespace is not None:
            self._requests.async_query(namespace, is_retry=is_retry)
        return namespace is not None

    def _apply(self, message: Message, now: float) -> None:
        """Apply a message that counts; raises DecodeError."""
        header = message.header
        if header.namespace == Namespace.UNBIND:
            self._set_status(Event.UNBOUND)
            return
        changed = None
        if header.method in _STATE_METHODS:
            changed = self._state.async_update(message, now)
        if not self.available and self._is_state_known(header):
            self._set_status(Event.STATE_RECEIVED)
        elif changed is not None:
            self._state.async_notify(changed)
        # A Bind means that it has just connected. Never a query because of a reply:
        # with a plug whose replies leave something out that would not end.
        if header.namespace == Namespace.BIND:
            self._scheduler.connected(now)
        elif header.method is Method.PUSH and not self.available:
            self._scheduler.request_all(now)

    def _is_state_known(self, header: Header) -> bool:
        """Return whether a message was the whole state, or the rest of it."""
        is_whole = header.namespace in {Namespace.ALL, self.identity.state_query}
        return self._state.outlets.known or (
            is_whole and header.method is Method.GETACK
        )

    def _set_status(self, event: Event) -> None:
        """Change the status; what is not connected may have changed since."""
        was_available = self.available
        if not self._status.handle(event):
            return
        self.available = self.status is Status.AVAILABLE
        now = time.monotonic()
        if self.available:
            self.available_since = time.time()
            self._scheduler.start(now)
        elif was_available:
            self.absent_since = now
            self._scheduler.stop(now)
        if self.available is not was_available:
            self.message_log.record_availability(available=self.available)
        if not self.available:
            self._state.async_clear()
        self._state.async_notify_all()
