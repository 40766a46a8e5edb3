"""A plug's HTTP server: POST /config, one message a connection (protocol.md 7)."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future
from contextlib import suppress
import socket
from threading import Thread
from typing import Self

from .doorway import Doorway
from .plug import SimulatedPlug
from .provisioning import Network, Provisioning

# Seconds: an idle client, the plug's thread, and between two looks at what changed.
_PATIENCE = 5.0
_LOOK = 0.05
_LONGEST = 16384
_CRLF_SINCE = 6  # older firmware ends header lines with LF alone (protocol.md 6.2)


class Lan(Doorway):
    """One plug's address: in the house, or with `pairing` its own access point.

    The access point answers while the plug is in pairing mode, the address in the
    house while it is not; else, and without power, connections are closed.
    """

    def __init__(  # noqa: PLR0913
        self,
        plug: SimulatedPlug,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        pairing: bool = False,
        networks: Iterable[Network] = (Network(),),
        ecdhe: bool = True,
    ) -> None:
        """Prepare; `pairing` puts the plug into pairing mode, also if it runs."""
        if pairing and not plug.model.has_access_point:
            raise ValueError("it is paired by Bluetooth alone")
        self._provisioning = Provisioning(plug, networks)
        acts = self._provisioning.acts if pairing else {}
        super().__init__(plug, ecdhe=ecdhe, acts=acts)
        self._pairing = pairing
        self._where = (host, port)
        self.silent = False
        """Accept connections and never answer."""
        self._is_open = False
        self._talking: socket.socket | None = None
        if pairing:
            plug.start_pairing()

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self.stop()

    @property
    def address(self) -> str:
        """Host and port, since `start`."""
        host, port = self._where
        return f"{host}:{port}"

    @property
    def networks(self) -> list[Network]:
        """The Wi-Fi networks in reach; the list may be changed."""
        return self._provisioning.networks

    @property
    def joined(self) -> bool:
        """Whether the plug has left pairing mode for a network."""
        return self._provisioning.joined

    @property
    def ssid(self) -> str:
        """The network that it was told of."""
        return self._provisioning.ssid

    @property
    def password_heard(self) -> str:
        """The network's password that it was told, in plain text."""
        return self._provisioning.password_heard

    def start(self) -> None:
        """Listen."""
        self._listener = socket.create_server(self._where)
        self._listener.settimeout(_LOOK)
        host, port = self._listener.getsockname()[:2]
        self._where = (host, port)
        self._is_open = True
        self._thread = Thread(target=self._serve, name=f"lan-{port}", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Listen no more."""
        self._is_open = False
        if (talking := self._talking) is not None:
            with suppress(OSError):
                talking.shutdown(socket.SHUT_RDWR)
        self._thread.join(_PATIENCE)
        self._listener.close()

    def answer(self, body: bytes) -> bytes | None:
        """Answer without a socket; None where the connection would be closed."""
        future: Future[bytes | None] = Future()

        def fulfil() -> None:
            try:
                future.set_result(self.respond(body) if self._is_there else None)
            except Exception as error:  # noqa: BLE001
                future.set_exception(error)

        self._plug.world.post(fulfil)
        return future.result(_PATIENCE)

    @property
    def _is_there(self) -> bool:
        return self._plug.has_power and self._plug.is_pairing is self._pairing

    def _serve(self) -> None:
        """Talk to one after the other: firmware has no room for two."""
        while self._is_open:
            try:
                self._talking, _ = self._listener.accept()
            except TimeoutError:
                continue
            # Whoever leaves early, or says nothing, is no trouble of the plug's.
            with self._talking, suppress(OSError):
                self._converse(self._talking)
            self._talking = None

    def _converse(self, talking: socket.socket) -> None:
        talking.settimeout(_PATIENCE)
        body = _read(talking)
        if self.silent:
            self._say_nothing(talking)
        elif body is not None and (reply := self.answer(body)) is not None:
            talking.sendall(self._head(len(reply)) + reply)

    def _say_nothing(self, talking: socket.socket) -> None:
        """Wait until the other has had enough."""
        talking.settimeout(_LOOK)
        while self.silent and self._is_open:
            with suppress(TimeoutError):
                if not talking.recv(1):
                    return

    def _head(self, length: int) -> bytes:
        lines = [
            "HTTP/1.1 200 OK",
            "Content-Type: application/json",
            f"Content-Length: {length}",
            "Connection: close",
        ]
        old = self._plug.model.generation < _CRLF_SINCE
        end = "\n" if old else "\r\n"
        return (end.join(lines) + end + end).encode()


def _read(talking: socket.socket) -> bytes | None:
    """Read the body of one POST to /config; None for anything else."""
    data = b""
    while b"\r\n\r\n" not in data:
        if not (more := talking.recv(4096)) or len(data) > _LONGEST:
            return None
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    request, *lines = head.decode("latin-1").split("\r\n")
    fields = {
        name.strip().lower(): value.strip()
        for name, _, value in (line.partition(":") for line in lines)
    }
    length = fields.get("content-length", "")
    if request.split(" ")[:2] != ["POST", "/config"] or not length.isdecimal():
        return None
    if int(length) > _LONGEST:
        return None
    while len(body) < int(length):
        if not (more := talking.recv(4096)):
            return None
        body += more
    return body
