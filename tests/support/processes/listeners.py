"""More listeners of mosquitto: as plugs need them, and with one fault each."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import pbkdf2_hmac
import json
from pathlib import Path
import secrets

from .certificates import Kind, make_certificate
from .process import free_port

_ITERATIONS = 101
_MODULES = "mosquitto_dynamic_security.so"
_EVERYTHING = (
    "publishClientSend",
    "publishClientReceive",
    "subscribePattern",
    "unsubscribePattern",
)
_ACCESS = ("publishClientSend", "publishClientReceive", "subscribe", "unsubscribe")


@dataclass(frozen=True, slots=True)
class Listener:
    """Describe a listener on all addresses by lines of mosquitto.conf."""

    lines: tuple[str, ...]
    port: int = field(default_factory=free_port)

    @property
    def configuration(self) -> str:
        """Return its part of mosquitto.conf, after `per_listener_settings true`."""
        lines = (f"listener {self.port} 0.0.0.0", *self.lines)
        return "".join(f"{line}\n" for line in lines)


def right(folder: Path) -> Listener:
    """Use TLS with RSA and accept any login (docs/protocol.md 6.3)."""
    return Listener((*_tls(folder), "allow_anonymous true"))


def right_with_logins(folder: Path, logins: Mapping[str, str]) -> Listener:
    """Use TLS and the dynamic security plugin, which allows a MAC as user name.

    See docs/protocol.md 6.3.
    """
    tls, settings = _tls(folder), folder / "dynamic-security.json"
    settings.write_text(json.dumps(_dynamic_security(logins)))
    plugin = (
        f"plugin {find_dynamic_security()}",
        f"plugin_opt_config_file {settings}",
    )
    return Listener((*tls, "allow_anonymous false", *plugin))


def ecdsa(folder: Path) -> Listener:
    """Use TLS with ECDSA: no shared cipher (docs/protocol.md 6.2)."""
    return Listener((*_tls(folder, "ecdsa"), "allow_anonymous true"))


def tls_13_only(folder: Path) -> Listener:
    """Use a version of TLS that plugs do not support."""
    return Listener((*_tls(folder), "tls_version tlsv1.3", "allow_anonymous true"))


def without_tls() -> Listener:
    """Use plain MQTT: protocol error (docs/protocol.md 6.2)."""
    return Listener(("allow_anonymous true",))


def client_certificate_wanted(folder: Path) -> Listener:
    """Require client certificates, which plugs do not have."""
    certificate, key = _tls(folder)
    authority = (certificate.replace("certfile", "cafile"), "require_certificate true")
    return Listener((certificate, key, *authority, "allow_anonymous true"))


def login_missing(folder: Path) -> Listener:
    """Use TLS and a password file, which cannot hold a MAC (docs/protocol.md 6.3)."""
    tls, passwords = _tls(folder), folder / "passwords"
    # No password has this hash.
    passwords.write_text("user:$7$101$AAAAAAAAAAAAAAAA$" + "A" * 86 + "==\n")
    return Listener((*tls, "allow_anonymous false", f"password_file {passwords}"))


def read_denied(folder: Path) -> Listener:
    """Use TLS and an ACL that lets plugs subscribe, but not receive."""
    return _with_acl(folder, "pattern write /appliance/#")


def write_denied(folder: Path) -> Listener:
    """Use TLS and an ACL that drops what plugs publish."""
    return _with_acl(folder, "pattern read /appliance/#")


def find_dynamic_security() -> Path:
    """Return the path of mosquitto's plugin in the distribution."""
    for folder in (Path("/usr/lib"), Path("/usr/lib64"), Path("/usr/local/lib")):
        for pattern in (_MODULES, f"*/{_MODULES}"):
            for path in folder.glob(pattern):
                return path
    raise FileNotFoundError(_MODULES)


def _with_acl(folder: Path, text: str) -> Listener:
    tls, acl = _tls(folder), folder / "acl"
    acl.write_text(f"{text}\n")
    return Listener((*tls, "allow_anonymous true", f"acl_file {acl}"))


def _tls(folder: Path, kind: Kind = "rsa") -> tuple[str, str]:
    """Create the folder and a certificate in it."""
    files = make_certificate(folder, kind)
    return f"certfile {files.certificate}", f"keyfile {files.key}"


def _dynamic_security(logins: Mapping[str, str]) -> dict[str, object]:
    """Return settings that allow these logins to do everything."""
    acls = [
        {"acltype": kind, "topic": "#", "priority": 0, "allow": True}
        for kind in _EVERYTHING
    ]
    return {
        "defaultACLAccess": dict.fromkeys(_ACCESS, False),
        "clients": [_client(name, password) for name, password in logins.items()],
        "groups": [],
        "roles": [{"rolename": "everything", "acls": acls}],
    }


def _client(name: str, password: str) -> dict[str, object]:
    salt = secrets.token_bytes(12)
    digest = pbkdf2_hmac("sha512", password.encode(), salt, _ITERATIONS)
    return {
        "username": name,
        "roles": [{"rolename": "everything"}],
        "password": b64encode(digest).decode(),
        "salt": b64encode(salt).decode(),
        "iterations": _ITERATIONS,
    }
