"""Finds out what a plug is: by its System.All and its Ability, in either order."""

from typing import Final

from .errors import DecodeError
from .fields import Json
from .identity import Identity, is_plug, may_be_plug
from .model import SystemAll, parse_abilities, parse_all
from .namespaces import Namespace

# A plug exists that answers System.All and never Ability (docs/protocol.md 4.2).
_MAX_UNANSWERED: Final = 3


class Interview:
    """The queries that identify one plug, over whatever they are sent.

    result is its identity, is_plug whether it is a plug; each None while not known.
    """

    def __init__(
        self,
        uuid: str | None,
        system_all: SystemAll | None = None,
        previous_abilities: frozenset[str] | None = None,
    ) -> None:
        """Start, perhaps with a System.All that is known.

        uuid is None where it is that of whatever replies, as over HTTP. Where Ability
        stays unanswered the plug keeps its previous abilities, if it had any.
        """
        self.system_all = system_all
        self.result: Identity | None = None
        self._uuid = uuid
        self._previous_abilities = previous_abilities
        self._abilities: frozenset[str] | None = None
        self._unanswered = 0

    @property
    def next_query(self) -> Namespace | None:
        """Return the namespace to query next; None when nothing is left to ask."""
        if self.is_plug is not None:
            return None
        return Namespace.ALL if self.system_all is None else Namespace.ABILITY

    @property
    def is_plug(self) -> bool | None:
        """Return whether it is a plug; None while that is not known."""
        if self.result is not None:
            return True
        if self._abilities is None:
            return None
        if self.system_all is None and is_plug(self._abilities):
            return None
        return False

    def reply_received(
        self, namespace: str, payload: Json, skipped: list[str] | None = None
    ) -> None:
        """Apply the GETACK to a query; raises DecodeError, also for another plug's.

        skipped gets what was left out.
        """
        if namespace == Namespace.ALL:
            system_all = parse_all(payload, skipped)
            if self._uuid not in {None, system_all.hardware.uuid}:
                raise DecodeError("System.All of another plug")
            self.system_all = system_all
        elif namespace == Namespace.ABILITY:
            self._abilities = parse_abilities(payload, skipped)
        self._identify()

    def no_reply(self) -> None:
        """Note that a query had no reply in time."""
        if self.system_all is None or self.next_query is None:
            return
        self._unanswered += 1
        if self._unanswered >= _MAX_UNANSWERED:
            self._abilities = self._previous_abilities or _assumed(self.system_all)
            self._identify()

    def _identify(self) -> None:
        """Set the result as soon as enough is known."""
        system_all, abilities = self.system_all, self._abilities
        if system_all is None or abilities is None:
            return
        if system_all.channels and is_plug(abilities):
            uuid = system_all.hardware.uuid
            self.result = Identity.of(uuid, system_all, abilities)


def _assumed(system_all: SystemAll) -> frozenset[str]:
    """Return the abilities that a System.All shows, none for another family."""
    toggle = system_all.toggle
    if toggle is None or not may_be_plug(system_all.hardware.model):
        return frozenset()
    return frozenset({toggle})
