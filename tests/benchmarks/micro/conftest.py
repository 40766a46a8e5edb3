"""A Home Assistant with a plug that is set up, and the messages of that plug."""

from collections.abc import Callable, Iterator
import time
from unittest.mock import AsyncMock, Mock, patch

from homeassistant.components import mqtt
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.meross_local.const import CONF_KEY, DOMAIN
from custom_components.meross_local.meross.identity import Identity
from custom_components.meross_local.meross.model import parse_all
from custom_components.meross_local.subentry import subentry_from_identity
from tests.simulator import SimulatedPlug, sign
from tests.simulator.namespaces import ALL, TOGGLE_X
from tests.simulator.payloads import system_all
from tests.simulator.wire import Message, Payload, new_message_id

KEY = "meross"

type MessageHandler = Callable[[mqtt.ReceiveMessage], None]


def build_message(
    plug: SimulatedPlug, namespace: str, method: str, payload: Payload, second: int = 0
) -> mqtt.ReceiveMessage:
    """Build a message of the plug as Home Assistant's MQTT passes it on."""
    message_id, timestamp = new_message_id(), int(time.time()) + second
    topic = plug.device.identity.publish_topic
    raw = Message(
        namespace=namespace,
        method=method,
        payload=payload,
        message_id=message_id,
        reply_to=topic,
        timestamp=timestamp,
        signature=sign(message_id, plug.key, timestamp),
        uuid=plug.uuid,
    ).encode()
    return mqtt.ReceiveMessage(topic, raw, 0, False, topic, 0.0)  # noqa: FBT003


def build_push(plug: SimulatedPlug, onoff: int, second: int = 0) -> mqtt.ReceiveMessage:
    """Build a toggle PUSH."""
    item = {"channel": 0, "onoff": onoff, "lmTime": int(time.time()) + second}
    return build_message(plug, TOGGLE_X, "PUSH", {"togglex": [item]}, second)


@pytest.fixture
def plug() -> SimulatedPlug:
    """Return a plug with one outlet and no meter."""
    return SimulatedPlug("mss210", key=KEY)


@pytest.fixture
def subscribe() -> Iterator[AsyncMock]:
    """Replace Home Assistant's MQTT; return the mock of its `async_subscribe`."""
    mock = AsyncMock(return_value=Mock())
    with patch.multiple(
        mqtt,
        async_subscribe=mock,
        async_publish=AsyncMock(),
        async_wait_for_mqtt_client=AsyncMock(return_value=True),
        async_on_subscribe_done=Mock(),
        async_subscribe_connection_status=Mock(),
    ):
        yield mock


@pytest.fixture
async def handle_message(
    hass: HomeAssistant,
    subscribe: AsyncMock,
    plug: SimulatedPlug,
    enable_custom_integrations: None,  # noqa: ARG001
) -> MessageHandler:
    """Set the plug up with its state known; return the hub's message handler."""
    # Debug mode would check every call.
    hass.loop.set_debug(False)
    hass.config.components.add(mqtt.DOMAIN)
    state = system_all(plug.device)
    ability = frozenset(plug.model.ability)
    identity = Identity.of(plug.uuid, parse_all(state), ability)
    entry = MockConfigEntry(
        domain=DOMAIN,
        data={CONF_KEY: KEY},
        subentries_data=[subentry_from_identity(identity, KEY)],
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    handler: MessageHandler = subscribe.call_args_list[0].args[2]
    handler(build_message(plug, ALL, "GETACK", state))
    await hass.async_block_till_done()
    return handler
