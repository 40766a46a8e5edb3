"""A plug as its subentry stores it: enough to create its entities at a start."""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from homeassistant.config_entries import (
    ConfigEntry,
    ConfigSubentry,
    ConfigSubentryData,
)
from homeassistant.core import HomeAssistant, callback

from .const import CONF_KEY, CONF_UUID, SUBENTRY_PLUG
from .meross.errors import DecodeError
from .meross.fields import get_number, get_text
from .meross.identity import Identity

_MAC = "mac"
_MODEL = "model"
_HARDWARE = "hardware"
_FIRMWARE = "firmware"
_ABILITIES = "abilities"
_CHANNELS = "channels"
_USER_ID = "user_id"


def subentry_from_identity(identity: Identity, key: str) -> ConfigSubentryData:
    """Return the subentry of a plug that signs with the key."""
    return ConfigSubentryData(
        data={
            CONF_UUID: identity.uuid,
            CONF_KEY: key,
            _MAC: identity.mac,
            _MODEL: identity.model,
            _HARDWARE: identity.hardware,
            _FIRMWARE: identity.firmware,
            # One text: a list would be a hundred objects for Home Assistant to keep.
            _ABILITIES: " ".join(sorted(identity.abilities)),
            _CHANNELS: list(identity.channels),
            _USER_ID: identity.user_id,
        },
        subentry_type=SUBENTRY_PLUG,
        title=identity.name,
        unique_id=identity.uuid,
    )


def plug_from_subentry(data: Mapping[str, Any]) -> tuple[Identity, str] | None:
    """Return the identity and the key that a subentry's data describe.

    Returns None where the data are damaged.
    """
    stored = dict(data)
    try:
        identity = Identity(
            uuid=get_text(stored, CONF_UUID),
            mac=get_text(stored, _MAC, "") or None,
            model=get_text(stored, _MODEL),
            hardware=get_text(stored, _HARDWARE),
            firmware=get_text(stored, _FIRMWARE),
            abilities=_shared_abilities(get_text(stored, _ABILITIES)),
            channels=_channels(stored[_CHANNELS]),
            # Missing in entries of the first release; the next System.All adds it.
            user_id=get_number(stored, _USER_ID, 0),
        )
        return identity, get_text(stored, CONF_KEY)
    except DecodeError, KeyError:
        return None


@callback
def async_store_plug(
    hass: HomeAssistant, entry: ConfigEntry, identity: Identity, key: str
) -> None:
    """Store a plug in its subentry, which is added where the plug has none."""
    new = subentry_from_identity(identity, key)
    for subentry in entry.subentries.values():
        if subentry.unique_id == identity.uuid:
            hass.config_entries.async_update_subentry(entry, subentry, data=new["data"])
            return
    subentry = ConfigSubentry(
        data=MappingProxyType(new["data"]),
        subentry_type=new["subentry_type"],
        title=new["title"],
        unique_id=new["unique_id"],
    )
    hass.config_entries.async_add_subentry(entry, subentry)


@lru_cache(maxsize=64)
def _shared_abilities(abilities: str) -> frozenset[str]:
    """Return one set for all plugs of the same model and firmware."""
    return frozenset(abilities.split())


def _channels(stored: object) -> tuple[int, ...]:
    """Return the channels; raises DecodeError where they are none."""
    channels = stored if isinstance(stored, list) else []
    if not channels or any(type(channel) is not int for channel in channels):
        raise DecodeError("channels are no numbers")
    return tuple(channels)
