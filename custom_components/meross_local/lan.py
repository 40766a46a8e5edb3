"""One plug over HTTP on the local network: read, and told where to report to."""

from collections.abc import Iterable
from http import HTTPStatus
import time
from typing import Final

from aiohttp import ClientError, ClientTimeout, hdrs
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from yarl import URL

from .const import LOGGER
from .meross.commands import QUERIES, gateway_payload
from .meross.encryption import Cipher, exchange_payload, new_private_key
from .meross.errors import DecodeError
from .meross.fields import Json
from .meross.identity import Identity
from .meross.message import (
    LONGEST,
    Message,
    decode,
    encode,
    find_key,
    new_header,
)
from .meross.model import Gateway, SystemAll, parse_abilities, parse_all, parse_error
from .meross.namespaces import Method, Namespace

_PATIENCE: Final = ClientTimeout(total=10)


class LanError(Exception):
    """Something is wrong; reason is the key of the sentence that says what."""

    def __init__(self, reason: str) -> None:
        """Name the sentence."""
        super().__init__(reason)
        self.reason = reason


class WrongKeyError(LanError):
    """The plug signs with another key."""

    def __init__(self) -> None:
        """Name the sentence."""
        super().__init__("wrong_key")


class LanPlug:
    """A plug at an address of the local network, spoken to one request at a time."""

    identity: Identity
    said: SystemAll
    key: str

    def __init__(self, hass: HomeAssistant, address: str) -> None:
        """Speak to nothing but this address; raises LanError where it is none."""
        self._session = async_get_clientsession(hass)
        self._url = _url_of(address)
        self._cipher: Cipher | None = None

    async def async_read(self, keys: Iterable[str]) -> None:
        """Find out what it is and which of the keys it signs with.

        Raises LanError, as WrongKeyError where none of the keys fits.
        """
        known = list(keys)
        self._cipher = None
        # Answered in plain text also by firmware that encrypts the rest.
        reply = await self._async_request(Method.GET, Namespace.ABILITY, {}, known[0])
        key = find_key(reply.header, known)
        if key is None:
            raise WrongKeyError
        self.key = key
        if reply.header.method is Method.ERROR:
            reply = await self._async_ask(Method.GET, Namespace.ABILITY, {})
        try:
            abilities = parse_abilities(reply.payload)
            if Namespace.ECDHE in abilities:
                # Firmware that encrypts names itself in its headers (protocol.md 2).
                await self._async_agree(reply.header.uuid or "")
            query = QUERIES[Namespace.ALL]
            reply = await self._async_ask(Method.GET, Namespace.ALL, query)
            self.said = parse_all(reply.payload)
            uuid = self.said.hardware.uuid
            self.identity = Identity.of(uuid, self.said, abilities)
        except DecodeError as err:
            LOGGER.debug("Not understood over HTTP: %s", err)
            raise LanError("not_a_plug") from err

    async def async_move(self, gateway: Gateway) -> None:
        """Let it report to another broker, with the key and user id that it has.

        Raises LanError.
        """
        if self._cipher is not None:
            # A plug that restarted since has forgotten it.
            await self._async_agree(self.identity.uuid)
        payload = gateway_payload(self.key, self.said.user_id, gateway)
        await self._async_ask(Method.SET, Namespace.CONFIG_KEY, payload)

    async def _async_agree(self, uuid: str) -> None:
        """Agree on a cipher, else use the one that its key leads to."""
        self._cipher = None
        private_key = new_private_key()
        try:
            reply = await self._async_ask(
                Method.SET, Namespace.ECDHE, exchange_payload(private_key)
            )
            self._cipher = Cipher.agreed(private_key, reply.payload)
        except LanError, DecodeError:
            # The uuid ends with the MAC (protocol.md 0.7).
            mac = ":".join(uuid[at : at + 2] for at in range(20, 32, 2))
            self._cipher = Cipher.preset(uuid, self.key, mac)

    async def _async_ask(
        self, method: Method, namespace: Namespace, payload: Json
    ) -> Message:
        """Return the answer, not an ERROR, to what is signed with its own key."""
        reply = await self._async_request(method, namespace, payload, self.key)
        if reply.header.method is Method.ERROR:
            LOGGER.debug("Refused over HTTP: %s", parse_error(reply.payload))
            raise LanError("refused")
        return reply

    async def _async_request(
        self, method: Method, namespace: Namespace, payload: Json, key: str
    ) -> Message:
        """Return the answer, which may be an ERROR."""
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
            raise LanError("not_meross") from err
        if reply.header.message_id != header.message_id:
            raise LanError("not_meross")
        return reply

    async def _async_post(self, data: bytes) -> bytes:
        try:
            async with self._session.post(
                self._url,
                data=data,
                # Plugs serve one connection at a time (protocol.md 9).
                headers={
                    hdrs.CONTENT_TYPE: "application/json",
                    hdrs.CONNECTION: "close",
                },
                allow_redirects=False,
                timeout=_PATIENCE,
            ) as response:
                if response.status != HTTPStatus.OK:
                    raise LanError("not_meross")
                body = b""
                async for chunk in response.content.iter_any():
                    body += chunk
                    if len(body) > LONGEST:
                        raise LanError("not_meross")
                return body
        # A ValueError is a name that none can have.
        except (ClientError, TimeoutError, ValueError) as err:
            LOGGER.debug("No answer over HTTP: %r", err)
            raise LanError("no_http") from err


def _url_of(address: str) -> URL:
    """Return where the plug listens; raises LanError."""
    try:
        url = URL(f"http://{address.strip()}/config")
        # Nothing but a host and perhaps a port: no path, user or question.
        plain = URL.build(
            scheme="http", host=url.host or "", port=url.explicit_port, path="/config"
        )
        if url.host and str(url) == str(plain):
            return url
    except ValueError as err:
        raise LanError("invalid_address") from err
    raise LanError("invalid_address")
