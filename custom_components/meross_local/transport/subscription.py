"""The one MQTT subscription to all plugs, for as long as MQTT is loaded."""

from collections.abc import Callable

from homeassistant.components import mqtt
from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    ConfigEntry,
    ConfigEntryChange,
    ConfigEntryState,
)
from homeassistant.core import CALLBACK_TYPE, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect

from ..meross.topics import PUBLISH_FILTER, REPLY_FILTER
from .mqtt import QOS


class Subscription:
    """Subscribes to the topics of all plugs.

    A reload of MQTT would carry the subscriptions over to a new client, while the
    functions that end them belong to the old one: they are ended before the reload and
    made anew after it.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        *,
        message_received: Callable[[mqtt.ReceiveMessage], None],
        subscribed: CALLBACK_TYPE,
        connection_lost: CALLBACK_TYPE,
    ) -> None:
        """Initialize with three callbacks.

        subscribed is called when replies can arrive, connection_lost when they no
        longer can.
        """
        self._hass = hass
        self._message_received = message_received
        self._subscribed = subscribed
        self._connection_lost = connection_lost
        self._unsubscribers: list[CALLBACK_TYPE] = []

    async def async_start(self) -> CALLBACK_TYPE:
        """Subscribe, and follow the MQTT entry; return the function that ends both."""
        stop_following = async_dispatcher_connect(
            self._hass, SIGNAL_CONFIG_ENTRY_CHANGED, self._entry_changed
        )
        # A client that is about to be replaced would keep the subscriptions for good.
        if self._hass.config_entries.async_loaded_entries(mqtt.DOMAIN):
            await self._async_subscribe()

        @callback
        def stop() -> None:
            stop_following()
            self._unsubscribe()

        return stop

    @callback
    def _entry_changed(self, _change: ConfigEntryChange, entry: ConfigEntry) -> None:
        """Subscribe when the MQTT entry is loaded, unsubscribe when it unloads."""
        if entry.domain != mqtt.DOMAIN:
            return
        if entry.state is ConfigEntryState.LOADED:
            if not self._unsubscribers:
                self._hass.async_create_task(self._async_subscribe())
        elif self._unsubscribers:
            self._unsubscribe()
            self._connection_lost()

    async def _async_subscribe(self) -> None:
        # Bytes, not text: MQTT logs a warning for each payload that does not decode.
        for topic in (PUBLISH_FILTER, REPLY_FILTER):
            self._unsubscribers.append(
                await mqtt.async_subscribe(
                    self._hass, topic, self._message_received, QOS, encoding=None
                )
            )
        self._unsubscribers += [
            mqtt.async_on_subscribe_done(
                self._hass, REPLY_FILTER, QOS, self._subscribed
            ),
            mqtt.async_subscribe_connection_status(
                self._hass, self._connection_changed
            ),
        ]

    @callback
    def _connection_changed(self, connected: bool) -> None:  # noqa: FBT001 (MQTT's)
        if not connected:
            self._connection_lost()

    def _unsubscribe(self) -> None:
        while self._unsubscribers:
            self._unsubscribers.pop()()
