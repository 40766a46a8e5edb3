"""The form that requests a broker, and the steps that check it."""

import asyncio
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
import re
from socket import inet_aton
from typing import Any, Final, Self

from homeassistant.components import mqtt, network
from homeassistant.const import CONF_HOST, CONF_PORT
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowHandler, FlowResult
from homeassistant.helpers.importlib import async_import_module
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    TextSelector,
)
import voluptuous as vol

from ..broker_check.problem import Problem
from ..const import DOMAIN
from ..meross.credentials import Credentials
from ..meross.model import Gateway

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

_CHECK: Final = f"custom_components.{DOMAIN}.broker_check.check"

# The port of MQTT over TLS (docs/protocol.md 6.2).
_DEFAULT_PORT: Final = 8883
# Names of Home Assistant's own machine, which mean another machine to a plug, and
# addresses that do.
_OWN_NAMES: Final = {
    "localhost",
    "localhost.localdomain",
    "homeassistant",
    "supervisor",
}
_OWN_SUFFIXES: Final = (".localhost", ".local.hass.io")
_OWN_NETWORKS: Final = ("0.0.0.0/8", "127.0.0.0/8", "::/96")
# Add-ons of Home Assistant by the names of their containers.
_ADD_ON: Final = re.compile(r"(?:[0-9a-f]{8}|core|local)-[^.]+")
# A name, or an IPv6 address. No plug is known to encode other characters.
_HOST: Final = re.compile(
    r"[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*\.?|[0-9a-f.]*:[0-9a-f:.]+",
    re.ASCII | re.IGNORECASE,
)
_MAX_HOST_LENGTH: Final = 253


class BrokerForm:
    """A broker that plugs are to use: the values of the form, and their errors.

    credentials are those of the plug that the broker is checked with.
    """

    def __init__(self, credentials: Credentials, values: dict[str, Any]) -> None:
        """Initialize with the values that the form suggests."""
        self.credentials = credentials
        self.values = values
        self.errors: dict[str, str] = {}

    @classmethod
    async def async_create(cls, hass: HomeAssistant, credentials: Credentials) -> Self:
        """Return a form that suggests Home Assistant's broker as plugs address it."""
        entries = hass.config_entries.async_loaded_entries(mqtt.DOMAIN)
        hosts = [entry.data[mqtt.CONF_BROKER] for entry in entries]
        if hosts and not _is_own_name(hosts[0]):
            host = hosts[0]
        else:
            host = await network.async_get_source_ip(hass)
        return cls(credentials, {CONF_HOST: host, CONF_PORT: _DEFAULT_PORT})

    @property
    def gateway(self) -> Gateway:
        """Return the broker as plugs store it: the same one twice."""
        host, port = self.values[CONF_HOST], self.values[CONF_PORT]
        return Gateway(host, port, host, port)

    @property
    def placeholders(self) -> dict[str, str]:
        """Return the placeholders of texts: the broker, and the plug's login to it."""
        return {
            "host": self.gateway.host,
            "port": str(self.gateway.port),
            "uuid": self.credentials.uuid,
            "user": self.credentials.user,
            "password": self.credentials.password,
        }

    def submit(self, user_input: dict[str, Any]) -> bool:
        """Store what was submitted; return whether it can be checked."""
        host = user_input[CONF_HOST].strip()
        self.values |= {**user_input, CONF_HOST: host}
        self.errors = {}
        if not _is_host(host):
            self.errors = {CONF_HOST: "invalid_host"}
        elif _is_own_name(host):
            self.errors = {CONF_HOST: "own_name"}
        return not self.errors


