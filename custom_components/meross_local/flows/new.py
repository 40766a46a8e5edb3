"""A new plug: the broker is checked here, `pair` sets the plug up elsewhere."""

import re
import shlex
import time
from typing import Any, Final

from homeassistant.config_entries import SubentryFlowResult
from homeassistant.const import CONF_MAC
from homeassistant.helpers.device_registry import format_mac
from homeassistant.helpers.selector import TextSelector
import voluptuous as vol

from ..const import CONF_KEY
from ..meross.credentials import Credentials
from ..plug import Plug
from .broker import BROKER_SCHEMA
from .steps import PlugSteps

# Seconds for a person to set up a plug from another computer.
PAIRING_TIMEOUT: Final = 900.0

# Not empty, which some firmware does not accept (docs/protocol.md 7).
_DEFAULT_KEY: Final = "meross"

_PAIR_URL: Final = (
    "https://raw.githubusercontent.com/meross-local/meross_local/main/scripts/pair"
)

_MAC_PATTERN: Final = re.compile(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}")
# Used while the MAC of a plug is not known.
_ANY_MAC: Final = "00:00:00:00:00:00"

_SCHEMA: Final = BROKER_SCHEMA.extend({vol.Optional(CONF_MAC): TextSelector()})


class NewSteps(PlugSteps):
    """Checks the broker with the login that the plug gets, and shows how to pair it."""

    _since: float

    async def async_step_new(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Prepare for a plug of which nothing is known."""
        await self._async_prepare_broker(
            self._credentials(_ANY_MAC), broker_step="prepare", next_step="command"
        )
        self._more_placeholders = {}
        self._since = time.time()
        return await self.async_step_prepare()

    async def async_step_prepare(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Request the broker, and the MAC that a broker with logins requires."""
        if user_input is not None and self._broker.submit({CONF_MAC: ""} | user_input):
            mac = format_mac(user_input.get(CONF_MAC, "").strip() or _ANY_MAC)
            if _MAC_PATTERN.fullmatch(mac):
                # Without the MAC there is no login to show.
                self._login_step = "prepare" if mac == _ANY_MAC else "login"
                self._broker.credentials = self._credentials(mac)
                return await self.async_step_check()
            self._broker.errors = {CONF_MAC: "invalid_mac"}
        return self._show_broker(_SCHEMA)

    async def async_step_command(
        self, user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Show the command to run on the other computer."""
        if user_input is not None:
            return await self.async_step_pair()
        self._hub.new_plugs.async_expect(PAIRING_TIMEOUT)
        broker = self._broker.gateway
        command = ["python3", "pair", "--broker", f"{broker.host}:{broker.port}"]
        if (key := self._broker.credentials.key) != _DEFAULT_KEY:
            command += ["--key", key]
        self._more_placeholders = {"command": shlex.join(command), "url": _PAIR_URL}
        return self.async_show_form(
            step_id="command",
            data_schema=vol.Schema({}),
            description_placeholders=self._placeholders,
        )

    async def async_step_pair(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Wait for the plug, which may be available already."""
        return self._show_waiting("pair", self._async_wait_paired, "not_paired")

    async def async_step_not_paired(
        self, _user_input: dict[str, Any] | None = None
    ) -> SubentryFlowResult:
        """Show what to try with a plug that does not connect."""
        return self.async_show_menu(
            step_id="not_paired", menu_options=["pair", "command", "new"]
        )

    def _credentials(self, mac: str) -> Credentials:
        """Return the login that the plug with this MAC gets."""
        # The uuid ends with the MAC (docs/protocol.md 0.7).
        uuid = mac.replace(":", "").rjust(32, "0")
        return Credentials(
            uuid, mac, self._get_entry().data.get(CONF_KEY) or _DEFAULT_KEY
        )

    async def _async_wait_paired(self) -> Plug:
        """Return the plug; raises TimeoutError where none connects in time."""
        self._hub.new_plugs.async_expect(PAIRING_TIMEOUT)
        return await self._async_wait_for_plug(self._is_paired, PAIRING_TIMEOUT)

    def _is_paired(self, plug: Plug) -> bool:
        """Return whether a plug connected since the start, with the MAC if known."""
        mac = self._broker.credentials.mac
        return plug.available_since >= self._since and mac in {
            _ANY_MAC,
            plug.identity.mac,
        }
