"""Commands to one plug: each ends in the plug's acknowledgement or in an error."""

import asyncio
from collections.abc import Callable
from typing import Final

from homeassistant.exceptions import HomeAssistantError

from .const import DOMAIN
from .journal import Journal
from .meross.commands import switch_payload
from .meross.fields import Json
from .meross.identity import Identity
from .meross.message import Header
from .meross.model import parse_error
from .meross.namespaces import Method, Namespace
from .meross.outlets import Outlets
from .requests import Requests

# How often a command is sent before it fails: what was done twice does no harm.
_ATTEMPTS: Final = 2
# The code of an ERROR to what is signed with another key than the plug's.
_SIGN_ERROR: Final = 5001


class Commander:
    """Switches the outlets of a plug and changes its settings."""

    def __init__(
        self,
        identity: Identity,
        outlets: Outlets,
        requests: Requests,
        journal: Journal,
        switched: Callable[[int, Header, bool], None],
    ) -> None:
        """Call switched with what the plug has acknowledged: channel, header, on."""
        self._identity = identity
        self._outlets = outlets
        self._requests = requests
        self._journal = journal
        self._switched = switched
        # The newest command to each channel while it waits for its acknowledgement.
        self._under_way: dict[int, object] = {}

    async def async_switch(self, channel: int, *, on: bool) -> None:
        """Switch a channel.

        Raises HomeAssistantError where the plug does not acknowledge it. A command that
        a newer one to the same channel overtakes is not sent again: the newer counts.
        """
        command = object()
        self._under_way[channel] = command
        toggle = self._identity.toggle
        payload = switch_payload(toggle, channel, on=on)
        try:
            for attempt in range(_ATTEMPTS):
                self._journal.retries += attempt
                if self._outlets.is_master(channel) and len(self._under_way) > 1:
                    await self._async_switch_others(on=on)
                    return
                if header := await self._async_try(toggle, payload):
                    self._switched(channel, header, on)
                    return
                if self._under_way.get(channel) is not command:
                    return
        finally:
            if self._under_way.get(channel) is command:
                del self._under_way[channel]
        raise self._error("no_answer")

    async def async_set(self, namespace: Namespace, payload: Json) -> Header:
        """Change a setting; return the header of the acknowledgement.

        Raises HomeAssistantError where the plug does not acknowledge it.
        """
        for attempt in range(_ATTEMPTS):
            self._journal.retries += attempt
            if header := await self._async_try(namespace, payload):
                return header
        raise self._error("no_answer")

    async def _async_switch_others(self, *, on: bool) -> None:
        """Switch the outlets that have no command of their own under way.

        In a scene the order of the commands is chance: an outlet's own one must win
        over the master's.
        """
        await asyncio.gather(
            *(
                self.async_switch(channel, on=on)
                for channel in self._identity.channels
                if channel not in self._under_way
            )
        )

    async def _async_try(self, namespace: Namespace, payload: Json) -> Header | None:
        """Return the acknowledgement; None where none came, an error where refused."""
        try:
            reply = await self._requests.async_request(Method.SET, namespace, payload)
        except TimeoutError:
            return None
        except HomeAssistantError as err:
            raise self._error("not_connected") from err
        if reply.header.method is not Method.ERROR:
            return reply.header
        code = parse_error(reply.payload)
        if code == _SIGN_ERROR:
            raise self._error("wrong_key")
        raise self._error("refused", code=str(code))

    def _error(self, reason: str, **placeholders: str) -> HomeAssistantError:
        return HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key=reason,
            translation_placeholders={"plug": self._identity.name, **placeholders},
        )
