"""The edge to Home Assistant's MQTT connection: incoming messages are parsed here."""

import asyncio
from typing import Final, Protocol

from homeassistant.components import mqtt
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError

from ..const import LOGGER
from ..meross.errors import DecodeError
from ..meross.message import Message, decode
from ..meross.namespaces import Method, Namespace
from ..meross.topics import request_topic, uuid_from_topic

# The plug's own reply confirms a message; QoS 1 would add 40 ms to each command.
QOS: Final = 0
# Seconds.
PUBLISH_TIMEOUT: Final = 3.0


class ReceivedMessage(Protocol):
    """What messages of an MQTT subscription and of MQTT discovery have in common."""

    @property
    def topic(self) -> str:
        """Return the topic that it was published on."""

    @property
    def payload(self) -> str | bytes | bytearray:
        """Return the payload."""

    @property
    def retain(self) -> bool:
        """Return whether the broker had retained it."""


def parse_message(msg: ReceivedMessage) -> tuple[str, Message] | None:
    """Return the plug's uuid and its message; None for what no plug sent."""
    uuid = uuid_from_topic(msg.topic)
    # Plugs never retain (docs/protocol.md 1): the state in such a message is outdated.
    if uuid is None or msg.retain:
        return None
    try:
        message = decode(msg.payload)
    except DecodeError as err:
        LOGGER.debug("Ignored message on %s: %s", msg.topic, err)
        return None
    if message.header.uuid not in (None, uuid) or not _is_from_plug(message):
        LOGGER.debug("Ignored message on %s: %s", msg.topic, message.header)
        return None
    return uuid, message


async def async_publish(hass: HomeAssistant, uuid: str, data: bytes) -> None:
    """Publish a message to a plug, not retained.

    Raises HomeAssistantError when the broker is not connected. When the connection was
    just lost this takes 10 s, and MQTT logs a warning: the caller ends it before.
    """
    await mqtt.async_publish(hass, request_topic(uuid), data, QOS)


@callback
def async_publish_nowait(hass: HomeAssistant, uuid: str, data: bytes) -> None:
    """Publish a message to a plug in the background; it is lost without a broker."""
    hass.async_create_task(_async_try_publish(hass, uuid, data), "meross_local publish")


async def _async_try_publish(hass: HomeAssistant, uuid: str, data: bytes) -> None:
    try:
        async with asyncio.timeout(PUBLISH_TIMEOUT):
            await async_publish(hass, uuid, data)
    except (HomeAssistantError, TimeoutError) as err:
        LOGGER.debug("Not published to %s: %s", uuid, err)


def _is_from_plug(message: Message) -> bool:
    """Return whether a plug sent it, not a controller that uses the same topic."""
    method = message.header.method
    if method is Method.SET:
        return message.header.namespace == Namespace.BIND
    return method is not Method.GET
