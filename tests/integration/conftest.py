"""A Home Assistant with MQTT, plugs, and a clock that stands still."""

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

from .broker import Broker
from .wizard import Checks, Home

# Home Assistant's own warnings are not for us to mend; ours are errors.
_WARNINGS = pytest.mark.filterwarnings("ignore", "error:::custom_components")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let Home Assistant warn as it likes."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(_WARNINGS)


@pytest.fixture(autouse=True)
def _our_integration(enable_custom_integrations: None) -> None:
    """Let Home Assistant load custom integrations."""


@pytest.fixture(autouse=True)
def _chance() -> None:
    """Let plugs find the same beats of their own each time."""
    random.seed(1)


@pytest.fixture(autouse=True)
def _log(caplog: pytest.LogCaptureFixture) -> None:
    """Catch every line of ours, and of Home Assistant no more than its warnings."""
    caplog.set_level(logging.WARNING, "homeassistant")
    caplog.set_level(logging.DEBUG, f"custom_components.{DOMAIN}")


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """Return snapshots in the same place and form with every Home Assistant."""
    return snapshot.use_extension(AmberSnapshotExtension)


@pytest.fixture
async def clock(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> FrozenDateTimeFactory:
    """Return a clock that stands still until a test moves it."""
    # It would write down where each of the many callbacks comes from.
    hass.loop.set_debug(False)
    return freezer


@pytest.fixture
async def no_broker(
    hass: HomeAssistant,
    mock_hass_config: None,  # noqa: ARG001
    mqtt_client_mock: MqttMockPahoClient,
    mqtt_mock_entry: MqttMockHAClientGenerator,
    clock: FrozenDateTimeFactory,
) -> AsyncGenerator[Broker]:
    """Give a broker whose MQTT entry Home Assistant has not loaded: `start` does."""
    broker = Broker(hass, mqtt_client_mock, mqtt_mock_entry, clock)
    yield broker
    broker.stop()


@pytest.fixture
async def broker(no_broker: Broker) -> Broker:
    """Return a broker that Home Assistant is connected to."""
    await no_broker.start()
    return no_broker


@pytest.fixture
def home(broker: Broker, aioclient_mock: AiohttpClientMocker) -> Home:
    """Return the local network, with no plug on it."""
    return Home(broker, aioclient_mock)


@pytest.fixture
def checks() -> Iterator[Checks]:
    """Give the checks of brokers, which find nothing wrong until they are told to."""
    checks = Checks()
    with patch(
        "custom_components.meross_local.flows.broker.async_check_broker", checks.check
    ):
        yield checks
