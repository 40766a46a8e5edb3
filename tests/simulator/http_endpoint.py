"""A plug's responses to the body of a POST to /config (docs/protocol.md 2.1, 7)."""

from collections.abc import Mapping

from . import namespaces
from .answers import Answer, Handler, RejectedError
from .encryption import decrypt, encrypt, exchange, preset_key
from .plug import NO_HANDLERS, SimulatedPlug
from .wire import Message, Payload, decode

# The connection is closed on all others in plain text (docs/protocol.md 7).
_PLAIN = (namespaces.ABILITY, namespaces.ECDHE, namespaces.SUITE)


class HttpEndpoint:
    """One plug's HTTP without a socket. `respond` runs on the plug's thread."""

    def __init__(
        self,
        plug: SimulatedPlug,
        *,
        ecdhe: bool = True,
        handlers: Mapping[tuple[str, str], Handler] = NO_HANDLERS,
    ) -> None:
        """Respond for a plug; `handlers` are for requests beyond its usual ones."""
        self.plug = plug
        self.messages: list[Message] = []
        """The requests that could be decoded."""
        self.refuse: set[str] = set()
        """Namespaces that are answered with ERROR 5000."""
        self.drop: set[str] = set()
        """Namespaces whose requests are ignored; the connection is closed."""
        self.lose: set[str] = set()
        """Namespaces whose requests are carried out, but the reply is lost."""
        self._encrypts = namespaces.ECDHE in plug.model.ability
        self._ecdhe = ecdhe
        self._session_key = b""
        self._session_boot = 0
        self.handlers: dict[tuple[str, str], Handler] = {
            **handlers,
            ("SET", namespaces.ECDHE): self._exchange,
        }
        """The answers that are given over HTTP alone, by method and namespace."""

    @property
    def requests(self) -> list[tuple[str, str]]:
        """Namespace and method of each request that could be decoded."""
        return [(message.namespace, message.method) for message in self.messages]

    def respond(self, body: bytes) -> bytes | None:
        """Return the body of the response; None closes the connection."""
        request, key = self._decode(body)
        if request is None:
            return None
        self.messages.append(request)
        if request.namespace in self.drop:
            return None
        if key is None and self._encrypts and request.namespace not in _PLAIN:
            return None
        kind = request.method, request.namespace
        rejected = {kind: _reject} if request.namespace in self.refuse else {}
        reply = self.plug.respond(request, self.handlers | rejected)
        if reply is None or request.namespace in self.lose:
            return None
        return reply.encode() if key is None else encrypt(key, reply.encode())

    def _decode(self, body: bytes) -> tuple[Message | None, bytes | None]:
        """Return a message and the key that it was encrypted with."""
        if (message := decode(body)) is not None or not self._encrypts:
            return message, None
        for key in self._keys():
            text = decrypt(key, body)
            if text is not None and (message := decode(text)) is not None:
                return message, key
        return None, None

    def _keys(self) -> list[bytes]:
        preset = preset_key(self.plug.device.identity, self.plug.key)
        # The agreed key does not outlive a boot.
        is_fresh = self._session_boot == self.plug.boots
        return [self._session_key, preset] if is_fresh else [preset]

    def _exchange(self, payload: Payload) -> Answer:
        """Agree on a key for all requests that follow."""
        match payload:
            case {"ecdhe": {"step": 1, "pubkey": point}} if self._ecdhe:
                agreed = exchange(point)
            case _:
                agreed = None
        if agreed is None:
            raise RejectedError
        self._session_key, public = agreed
        self._session_boot = self.plug.boots
        return Answer({"ecdhe": {"step": 2, "pubkey": public}})


def _reject(_: Payload) -> Answer:
    raise RejectedError
