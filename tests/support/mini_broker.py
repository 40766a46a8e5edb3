"""A small MQTT 3.1 broker with TLS and every fault that the broker check looks for.

It has a thread and blocking sockets: those of asyncio close without a TLS alert.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from queue import SimpleQueue
import socket
import ssl
from threading import Thread
from typing import Self

_CONNECT, _PUBLISH, _SUBSCRIBE, _DISCONNECT = 1, 3, 8, 14
# Seconds between two checks of the queue, and for a handshake.
_POLL_INTERVAL = 0.01
_SOCKET_TIMEOUT = 5.0


@dataclass
class Login:
    """The content of a CONNECT packet."""

    protocol: str
    level: int
    flags: int
    keepalive: int
    client_id: str
    user: str
    password: str


@dataclass
class MiniBroker:
    """Accept one client at a time; `context` is None without TLS."""

    context: ssl.SSLContext | None = None
    connack: int = 0
    suback: int = 1
    forwards: bool = True
    """Whether messages of the client reach Home Assistant."""
    delivers: bool = True
    """Whether messages of Home Assistant reach the client."""
    banner: bytes | None = None
    """Sent to each client, before the connection is closed."""
    raw_suback: bytes | None = None
    """The body of SUBACK, instead of the number and `suback`."""
    raw_packet: bytes | None = None
    """Sent after the SUBACK."""
    stalls_after: int | None = None
    """The handshakes of TLS after which further ones stall."""
    is_silent: bool = False
    """Accepts connections and sends nothing."""
    port: int = 0
    logins: list[Login] = field(default_factory=list)
    topics: list[str] = field(default_factory=list)
    published: list[tuple[str, bytes]] = field(default_factory=list)
    other_messages: list[tuple[str, bytes]] = field(default_factory=list)
    """What other clients publish before each message of the client."""
    on_publish: Callable[[str, bytes], None] = lambda _topic, _payload: None
    """Gets each message for Home Assistant, in the thread of the broker."""
    on_subscribe: Callable[[], object] = lambda: None

    def __enter__(self) -> Self:
        """Start to listen."""
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self._listener.settimeout(_POLL_INTERVAL)
        self.port = self._listener.getsockname()[1]
        self._is_open = True
        self._to_send: SimpleQueue[bytes] = SimpleQueue()
        self._thread = Thread(target=self._serve)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Close everything."""
        self._is_open = False
        self._thread.join()
        self._listener.close()

    def publish(self, topic: str, payload: bytes) -> None:
        """Publish a message of Home Assistant to the client."""
        if self.delivers and topic in self.topics:
            name = topic.encode()
            body = len(name).to_bytes(2) + name + payload
            self._to_send.put(bytes([_PUBLISH << 4]) + _length(len(body)) + body)

    def _serve(self) -> None:
        while self._is_open:
            with suppress(TimeoutError):
                client, _ = self._listener.accept()
                # A client may close the connection at any time.
                with suppress(OSError, EOFError):
                    self._serve_client(client)
                client.close()

    def _serve_client(self, client: socket.socket) -> None:
        client.settimeout(_SOCKET_TIMEOUT)
        if self.stalls_after is not None:
            self.stalls_after -= 1
            if self.stalls_after < 0:
                # Until the client leaves.
                while client.recv(4096):
                    pass
                return
        if self.context is not None:
            client = self.context.wrap_socket(client, server_side=True)
        with client:
            if self.banner is not None:
                client.sendall(self.banner)
                return
            client.settimeout(_POLL_INTERVAL)
            while self._is_open:
                while not self._to_send.empty():
                    client.sendall(self._to_send.get())
                with suppress(TimeoutError, ssl.SSLWantReadError):
                    first = client.recv(1)
                    if not first:
                        return
                    if not self.is_silent and not self._respond(client, first[0]):
                        return

    def _respond(self, client: socket.socket, first: int) -> bool:
        """Respond to one packet; return whether to go on."""
        client.settimeout(_SOCKET_TIMEOUT)
        body = _Body(_read(client, _read_length(client)))
        match first >> 4:
            case kind if kind == _CONNECT:
                start = body.text(), body.number(1), body.number(1), body.number(2)
                texts = body.text(), body.text(), body.text()
                self.logins.append(Login(*start, *texts))
                client.sendall(bytes([0x20, 2, 0, self.connack]))
                client.settimeout(_POLL_INTERVAL)
                return self.connack == 0
            case kind if kind == _SUBSCRIBE:
                number = body.number(2)
                self.topics.append(body.text())
                content = bytes([*number.to_bytes(2), self.suback])
                if self.raw_suback is not None:
                    content = self.raw_suback
                client.sendall(bytes([0x90, len(content)]) + content)
                client.sendall(self.raw_packet or b"")
                self.on_subscribe()
            case kind if kind == _PUBLISH:
                topic, number = body.text(), body.number(2)
                self.published.append((topic, body.rest))
                client.sendall(bytes([0x40, 2, *number.to_bytes(2)]))
                if self.forwards:
                    for message in (*self.other_messages, (topic, body.rest)):
                        self.on_publish(*message)
            case kind:
                return kind != _DISCONNECT
        client.settimeout(_POLL_INTERVAL)
        return True


class _Body:
    """Read a packet from its start."""

    def __init__(self, rest: bytes) -> None:
        self.rest = rest

    def number(self, length: int) -> int:
        number, self.rest = self.rest[:length], self.rest[length:]
        return int.from_bytes(number)

    def text(self) -> str:
        length = self.number(2)
        text, self.rest = self.rest[:length], self.rest[length:]
        return text.decode()


def _read(client: socket.socket, length: int) -> bytes:
    data = b""
    while len(data) < length:
        if not (more := client.recv(length - len(data))):
            raise EOFError
        data += more
    return data


def _read_length(client: socket.socket) -> int:
    length = shift = 0
    while True:
        (byte,) = _read(client, 1)
        length |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return length


def _length(number: int) -> bytes:
    written = b""
    while number >= 0x80:
        written += bytes([number & 0x7F | 0x80])
        number >>= 7
    return written + bytes([number])
