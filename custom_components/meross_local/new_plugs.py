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
        discovery.removed = set(_remembered(entry, CONF_REMOVED))
        discovery.not_plugs = set(_remembered(entry, CONF_NOT_PLUGS))

    @property
    def waiting(self) -> list[str]:
        """Return the labels of the plugs that wait for a click."""
        return sorted(plug.label for plug in self._waiting())

    @callback
    def async_discovered(self, plug: DiscoveredPlug) -> None:
        """Add a plug that is identified; remember what is none."""
        if plug.has_sent and not plug.is_plug:
            # The model of a Bind may be forged: a known key shows the abilities.
            if plug.interview.is_plug is False or plug.key is None:
                self._remember_no_plug(plug.uuid)
            return
        identity, key = plug.identity, plug.key
        if identity is None or key is None:
            return
        is_chosen = plug.uuid in self._discovery.wanted or plug.uuid in self._known()
        if not is_chosen and not self._may_add():
            return
        self._discovery.wanted.discard(plug.uuid)
        async_store_plug(self._hass, self._entry, identity, key)

    @callback
    def async_want(self, *uuids: str) -> None:
        """Add these plugs as soon as they are identified, whatever was before."""
        self._discovery.wanted.update(uuids)
        self._discovery.removed.difference_update(uuids)
        removed = _remembered(self._entry, CONF_REMOVED)
        left = [uuid for uuid in removed if uuid not in uuids]
        if left != removed:
            _store(self._hass, self._entry, CONF_REMOVED, left)

    @callback
    def async_expect(self, timeout: float) -> None:
        """Add what a person sets up within so many seconds, also removed plugs."""
        self._added_at.clear()
        self._discovery.pairing_until = time.monotonic() + timeout

    @callback
    def async_stop(self) -> None:
        """Let the next entry start with what it remembers itself."""
        self._discovery.removed.clear()
        self._discovery.not_plugs.clear()

    @callback
    def async_find(self, subentry: ConfigSubentry) -> None:
        """Look for the plug of a damaged subentry, with the key that it may have."""
        uuid, key = str(subentry.unique_id), subentry.data.get(CONF_KEY)
        if UUID_PATTERN.fullmatch(uuid):
            self._discovery.wanted.add(uuid)
            key = key if isinstance(key, str) else ""
            self._discovery.async_suggest_key(uuid, key)

    @callback
    def async_add_waiting(self) -> None:
        """Add every plug that waits for a click."""
        for plug in self._waiting():
            self._discovery.wanted.add(plug.uuid)
            self.async_discovered(plug)

    @callback
    def async_removed(self, uuid: str) -> None:
        """Remember that a person removed a plug: it must not return by itself."""
        self._discovery.wanted.discard(uuid)
        self._discovery.removed.add(uuid)
        async_remember_removed(self._hass, self._entry, uuid)

    def _waiting(self) -> list[DiscoveredPlug]:
        plugs = [plug for plug in self._discovery.plugs if plug.identity]
        # Asked for once a second, and mostly there is none.
        known = self._known() if plugs else set()
        return [plug for plug in plugs if plug.uuid not in known]

    def _known(self) -> set[str | None]:
        """Return the uuids of the plugs that are set up."""
        return {subentry.unique_id for subentry in self._entry.subentries.values()}

    def _may_add(self) -> bool:
        """Return whether one more plug may add itself, and count it."""
        now = time.monotonic()
        while self._added_at and self._added_at[0] < now - _HOUR:
            self._added_at.popleft()
        if len(self._added_at) >= MAX_ADDED_PER_HOUR:
            return False
        self._added_at.append(now)
        return True

    def _remember_no_plug(self, uuid: str) -> None:
        """Remember what is no plug, but not all that anyone may invent."""
        known = _remembered(self._entry, CONF_NOT_PLUGS)
        if uuid in known or len(known) < _MAX_REMEMBERED:
            self._discovery.not_plugs.add(uuid)
            _remember(self._hass, self._entry, CONF_NOT_PLUGS, uuid)


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
