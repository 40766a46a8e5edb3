"""Fixtures of the component tests, on top of the kit in `tests.support`."""

from collections.abc import AsyncGenerator, Iterator
import logging
from pathlib import Path
import random
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.test_util.aiohttp import AiohttpClientMocker
from pytest_homeassistant_custom_component.typing import (
    MqttMockHAClientGenerator,
    MqttMockPahoClient,
)
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.amber import AmberSnapshotExtension

from custom_components.meross_local.const import DOMAIN
from tests.support.clock import SteppedClock
from tests.support.mqtt import MqttBroker
from tests.support.mqtt_clients import MockedPahoClient
from tests.support.network import BrokerCheck, LocalNetwork

# Warnings of Home Assistant itself are ignored; those of the integration are errors.
_WARNINGS = pytest.mark.filterwarnings("ignore", "error:::custom_components")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Apply the filter of warnings."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(_WARNINGS)


@pytest.fixture(autouse=True)
def _our_integration(enable_custom_integrations: None) -> None:
    """Let Home Assistant load custom integrations."""


@pytest.fixture(autouse=True)
def _seed() -> None:
    """Give the jitter of queries the same values in each run."""
    random.seed(1)


@pytest.fixture(autouse=True)
def _log(caplog: pytest.LogCaptureFixture) -> None:
    """Capture every line of the integration, and warnings of Home Assistant."""
    caplog.set_level(logging.WARNING, "homeassistant")
    caplog.set_level(logging.DEBUG, f"custom_components.{DOMAIN}")


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """Return snapshots in the same place and form with every Home Assistant."""
    return snapshot.use_extension(AmberSnapshotExtension)


@pytest.fixture
async def clock(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> SteppedClock:
    """Return a clock that stands still until a test moves it."""
    # Debug mode records the stack of every callback.
    hass.loop.set_debug(False)
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
def network(broker: MqttBroker, aioclient_mock: AiohttpClientMocker) -> LocalNetwork:
    """Return the local network, without a plug."""
    return LocalNetwork(broker, aioclient_mock)


@pytest.fixture
def broker_check() -> Iterator[BrokerCheck]:
    """Replace the check of brokers, which finds nothing wrong unless it is set to."""
    check = BrokerCheck()
    with patch(
        "custom_components.meross_local.broker_form.async_check_broker", check.check
    ):
        yield check
