"""A plug that is new: prepared here, set up from a computer that joined its Wi-Fi."""

import asyncio
import re
import shlex
import time
from typing import Any, Final

from homeassistant.config_entries import SubentryFlowResult
from homeassistant.const import CONF_MAC
from homeassistant.helpers.device_registry import format_mac
from homeassistant.helpers.selector import TextSelector
import voluptuous as vol

from .broker_form import BROKER_SCHEMA
from .meross.credentials import Credentials
from .plug import Plug
from .plug_steps import PlugSteps

# Seconds for a person to set up a plug from another computer.
_PATIENCE: Final = 900

# Not empty, which some firmware does not take (protocol.md 7).
_DEFAULT_KEY: Final = "meross"

_PAIR_URL: Final = (
    "https://raw.githubusercontent.com/meross-local/meross_local/main/scripts/pair"
)

_MAC: Final = re.compile(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}")
# Stands in for that of a plug in its box.
_ANY_MAC: Final = "00:00:00:00:00:00"

_SCHEMA: Final = BROKER_SCHEMA.extend({vol.Optional(CONF_MAC): TextSelector()})


class NewSteps(PlugSteps):
    """Checks the broker with what the plug will be given, and tells how to give it."""

    _since: float

    async def async_step_new(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Prepare for a plug that nothing is known of."""
        await self._async_ask_for_broker(
            self._credentials_of(_ANY_MAC), form="prepare", checked="command"
        )
        self._words = {}
        self._since = time.time()
        return await self.async_step_prepare()

    async def async_step_prepare(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Ask for the broker, and for the MAC that a broker with logins wants."""
        if user_input is not None and self._broker.take({CONF_MAC: ""} | user_input):
            mac = format_mac(user_input.get(CONF_MAC, "").strip() or _ANY_MAC)
            if _MAC.fullmatch(mac):
                # Without the MAC there is no login to be made.
                self._refused = "prepare" if mac == _ANY_MAC else "login"
                self._broker.credentials = self._credentials_of(mac)
                return await self.async_step_check()
            self._broker.errors = {CONF_MAC: "invalid_mac"}
        return self._show_broker(_SCHEMA)

    async def async_step_command(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Show what to run on the other computer."""
        if user_input is not None:
            return await self.async_step_pair()
        broker = self._broker.gateway
        words = ["python3", "pair", "--broker", f"{broker.host}:{broker.port}"]
        if (key := self._broker.credentials.key) != _DEFAULT_KEY:
            words += ["--key", key]
        self._words = {
            "command": shlex.join(words),
            "url": _PAIR_URL,
        }
        return self.async_show_form(
            step_id="command",
            data_schema=vol.Schema({}),
            description_placeholders=self._placeholders,
        )

    async def async_step_pair(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Wait for the plug, which may have come already."""
        return self._show_work("pair", self._async_paired, "not_paired")

    async def async_step_not_paired(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Say what to try with a plug that does not come."""
        return self.async_show_menu(
            step_id="not_paired", menu_options=["pair", "command", "new"]
        )

    def _credentials_of(self, mac: str) -> Credentials:
        """Return what the plug with this MAC will be given."""
        # The uuid ends with the MAC (protocol.md 0.7).
        uuid = mac.replace(":", "").rjust(32, "0")
        return Credentials(uuid, mac, self._discovery.hub_key or _DEFAULT_KEY)

    async def _async_paired(self) -> Plug:
        """Raise TimeoutError where no plug has come in time since this way began."""
        async with asyncio.timeout(_PATIENCE):
            return await self._hub.async_arrival(self._is_it)

    def _is_it(self, plug: Plug) -> bool:
        """Tell whether a plug came since this way began, and has the MAC, if known."""
        mac = self._broker.credentials.mac
        came_at, _ = plug.journal.availability[-1]
        return came_at >= self._since and mac in {_ANY_MAC, plug.identity.mac}
