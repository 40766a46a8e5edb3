"""Commands to one plug: each ends in the plug's acknowledgement or in an error."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from homeassistant.exceptions import HomeAssistantError

from ..const import DOMAIN
from ..meross.commands import switch_payload
from ..meross.fields import Json
from ..meross.identity import MASTER, Identity
from ..meross.message import Header
from ..meross.model import parse_error
from ..meross.namespaces import Method, Namespace
from ..meross.outlets import Outlets
from .message_log import MessageLog
from .request_tracker import RequestTracker

# Seconds within which the commands of one scene arrive.
BATCH_WINDOW: Final = 0.01
# How often a command is sent before it fails: to repeat one does no harm.
MAX_ATTEMPTS: Final = 2
# The code of an ERROR to a message signed with another key than the plug's.
_SIGN_ERROR: Final = 5001


@dataclass(eq=False, frozen=True, slots=True)
class _Command:
    channel: int
    on: bool


class CommandRunner:
    """Switches the outlets of a plug and changes its settings.

    Commands keep their order: one that is sent again leaves out the outlets that a
    newer one switches, and ends without an error where none is left.
    """

    def __init__(
        self,
        identity: Identity,
        outlets: Outlets,
        requests: RequestTracker,
        message_log: MessageLog,
        acknowledged: Callable[[int, Header, bool], None],
    ) -> None:
        """Initialize; acknowledged is called with the channel, the header and on."""
        self._identity = identity
        self._outlets = outlets
        self._requests = requests
        self._message_log = message_log
        self._acknowledged = acknowledged
        # The newest command of each channel, and those not acknowledged yet.
        self._newest: dict[int, _Command] = {}
        self._in_flight: set[_Command] = set()
        # The outlets' own commands that arrive together with one for all of them.
        self._same_batch: dict[int, bool] = {}

    async def async_switch(self, channel: int, *, on: bool) -> None:
        """Switch a channel; raises HomeAssistantError where that is not confirmed."""
        if self._outlets.is_master(channel):
            await self._async_switch_all(on=on)
        else:
            self._same_batch[channel] = on
            await self._async_run(_Command(channel, on), [channel])

    async def async_set(self, namespace: Namespace, payload: Json) -> Header:
        """Change a setting; return the header of the acknowledgement.

        Raises HomeAssistantError where the plug does not acknowledge it.
        """
        for attempt in range(MAX_ATTEMPTS):
            self._message_log.retries += attempt
            if header := await self._async_try(namespace, payload):
                return header
        raise self._error("no_answer")

    async def _async_switch_all(self, *, on: bool) -> None:
        """Switch a strip's outlets, but none that has its own command in the batch.

        A scene sends its commands in any order, and none for an outlet that is in its
        state already: where it switches single outlets on, only these are meant.
        """
        same_batch = {
            command.channel: command.on
            for command in self._in_flight
            if command.channel != MASTER
        }
        self._same_batch = same_batch
        await asyncio.sleep(BATCH_WINDOW)
        if on and any(same_batch.values()):
            return
        channels = [n for n in self._identity.channels if n not in same_batch]
        await self._async_run(_Command(MASTER, on), channels)

    async def _async_run(self, command: _Command, channels: list[int]) -> None:
        for channel in channels:
            self._newest[channel] = command
        self._in_flight.add(command)
        try:
            for attempt in range(MAX_ATTEMPTS):
                self._message_log.retries += attempt
                channels = [n for n in channels if self._newest[n] is command]
                if await self._async_switch_channels(channels, on=command.on):
                    return
        finally:
            self._in_flight.discard(command)
        raise self._error("no_answer")

    async def _async_switch_channels(self, channels: list[int], *, on: bool) -> bool:
        """Return whether the plug acknowledged the switching of all these channels."""
        if len(channels) == len(self._identity.channels):
            channels = channels[:1]  # the only one, or the master
        else:
            channels = [n for n in channels if not self._outlets.is_master(n)]
        results = await asyncio.gather(
            *(self._async_switch_channel(channel, on=on) for channel in channels)
        )
        return all(results)

    async def _async_switch_channel(self, channel: int, *, on: bool) -> bool:
        toggle = self._identity.toggle
        payload = switch_payload(toggle, channel, on=on)
        if header := await self._async_try(toggle, payload):
            self._acknowledged(channel, header, on)
        return header is not None

    async def _async_try(self, namespace: Namespace, payload: Json) -> Header | None:
        """Return the header of the acknowledgement; None where none arrives in time.

        Raises HomeAssistantError where the plug rejects the command.
        """
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
