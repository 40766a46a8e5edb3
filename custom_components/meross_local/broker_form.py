"""The form that asks for a broker, and the check of what it was told."""

import asyncio
from typing import Any, Final, Self

from homeassistant.components import mqtt, network
from homeassistant.const import CONF_HOST, CONF_PORT
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowHandler, FlowResult
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    TextSelector,
)
import voluptuous as vol

from .broker_check import Problem, async_check_broker
from .meross.credentials import Credentials
from .meross.model import Gateway

BROKER_SCHEMA: Final = vol.Schema(
    {
        vol.Required(CONF_HOST): TextSelector(),
        vol.Required(CONF_PORT): vol.All(
            NumberSelector(
                NumberSelectorConfig(min=1, max=65535, mode=NumberSelectorMode.BOX)
            ),
            vol.Coerce(int),
        ),
    }
)

# Where every guide puts the listener for plugs.
_PORT: Final = 8883
# Names of Home Assistant's own machine that mean nothing to a plug, or itself.
_OWN_NAMES: Final = {
    "localhost",
    "core-mosquitto",
    "127.0.0.1",
    "127.1",
    "0.0.0.0",  # noqa: S104 (nothing is bound to it)
    "0",
    "::1",
    "::",
}


class BrokerForm:
    """A broker that plugs are to use: what was typed, and what was found wrong.

    A flow shows the form and checks what was submitted until nothing is wrong.
    """

    def __init__(self, hass: HomeAssistant, credentials: Credentials) -> None:
        """Check with the credentials of a plug; nothing is typed yet."""
        self.credentials = credentials
        self.typed: dict[str, Any] = {}
        self.errors: dict[str, str] = {}
        self._hass = hass
        self._check: asyncio.Task[Problem | None] | None = None

    @property
    def gateway(self) -> Gateway:
        """Return the broker as plugs are told it: the same one twice."""
        host, port = self.typed[CONF_HOST], self.typed[CONF_PORT]
        return Gateway(host, port, host, port)

    @property
    def placeholders(self) -> dict[str, str]:
        """Return what texts say of the broker and of the plug's login to it."""
        return {
            "host": self.gateway.host,
            "port": str(self.gateway.port),
            "uuid": self.credentials.uuid,
            "user": self.credentials.user,
            "password": self.credentials.password,
        }

    @classmethod
    async def async_begin(cls, hass: HomeAssistant, credentials: Credentials) -> Self:
        """Return one that suggests Home Assistant's broker as others see it."""
        form = cls(hass, credentials)
        entries = hass.config_entries.async_loaded_entries(mqtt.DOMAIN)
        hosts = [entry.data[mqtt.CONF_BROKER] for entry in entries]
        if hosts and not _is_own_name(hosts[0]):
            host = hosts[0]
        else:
            host = await network.async_get_source_ip(hass)
        form.typed = {CONF_HOST: host, CONF_PORT: _PORT}
        return form

    def take(self, typed: dict[str, Any]) -> bool:
        """Tell whether what was submitted is worth a check."""
        self.typed |= {**typed, CONF_HOST: typed[CONF_HOST].strip()}
        own = _is_own_name(self.typed[CONF_HOST])
        self.errors = {CONF_HOST: "own_name"} if own else {}
        return not own

    def show_check[Result: FlowResult[Any, Any]](
        self,
        flow: FlowHandler[Any, Result, Any],
        *,
        form: str,
        fine: str,
        refused: str = "login",
    ) -> Result:
        """Show the step "check" of a flow, and then go on to one of three steps.

        That is fine, else the form again, or refused: there a login is asked for.
        """
        if self._check is None:
            self._check = self._hass.async_create_background_task(
                async_check_broker(
                    self._hass,
                    self.gateway.host,
                    self.gateway.port,
                    self.credentials,
                    flow.async_update_progress,
                ),
                "meross_local broker check",
            )
        # Shown at least once, though a check may end before it: a flow can only go on
        # from what it has shown.
        elif self._check.done():
            problem, self._check = self._check.result(), None
            self.errors = {} if problem is None else {"base": problem}
            if problem is Problem.LOGIN_REFUSED:
                form = refused
            return flow.async_show_progress_done(next_step_id=form if problem else fine)
        return flow.async_show_progress(
            step_id="check",
            progress_action="check",
            progress_task=self._check,
            description_placeholders=self.placeholders,
        )

    def show_login[Result: FlowResult[Any, Any]](
        self, flow: FlowHandler[Any, Result, Any]
    ) -> Result:
        """Show the step "login" of a flow: the user that the broker has to know."""
        # What is wrong is said in the description.
        errors = {name: key for name, key in self.errors.items() if name != "base"}
        return flow.async_show_form(
            step_id="login",
            data_schema=flow.add_suggested_values_to_schema(BROKER_SCHEMA, self.typed),
            description_placeholders=self.placeholders,
            errors=errors,
        )


def _is_own_name(host: str) -> bool:
    return host.lower() in _OWN_NAMES
