"""Tries from here all that a plug will do with a broker, before the plug is touched."""

import asyncio
from collections.abc import Awaitable, Callable
from enum import StrEnum
from functools import partial
import secrets
import socket
import ssl
import time
from typing import Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import Certificate, load_der_x509_certificate
from homeassistant.components import mqtt
from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError

from .meross.credentials import Credentials
from .meross.message import encode, new_header
from .meross.namespaces import Method, Namespace
from .meross.topics import PUBLISH_FILTER, publish_topic
from .stand_in import StandIn, context_of_anybody, context_of_plug
from .transport import QOS, async_send

# Seconds for each step of the way.
_PATIENCE: Final = 5.0
# What CONNACK says of user name and password, in the words of MQTT 5 as paho has it.
_LOGIN_REFUSED: Final = {0x86, 0x87}


class Problem(StrEnum):
    """What keeps plugs from the broker; the keys of the sentences that say so."""

    NOT_CONNECTED = "not_connected"
    HOST_UNKNOWN = "host_unknown"
    UNREACHABLE = "unreachable"
    NO_TLS = "no_tls"
    TLS_TOO_NEW = "tls_too_new"
    CLIENT_CERTIFICATE = "client_certificate"
    NOT_RSA = "not_rsa"
    NO_MQTT = "no_mqtt"
    MQTT_REFUSED = "mqtt_refused"
    LOGIN_REFUSED = "login_refused"
    MAY_NOT_SUBSCRIBE = "may_not_subscribe"
    MAY_NOT_PUBLISH = "may_not_publish"
    OTHER_BROKER = "other_broker"


# By whether the stand-in hears Home Assistant, and whether it is heard there.
_FOUND: Final = {
    (True, True): None,
    (True, False): Problem.MAY_NOT_PUBLISH,
    (False, True): Problem.MAY_NOT_SUBSCRIBE,
    (False, False): Problem.OTHER_BROKER,
}


async def async_check_broker(
    hass: HomeAssistant,
    host: str,
    port: int,
    credentials: Credentials,
    progress: Callable[[float], None],
) -> Problem | None:
    """Return the first thing that would stop a plug; None where nothing would.

    Calls progress with the part that is done, from 0 to 1.
    """
    if not mqtt.is_connected(hass):
        return Problem.NOT_CONNECTED
    steps = (
        partial(_async_check_port, host, port),
        partial(_async_check_tls, host, port),
        partial(_async_check_mqtt, hass, host, port, credentials),
    )
    for number, step in enumerate(steps, start=1):
        if (problem := await step()) is not None:
            return problem
        progress(number / len(steps))
    return None


async def _async_check_port(host: str, port: int) -> Problem | None:
    try:
        async with asyncio.timeout(_PATIENCE):
            _, writer = await asyncio.open_connection(host, port)
    except socket.gaierror, UnicodeError:
        return Problem.HOST_UNKNOWN
    except OSError, TimeoutError:
        return Problem.UNREACHABLE
    writer.close()
    return None


async def _async_check_tls(host: str, port: int) -> Problem | None:
    """Shake hands as a plug can, then as anybody can to see what was wrong."""
    try:
        await _async_certificate(host, port, context_of_plug())
    except (OSError, TimeoutError) as err:
        # A server that has an objection speaks TLS.
        objection = str(getattr(err, "reason", ""))
    else:
        return None
    try:
        certificate = await _async_certificate(host, port, context_of_anybody())
    except OSError, TimeoutError:
        return Problem.CLIENT_CERTIFICATE if "ALERT" in objection else Problem.NO_TLS
    if not isinstance(certificate.public_key(), RSAPublicKey):
        return Problem.NOT_RSA
    if "PROTOCOL_VERSION" in objection:
        return Problem.TLS_TOO_NEW
    return Problem.CLIENT_CERTIFICATE


async def _async_check_mqtt(
    hass: HomeAssistant, host: str, port: int, credentials: Credentials
) -> Problem | None:
    """Log in, then let Home Assistant and the plug's stand-in hear each other."""
    stand_in = StandIn(hass.loop, credentials)
    try:
        await hass.async_add_executor_job(stand_in.start, host, port)
        async with asyncio.timeout(_PATIENCE):
            connected = await stand_in.connected
        if connected.is_failure:
            refused = connected.value in _LOGIN_REFUSED
            return Problem.LOGIN_REFUSED if refused else Problem.MQTT_REFUSED
        return await _async_check_topics(hass, stand_in, credentials)
    except OSError, TimeoutError:
        return Problem.NO_MQTT
    finally:
        await hass.async_add_executor_job(stand_in.stop)


async def _async_check_topics(
    hass: HomeAssistant, stand_in: StandIn, credentials: Credentials
) -> Problem | None:
    """Tell from who hears whom what is in the way; raises TimeoutError."""
    async with asyncio.timeout(_PATIENCE):
        subscribed = await stand_in.subscribed
    if subscribed.is_failure:
        return Problem.MAY_NOT_SUBSCRIBE
    word = f"meross_local broker check {secrets.token_hex()}"
    heard_here = asyncio.Event()

    @callback
    def received(message: mqtt.ReceiveMessage) -> None:
        # Text where a subscription of Home Assistant's own wants the same as text.
        if message.payload in (word, word.encode()):
            heard_here.set()

    try:
        # The hub's own filter: another one would make the broker send everything twice.
        end_hearing = await mqtt.async_subscribe(
            hass, PUBLISH_FILTER, received, QOS, encoding=None
        )
    except HomeAssistantError:
        return Problem.NOT_CONNECTED
    try:
        await _async_until_subscribed(hass)
        stand_in.say(publish_topic(credentials.uuid), word.encode())
        # Should the plug itself hear this, its clock is set right.
        now = int(time.time())
        clock = encode(
            new_header(Method.PUSH, Namespace.CLOCK, key=credentials.key, now=now),
            {"clock": {"timestamp": now}},
            reply_to=publish_topic(credentials.uuid),
        )
        await async_send(hass, credentials.uuid, clock)
        hears = await _in_time(stand_in.hears(clock))
        speaks = await _in_time(heard_here.wait())
    except HomeAssistantError, TimeoutError:
        return Problem.NOT_CONNECTED
    finally:
        end_hearing()
    return _FOUND[hears, speaks]


async def _async_until_subscribed(hass: HomeAssistant) -> None:
    """Wait until Home Assistant hears plugs; raises TimeoutError."""
    ready = asyncio.Event()
    end_waiting = mqtt.async_on_subscribe_done(hass, PUBLISH_FILTER, QOS, ready.set)
    try:
        async with asyncio.timeout(_PATIENCE):
            await ready.wait()
    finally:
        end_waiting()


async def _in_time(waiting: Awaitable[object]) -> bool:
    try:
        async with asyncio.timeout(_PATIENCE):
            await waiting
    except TimeoutError:
        return False
    return True


async def _async_certificate(
    host: str, port: int, context: ssl.SSLContext
) -> Certificate:
    """Shake hands and return the server's certificate; raises OSError, TimeoutError."""
    async with asyncio.timeout(_PATIENCE):
        _, writer = await asyncio.open_connection(host, port, ssl=context)
    try:
        connection: ssl.SSLObject = writer.get_extra_info("ssl_object")
        return load_der_x509_certificate(
            connection.getpeercert(binary_form=True) or b""
        )
    finally:
        writer.close()
