"""The configuration folder of a Home Assistant that is onboarded, with MQTT set up.

Writing it as Home Assistant stores it takes no time; the API calls of onboarding would
take half a minute.
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
    # They report missing libraries, which only cameras and speed need.
    haffmpeg: critical
    homeassistant.components.camera.img_util: critical
    aiohttp_fast_zlib: error
"""

# Seconds until the token expires.
TOKEN_LIFETIME = 10 * 365 * 24 * 3600
TOKEN_ID = "harness"
USER_ID = "demo"
THEN = "2026-01-01T00:00:00+00:00"
_ONBOARDED = ("user", "core_config", "analytics", "integration")


@dataclass(frozen=True, kw_only=True)
class Broker:
    """Describe the broker that Home Assistant connects to."""

    port: int
    protocol: str = "5"  # or 3.1.1


def seed(folder: Path, port: int, broker: Broker, component: Path) -> str:
    """Create the configuration folder; return an access token.

    Home Assistant listens on the port of 127.0.0.1 only, as the password is public.
    """
    storage = folder / ".storage"
    storage.mkdir(parents=True)
    (folder / "configuration.yaml").write_text(CONFIGURATION)
    components = folder / "custom_components"
    components.mkdir()
    (components / component.name).symlink_to(component.resolve())
    key = secrets.token_hex(64)
    _store(storage, "onboarding", {"done": _ONBOARDED}, version=4)
    _store(storage, "auth", _auth(key))
    _store(storage, "auth_provider.homeassistant", _password())
    _store(storage, "core.config_entries", _entries(broker))
    _store(storage, "http", _http(port), version=2)
    return _token(key)


def _store(storage: Path, key: str, data: dict[str, object], version: int = 1) -> None:
    content = {"version": version, "minor_version": 1, "key": key, "data": data}
    (storage / key).write_text(json.dumps(content, indent=2))


def _http(port: int) -> dict[str, object]:
    """Return the server's address: `http:` in YAML would create a repair issue."""
    stable = {
        "server_host": ["127.0.0.1"],
        "server_port": port,
        "cors_allowed_origins": [],
        "login_attempts_threshold": -1,
        "ip_ban_enabled": False,
        "ssl_profile": "intermediate_v6",
        "use_x_frame_options": True,
    }
    return {"stable": stable, "pending": None, "yaml_migration_done": True}


def _auth(key: str) -> dict[str, object]:
    """Return one user, the owner, with a password and a token."""
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
        "token_type": "long_lived_access_token",
        "created_at": THEN,
        "access_token_expiration": float(TOKEN_LIFETIME),
        "token": secrets.token_hex(64),
        "jwt_key": key,
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
    user = {"username": NAME, "password": base64.b64encode(hashed).decode()}
    return {"users": [user]}


def _entries(broker: Broker) -> dict[str, object]:
    """Return the entry of Home Assistant's MQTT integration.

    Home Assistant adds the keys that the first version of the file did not have.
    """
    entry: dict[str, object] = {
        "data": {
            "broker": "127.0.0.1",
            "port": broker.port,
            "protocol": broker.protocol,
            "transport": "tcp",
        },
        "domain": "mqtt",
        "entry_id": "mqtt",
        "source": "user",
        "title": "Broker",
        "version": 2,
    }
    return {"entries": [entry]}


def _token(key: str) -> str:
    now = int(time.time())
    claims = {"iss": TOKEN_ID, "iat": now, "exp": now + TOKEN_LIFETIME}
    return jwt.encode(claims, key, algorithm="HS256")
