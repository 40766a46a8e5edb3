"""A web server that answers as a test tells it to, byte by byte."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
import socket
from threading import Thread
from typing import Self

type Reply = Callable[[bytes], bytes | None]
"""The body of a request in, the whole response out; None closes the connection."""

LF = "\n"
CRLF = "\r\n"


def response(body: bytes, *, end: str = CRLF, status: str = "200 OK") -> bytes:
    """Write a response."""
    lines = [
        f"HTTP/1.1 {status}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    ]
    return (end.join(lines) + end + end).encode() + body


class Web:
    """It serves one connection after the other, on a port of the loopback address."""

    def __init__(self, reply: Reply) -> None:
        """Listen."""
        self._reply = reply
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(10)
        self._thread = Thread(target=self._serve)
        self._ends = False
        self.port: int = self._listener.getsockname()[1]
        self.heads: list[str] = []
        self.bodies: list[bytes] = []

    def __enter__(self) -> Self:
        """Start."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop: one last connection wakes it up."""
        self._ends = True
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
            pass
        self._thread.join()
        self._listener.close()

    @property
    def address(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self.port}"

    def _serve(self) -> None:
        while not self._ends:
            connection, _ = self._listener.accept()
            with connection, suppress(OSError):
                connection.settimeout(10)
                self._converse(connection)

    def _converse(self, connection: socket.socket) -> None:
        with connection.makefile("rb") as lines:
            head = ""
            while (line := lines.readline().decode("latin-1")).strip():
                head += line
            if not head:
                return
            fields = dict(
                field.lower().split(": ", 1) for field in head.splitlines()[1:]
            )
            body = lines.read(int(fields.get("content-length", 0)))
            self.heads.append(head)
            self.bodies.append(body)
            reply = self._reply(body)
            if reply is not None:
                connection.sendall(reply)
