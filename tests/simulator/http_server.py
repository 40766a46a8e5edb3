"""A plug's HTTP server: POST /config, one message a connection (docs/protocol.md 7)."""

from collections.abc import Iterable
from concurrent.futures import Future
from contextlib import suppress
import socket
from threading import Thread
from typing import Self

from .http_endpoint import HttpEndpoint
from .plug import NO_HANDLERS, SimulatedPlug
from .provisioning import Network, Provisioning

_CLIENT_TIMEOUT = 5.0
_PLUG_TIMEOUT = 5.0
_POLL_INTERVAL = 0.05
_MAX_REQUEST_SIZE = 16384
_HEAD = """\
HTTP/1.1 200 OK
Content-Type: application/json
Content-Length: {length}
Connection: close

"""
_CRLF_SINCE = 6  # older firmware ends header lines with LF (docs/protocol.md 6.2)


class HttpServer(HttpEndpoint):
    """One plug's address: on the network, or with `pairing` its own access point.

    The access point serves while the plug is in pairing mode, the address on the
    network while it is not; else, and without power, connections are closed.
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
        self.provisioning = Provisioning(plug, networks)
        handlers = self.provisioning.handlers if pairing else NO_HANDLERS
        super().__init__(plug, ecdhe=ecdhe, handlers=handlers)
        self.silent = False
        """Accept connections and never respond."""
        self._pairing = pairing
        self._where = (host, port)
        self._is_open = False
        self._connection: socket.socket | None = None
        if pairing:
            plug.start_pairing()

    def __enter__(self) -> Self:
        """Listen."""
        self._listener = socket.create_server(self._where)
        self._listener.settimeout(_POLL_INTERVAL)
        host, port = self._listener.getsockname()[:2]
        self._where = (host, port)
        self._is_open = True
        self._thread = Thread(target=self._serve, name=f"http-{port}", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop listening."""
        self._is_open = False
        if (connection := self._connection) is not None:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._thread.join(_CLIENT_TIMEOUT)
        self._listener.close()

    @property
    def address(self) -> str:
        """Host and port, once it listens."""
        host, port = self._where
        return f"{host}:{port}"

    def answer(self, body: bytes) -> bytes | None:
        """Respond without a socket; None where the connection would be closed."""
        future: Future[bytes | None] = Future()

        def fulfil() -> None:
            try:
                future.set_result(self.respond(body) if self._is_there else None)
            except Exception as error:  # noqa: BLE001
                future.set_exception(error)

        self.plug.world.post(fulfil)
        return future.result(_PLUG_TIMEOUT)

    @property
    def _is_there(self) -> bool:
        return self.plug.has_power and self.plug.is_pairing is self._pairing

    def _serve(self) -> None:
        """Serve one connection after the other: firmware has no room for two."""
        while self._is_open:
            try:
                self._connection, _ = self._listener.accept()
            except TimeoutError:
                continue
            # A client may leave early, or send nothing.
            with self._connection, suppress(OSError):
                self._handle(self._connection)
            self._connection = None

    def _handle(self, connection: socket.socket) -> None:
        connection.settimeout(_CLIENT_TIMEOUT)
        request = _read(connection)
        if self.silent:
            # Until the client closes the connection.
            connection.settimeout(None)
            connection.recv(1)
        elif request is not None and (response := self._response(*request)) is not None:
            connection.sendall(response)

    def _response(self, _head: str, body: bytes) -> bytes | None:
        """Return the whole response to a POST; None closes the connection."""
        reply = self.answer(body)
        return None if reply is None else self._head(len(reply)) + reply

    def _head(self, length: int) -> bytes:
        end = "\n" if self.plug.model.generation < _CRLF_SINCE else "\r\n"
        return _HEAD.format(length=length).replace("\n", end).encode()


def _read(connection: socket.socket) -> tuple[str, bytes] | None:
    """Read the head and body of one POST to /config; None for anything else."""
    data = b""
    while b"\r\n\r\n" not in data:
        if not (more := connection.recv(4096)) or len(data) > _MAX_REQUEST_SIZE:
            return None
        data += more
    raw, _, body = data.partition(b"\r\n\r\n")
    head = raw.decode("latin-1")
    request, *lines = head.split("\r\n")
    fields = {
        name.strip().lower(): value.strip()
        for name, _, value in (line.partition(":") for line in lines)
    }
    length = fields.get("content-length", "")
    if request.split(" ")[:2] != ["POST", "/config"] or not length.isdecimal():
        return None
    if int(length) > _MAX_REQUEST_SIZE:
        return None
    while len(body) < int(length):
        if not (more := connection.recv(4096)):
            return None
        body += more
    return head, body
