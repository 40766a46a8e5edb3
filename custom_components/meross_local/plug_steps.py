"""What all ways to add a plug share: the check of the broker and the wait."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, Final

from homeassistant.config_entries import ConfigSubentryFlow, SubentryFlowResult
from homeassistant.helpers.selector import (
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)
import voluptuous as vol

from .broker_form import BrokerForm
from .const import CONF_KEY
from .discovery import Discovery, async_get_discovery
from .hub import Hub
from .lan import LanError
from .meross.credentials import Credentials
from .plug import Plug

KEY: Final = TextSelector(TextSelectorConfig(type=TextSelectorType.PASSWORD))
KEY_SCHEMA: Final = vol.Schema({vol.Required(CONF_KEY, default=""): KEY})


class PlugSteps(ConfigSubentryFlow):
    """The steps that several ways lead through.

    The hub sets a plug up as soon as it speaks: no way ends with an entry made here.
    """

    _hub: Hub
    _broker: BrokerForm
    # The form that asks for the broker, the steps after its check, and what their texts
    # say of the plug.
    _form: str
    _checked: str
    _refused: str
    _words: dict[str, str]
    _work: asyncio.Task[Plug] | None = None

    @property
    def _discovery(self) -> Discovery:
        return async_get_discovery(self.hass)

    @property
    def _keys(self) -> list[str]:
        """Return the keys that a plug may have: those of the others too."""
        known = {plug.key for plug in self._hub.plugs.values()}
        return [*self._discovery.keys, *known]

    @property
    def _placeholders(self) -> dict[str, str]:
        return self._broker.placeholders | self._words

    async def _async_ask_for_broker(
        self, credentials: Credentials, *, form: str, checked: str
    ) -> None:
        """Prepare the form that asks for the broker of a plug."""
        self._broker = await BrokerForm.async_begin(self.hass, credentials)
        self._form, self._checked, self._refused = form, checked, "login"

    def _show_broker(self, schema: vol.Schema) -> SubentryFlowResult:
        """Show that form, with what is wrong with the broker."""
        return self.async_show_form(
            step_id=self._form,
            data_schema=self.add_suggested_values_to_schema(schema, self._broker.typed),
            description_placeholders=self._placeholders,
            errors=self._broker.errors,
        )

    async def async_step_check(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Try the broker as the plug will."""
        return self._broker.show_check(
            self, form=self._form, fine=self._checked, refused=self._refused
        )

    async def async_step_login(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Say which login the broker has to know, and try it again."""
        if user_input is not None and self._broker.take(user_input):
            return await self.async_step_check()
        return self._broker.show_login(self)

    def _show_work(
        self,
        step: str,
        work: Callable[[], Coroutine[Any, Any, Plug]],
        otherwise: str,
    ) -> SubentryFlowResult:
        """Show a step that waits for a plug, until it is there or time is up."""
        if self._work is None:
            self._work = self.hass.async_create_background_task(
                work(), f"meross_local {step}"
            )
        # Shown at least once, as the check is.
        elif self._work.done():
            return self.async_show_progress_done(
                next_step_id=self._conclude(self._work, otherwise)
            )
        return self.async_show_progress(
            step_id=step,
            progress_action=step,
            progress_task=self._work,
            description_placeholders=self._placeholders,
        )

    def _conclude(self, work: asyncio.Task[Plug], otherwise: str) -> str:
        """Return the step that follows the work that is done."""
        self._work = None
        try:
            self._name = work.result().identity.name
        except TimeoutError:
            return otherwise
        except LanError as err:
            self._broker.errors = {"base": err.reason}
            return self._form
        return "added"

    async def async_step_added(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Say that the plug is there."""
        return self.async_abort(
            reason="plug_added", description_placeholders={"plug": self._name}
        )
