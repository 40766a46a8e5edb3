"""Further listeners of mosquitto: as plugs need them, and wrong in one way each."""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import pbkdf2_hmac
import json
from pathlib import Path
import secrets

from .certificates import Certificate, Kind, make_certificate
from .process import free_port

_ITERATIONS = 101
_MODULES = "mosquitto_dynamic_security.so"
_EVERYTHING = (
    "publishClientSend",
    "publishClientReceive",
    "subscribePattern",
    "unsubscribePattern",
)


@dataclass(frozen=True, slots=True)
class Listener:
    """A listener on every address, and the lines that make it what it is."""

    lines: tuple[str, ...]
    port: int = field(default_factory=free_port)

    @property
    def configuration(self) -> str:
        """What mosquitto.conf says of it, after `per_listener_settings true`."""
        lines = (f"listener {self.port} 0.0.0.0", *self.lines)
        return "".join(f"{line}\n" for line in lines)


def right(folder: Path) -> Listener:
    """TLS with an RSA certificate; logins are not looked at (protocol.md 6.3)."""
    return Listener((*_tls(folder), "allow_anonymous true"))


def right_with_logins(folder: Path, logins: Mapping[str, str]) -> Listener:
    """TLS, and the dynamic-security plugin: a login may be a MAC there (6.3)."""
    settings = folder / "dynamic-security.json"
    _write(settings, json.dumps(_dynamic_security(logins)))
    plugin = (
        f"plugin {find_dynamic_security()}",
        f"plugin_opt_config_file {settings}",
    )
    return Listener((*_tls(folder), "allow_anonymous false", *plugin))


def ecdsa(folder: Path) -> Listener:
    """TLS with an ECDSA certificate: no shared cipher (6.2)."""
    return Listener((*_tls(folder, "ecdsa"), "allow_anonymous true"))


def tls_13_only(folder: Path) -> Listener:
    """TLS of a version that plugs do not speak."""
    return Listener((*_tls(folder), "tls_version tlsv1.3", "allow_anonymous true"))


def without_tls() -> Listener:
    """Plain MQTT: protocol error (6.2)."""
    return Listener(("allow_anonymous true",))


def client_certificate_wanted(folder: Path) -> Listener:
    """TLS for clients with a certificate, which plugs do not have."""
    files = make_certificate(folder)
    authority = (f"cafile {files.certificate}", "require_certificate true")
    return Listener((*_lines(files), *authority, "allow_anonymous true"))


def login_missing(folder: Path) -> Listener:
    """TLS and a password file without plugs: it cannot hold a MAC (6.3)."""
    passwords = folder / "passwords"
    # The hash of no password at all.
    _write(passwords, "somebody:$7$101$AAAAAAAAAAAAAAAA$" + "A" * 86 + "==\n")
    access = ("allow_anonymous false", f"password_file {passwords}")
    return Listener((*_tls(folder), *access))


def no_hearing(folder: Path) -> Listener:
    """TLS and an ACL by which plugs get no message, though they may subscribe."""
    return _with_acl(folder, "pattern write /appliance/#")


def no_speaking(folder: Path) -> Listener:
    """TLS and an ACL by which nothing that plugs publish arrives."""
    return _with_acl(folder, "pattern read /appliance/#")


def find_dynamic_security() -> Path:
    """Return where the distribution keeps mosquitto's plugin."""
    for folder in (Path("/usr/lib"), Path("/usr/lib64"), Path("/usr/local/lib")):
        for pattern in (_MODULES, f"*/{_MODULES}"):
            for path in folder.glob(pattern):
                return path
    raise FileNotFoundError(_MODULES)


def _with_acl(folder: Path, text: str) -> Listener:
    acl = folder / "acl"
    _write(acl, f"{text}\n")
    return Listener((*_tls(folder), "allow_anonymous true", f"acl_file {acl}"))


def _tls(folder: Path, kind: Kind = "rsa") -> tuple[str, ...]:
    return _lines(make_certificate(folder, kind))


def _lines(files: Certificate) -> tuple[str, ...]:
    return (f"certfile {files.certificate}", f"keyfile {files.key}")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def _dynamic_security(logins: Mapping[str, str]) -> dict[str, object]:
    """Let everybody who can log in do everything."""
    acls = [
        {"acltype": kind, "topic": "#", "priority": 0, "allow": True}
        for kind in _EVERYTHING
    ]
    nothing = dict.fromkeys(_ACCESS, False)
    return {
        "defaultACLAccess": nothing,
        "clients": [_client(name, password) for name, password in logins.items()],
        "groups": [],
        "roles": [{"rolename": "everything", "acls": acls}],
    }


_ACCESS = ("publishClientSend", "publishClientReceive", "subscribe", "unsubscribe")


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
