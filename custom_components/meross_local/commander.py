"""Commands to one plug: each ends in the plug's acknowledgement or in an error."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from homeassistant.exceptions import HomeAssistantError

from .const import DOMAIN
from .journal import Journal
from .meross.commands import switch_payload
from .meross.fields import Json
from .meross.identity import MASTER, Identity
from .meross.message import Header
from .meross.model import parse_error
from .meross.namespaces import Method, Namespace
from .meross.outlets import Outlets
from .requests import Requests

# Seconds in which the commands of one scene arrive.
_TOGETHER: Final = 0.01
# How often a command is sent before it fails: what was done twice does no harm.
_ATTEMPTS: Final = 2
# The code of an ERROR to what is signed with another key than the plug's.
_SIGN_ERROR: Final = 5001


@dataclass(eq=False, frozen=True, slots=True)
class _Command:
    channel: int
    on: bool


class Commander:
    """Switches the outlets of a plug and changes its settings.

    Commands keep their order: one that is sent again leaves out the outlets that a
    newer one has reached, and whoever was overtaken everywhere leaves it at that.
    """

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
        # The newest command to each channel, and those not acknowledged yet.
        self._newest: dict[int, _Command] = {}
        self._under_way: set[_Command] = set()
        # The outlets' own commands that come together with one for all of them.
        self._companions: dict[int, bool] = {}

    async def async_switch(self, channel: int, *, on: bool) -> None:
        """Switch a channel; raises HomeAssistantError where that is not confirmed."""
        if self._outlets.is_master(channel):
            await self._async_switch_all(on=on)
        else:
            self._companions[channel] = on
            await self._async_carry_out(_Command(channel, on), [channel])

    async def async_set(self, namespace: Namespace, payload: Json) -> Header:
        """Change a setting; return the header of the acknowledgement.

        Raises HomeAssistantError where the plug does not acknowledge it.
        """
        for attempt in range(_ATTEMPTS):
            self._journal.retries += attempt
            if header := await self._async_try(namespace, payload):
                return header
        raise self._error("no_answer")

    async def _async_switch_all(self, *, on: bool) -> None:
        """Switch a strip's outlets, but none that is given its own command besides.

        A scene sends its commands in any order, and none to what is already as it
        should be: where it also switches single outlets on, these alone are meant.
        """
        companions = {
            command.channel: command.on
            for command in self._under_way
            if command.channel != MASTER
        }
        self._companions = companions
        await asyncio.sleep(_TOGETHER)
        if on and any(companions.values()):
            return
        channels = [n for n in self._identity.channels if n not in companions]
        await self._async_carry_out(_Command(MASTER, on), channels)

    async def _async_carry_out(self, command: _Command, channels: list[int]) -> None:
        for channel in channels:
            self._newest[channel] = command
        self._under_way.add(command)
        try:
            for attempt in range(_ATTEMPTS):
                self._journal.retries += attempt
                channels = [n for n in channels if self._newest[n] is command]
                if await self._async_switch_now(channels, on=command.on):
                    return
        finally:
            self._under_way.discard(command)
        raise self._error("no_answer")

    async def _async_switch_now(self, channels: list[int], *, on: bool) -> bool:
        """Tell whether the plug acknowledged the switching of all these channels."""
        if len(channels) == len(self._identity.channels):
            channels = channels[:1]  # the only one, or the master
        else:
            channels = [n for n in channels if not self._outlets.is_master(n)]
        done = await asyncio.gather(
            *(self._async_switch_one(channel, on=on) for channel in channels)
        )
        return all(done)

    async def _async_switch_one(self, channel: int, *, on: bool) -> bool:
        toggle = self._identity.toggle
        payload = switch_payload(toggle, channel, on=on)
        if header := await self._async_try(toggle, payload):
            self._switched(channel, header, on)
        return header is not None

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
