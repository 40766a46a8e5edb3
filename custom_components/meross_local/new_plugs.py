"""Which discovered plugs are added to the entry, and which wait for a person."""

from collections import deque
import time
from typing import Final

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant, callback

from .const import CONF_KEY
from .discovered_plug import DiscoveredPlug
from .discovery import Discovery
from .meross.topics import UUID_PATTERN
from .subentry import async_store_plug

# Keys of the entry's data: uuids of plugs that a person removed, and of no plugs.
CONF_REMOVED: Final = "removed"
CONF_NOT_PLUGS: Final = "not_plugs"

# How many plugs add themselves within an hour: a broker that anyone may publish to must
# not fill Home Assistant with invented plugs. More wait for a click.
MAX_ADDED_PER_HOUR: Final = 10
_HOUR: Final = 3600.0
_MAX_REMEMBERED: Final = 256


class NewPlugs:
    """Adds the plugs that discovery has identified."""

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, discovery: Discovery
    ) -> None:
        """Initialize with what the entry remembers."""
        self._hass = hass
        self._entry = entry
        self._discovery = discovery
        self._added_at: deque[float] = deque()
        self._waiting: dict[str, DiscoveredPlug] = {}
        self._wanted: set[str] = set()
        discovery.not_plugs |= set(self._remembered(CONF_NOT_PLUGS))

    @property
    def waiting(self) -> list[str]:
        """Return the labels of the plugs that wait for a click."""
        return sorted(plug.label for plug in self._waiting.values())

    @callback
    def async_discovered(self, plug: DiscoveredPlug) -> None:
        """Add a plug that is identified; remember what is none."""
        if plug.interview.is_plug is False:
            self._discovery.not_plugs.add(plug.uuid)
            self._remember(CONF_NOT_PLUGS, plug.uuid)
        identity, key = plug.identity, plug.key
        if identity is None or key is None:
            return
        if plug.uuid not in self._wanted:
            if plug.uuid in self._remembered(CONF_REMOVED):
                return
            if not self._may_add():
                self._waiting[plug.uuid] = plug
                return
        self._waiting.pop(plug.uuid, None)
        self._added_at.append(time.monotonic())
        async_store_plug(self._hass, self._entry, identity, key)

    @callback
    def async_want(self, uuid: str) -> None:
        """Add this plug as soon as it is identified, whatever was before."""
        self._wanted.add(uuid)
        self._forget(uuid)

    @callback
    def async_find(self, subentry: ConfigSubentry) -> None:
        """Look for the plug of a damaged subentry, with the key that it may have."""
        uuid, key = str(subentry.unique_id), subentry.data.get(CONF_KEY)
        if UUID_PATTERN.fullmatch(uuid):
            self._wanted.add(uuid)
            key = key if isinstance(key, str) else ""
            self._discovery.async_suggest_key(uuid, key)

    @callback
    def async_add_waiting(self) -> None:
        """Add every plug that waits for a click."""
        for plug in list(self._waiting.values()):
            self._wanted.add(plug.uuid)
            self.async_discovered(plug)

    @callback
    def async_removed(self, uuid: str) -> None:
        """Remember that a person removed a plug: it must not return by itself."""
        self._wanted.discard(uuid)
        self._remember(CONF_REMOVED, uuid)

    def _may_add(self) -> bool:
        while self._added_at and self._added_at[0] < time.monotonic() - _HOUR:
            self._added_at.popleft()
        return len(self._added_at) < MAX_ADDED_PER_HOUR

    def _remembered(self, name: str) -> list[str]:
        return _remembered(self._entry, name)

    def _remember(self, name: str, uuid: str) -> None:
        _remember(self._hass, self._entry, name, uuid)

    def _forget(self, uuid: str) -> None:
        known = self._remembered(CONF_REMOVED)
        if uuid in known:
            known.remove(uuid)
            _store(self._hass, self._entry, CONF_REMOVED, known)


@callback
def async_remember_removed(hass: HomeAssistant, entry: ConfigEntry, uuid: str) -> None:
    """Remember that a person removed a plug while the entry is not loaded."""
    _remember(hass, entry, CONF_REMOVED, uuid)


def _remembered(entry: ConfigEntry, name: str) -> list[str]:
    stored = entry.data.get(name)
    items = stored if isinstance(stored, list) else []
    return [item for item in items if isinstance(item, str)]


def _remember(hass: HomeAssistant, entry: ConfigEntry, name: str, uuid: str) -> None:
    known = _remembered(entry, name)
    if uuid not in known:
        _store(hass, entry, name, [*known, uuid][-_MAX_REMEMBERED:])


def _store(
    hass: HomeAssistant, entry: ConfigEntry, name: str, uuids: list[str]
) -> None:
    hass.config_entries.async_update_entry(entry, data={**entry.data, name: uuids})
