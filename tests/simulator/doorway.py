"""What a plug answers to the body of a POST to /config (protocol.md 2.1, 7)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from . import namespaces
from .answers import Act, Answer, RefusedError
from .encryption import decrypt, encrypt, exchange, preset_key
from .plug import SimulatedPlug
from .wire import Message, Payload, decode

_NOT_UNDERSTOOD = 5000
_NOTHING: Mapping[tuple[str, str], Act] = MappingProxyType({})
# All others are closed on when they come in plain text (protocol.md 7).
_PLAIN = (namespaces.ABILITY, namespaces.ECDHE, namespaces.SUITE)


class Doorway:
    """One plug's HTTP without a socket. `respond` runs on the plug's thread."""

    def __init__(
        self,
        plug: SimulatedPlug,
        *,
        ecdhe: bool = True,
        acts: Mapping[tuple[str, str], Act] = _NOTHING,
    ) -> None:
        """Answer for a plug; `acts` is what it can do beyond its usual."""
        self.requests: list[tuple[str, str]] = []
        """Namespace and method of each message that could be read."""
        self.refuse: set[str] = set()
        """Namespaces that are answered with ERROR 5000."""
        self.drop: set[str] = set()
        """Namespaces that are not obeyed; the connection is closed."""
        self.lose: set[str] = set()
        """Namespaces that are obeyed, but the reply is lost."""
        self._plug = plug
        self._encrypts = namespaces.ECDHE in plug.model.ability
        self._ecdhe = ecdhe
        self._session = b""
        self._session_boot = 0
        self._acts: dict[tuple[str, str], Act] = {
            **acts,
            ("GET", namespaces.SUITE): _suite,
            ("SET", namespaces.ECDHE): self._exchange,
        }

    def respond(self, body: bytes) -> bytes | None:
        """Answer, and do as told; None closes the connection."""
        request, key = self._read(body)
        if request is None:
            return None
        self.requests.append((request.namespace, request.method))
        if request.namespace in self.drop:
            return None
        if key is None and self._encrypts and request.namespace not in _PLAIN:
            return None
        reply = self._plug.ask(request, {**self._acts, **self._refusals(request)})
        if reply is None or request.namespace in self.lose:
            return None
        return reply.encode() if key is None else encrypt(key, reply.encode())

    def _read(self, body: bytes) -> tuple[Message | None, bytes | None]:
        """Read a message, and tell which key it was encrypted with."""
        if (message := decode(body)) is not None or not self._encrypts:
            return message, None
        for key in self._keys():
            text = decrypt(key, body)
            if text is not None and (message := decode(text)) is not None:
                return message, key
        return None, None

    def _keys(self) -> list[bytes]:
        preset = preset_key(self._plug.device.identity, self._plug.key)
        # What was agreed on does not outlive a boot.
        is_fresh = self._session_boot == self._plug.boots
        return [self._session, preset] if is_fresh else [preset]

    def _refusals(self, request: Message) -> Mapping[tuple[str, str], Act]:
        if request.namespace not in self.refuse:
            return _NOTHING
        return {(request.method, request.namespace): _refuse}

    def _exchange(self, payload: Payload) -> Answer:
        """Agree on a key for all that follows."""
        match payload:
            case {"ecdhe": {"step": 1, "pubkey": point}} if self._ecdhe:
                agreed = exchange(point)
            case _:
                agreed = None
        if agreed is None:
            raise RefusedError(_NOT_UNDERSTOOD)
        self._session, ours = agreed
        self._session_boot = self._plug.boots
        return Answer({"ecdhe": {"step": 2, "pubkey": ours}})


def _refuse(_: Payload) -> Answer:
    raise RefusedError(_NOT_UNDERSTOOD)


def _suite(_: Payload) -> Answer:
    return Answer({"suite": {"ka": "ecdhe256", "se": "mrskey", "ds": ""}})
