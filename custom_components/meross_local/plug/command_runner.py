"""Commands to one plug: each ends in the plug's acknowledgement or in an error."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
import time
from typing import Any, Final, Protocol, cast

from homeassistant.core import callback
from homeassistant.exceptions import HomeAssistantError

from ..const import DOMAIN
from ..meross.commands import switch_payload
from ..meross.fields import Json
from ..meross.identity import MASTER
from ..meross.message import Header
from ..meross.model import parse_error
from ..meross.namespaces import Method, Namespace
from .message_log import MessageLog
from .request_tracker import RequestTracker
from .state import PlugState

# Seconds within which the commands of one scene arrive.
BATCH_WINDOW: Final = 0.01
# How often a command is sent before it fails: to repeat one does no harm.
MAX_ATTEMPTS: Final = 2


@dataclass(eq=False, frozen=True, slots=True)
class _Command:
    channel: int
    on: bool
    started: float


class CommandTarget(Protocol):
    """The plug as commands see it."""

    @property
    def name(self) -> str:
        """Return the name that errors contain."""

    @property
    def toggle(self) -> Namespace:
        """Return the namespace that switches its outlets."""

    @property
    def is_rejecting(self) -> bool:
        """Return whether it signs its replies with another key."""

    @callback
    def async_command_unanswered(self) -> None:
        """Query the plug: a command had no reply."""


class CommandRunner:
    """Switches the outlets of a plug and changes its settings.

    Commands keep their order: one that is sent again leaves out the outlets that a
    newer one switches, and ends without an error where none is left.
    """

    def __init__(
        self,
        plug: CommandTarget,
        state: PlugState,
        requests: RequestTracker,
        message_log: MessageLog,
    ) -> None:
        """Initialize without a command."""
        self._plug = plug
        self._state = state
        self._outlets = state.outlets
        self._requests = requests
        self._message_log = message_log
        # The newest command of each channel, and those not acknowledged yet.
        self._newest: dict[int, _Command] = {}
        self._in_flight: set[_Command] = set()
        # The outlets' own commands that arrive together with one for all of them.
        self._same_batch: dict[int, bool] = {}
        self._tasks: set[asyncio.Task[Any]] = set()

    async def async_switch(self, channel: int, *, on: bool) -> None:
        """Switch a channel; raises HomeAssistantError where that is not confirmed."""
        with self._cancellable():
            if self._outlets.is_master(channel):
                await self._async_switch_all(on=on)
            else:
                self._same_batch[channel] = on
                await self._async_run(
                    _Command(channel, on, time.monotonic()), [channel]
                )

    async def async_set(
        self,
        namespace: Namespace,
        payload: Json,
        acknowledged: Callable[[Header], None],
    ) -> None:
        """Change a setting; raises HomeAssistantError where that is not confirmed.

        acknowledged is called with the header of the acknowledgement.
        """
        with self._cancellable():
            for attempt in range(MAX_ATTEMPTS):
                self._message_log.retries += attempt
                if await self._async_try(namespace, payload, acknowledged):
                    return
                if self._plug.is_rejecting:
                    break
            raise self._unanswered()

    @callback
    def async_cancel(self) -> None:
        """Cancel the commands that wait: Home Assistant stops."""
        for task in self._tasks:
            task.cancel()

    @contextmanager
    def _cancellable(self) -> Iterator[None]:
        """Let `async_cancel` cancel the task that runs this command."""
        task = cast("asyncio.Task[Any]", asyncio.current_task())
        self._tasks.add(task)
        try:
            yield
        finally:
            self._tasks.discard(task)

    async def _async_switch_all(self, *, on: bool) -> None:
        """Switch a strip's outlets, but none that has its own command in the batch.

        A scene sends its commands in any order, and none for an outlet that is in its
        state already: where it switches single outlets on, only these are meant.
        """
        now = time.monotonic()
        same_batch = {
            command.channel: command.on
            for command in self._in_flight
            if command.channel != MASTER and now - command.started <= BATCH_WINDOW
        }
        self._same_batch = same_batch
        await asyncio.sleep(BATCH_WINDOW)
        if on and any(same_batch.values()):
            return
        channels = [n for n in self._outlets.channels if n not in same_batch]
        await self._async_run(_Command(MASTER, on, now), channels)

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
                if self._plug.is_rejecting:
                    break
        finally:
            self._in_flight.discard(command)
        raise self._unanswered()

    async def _async_switch_channels(self, channels: list[int], *, on: bool) -> bool:
        """Return whether the plug acknowledged the switching of all these channels."""
        if len(channels) == len(self._outlets.channels):
            channels = channels[:1]  # the only one, or the master
        else:
            channels = [n for n in channels if not self._outlets.is_master(n)]
        commands = [self._async_switch_channel(channel, on=on) for channel in channels]
        if len(commands) == 1:
            # Without the turn of the event loop that another task takes.
            return await commands[0]
        return all(await asyncio.gather(*commands))

    async def _async_switch_channel(self, channel: int, *, on: bool) -> bool:
        toggle = self._plug.toggle
        reports = self._outlets.reports(channel)
        return await self._async_try(
            toggle,
            switch_payload(toggle, channel, on=on),
            lambda _header: self._state.async_switched(reports, on=on),
        )

    async def _async_try(
        self,
        namespace: Namespace,
        payload: Json,
        acknowledged: Callable[[Header], None],
    ) -> bool:
        """Return whether the plug acknowledged a command; False without a reply.

        Raises HomeAssistantError where the plug rejects the command.
        """
        try:
            reply = await self._requests.async_set(namespace, payload, acknowledged)
        except TimeoutError:
            self._plug.async_command_unanswered()
            return False
        except HomeAssistantError as err:
            is_closed = self._requests.is_closed
            raise self._error("no_answer" if is_closed else "not_connected") from err
        if reply.header.method is Method.ERROR:
            raise self._error("refused", code=str(parse_error(reply.payload)))
        return True

    def _unanswered(self) -> HomeAssistantError:
        # The signature of an ERROR that names the reason is not one of the stored key.
        return self._error("wrong_key" if self._plug.is_rejecting else "no_answer")

    def _error(self, reason: str, **placeholders: str) -> HomeAssistantError:
        return HomeAssistantError(
            translation_domain=DOMAIN,
            translation_key=reason,
            translation_placeholders={"plug": self._plug.name, **placeholders},
        )
