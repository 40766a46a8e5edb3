"""Checks a broker step by step: port, TLS, login, topics."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
import secrets
import socket
import time
from typing import Final

from homeassistant.components import mqtt
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError

from ..const import LOGGER
from ..meross.credentials import Credentials
from ..meross.message import encode, new_header
from ..meross.namespaces import Method, Namespace
from ..meross.topics import PUBLISH_FILTER, publish_topic
from ..transport.mqtt import QOS, async_publish
from .probe_client import ProbeClient
from .problem import Problem
from .tls import (
    async_get_certificate,
    has_rsa_key,
    permissive_ssl_context,
    plug_ssl_context,
)

# Seconds for each step.
STEP_TIMEOUT: Final = 5.0
# What CONNACK reports of user name and password, as codes of MQTT 5, which paho uses.
_LOGIN_REFUSED: Final = {0x86, 0x87}
# By whether the probe received the message of Home Assistant, and Home Assistant its.
_TOPIC_PROBLEMS: Final = {
    (True, True): None,
    (True, False): Problem.MAY_NOT_PUBLISH,
    (False, True): Problem.MAY_NOT_SUBSCRIBE,
    (False, False): Problem.OTHER_BROKER,
}


async def async_check_broker(  # noqa: PLR0913 (what a check depends on)
    hass: HomeAssistant,
    host: str,
    port: int,
    credentials: Credentials,
    progress: Callable[[float], None],
    *,
    timeout: float = STEP_TIMEOUT,
) -> Problem | None:
    """Return the first problem that a plug would have; None where it has none.

    Calls progress with the part that is done, from 0 to 1. timeout is in seconds, for
    each step.
    """
    if not mqtt.is_connected(hass):
        return Problem.NOT_CONNECTED
    steps = {
        Problem.UNREACHABLE: partial(_async_check_port, host, port, timeout),
        Problem.NO_TLS: partial(_async_check_tls, host, port, timeout),
        Problem.NO_MQTT: partial(
            _async_check_mqtt, hass, host, port, credentials, timeout
        ),
    }
    for number, (failure, step) in enumerate(steps.items(), start=1):
        try:
            problem = await step()
        except Exception as err:  # noqa: BLE001 (whatever a hostile server causes)
            LOGGER.debug("Check of a broker failed: %s", type(err).__name__)
            return failure
        if problem is not None:
            return problem
        progress(number / len(steps))
    return None


async def _async_check_port(host: str, port: int, timeout: float) -> Problem | None:
    """Connect; raises OSError, and TimeoutError."""
    try:
        async with asyncio.timeout(timeout):
            _, writer = await asyncio.open_connection(host, port)
    except socket.gaierror, UnicodeError:
        return Problem.HOST_UNKNOWN
    writer.close()
    return None


async def _async_check_tls(host: str, port: int, timeout: float) -> Problem | None:
    """Try a handshake as a plug does, then a permissive one to find the reason."""
    try:
        await async_get_certificate(host, port, plug_ssl_context(), timeout)
    except (OSError, TimeoutError) as err:
        # A server that sends an alert uses TLS.
        alert = str(getattr(err, "reason", ""))
    else:
        return None
    try:
        certificate = await async_get_certificate(
            host, port, permissive_ssl_context(), timeout
        )
    except OSError, TimeoutError:
        return Problem.CLIENT_CERTIFICATE if "ALERT" in alert else Problem.NO_TLS
    if not has_rsa_key(certificate):
        return Problem.NOT_RSA
    if "PROTOCOL_VERSION" in alert:
        return Problem.TLS_TOO_NEW
    return Problem.CLIENT_CERTIFICATE


async def _async_check_mqtt(
    hass: HomeAssistant, host: str, port: int, credentials: Credentials, timeout: float
) -> Problem | None:
    """Log in, then send messages from Home Assistant to the probe and back.

    Raises OSError, and TimeoutError.
    """
    probe = ProbeClient(hass.loop, credentials)
    try:
        await hass.async_add_executor_job(probe.start, host, port, timeout)
        async with asyncio.timeout(timeout):
            connected = await probe.connected
        if connected.is_failure:
            is_login = connected.value in _LOGIN_REFUSED
            return Problem.LOGIN_REFUSED if is_login else Problem.MQTT_REFUSED
        return await _async_check_topics(hass, probe, credentials, timeout)
    finally:
        await hass.async_add_executor_job(probe.stop, timeout)


async def _async_check_topics(
    hass: HomeAssistant, probe: ProbeClient, credentials: Credentials, timeout: float
) -> Problem | None:
    """Find out which topics messages arrive on; raises TimeoutError."""
    async with asyncio.timeout(timeout):
        subscribed = await probe.subscribed
    if subscribed.is_failure:
        return Problem.MAY_NOT_SUBSCRIBE
    text = f"meross_local broker check {secrets.token_hex()}"
    received = asyncio.Event()

    @callback
    def message_received(msg: mqtt.ReceiveMessage) -> None:
        # Text where another subscription of Home Assistant's requests it as text.
        if msg.payload in (text, text.encode()):
            received.set()

    try:
        # The hub's own filter: another one would make the broker send everything twice.
        unsubscribe = await mqtt.async_subscribe(
            hass, PUBLISH_FILTER, message_received, QOS, encoding=None
        )
    except HomeAssistantError:
        return Problem.NOT_CONNECTED
    try:
        await _async_wait_subscribed(hass, timeout)
        probe.publish(publish_topic(credentials.uuid), text.encode())
        clock = _clock_message(credentials)
        async with asyncio.timeout(timeout):
            await async_publish(hass, credentials.uuid, clock)
        to_probe = await _async_in_time(probe.wait_for(clock), timeout)
        from_probe = await _async_in_time(received.wait(), timeout)
    except HomeAssistantError, TimeoutError:
        return Problem.NOT_CONNECTED
    finally:
        unsubscribe()
    return _TOPIC_PROBLEMS[to_probe, from_probe]


def _clock_message(credentials: Credentials) -> bytes:
    """Return a message that does no harm where the plug itself receives it."""
    now = int(time.time())
    return encode(
        new_header(Method.PUSH, Namespace.CLOCK, key=credentials.key, now=now),
        {"clock": {"timestamp": now}},
        reply_to=publish_topic(credentials.uuid),
    )


async def _async_wait_subscribed(hass: HomeAssistant, timeout: float) -> None:
    """Wait until the broker confirmed the subscription; raises TimeoutError."""
    ready = asyncio.Event()
    stop_waiting = mqtt.async_on_subscribe_done(hass, PUBLISH_FILTER, QOS, ready.set)
    try:
        async with asyncio.timeout(timeout):
            await ready.wait()
    finally:
        stop_waiting()


async def _async_in_time(waiting: Awaitable[object], timeout: float) -> bool:
    try:
        async with asyncio.timeout(timeout):
            await waiting
    except TimeoutError:
        return False
    return True
