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


def identity_from_subentry(data: Mapping[str, Any]) -> Identity:
    """Return the identity of the plug that a subentry's data describe."""
    return Identity(
        uuid=data[CONF_UUID],
        mac=data[_MAC],
        model=data[_MODEL],
        hardware=data[_HARDWARE],
        firmware=data[_FIRMWARE],
        abilities=_shared_abilities(data[_ABILITIES]),
        channels=tuple(data[_CHANNELS]),
        # Missing in entries of the first release; the plug's next System.All adds it.
        user_id=data.get(_USER_ID, 0),
    )


@callback
def async_add_subentry(
    hass: HomeAssistant, entry: ConfigEntry, identity: Identity, key: str
) -> None:
    """Store a plug that is new in the entry."""
    new = subentry_from_identity(identity, key)
    subentry = ConfigSubentry(
        data=MappingProxyType(new["data"]),
        subentry_type=new["subentry_type"],
        title=new["title"],
        unique_id=new["unique_id"],
    )
    hass.config_entries.async_add_subentry(entry, subentry)


@callback
def async_update_subentry(
    hass: HomeAssistant,
    entry: ConfigEntry,
    subentry_id: str,
    identity: Identity,
    key: str,
) -> None:
    """Store the identity and the key that a plug has now."""
    hass.config_entries.async_update_subentry(
        entry,
        entry.subentries[subentry_id],
        data=subentry_from_identity(identity, key)["data"],
    )


@lru_cache(maxsize=64)
def _shared_abilities(abilities: str) -> frozenset[str]:
    """Return one set for all plugs of the same model and firmware."""
    return frozenset(abilities.split())
