"""The one subscription to all plugs, held for as long as MQTT is there."""

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

from .meross.topics import PUBLISH_FILTER, REPLY_FILTER
from .transport import QOS


class Subscription:
    """Hears all plugs.

    A reload of MQTT would carry the subscriptions over to a client that the handles to
    end them do not know (ecosystem.md 3.3): they are ended before and made anew after.
    """

    def __init__(
        self,
        hass: HomeAssistant,
        *,
        received: Callable[[mqtt.ReceiveMessage], None],
        ready: CALLBACK_TYPE,
        lost: CALLBACK_TYPE,
    ) -> None:
        """Call ready when answers can arrive, lost when they no longer can.

        All three are callbacks of Home Assistant.
        """
        self._hass = hass
        self._received = received
        self._ready = ready
        self._lost = lost
        self._ends: list[CALLBACK_TYPE] = []

    async def async_start(self) -> CALLBACK_TYPE:
        """Subscribe, and follow MQTT until the returned function is called."""
        end_following = async_dispatcher_connect(
            self._hass, SIGNAL_CONFIG_ENTRY_CHANGED, self._follow
        )
        await self._async_subscribe()

        @callback
        def stop() -> None:
            end_following()
            self._unsubscribe()

        return stop

    @callback
    def _follow(self, _change: ConfigEntryChange, entry: ConfigEntry) -> None:
        """Subscribe or unsubscribe as the MQTT entry comes and goes."""
        if entry.domain != mqtt.DOMAIN:
            return
        if entry.state is ConfigEntryState.LOADED:
            if not self._ends:
                self._hass.async_create_task(self._async_subscribe())
        elif self._ends:
            self._unsubscribe()
            self._lost()

    async def _async_subscribe(self) -> None:
        # Bytes, not text: MQTT warns of every payload that does not decode (design.md).
        for topic in (PUBLISH_FILTER, REPLY_FILTER):
            self._ends.append(
                await mqtt.async_subscribe(
                    self._hass, topic, self._received, QOS, encoding=None
                )
            )
        self._ends.append(
            mqtt.async_on_subscribe_done(self._hass, REPLY_FILTER, QOS, self._ready)
        )
        self._ends.append(
            mqtt.async_subscribe_connection_status(self._hass, self._connection_changed)
        )

    @callback
    def _connection_changed(self, connected: bool) -> None:  # noqa: FBT001 (MQTT's way)
        if not connected:
            self._lost()

    def _unsubscribe(self) -> None:
        while self._ends:
            self._ends.pop()()