class BrokerSteps[Result: FlowResult[Any, Any]](FlowHandler[Any, Result, Any]):
    """The steps of a flow that check a broker until nothing is wrong with it.

    The flow has the step `_broker_step`, which calls `_submit_broker` and shows
    `_show_broker`. After a check the flow continues with `_next_step`, with
    `_login_step` where the broker rejects the plug's login, else with the form again.
    """

    _broker: BrokerForm
    _broker_step: str
    _next_step: str
    _login_step = "login"
    # What the texts contain besides the broker.
    _more_placeholders: Mapping[str, str] = {}
    _check: asyncio.Task[Problem | None] | None = None

    @property
    def _placeholders(self) -> dict[str, str]:
        return {**self._broker.placeholders, **self._more_placeholders}

    async def _async_prepare_broker(
        self, credentials: Credentials, *, broker_step: str, next_step: str
    ) -> None:
        """Prepare the form for a plug with these credentials."""
        await async_import_module(self.hass, _CHECK)
        self._broker = await BrokerForm.async_create(self.hass, credentials)
        self._broker_step, self._next_step = broker_step, next_step
        self._login_step = "login"

    def _show_broker(self, schema: vol.Schema = BROKER_SCHEMA) -> Result:
        """Show the form with what is wrong with the broker."""
        return self.async_show_form(
            step_id=self._broker_step,
            data_schema=self.add_suggested_values_to_schema(
                schema, self._broker.values
            ),
            description_placeholders=self._placeholders,
            errors=self._broker.errors,
        )

    async def async_step_check(
        self, _user_input: dict[str, Any] | None = None
    ) -> Result:
        """Check the broker as a plug uses it."""
        # Who only discovers plugs does without: it was imported for the form.
        from ..broker_check.check import async_check_broker  # noqa: PLC0415 (see above)

        if self._check is None:
            self._check = self.hass.async_create_background_task(
                async_check_broker(
                    self.hass,
                    self._broker.gateway.host,
                    self._broker.gateway.port,
                    self._broker.credentials,
                    self.async_update_progress,
                ),
                "meross_local broker check",
            )
        # Shown at least once, though the check may end before: a flow can only continue
        # from a step that was shown.
        elif self._check.done():
            return self.async_show_progress_done(
                next_step_id=self._step_after_check(self._check)
            )
        return self.async_show_progress(
            step_id="check",
            progress_action="check",
            progress_task=self._check,
            description_placeholders=self._placeholders,
        )

    async def async_step_login(
        self, user_input: dict[str, Any] | None = None
    ) -> Result:
        """Show the login that the broker has to accept, and check it again."""
        if user_input is not None and self._broker.submit(user_input):
            return await self.async_step_check()
        # The description has the error of the check already.
        errors = {
            name: key for name, key in self._broker.errors.items() if name != "base"
        }
        return self.async_show_form(
            step_id="login",
            data_schema=self.add_suggested_values_to_schema(
                BROKER_SCHEMA, self._broker.values
            ),
            description_placeholders=self._placeholders,
            errors=errors,
        )

    def _step_after_check(self, check: asyncio.Task[Problem | None]) -> str:
        self._check = None
        problem = check.result()
        self._broker.errors = {} if problem is None else {"base": problem}
        if problem is None:
            return self._next_step
        if problem is Problem.LOGIN_REFUSED:
            return self._login_step
        return self._broker_step


def _is_host(host: str) -> bool:
    """Return whether the text can be the name or the address of a host."""
    return len(host) <= _MAX_HOST_LENGTH and _HOST.fullmatch(host) is not None


def _is_own_name(host: str) -> bool:
    """Return whether the host is this very machine, in any form of its addresses."""
    name = host.lower().rstrip(".")
    if name in _OWN_NAMES or name.endswith(_OWN_SUFFIXES) or _ADD_ON.fullmatch(name):
        return True
    address = _address(name)
    return address is not None and any(
        address in ip_network(network) for network in _OWN_NETWORKS
    )


def _address(host: str) -> IPv4Address | IPv6Address | None:
    """Return the address that the host is, such as 127.1 or ::1; None for a name."""
    try:
        address = ip_address(host)
    except ValueError:
        try:
            # The forms that a plug's own resolver may read as well.
            return IPv4Address(inet_aton(host))
        except OSError, UnicodeError:
            return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
