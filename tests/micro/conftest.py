"""A Home Assistant with plugs that are set up, and what they say."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
import time
from unittest.mock import patch

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

type Received = Callable[[mqtt.ReceiveMessage], None]


def told(
    plug: SimulatedPlug, namespace: str, method: str, payload: Payload, second: int = 0
) -> mqtt.ReceiveMessage:
    """Return a message of the plug as Home Assistant's MQTT hands it over."""
    message_id, timestamp = new_message_id(), int(time.time()) + second
    raw = Message(
        namespace=namespace,
        method=method,
        payload=payload,
        message_id=message_id,
        reply_to=plug.device.identity.publish_topic,
        timestamp=timestamp,
        signature=sign(message_id, plug.key, timestamp),
        uuid=plug.uuid,
    ).encode()
    topic = plug.device.identity.publish_topic
    return mqtt.ReceiveMessage(topic, raw, 0, False, topic, 0.0)  # noqa: FBT003


def pushed(plug: SimulatedPlug, onoff: int, second: int = 0) -> mqtt.ReceiveMessage:
    """Return a toggle PUSH."""
    item = {"channel": 0, "onoff": onoff, "lmTime": int(time.time()) + second}
    return told(plug, TOGGLE_X, "PUSH", {"togglex": [item]}, second)


@pytest.fixture
def plug() -> SimulatedPlug:
    """Return a plug with one outlet that measures nothing."""
    return SimulatedPlug("mss210", key=KEY)


@pytest.fixture
def received() -> Iterator[list[Received]]:
    """Take MQTT's place; return where messages are handed over."""
    handlers: list[Received] = []

    async def subscribe(
        _hass: HomeAssistant,
        _topic: str,
        handler: Received,
        *_: object,
        **__: object,
    ) -> Callable[[], None]:
        handlers.append(handler)
        return lambda: None

    async def publish(*_: object) -> None:
        pass

    async def wait(_hass: HomeAssistant) -> bool:
        return True

    def follow(*_: object) -> Callable[[], None]:
        return lambda: None

    with ExitStack() as stack:
        for name, stub in (
            ("async_subscribe", subscribe),
            ("async_publish", publish),
            ("async_wait_for_mqtt_client", wait),
            ("async_on_subscribe_done", follow),
            ("async_subscribe_connection_status", follow),
        ):
            stack.enter_context(patch.object(mqtt, name, stub))
        yield handlers


@pytest.fixture
async def hear(
    hass: HomeAssistant,
    received: list[Received],
    plug: SimulatedPlug,
    enable_custom_integrations: None,  # noqa: ARG001
) -> Received:
    """Set the plug up, and let it say what it is; return where it is heard."""
    # Every call would be looked at otherwise.
    hass.loop.set_debug(False)
    hass.config.components.add(mqtt.DOMAIN)
    identity = Identity.of(
        plug.uuid, parse_all(system_all(plug.device)), frozenset(plug.model.ability)
    )
    entry = MockConfigEntry(
        domain=DOMAIN,
        data={CONF_KEY: KEY},
        subentries_data=[subentry_from_identity(identity, KEY)],
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    await hass.async_block_till_done()
    handler = received[0]
    handler(told(plug, ALL, "GETACK", system_all(plug.device)))
    await hass.async_block_till_done()
    return handler
