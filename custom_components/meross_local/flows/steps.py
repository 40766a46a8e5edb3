"""Steps that several ways of *Add plug* share: waiting for a plug, and its end."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from homeassistant.config_entries import ConfigSubentryFlow, SubentryFlowResult

from ..discovery import Discovery, async_get_discovery
from ..hub import Hub
from ..plug import Plug
from ..transport.errors import PlugRequestError
from .broker import BrokerSteps
from .forms import error_key


class PlugSteps(ConfigSubentryFlow, BrokerSteps[SubentryFlowResult]):
    """The steps that several ways lead through.

    The hub adds the subentry of a plug as soon as it is identified: no way ends with a
    subentry that the flow creates.
    """

    _hub: Hub
    _added_name: str
    _waiting: asyncio.Task[Plug] | None = None

    @property
    def _discovery(self) -> Discovery:
        return async_get_discovery(self.hass)

    @property
    def _keys(self) -> list[str]:
        """Return the keys that a plug may have, those of the other plugs too."""
        known = {plug.key for plug in self._hub.plugs.values()}
        return [*self._discovery.keys, *known]

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
            self._added_name = waiting.result().identity.name
        except TimeoutError:
            return timeout_step
        except PlugRequestError as err:
            self._broker.errors = {"base": error_key(err)}
            return self._broker_step
        return "added"
