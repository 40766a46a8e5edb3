"""A plug as its subentry keeps it: what it takes to build its entities at a start."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from homeassistant.config_entries import ConfigSubentryData

from .const import CONF_KEY, CONF_UUID, SUBENTRY_PLUG
from .meross.identity import Identity

_MAC = "mac"
_MODEL = "model"
_HARDWARE = "hardware"
_FIRMWARE = "firmware"
_ABILITIES = "abilities"
_CHANNELS = "channels"
_USER_ID = "user_id"


def subentry_of(identity: Identity, key: str) -> ConfigSubentryData:
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


def identity_of(data: Mapping[str, Any]) -> Identity:
    """Return the plug that a subentry's data describe."""
    return Identity(
        uuid=data[CONF_UUID],
        mac=data[_MAC],
        model=data[_MODEL],
        hardware=data[_HARDWARE],
        firmware=data[_FIRMWARE],
        abilities=_shared(data[_ABILITIES]),
        channels=tuple(data[_CHANNELS]),
        # Not kept at first; the plug tells it as soon as it speaks.
        user_id=data.get(_USER_ID, 0),
    )


@lru_cache(maxsize=64)
def _shared(abilities: str) -> frozenset[str]:
    """Return one set for all plugs of the same model and firmware."""
    return frozenset(abilities.split())
