"""A configuration folder as a person leaves it: onboarded, with a user and MQTT.

Written the way Home Assistant itself stores it, which takes no time; the calls that a
browser makes during onboarding take half a minute.
"""

import base64
from dataclasses import dataclass
import json
from pathlib import Path
import secrets
import time

import bcrypt
import jwt

NAME = "demo"
PASSWORD = "demo"

CONFIGURATION = """\
homeassistant:
  name: Home
  country: DE
  language: en
  currency: EUR
  time_zone: Europe/Berlin
  unit_system: metric
  latitude: 52.52
  longitude: 13.405
  elevation: 34
frontend:
recorder:
history:
logbook:
energy:
logger:
  default: warning
  logs:
    custom_components.meross_local: debug
    # What is missing here is for cameras and for speed.
    haffmpeg: critical
    homeassistant.components.camera.img_util: critical
    aiohttp_fast_zlib: error
"""

# How long our own token is good for, in seconds.
LIFETIME = 10 * 365 * 24 * 3600
TOKEN_ID = "harness"
USER_ID = "demo"
THEN = "2026-01-01T00:00:00+00:00"


@dataclass(frozen=True, kw_only=True)
class Broker:
    """The broker that Home Assistant is told of."""

    port: int
    protocol: str = "5"  # or 3.1.1


def seed(folder: Path, port: int, broker: Broker, component: Path) -> str:
    """Make the configuration folder; return a token that its Home Assistant takes.

    Home Assistant will listen on the port, on the loopback address alone: everyone
    knows the password.
    """
    storage = folder / ".storage"
    storage.mkdir(parents=True)
    (folder / "configuration.yaml").write_text(CONFIGURATION)
    components = folder / "custom_components"
    components.mkdir()
    (components / component.name).symlink_to(component.resolve())
    key = secrets.token_hex(64)
    _store(storage, "onboarding", _onboarding(), version=4)
    _store(storage, "auth", _auth(key))
    _store(storage, "auth_provider.homeassistant", _password())
    _store(storage, "core.config_entries", _entries(broker), minor_version=5)
    _store(storage, "http", _http(port), version=3)
    return _token(key)


def _store(
    storage: Path,
    key: str,
    data: dict[str, object],
    *,
    version: int = 1,
    minor_version: int = 1,
) -> None:
    content = {
        "version": version,
        "minor_version": minor_version,
        "key": key,
        "data": data,
    }
    (storage / key).write_text(json.dumps(content, indent=2))


def _onboarding() -> dict[str, object]:
    return {"done": ["user", "core_config", "analytics", "integration"]}


def _http(port: int) -> dict[str, object]:
    """Return where to listen; http: in YAML would do the same and raise a repair."""
    stable = {
        "server_host": ["127.0.0.1"],
        "server_port": port,
        "cors_allowed_origins": [],
        "login_attempts_threshold": -1,
        "ip_ban_enabled": False,
        "ssl_profile": "intermediate_v6",
        "use_x_frame_options": True,
        "created_at": THEN,
        "error": None,
        "error_message": None,
    }
    return {"stable": stable, "pending": None, "yaml_migration_done": True}


def _auth(key: str) -> dict[str, object]:
    """Return one user, the owner, who has a password and a token for us."""
    user = {
        "id": USER_ID,
        "group_ids": ["system-admin"],
        "is_owner": True,
        "is_active": True,
        "name": NAME.title(),
        "system_generated": False,
        "local_only": False,
    }
    credentials = {
        "id": "password",
        "user_id": USER_ID,
        "auth_provider_type": "homeassistant",
        "auth_provider_id": None,
        "data": {"username": NAME},
    }
    token = {
        "id": TOKEN_ID,
        "user_id": USER_ID,
        "client_id": None,
        "client_name": "Harness",
        "client_icon": None,
        "token_type": "long_lived_access_token",
        "created_at": THEN,
        "access_token_expiration": float(LIFETIME),
        "token": secrets.token_hex(64),
        "jwt_key": key,
        "last_used_at": None,
        "last_used_ip": None,
        "expire_at": None,
        "credential_id": None,
        "version": None,
    }
    return {
        "users": [user],
        "groups": [
            {"id": "system-admin", "name": "Administrators"},
            {"id": "system-users", "name": "Users"},
            {"id": "system-read-only", "name": "Read Only"},
        ],
        "credentials": [credentials],
        "refresh_tokens": [token],
    }


def _password() -> dict[str, object]:
    hashed = bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(rounds=4))
    return {
        "users": [{"username": NAME, "password": base64.b64encode(hashed).decode()}]
    }


def _entries(broker: Broker) -> dict[str, object]:
    """Return the entry of Home Assistant's MQTT integration."""
    entry: dict[str, object] = {
        "created_at": THEN,
        "modified_at": THEN,
        "data": {
            "broker": "127.0.0.1",
            "port": broker.port,
            "protocol": broker.protocol,
            "transport": "tcp",
        },
        "disabled_by": None,
        "discovery_keys": {},
        "domain": "mqtt",
        "entry_id": "mqtt",
        "minor_version": 1,
        "options": {},
        "pref_disable_new_entities": False,
        "pref_disable_polling": False,
        "source": "user",
        "subentries": [],
        "title": "Broker",
        "unique_id": None,
        "version": 2,
    }
    return {"entries": [entry]}


def _token(key: str) -> str:
    now = int(time.time())
    return jwt.encode(
        {"iss": TOKEN_ID, "iat": now, "exp": now + LIFETIME}, key, algorithm="HS256"
    )
