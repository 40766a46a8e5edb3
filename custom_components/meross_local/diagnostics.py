"""Diagnostics of the hub and of each plug, without secrets."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import UTC, datetime
import re
from typing import Any, Final, cast

from homeassistant.components.diagnostics import REDACTED, async_redact_data
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers.device_registry import DeviceEntry
import orjson

from .const import CONF_KEY, DOMAIN
from .hub import MerossLocalConfigEntry
from .new_plugs import CONF_NOT_PLUGS, CONF_REMOVED
from .plug import Plug

# The names of secrets in messages and in what is stored (docs/protocol.md 3 and 4).
_SECRET_NAMES: Final = {
    CONF_NOT_PLUGS,
    CONF_REMOVED,
    "activeServer",
    "bindId",
    "bssid",
    "gatewayMac",
    "info",
    "host",
    "innerIp",
    "key",
    "latitude",
    "longitude",
    "mac",
    "macAddress",
    "mainServer",
    "password",
    "secondHost",
    "secondServer",
    "server",
    "sign",
    "ssid",
    "userId",
    "user_id",
    "uuid",
    "wifiMac",
}
# MAC and IPv4 addresses, also in names and in other texts.
_SECRET_PATTERNS: Final = (
    r"(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}",
    r"\b(?:[0-9]{1,3}\.){3}[0-9]{1,3}\b",
)
# Characters. A shorter key would be found in unrelated texts.
_MIN_SECRET_LENGTH: Final = 4


async def async_get_config_entry_diagnostics(
    _hass: HomeAssistant, entry: MerossLocalConfigEntry
) -> dict[str, Any]:
    """Return the diagnostics of the hub and of all its plugs."""
    if entry.state is not ConfigEntryState.LOADED:
        return {"loaded": False}
    hub = entry.runtime_data
    return _redact(
        {
            "entry": {"data": dict(entry.data), "plugs": len(entry.subentries)},
            "messages_per_minute": hub.messages_per_minute,
            "rejected": hub.rejected,
            "discovered": hub.discovered,
            "plugs": [_describe(plug) for plug in hub.plugs.values()],
        },
        hub.plugs.values(),
        entry.data.get(CONF_KEY, ""),
    )


async def async_get_device_diagnostics(
    _hass: HomeAssistant, entry: MerossLocalConfigEntry, device: DeviceEntry
) -> dict[str, Any]:
    """Return the diagnostics of one plug."""
    if entry.state is not ConfigEntryState.LOADED:
        return {"loaded": False}
    plugs = [
        plug
        for plug in entry.runtime_data.plugs.values()
        if (DOMAIN, plug.identity.uuid) in device.identifiers
    ]
    return _redact({"plugs": [_describe(plug) for plug in plugs]}, plugs)


def _describe(plug: Plug) -> dict[str, Any]:
    """Return the state of a plug, secrets included."""
    identity, log = plug.identity, plug.message_log
    messages = [
        *((at, "in", data) for at, data in log.messages_received),
        *((at, "out", data) for at, data in log.messages_sent),
    ]
    return {
        "name": plug.name,
        "identity": {**asdict(identity), "abilities": sorted(identity.abilities)},
        "status": plug.status.name.lower(),
        "outlets": {str(number): plug.is_on(number) for number in identity.channels},
        "availability": [
            {"at": _text(at), "available": available}
            for at, available in log.availability
        ],
        "counters": {
            "decode_errors": log.decode_errors,
            "outdated": log.outdated,
            "received": log.received,
            "rejected": log.rejected,
            "retries": log.retries,
            "sent": log.sent,
            "skipped": log.skipped,
            "timeouts": log.timeouts,
        },
        "messages": [
            {"at": _text(at), "direction": direction, "message": orjson.loads(data)}
            for at, direction, data in sorted(messages, key=lambda entry: entry[0])
        ],
        CONF_KEY: plug.key,
    }


def _redact(data: dict[str, Any], plugs: Iterable[Plug], *keys: str) -> dict[str, Any]:
    """Redact secrets: by name, by pattern, and the known ones in any text."""
    known = {*keys}
    for plug in plugs:
        identity = plug.identity
        mac = plug.credentials.mac
        known |= {identity.uuid, mac, mac.replace(":", ""), plug.key}
    known = {secret for secret in known if len(secret) >= _MIN_SECRET_LENGTH}
    patterns = [
        *map(re.escape, sorted(known, key=len, reverse=True)),
        *_SECRET_PATTERNS,
    ]
    secret = re.compile("|".join(patterns))

    def clean(value: object) -> object:
        match value:
            case str():
                return secret.sub(REDACTED, value)
            case list():
                return [clean(item) for item in value]
            case dict():
                return {clean(name): clean(item) for name, item in value.items()}
            case _:
                return value

    result = clean(async_redact_data(data, _SECRET_NAMES))
    return cast("dict[str, Any]", result)


def _text(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
