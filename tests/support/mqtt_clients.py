"""The two ways in which Home Assistant's MQTT reaches the broker of the tests.

Component tests use Home Assistant's own MQTT integration on a mocked paho client. Where
millions of messages are sent, its functions are replaced.
"""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import cached_property, partial
import json
import time
from typing import Any
from unittest.mock import MagicMock, Mock, patch

from homeassistant.components import mqtt
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import paho.mqtt.client as paho
from pytest_homeassistant_custom_component.common import async_fire_mqtt_message
from pytest_homeassistant_custom_component.typing import (
    MqttMockHAClient,
    MqttMockHAClientGenerator,
    MqttMockPahoClient,
)

from tests.simulator import sign

type _Callback = Callable[[], None]
type _Publish = Callable[[Sent], bool]
type _Receive = Callable[[mqtt.ReceiveMessage], None]


@dataclass(frozen=True)
class Sent:
    """A message that Home Assistant published."""

    topic: str
    raw: bytes
    qos: int
    retain: bool
    at: float = field(default_factory=lambda: time.monotonic(), compare=False)  # noqa: PLW0108 (freezegun replaces it)
    """Monotonic seconds, also where a test has stopped the time."""

    @cached_property
    def message(self) -> dict[str, Any]:
        """Return it decoded."""
        return dict(json.loads(self.raw))

    @property
    def header(self) -> dict[str, Any]:
        """Return its header."""
        return dict(self.message["header"])

    @property
    def payload(self) -> dict[str, Any]:
        """Return its payload."""
        return dict(self.message["payload"])

    @property
    def kind(self) -> tuple[str, str]:
        """Return its method and the last part of its namespace."""
        return self.header["method"], self.header["namespace"].rpartition(".")[2]

    def is_signed_with(self, key: str) -> bool:
        """Return whether its signature is valid."""
        header = self.header
        return bool(
            header["sign"] == sign(header["messageId"], key, header["timestamp"])
        )


class MockedPahoClient:
    """Home Assistant's MQTT integration on a mocked paho client."""

    def __init__(
        self,
        hass: HomeAssistant,
        paho_mock: MqttMockPahoClient,
        set_up_mqtt: MqttMockHAClientGenerator,
    ) -> None:
        """Initialize; the MQTT entry is not set up yet."""
        self._hass = hass
        self._paho = paho_mock
        self._paho_publish = paho_mock.publish.side_effect
        self._set_up_mqtt = set_up_mqtt
        self._mqtt: MqttMockHAClient | None = None

    async def start(self, publish: _Publish) -> None:
        """Set up the MQTT entry."""
        self._paho.publish.side_effect = partial(self._published, publish)
        self._mqtt = await self._set_up_mqtt()

    def close(self) -> None:
        """End what the mock leaves running: it never closes its socket."""
        if self._mqtt is not None:
            socket = Mock(fileno=Mock(return_value=-1))
            self._paho.on_socket_close(self._paho, None, socket)

    def deliver(self, topic: str, payload: bytes | str, *, retain: bool) -> None:
        """Hand a message to Home Assistant."""
        async_fire_mqtt_message(self._hass, topic, payload, 1, retain)

    def set_connected(self, *, connected: bool) -> None:
        """Report that the connection was made or lost."""
        assert self._mqtt is not None
        self._mqtt.connected = connected
        changed = self._paho.on_connect if connected else self._paho.on_disconnect
        changed(self._paho, None, Mock(), _reason(is_failure=not connected))

    @property
    def subscriptions(self) -> list[str]:
        """Return all topics that were subscribed to, in order and each time."""
        return [
            topic
            for call in self._paho.subscribe.call_args_list
            for topic in _topics(call.args[0])
        ]

    def _published(
        self,
        publish: _Publish,
        topic: str,
        payload: bytes | str,
        qos: int,
        retain: bool,  # noqa: FBT001
        *properties: object,
    ) -> object:
        raw = payload.encode() if isinstance(payload, str) else payload
        if not publish(Sent(topic, raw, qos, retain)):
            return Mock(rc=paho.MQTT_ERR_NO_CONN, mid=0)
        return self._paho_publish(topic, payload, qos, retain, *properties)


