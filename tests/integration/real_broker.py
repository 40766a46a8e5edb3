"""A small broker with TLS that speaks MQTT 3.1 to one client at a time, or does not.

It has a thread and blocking sockets: those of asyncio hang up without an alert.
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
# Seconds between two looks at what is to be said, and for a handshake.
_LOOK = 0.01
_PATIENCE = 5.0


@dataclass
class Login:
    """What a client connects with."""

    protocol: str
    level: int
    client_id: str
    user: str
    password: str


@dataclass
class RealBroker:
    """Behaves as it is told; context is None without TLS."""

    context: ssl.SSLContext | None = None
    connack: int = 0
    suback: int = 1
    forwards: bool = True
    """Whether what the client says reaches Home Assistant."""
    delivers: bool = True
    """Whether what Home Assistant says reaches the client."""
    greeting: bytes | None = None
    """Said to whoever connects, before the connection is closed."""
    is_mute: bool = False
    """Takes connections and says nothing."""
    port: int = 0
    logins: list[Login] = field(default_factory=list)
    topics: list[str] = field(default_factory=list)
    said: list[tuple[str, bytes]] = field(default_factory=list)
    chatter: list[tuple[str, bytes]] = field(default_factory=list)
    """What others say to Home Assistant before the client does."""
    hear: Callable[[str, bytes], None] = lambda _topic, _payload: None
    """Takes what the client says to Home Assistant, in the thread."""
    connected: Callable[[], None] = lambda: None
    subscribed: Callable[[], None] = lambda: None

    def __enter__(self) -> Self:
        """Listen."""
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self._listener.settimeout(_LOOK)
        self.port = self._listener.getsockname()[1]
        self._is_open = True
        self._to_say: SimpleQueue[bytes] = SimpleQueue()
        self._thread = Thread(target=self._serve)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Close everything."""
        self._is_open = False
        self._thread.join()
        self._listener.close()

    def tell(self, topic: str, payload: bytes) -> None:
        """Publish what Home Assistant says."""
        if self.delivers and topic in self.topics:
            name = topic.encode()
            body = len(name).to_bytes(2) + name + payload
            self._to_say.put(bytes([_PUBLISH << 4]) + _length(len(body)) + body)

    def _serve(self) -> None:
        while self._is_open:
            with suppress(TimeoutError):
                client, _ = self._listener.accept()
                # Whoever leaves early is no trouble of ours.
                with suppress(OSError, EOFError):
                    self._welcome(client)
                client.close()

    def _welcome(self, client: socket.socket) -> None:
        client.settimeout(_PATIENCE)
        if self.context is not None:
            client = self.context.wrap_socket(client, server_side=True)
        with client:
            if self.greeting is not None:
                client.sendall(self.greeting)
                return
            client.settimeout(_LOOK)
            while self._is_open:
                while not self._to_say.empty():
                    client.sendall(self._to_say.get())
                with suppress(TimeoutError, ssl.SSLWantReadError):
                    first = client.recv(1)
                    if not first:
                        return
                    if not self.is_mute and not self._answer(client, first[0]):
                        return

    def _answer(self, client: socket.socket, first: int) -> bool:
        """Answer one packet; tell whether to go on."""
        client.settimeout(_PATIENCE)
        body = _Body(_read(client, _read_length(client)))
        match first >> 4:
            case kind if kind == _CONNECT:
                protocol, level = body.text(), body.number(1)
                body.number(3)  # flags, and how often it will be heard of
                self.logins.append(
                    Login(protocol, level, body.text(), body.text(), body.text())
                )
                client.sendall(bytes([0x20, 2, 0, self.connack]))
                self.connected()
                client.settimeout(_LOOK)
                return self.connack == 0
            case kind if kind == _SUBSCRIBE:
                number = body.number(2)
                self.topics.append(body.text())
                client.sendall(bytes([0x90, 3, *number.to_bytes(2), self.suback]))
                self.subscribed()
            case kind if kind == _PUBLISH:
                topic, number = body.text(), body.number(2)
                self.said.append((topic, body.rest))
                client.sendall(bytes([0x40, 2, *number.to_bytes(2)]))
                if self.forwards:
                    for said in (*self.chatter, (topic, body.rest)):
                        self.hear(*said)
            case kind:
                return kind != _DISCONNECT
        client.settimeout(_LOOK)
        return True


class _Body:
    """What is left to be read of a packet."""

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
