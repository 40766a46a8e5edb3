"""Steps that several ways of *Add plug* share: waiting for a plug, and its end."""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, Final

from homeassistant.config_entries import (
    ConfigEntryState,
    ConfigSubentryFlow,
    SubentryFlowResult,
)
from homeassistant.data_entry_flow import AbortFlow

from ..discovery import Discovery, async_get_discovery
from ..hub import Hub, MerossLocalConfigEntry
from ..plug import Plug
from ..transport.errors import PlugRequestError
from .broker import BrokerSteps
from .forms import error_key

# Seconds.
WAITING_INTERVAL: Final = 1.0


class PlugSteps(ConfigSubentryFlow, BrokerSteps[SubentryFlowResult]):
    """The steps that several ways lead through.

    The hub adds the subentry of a plug as soon as it is identified: no way ends with a
    subentry that the flow creates.
    """

    _added_name: str
    _waiting: asyncio.Task[Plug] | None = None

    @property
    def _discovery(self) -> Discovery:
        return async_get_discovery(self.hass)

    @property
    def _hub(self) -> Hub:
        """Return the hub of now: a reload of the entry replaces it.

        Raises AbortFlow where the entry is not loaded.
        """
        entry: MerossLocalConfigEntry = self._get_entry()
        if entry.state is not ConfigEntryState.LOADED:
            raise AbortFlow("not_loaded")
        return entry.runtime_data

    async def _async_wait_for_plug(
        self, is_wanted: Callable[[Plug], bool], timeout: float
    ) -> Plug:
        """Wait until a wanted plug is available, whichever hub it belongs to.

        timeout is in seconds. Raises TimeoutError.
        """
        async with asyncio.timeout(timeout):
            while True:
                with suppress(AbortFlow):
                    for plug in self._hub.plugs.values():
                        if plug.available and is_wanted(plug):
                            return plug
                await asyncio.sleep(WAITING_INTERVAL)

    def _show_waiting(
        self,
        step: str,
        wait: Callable[[], Coroutine[Any, Any, Plug]],
        timeout_step: str,
    ) -> SubentryFlowResult:
        """Show a step that waits for a plug until it is available or time is up."""
        if self._waiting is None:
            self._waiting = self.hass.async_create_background_task(
                wait(), f"meross_local {step}"
            )
        # Shown at least once, as the check of a broker is.
        elif self._waiting.done():
            return self.async_show_progress_done(
                next_step_id=self._step_after_waiting(self._waiting, timeout_step)
            )
        return self.async_show_progress(
            step_id=step,
            progress_action=step,
            progress_task=self._waiting,
            description_placeholders=self._placeholders,
        )

    async def async_step_added(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """End with the name of the plug that was added."""
        return self.async_abort(
            reason="plug_added", description_placeholders={"plug": self._added_name}
        )

    def _step_after_waiting(
        self, waiting: asyncio.Task[Plug], timeout_step: str
    ) -> str:
        self._waiting = None
        try:
            self._added_name = waiting.result().name
        except TimeoutError:
            return timeout_step
        except PlugRequestError as err:
            self._broker.errors = {"base": error_key(err)}
            return self._broker_step
        return "added"