class ReplacedFunctionsClient:
    """The functions of Home Assistant's MQTT integration, replaced until `close`."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Initialize; nothing is replaced yet."""
        self.subscriptions: list[str] = []
        self.messages = 0
        """How many messages went either way."""
        self._hass = hass
        self._stack = ExitStack()
        self._receivers: list[tuple[str, _Receive]] = []
        self._generation = 0
        self._subscribed: list[_Callback] = []
        self._connection: list[Callable[[bool], None]] = []

    async def start(self, publish: _Publish) -> None:
        """Replace the functions."""
        self._publish = publish
        self._hass.config.components.add(mqtt.DOMAIN)
        functions: dict[str, Any] = {
            "async_publish": self._async_publish,
            "async_subscribe": self._async_subscribe,
            "async_wait_for_mqtt_client": self._async_wait,
            "async_on_subscribe_done": self._on_subscribe_done,
            "async_subscribe_connection_status": self._on_connection,
        }
        self._stack.enter_context(patch.multiple(mqtt, **functions))

    def close(self) -> None:
        """Restore the functions."""
        self._stack.close()

    def deliver(self, topic: str, payload: bytes | str, *, retain: bool) -> None:
        """Hand a message to each subscriber once, whatever its filters are."""
        self.messages += 1
        for receive in dict.fromkeys(self.receivers):
            receive(mqtt.ReceiveMessage(topic, payload, 0, retain, topic, 0.0))

    @property
    def receivers(self) -> list[_Receive]:
        """Return what gets the messages of each subscription."""
        return [receive for _, receive in self._receivers]

    def set_connected(self, *, connected: bool) -> None:
        """Report that the connection was made or lost."""
        for changed in self._connection:
            changed(connected)
        if connected:
            for subscribed in self._subscribed:
                subscribed()

    def replace_client(self) -> None:
        """Reload: a new client has all subscriptions; functions of the old do nothing.

        As Home Assistant's MQTT integration does it.
        """
        self._generation += 1

    async def _async_publish(
        self,
        hass: HomeAssistant,
        topic: str,
        payload: bytes,
        qos: int = 0,
        retain: bool = False,  # noqa: FBT001, FBT002 (MQTT's signature)
    ) -> None:
        # The timers of a simulation that has ended go on.
        if hass is not self._hass:
            return
        self.messages += 1
        if not self._publish(Sent(topic, payload, qos, retain)):
            raise HomeAssistantError("not connected")

    async def _async_subscribe(
        self,
        _hass: HomeAssistant,
        topic: str,
        receive: _Receive,
        *_: object,
        **__: object,
    ) -> _Callback:
        self.subscriptions.append(topic)
        subscription, generation = (topic, receive), self._generation
        self._receivers.append(subscription)

        def unsubscribe() -> None:
            if generation == self._generation:
                self._receivers.remove(subscription)

        return unsubscribe

    async def _async_wait(self, _hass: HomeAssistant) -> bool:
        return True

    def _on_subscribe_done(
        self, _hass: HomeAssistant, _topic: str, _qos: int, subscribed: _Callback
    ) -> _Callback:
        self._subscribed.append(subscribed)
        self._hass.loop.call_soon(subscribed)
        return lambda: self._subscribed.remove(subscribed)

    def _on_connection(
        self, _hass: HomeAssistant, changed: Callable[[bool], None]
    ) -> _Callback:
        self._connection.append(changed)
        return lambda: self._connection.remove(changed)


def _reason(*, is_failure: bool) -> Mock:
    """Return a reason code as paho has it."""
    reason = MagicMock(is_failure=is_failure, value=int(is_failure))
    reason.__eq__.side_effect = lambda other: other == int(is_failure)  # type: ignore[attr-defined]
    return reason


def _topics(subscribed: str | list[tuple[str, object]]) -> list[str]:
    """Return the topics of a subscribe, in either form that paho accepts."""
    if isinstance(subscribed, str):
        return [subscribed]
    return [topic for topic, _ in subscribed]
