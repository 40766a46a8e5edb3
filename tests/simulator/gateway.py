"""The brokers that a plug was told of, and the TLS that it speaks with them."""

from __future__ import annotations

from dataclasses import dataclass
import ssl
from typing import Any, Self

from .wire import Payload

_VENDOR = ".meross.com"
_LAST_PORT = 65535
# Seconds for a handshake: all plugs of a fleet wait meanwhile.
_PATIENCE = 3.0
# RSA certificates alone: with others servers find no shared cipher (protocol.md 6.2).
_CIPHERS = (
    "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384:"
    "ECDHE-RSA-AES128-SHA256:AES128-GCM-SHA256:AES256-GCM-SHA384:"
    "AES128-SHA256:AES256-SHA256:AES128-SHA:AES256-SHA"
)


@dataclass(frozen=True, slots=True)
class Gateway:
    """A broker and the one to try after it."""

    host: str
    port: int
    second_host: str = ""
    second_port: int = 0

    @classmethod
    def twice(cls, host: str, port: int) -> Self:
        """Name the same broker as first and second."""
        return cls(host, port, host, port)

    @property
    def is_reachable(self) -> bool:
        """Whether a simulated plug may connect to it: never to the vendor's."""
        return bool(self.host) and not self.host.endswith(_VENDOR)


UNSET = Gateway("", 0)
"""A plug out of its box knows no broker."""

CLOUD = Gateway("iot.meross.com", 443, "smart.meross.com", 443)
"""Where the vendor's app sends plugs (protocol.md 4.1)."""

CLOUD_USER = 46884


@dataclass(frozen=True, slots=True)
class Written:
    """What Config.Key writes (protocol.md 7)."""

    key: str
    user_id: int
    gateway: Gateway


def read_key(payload: Payload) -> Written | None:
    """Read the payload of a Config.Key SET; None for what is not understood."""
    match payload:
        case {
            "key": {
                "userId": str(user_id),
                "key": str(key),
                "gateway": {"host": str(host), "port": port, **more},
            }
        }:
            pass
        case _:
            return None
    first, second = _port(port), _port(more.get("secondPort", port))
    second_host = more.get("secondHost", "")
    if not host or not user_id.isdecimal() or first is None or second is None:
        return None
    if not isinstance(second_host, str):
        return None
    gateway = Gateway(host, first, second_host, second if second_host else 0)
    return Written(key, int(user_id), gateway)


def _port(value: object) -> int | None:
    """Read a port: a number, or its digits (protocol.md 7)."""
    if isinstance(value, str) and value.isdecimal():
        value = int(value)
    if type(value) is int and 0 < value <= _LAST_PORT:
        return value
    return None


def plug_tls() -> ssl.SSLContext:
    """Speak TLS as firmware does: 1.2 at most, taking any RSA certificate (6.2)."""
    context = _Context(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(_CIPHERS)
    return context


class _Context(ssl.SSLContext):
    """Gives up soon on a server that says nothing; paho would wait two minutes."""

    def wrap_socket(self, sock: Any, *args: Any, **options: Any) -> ssl.SSLSocket:  # noqa: ANN401
        """Shake hands at once; paho's own handshake then has nothing to do."""
        wrapped = super().wrap_socket(sock, *args, **options)
        wrapped.settimeout(_PATIENCE)
        try:
            wrapped.do_handshake()
        except BaseException:
            wrapped.close()
            raise
        return wrapped
