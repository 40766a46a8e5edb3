"""Which plugs are absent for so long that a person has to see to them."""

from collections.abc import Mapping
from typing import Final

from .plug import Plug, Status

# Seconds of absence until a plug is missing, and of a connected broker until it is
# plain that it does not return by itself.
MISSING_AFTER: Final = 86_400.0
RETURN_TIMEOUT: Final = 600.0
MISSING_CHECK_INTERVAL: Final = 60.0


class MissingPlugs:
    """Finds the missing plugs; all times are monotonic seconds."""

    def __init__(self) -> None:
        """Start without a missing plug."""
        self._missing: list[Plug] = []
        self._check_due = float("-inf")

    def find(
        self, plugs: Mapping[str, Plug], connected_since: float, now: float
    ) -> list[str]:
        """Return the names of all missing plugs.

        connected_since is the time from which the broker is connected.
        """
        if now >= self._check_due:
            self._check_due = now + MISSING_CHECK_INTERVAL
            if now - connected_since >= RETURN_TIMEOUT:
                for plug in plugs.values():
                    if not plug.available and now - plug.absent_since >= MISSING_AFTER:
                        plug.async_set_missing()
            self._missing = list(plugs.values())
        self._missing = [
            plug
            for plug in self._missing
            if plug.status is Status.MISSING and plugs.get(plug.identity.uuid) is plug
        ]
        return [plug.name for plug in self._missing]
