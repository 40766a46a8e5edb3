"""Fixtures of the component tests, on top of the kit in `tests.support`."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from http import HTTPStatus
import logging
from pathlib import Path
import random
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.test_util.aiohttp import AiohttpClientMocker
from pytest_homeassistant_custom_component.typing import (
    ClientSessionGenerator,
    MqttMockHAClientGenerator,
    MqttMockPahoClient,
)
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.amber import AmberSnapshotExtension

from custom_components.meross_local.const import DOMAIN
from tests.simulator import SimulatedPlug
from tests.support.clock import SteppedClock
from tests.support.entries import device_of, set_up
from tests.support.mqtt import MqttBroker
from tests.support.mqtt_clients import MockedPahoClient
from tests.support.network import BrokerCheck, LocalNetwork

pytest_plugins = [
    "pytest_homeassistant_custom_component.plugins",
    "tests.support.texts",
]

type Download = Callable[..., Awaitable[str]]

_START = "2026-03-25 11:00:00"

# Warnings of Home Assistant itself are ignored; those of the integration are errors.
_WARNINGS = pytest.mark.filterwarnings("ignore", "error:::custom_components")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Apply the filter of warnings."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(_WARNINGS)


@pytest.fixture(autouse=True)
def _environment(
    enable_custom_integrations: None,  # noqa: ARG001
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Load custom integrations, repeat the jitter of queries, capture log lines."""
    random.seed(1)
    caplog.set_level(logging.WARNING, "homeassistant")
    caplog.set_level(logging.DEBUG, f"custom_components.{DOMAIN}")


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """Return snapshots in the same place and form with every Home Assistant."""
    return snapshot.use_extension(AmberSnapshotExtension)


@pytest.fixture
async def clock(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> SteppedClock:
    """Return a clock that stands still until a test moves it.

    It starts at the same time in each run: what a day is depends on time zones.
    """
    # Debug mode records the stack of every callback.
    hass.loop.set_debug(False)
    freezer.move_to(_START)
    return SteppedClock(hass, freezer)


@pytest.fixture
async def no_broker(
    hass: HomeAssistant,
    mock_hass_config: None,  # noqa: ARG001
    mqtt_client_mock: MqttMockPahoClient,
    mqtt_mock_entry: MqttMockHAClientGenerator,
    clock: SteppedClock,
) -> AsyncGenerator[MqttBroker]:
    """Yield a broker that Home Assistant is not connected to: `start` connects it."""
    client = MockedPahoClient(hass, mqtt_client_mock, mqtt_mock_entry)
    yield MqttBroker(hass, clock, client)
    client.close()


@pytest.fixture
async def broker(no_broker: MqttBroker) -> MqttBroker:
    """Return a broker that Home Assistant is connected to."""
    await no_broker.start()
    return no_broker


@pytest.fixture
async def plug(broker: MqttBroker) -> SimulatedPlug:
    """Return a plug with one outlet that is set up."""
    plug = SimulatedPlug("mss210")
    await set_up(broker, plug)
    return plug


@pytest.fixture
def network(broker: MqttBroker, aioclient_mock: AiohttpClientMocker) -> LocalNetwork:
    """Return the local network, without a plug."""
    return LocalNetwork(broker, aioclient_mock)


@pytest.fixture
def broker_check() -> Iterator[BrokerCheck]:
    """Replace the check of brokers, which finds no problem unless it is set to."""
    check = BrokerCheck()
    with patch(
        "custom_components.meross_local.broker_check.check.async_check_broker",
        check.check,
    ):
        yield check


@pytest.fixture
def download(broker: MqttBroker, hass_client: ClientSessionGenerator) -> Download:
    """Return what downloads the whole file from the page of the entry or a plug."""

    async def download(plug: SimulatedPlug | None = None) -> str:
        assert await async_setup_component(broker.hass, "diagnostics", {})
        await broker.block_till_done()
        (entry,) = broker.hass.config_entries.async_entries(DOMAIN)
        url = f"/api/diagnostics/config_entry/{entry.entry_id}"
        if plug is not None:
            url += f"/device/{device_of(broker.hass, entry.entry_id, plug).id}"
        response = await (await hass_client()).get(url)
        assert response.status == HTTPStatus.OK
        return str(await response.text())

    return download
