"""Home Assistant with the integration and simulated plugs, outside pytest."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from unittest.mock import patch

import freezegun
from homeassistant.components import mqtt
from homeassistant.config_entries import ConfigEntryState, ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store
from homeassistant.loader import DATA_CUSTOM_COMPONENTS

from custom_components.meross_local.const import DOMAIN
from custom_components.meross_local.hub import Hub

from .clock import SteppedClock
from .mqtt import MqttBroker
from .mqtt_clients import ReplacedFunctionsClient

# After ours, which the framework's own custom_components would shadow.
from pytest_homeassistant_custom_component.common import (  # isort: skip
    MockConfigEntry,
    async_test_home_assistant,
)

START: Final = datetime(2026, 3, 25, 11, tzinfo=UTC)
"""Four days before the clocks change in Europe."""


@dataclass
class Simulation:
    """What a simulation consists of."""

    hass: HomeAssistant
    clock: SteppedClock
    broker: MqttBroker
    client: ReplacedFunctionsClient
    entry: MockConfigEntry
    mqtt_entry: MockConfigEntry

    @property
    def hub(self) -> Hub:
        """Return the hub of the entry."""
        hub: Hub = self.entry.runtime_data
        return hub


@asynccontextmanager
async def simulation(
    plugs: Iterable[ConfigSubentryData] = (),
    *,
    key: str = "",
    options: Mapping[str, Any] | None = None,
    after: Simulation | None = None,
) -> AsyncIterator[Simulation]:
    """Set up an entry with plugs; time is stopped, and none of them is connected.

    After another simulation has ended, go on with its time and its connected plugs.
    """
    start = START if after is None else datetime.fromtimestamp(after.clock.now, UTC)
    async with async_test_home_assistant() as hass:
        # Debug mode records the stack of every callback.
        hass.loop.set_debug(False)
        hass.data.pop(DATA_CUSTOM_COMPONENTS)
        await hass.config.async_set_time_zone("Europe/Berlin")
        hass.config.time_zone = "Europe/Berlin"
        # Looking for modules that get the real time takes more time than all the rest.
        freezegun.configure(default_ignore_list=[])
        client = ReplacedFunctionsClient(hass)
        with (
            freezegun.freeze_time(start) as frozen,
            patch.object(Store, "async_delay_save", _save_nothing),
            closing(client),
        ):
            clock = SteppedClock(hass, frozen, min_turns=0)
            # Each turn of the event loop reads the time, which freezegun computes anew.
            hass.loop.time = lambda: clock.now
            broker = MqttBroker(hass, clock, client)
            await broker.start()
            if after is not None:
                clock.timers = after.clock.timers
                broker.attach(*after.broker.plugs.values())
            mqtt_entry = MockConfigEntry(domain=mqtt.DOMAIN)
            mqtt_entry.add_to_hass(hass)
            mqtt_entry.mock_state(hass, ConfigEntryState.LOADED)
            entry = MockConfigEntry(
                domain=DOMAIN,
                data={"key": key},
                options=options,
                subentries_data=[*plugs],
            )
            entry.add_to_hass(hass)
            if not await hass.config_entries.async_setup(entry.entry_id):
                raise RuntimeError("the entry is not set up")
            await hass.async_block_till_done()
            yield Simulation(hass, clock, broker, client, entry, mqtt_entry)
            await hass.async_stop(force=True)


def _save_nothing(*_: object) -> None:
    """Take the place of Store.async_delay_save, without a record of each call."""
