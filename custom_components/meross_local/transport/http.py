"""One plug over HTTP on the local network: identified, and moved to another broker."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from http import HTTPStatus
import time
from typing import TYPE_CHECKING, Final, cast, override

from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientRequest,
    ClientResponse,
    ClientTimeout,
    ConnectionTimeoutError,
    hdrs,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_create_clientsession
from yarl import URL

from ..const import LOGGER
from ..meross.commands import QUERIES, gateway_payload
from ..meross.encryption import Cipher, exchange_payload, new_private_key
from ..meross.errors import DecodeError
from ..meross.fields import Json
from ..meross.identity import Identity, mac_from_uuid
from ..meross.interview import Interview
from ..meross.message import (
    MAX_MESSAGE_SIZE,
    Message,
    decode,
    encode,
    find_key,
    new_header,
    parse_sender,
)
from ..meross.model import Gateway, SystemAll, parse_abilities, parse_error
from ..meross.namespaces import Method, Namespace
from .errors import (
    CannotConnectError,
    InterruptedReplyError,
    InvalidAddressError,
    NotAPlugError,
    NotMerossError,
    PlugRequestError,
    RequestRejectedError,
    UnknownKeyError,
)

if TYPE_CHECKING:
    from aiohttp.client_proto import ResponseHandler
    from aiohttp.connector import Connection

# Seconds for one request and its reply, how often it is sent before it fails, and the
# seconds between: HTTP of plugs is unreliable (docs/protocol.md 9).
REQUEST_TIMEOUT: Final = 5.0
MAX_ATTEMPTS: Final = 3
RETRY_INTERVAL: Final = 1.0


class _ClosingRequest(ClientRequest):
    """A request after which the connection is closed, whatever the reply announces.

    A plug may close it unannounced: a further request on it would be lost.
    """

    @override
    async def send(self, conn: Connection) -> ClientResponse:
        """Send the request on a new connection."""
        cast("ResponseHandler", conn.protocol).force_close()
        return await super().send(conn)


class PlugHttpClient:
    """A plug at an address of the local network; it gets one request at a time."""

    identity: Identity
    system_all: SystemAll
    key: str

    def __init__(
        self,
        hass: HomeAssistant,
        address: str,
        *,
        timeout: float = REQUEST_TIMEOUT,
        retry_interval: float = RETRY_INTERVAL,
    ) -> None:
        """Initialize for an address; raises InvalidAddressError.

        timeout is in seconds, for the connection and for the reply of each attempt;
        retry_interval is between two of them.
        """
        self._hass = hass
        self._url = _url_from_address(address)
        self._timeout = ClientTimeout(connect=timeout, total=2 * timeout)
        self._retry_interval = retry_interval
        self._cipher: Cipher | None = None

    async def async_identify(self, keys: Iterable[str]) -> None:
        """Read what the plug is, and find out with which of the keys it signs.

        Raises PlugRequestError, UnknownKeyError where it signs with none of the keys.
        """
        candidates = list(keys)
        self._cipher = None
        # Sent in plain text also by firmware that encrypts the rest.
        reply = await self._async_request(
            Method.GET, Namespace.ABILITY, {}, candidates[0]
        )
        key = find_key(reply.header, candidates)
        if key is None:
            raise UnknownKeyError
        self.key = key
        if reply.header.method is Method.ERROR:
            reply = await self._async_query(Method.GET, Namespace.ABILITY, {})
        interview = Interview(None)
        try:
            interview.reply_received(Namespace.ABILITY, reply.payload)
            if Namespace.ECDHE in parse_abilities(reply.payload):
                # Firmware that encrypts names its uuid (docs/protocol.md 2).
                await self._async_exchange_keys(parse_sender(reply) or "")
            while (namespace := interview.next_query) is not None:
                query = QUERIES[namespace]
                reply = await self._async_query(Method.GET, namespace, query)
                interview.reply_received(namespace, reply.payload)
        except DecodeError as err:
            LOGGER.debug("Reply over HTTP not decoded: %s", err)
            raise NotAPlugError from err
        if interview.result is None or interview.system_all is None:
            raise NotAPlugError
        self.identity, self.system_all = interview.result, interview.system_all

    async def async_set_gateway(self, gateway: Gateway) -> None:
        """Set the broker that the plug connects to; its key and account are kept.

        Raises PlugRequestError.
        """
        if self._cipher is not None:
            # A plug that restarted since does not have the last one any more.
            await self._async_exchange_keys(self.identity.uuid)
        payload = gateway_payload(self.key, self.system_all.user_id, gateway)
        await self._async_query(Method.SET, Namespace.CONFIG_KEY, payload)

    async def _async_exchange_keys(self, uuid: str) -> None:
        """Agree on a cipher, else use the one that is derived from the plug's key."""
        self._cipher = None
        private_key = new_private_key()
        try:
            reply = await self._async_query(
                Method.SET, Namespace.ECDHE, exchange_payload(private_key)
            )
            self._cipher = Cipher.from_exchange(private_key, reply.payload)
        except PlugRequestError, DecodeError:
            self._cipher = Cipher.from_key(uuid, self.key, mac_from_uuid(uuid))

    async def _async_query(
        self, method: Method, namespace: Namespace, payload: Json
    ) -> Message:
        """Return the reply, not an ERROR, to a request signed with the plug's key."""
        reply = await self._async_request(method, namespace, payload, self.key)
        if reply.header.method is Method.ERROR:
            LOGGER.debug("Rejected over HTTP: %s", parse_error(reply.payload))
            raise RequestRejectedError
        return reply

    async def _async_request(
        self, method: Method, namespace: Namespace, payload: Json, key: str
    ) -> Message:
        """Return the reply, which may be an ERROR."""
        header = new_header(method, namespace, key=key, now=int(time.time()))
        data = encode(header, payload, reply_to=str(self._url))
        if self._cipher is not None:
            data = self._cipher.encrypt(data)
        body = await self._async_post(data)
        try:
            if self._cipher is not None:
                body = self._cipher.decrypt(body)
            reply = decode(body)
        except DecodeError as err:
            raise NotMerossError from err
        if reply.header.message_id != header.message_id:
            raise NotMerossError
        return reply

    async def _async_post(self, data: bytes) -> bytes:
        """Return the body of the reply; raises PlugRequestError after three attempts.

        To repeat a SET does no harm.
        """
        for _ in range(MAX_ATTEMPTS - 1):
            with suppress(CannotConnectError, InterruptedReplyError):
                return await self._async_try_post(data)
            await asyncio.sleep(self._retry_interval)
        return await self._async_try_post(data)

    async def _async_try_post(self, data: bytes) -> bytes:
        session = async_create_clientsession(
            self._hass, auto_cleanup=False, request_class=_ClosingRequest
        )
        try:
            async with session.post(
                self._url,
                data=data,
                # Plugs accept one connection at a time (docs/protocol.md 9).
                headers={
                    hdrs.CONTENT_TYPE: "application/json",
                    hdrs.CONNECTION: "close",
                },
                allow_redirects=False,
                timeout=self._timeout,
            ) as response:
                return await _async_read(response)
        # A ValueError is a host name that cannot exist.
        except (ClientConnectorError, ConnectionTimeoutError, ValueError) as err:
            LOGGER.debug("Not connected over HTTP: %s", type(err).__name__)
            raise CannotConnectError from err
        except (ClientError, TimeoutError) as err:
            LOGGER.debug("No whole reply over HTTP: %s", type(err).__name__)
            raise InterruptedReplyError from err
        finally:
            session.detach()


async def _async_read(response: ClientResponse) -> bytes:
    """Return the body of a reply; raises PlugRequestError."""
    if response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise InterruptedReplyError
    if response.status != HTTPStatus.OK:
        raise NotMerossError
    body = b""
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > MAX_MESSAGE_SIZE:
            raise NotMerossError
    return body


def _url_from_address(address: str) -> URL:
    """Return the URL of the plug's endpoint; raises InvalidAddressError."""
    try:
        url = URL(f"http://{address.strip()}/config")
        # Nothing but a host and perhaps a port: no path, user or query.
        plain = URL.build(
            scheme="http", host=url.host or "", port=url.explicit_port, path="/config"
        )
        if url.host and str(url) == str(plain):
            return url
    # yarl looks for characters behind an IPv6 address.
    except (ValueError, IndexError) as err:
        raise InvalidAddressError from err
    raise InvalidAddressError
