"""The edge to Home Assistant's MQTT connection: all that comes in is parsed here."""

import asyncio
from typing import Final, Protocol

from homeassistant.components import mqtt
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError

from .const import LOGGER
from .meross.errors import DecodeError
from .meross.message import Message, decode
from .meross.namespaces import Method, Namespace
from .meross.topics import plug_of, request_topic

# Certainty comes from the plug's own answer; QoS 1 costs 40 ms a click (design.md).
QOS: Final = 0
# Seconds for a message to leave.
_PATIENCE: Final = 3.0


class Received(Protocol):
    """What a subscription and a discovery of MQTT both hand over."""

    @property
    def topic(self) -> str:
        """The topic it came on."""

    @property
    def payload(self) -> str | bytes | bytearray:
        """What was said."""

    @property
    def retain(self) -> bool:
        """Whether it is the broker's memory rather than somebody's word."""


def read(received: Received) -> tuple[str, Message] | None:
    """Return the plug's uuid and its message; None for what no plug said."""
    uuid = plug_of(received.topic)
    # Plugs never retain (protocol.md 1): an echo of the past tells nothing.
    if uuid is None or received.retain:
        return None
    try:
        message = decode(received.payload)
    except DecodeError as err:
        LOGGER.debug("Ignored on %s: %s", received.topic, err)
        return None
    if message.header.uuid not in (None, uuid) or not _is_of_a_plug(message):
        LOGGER.debug("Ignored on %s: %s", received.topic, message.header)
        return None
    return uuid, message


async def async_send(hass: HomeAssistant, uuid: str, data: bytes) -> None:
    """Send a message to a plug, never retained.

    Raises HomeAssistantError when the broker is not connected, and TimeoutError when
    it died just now: MQTT itself would wait for 10 seconds and say nothing.
    """
    async with asyncio.timeout(_PATIENCE):
        await mqtt.async_publish(hass, request_topic(uuid), data, QOS)


@callback
def async_send_soon(hass: HomeAssistant, uuid: str, data: bytes) -> None:
    """Send what nobody waits for; without a connection it is lost."""
    hass.async_create_task(_async_try_send(hass, uuid, data), "meross_local send")


async def _async_try_send(hass: HomeAssistant, uuid: str, data: bytes) -> None:
    try:
        await async_send(hass, uuid, data)
    except (HomeAssistantError, TimeoutError) as err:
        LOGGER.debug("Not sent to %s: %s", uuid, err)


def _is_of_a_plug(message: Message) -> bool:
    """Tell a plug's message from a controller's, which may use the same topic."""
    method = message.header.method
    if method is Method.SET:
        return message.header.namespace == Namespace.BIND
    return method is not Method.GET
