"""The brokers that a plug knows, and its TLS (docs/protocol.md 6.2, 7)."""

from dataclasses import dataclass
import ssl
from typing import Any, Self

from .wire import Payload

_VENDOR = ".meross.com"
_MAX_PORT = 65535
_HANDSHAKE_TIMEOUT = 3.0  # all plugs of a fleet wait meanwhile
# RSA certificates alone: servers with others find no shared cipher
# (docs/protocol.md 6.2).
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
"""The broker that the vendor's app writes (docs/protocol.md 4.1)."""

CLOUD_USER = 46884


@dataclass(frozen=True, slots=True)
class WrittenKey:
    """The content of Config.Key (docs/protocol.md 7)."""

    key: str
    user_id: int
    gateway: Gateway


def read_key(payload: Payload) -> WrittenKey | None:
    """Read the payload of a Config.Key SET; None for a malformed one."""
    match payload:
        case {
            "key": {
                "userId": str(user_id),
                "key": str(key),
                "gateway": {"host": str(host), "port": port, **more},
            }
        } if host and user_id.isdecimal():
            first, second = _port(port), _port(more.get("secondPort", port))
            second_host = more.get("secondHost", "")
            if first is None or second is None or not isinstance(second_host, str):
                return None
            gateway = Gateway(host, first, second_host, second if second_host else 0)
            return WrittenKey(key, int(user_id), gateway)
    return None


def _port(value: object) -> int | None:
    """Read a port: a number, or its digits (docs/protocol.md 7)."""
    if isinstance(value, str) and value.isdecimal():
        value = int(value)
    return value if type(value) is int and 0 < value <= _MAX_PORT else None


def plug_tls() -> ssl.SSLContext:
    """Return firmware's TLS: 1.2 at most, any RSA certificate."""
    context = _Context(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(_CIPHERS)
    return context


class _Context(ssl.SSLContext):
    """Limit the time of a handshake; paho would wait two minutes."""

    def wrap_socket(self, sock: Any, *args: Any, **options: Any) -> ssl.SSLSocket:  # noqa: ANN401
        """Shake hands at once; paho's own handshake then has nothing to do."""
        wrapped = super().wrap_socket(sock, *args, **options)
        wrapped.settimeout(_HANDSHAKE_TIMEOUT)
        try:
            wrapped.do_handshake()
        except BaseException:
            wrapped.close()
            raise
        return wrapped
