"""Home Assistant's mocked MQTT connection, with simulated plugs at its other end.

Nothing here waits: time stands still until a test lets it pass.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
import json
import time
from typing import Any, Final
from unittest.mock import MagicMock, Mock

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import paho.mqtt.client as paho
from pytest_homeassistant_custom_component.common import async_fire_mqtt_message
from pytest_homeassistant_custom_component.typing import (
    MqttMockHAClient,
    MqttMockHAClientGenerator,
    MqttMockPahoClient,
)

from tests.simulator import SimulatedPlug, sign
from tests.simulator.namespaces import BIND, CLOCK
from tests.simulator.timers import Timers
from tests.simulator.wire import Message, new_message_id

# The broker as plugs are told it: those that were told another one do not come.
SERVER: Final = ("192.0.2.1", 8883)

# Rounds of the event loop in which everything that needs no time has happened, and
# those that are waited at least: another thread may have something to say.
_ROUNDS: Final = 25
_LEAST_ROUNDS: Final = 4
# Seconds between two looks at a task.
_STEP: Final = 0.25
# Seconds that are too short to be waited for by themselves, and the clock's shortest.
_INSTANT: Final = 0.001
_TICK: Final = 0.000_001
# Seconds of true time in which other threads get on.
_TRUE_TIME: Final = 0.001

_NOT_CONNECTED: Final = paho.MQTT_ERR_NO_CONN


@dataclass(frozen=True)
class Sent:
    """A message that Home Assistant sent to a plug."""

    topic: str
    raw: bytes
    qos: int
    retain: bool

    @property
    def header(self) -> dict[str, Any]:
        """Its header."""
        return dict(json.loads(self.raw)["header"])

    @property
    def payload(self) -> dict[str, Any]:
        """Its payload."""
        return dict(json.loads(self.raw)["payload"])

    @property
    def words(self) -> tuple[str, str]:
        """Its method and the short name of its namespace."""
        return self.header["method"], self.header["namespace"].rpartition(".")[2]

    def is_signed_with(self, key: str) -> bool:
        """Whether its signature is right."""
        header = self.header
        return bool(
            header["sign"] == sign(header["messageId"], key, header["timestamp"])
        )


class Broker:
    """The broker, as far as Home Assistant and plugs can tell."""

    def __init__(
        self,
        hass: HomeAssistant,
        paho_mock: MqttMockPahoClient,
        set_up_mqtt: MqttMockHAClientGenerator,
        clock: FrozenDateTimeFactory,
    ) -> None:
        """Be there; Home Assistant's MQTT is not set up yet."""
        self.hass = hass
        self.is_up = True
        self._is_deaf = False
        self.sent: list[Sent] = []
        self.timers = Timers(now=time.monotonic)
        self._plugs: dict[str, SimulatedPlug] = {}
        self._paho = paho_mock
        self._publish = paho_mock.publish.side_effect
        self._set_up_mqtt = set_up_mqtt
        self._clock = clock
        self._mqtt: MqttMockHAClient | None = None
        paho_mock.publish.side_effect = self._published

    async def start(self) -> None:
        """Set up Home Assistant's MQTT entry and let it subscribe."""
        self._mqtt = await self._set_up_mqtt()
        await self.passes(6)
        self.sent.clear()

    def stop(self) -> None:
        """End what the mock leaves running (ecosystem.md 4.1)."""
        if self._mqtt is not None:
            socket = Mock(fileno=Mock(return_value=-1))
            self._paho.on_socket_close(self._paho, None, socket)

    async def settle(self) -> None:
        """Let everything happen that needs no time."""
        for number in range(_ROUNDS):
            await asyncio.sleep(0)
            if number >= _LEAST_ROUNDS and not self.hass.loop._ready:  # type: ignore[attr-defined]
                return

    async def passes(self, seconds: float) -> None:
        """Let time pass, for Home Assistant and for the plugs."""
        end = time.monotonic() + seconds
        await self.settle()
        while (left := end - time.monotonic()) > 0:
            step = min(left, max(_INSTANT, self._until_something()))
            self._clock.tick(max(_TICK, step))
            for action in self.timers.due():
                action()
            await self.settle()

    def _until_something(self) -> float:
        """Return the seconds until anything is due, for Home Assistant or a plug."""
        times = [handle.when() for handle in self.hass.loop._scheduled[:1]]  # type: ignore[attr-defined]
        left = self.timers.until_next()
        if left is not None:
            times.append(time.monotonic() + left)
        return min(times, default=float("inf")) - time.monotonic()

    async def until[Result](
        self, task: asyncio.Task[Result], at_most: float = 60
    ) -> Result:
        """Let time pass until the task is done."""
        end = time.monotonic() + at_most
        while not task.done():
            assert time.monotonic() < end, "still not done"
            # Other threads read files: they need time that does pass.
            await asyncio.to_thread(time.sleep, _TRUE_TIME)
            await self.passes(_STEP)
        return await task

    async def done(self) -> None:
        """Wait for all of Home Assistant's tasks that need no time."""
        await self.settle()
        # Without a broker MQTT has a task that waits for the next attempt.
        if self.is_up:
            await self.hass.async_block_till_done(wait_background_tasks=True)
        await self.settle()

    def add(self, *plugs: SimulatedPlug) -> None:
        """Give plugs power; each connects at once and greets."""
        for plug in plugs:
            plug.attach(_World(self, plug))
            self._plugs[plug.device.identity.request_topic] = plug
            plug.power_on()

    def add_silent(self, *plugs: SimulatedPlug) -> None:
        """Give power to plugs whose greeting nobody heard and somebody answered."""
        self._is_deaf = True
        self.add(*plugs)
        for plug in plugs:
            now = int(time.time())
            clock = {"clock": {"timestamp": now}}
            plug.received(said(plug, BIND, "SETACK", {}, at=now), time.monotonic())
            plug.received(said(plug, CLOCK, "PUSH", clock, at=now), time.monotonic())
        self._is_deaf = False

    def say(self, topic: str, payload: bytes | str, *, retain: bool = False) -> None:
        """Publish something to Home Assistant."""
        if self.is_up:
            async_fire_mqtt_message(self.hass, topic, payload, 1, retain)

    def hear(self, topic: str, payload: bytes) -> None:
        """Take what a plug publishes."""
        if not self._is_deaf:
            self.hass.loop.call_soon(self.say, topic, payload)

    def tell(self, plug: SimulatedPlug, payload: bytes | str) -> None:
        """Publish on the topic of a plug, whoever does it."""
        self.say(plug.device.identity.publish_topic, payload)

    def lose(self) -> None:
        """Break the connection of Home Assistant and of every plug."""
        self.is_up = False
        assert self._mqtt is not None
        self._mqtt.connected = False
        self._paho.on_disconnect(self._paho, None, Mock(), _reason(is_failure=True))
        for plug in self._plugs.values():
            if plug.is_connected:
                plug.cut()

    def restore(self, *, plugs_too: bool = True) -> None:
        """Be there again; Home Assistant connects, and so do the plugs."""
        self.is_up = True
        assert self._mqtt is not None
        self._mqtt.connected = True
        self._paho.on_connect(self._paho, None, Mock(), _reason())
        if plugs_too:
            for plug in self._plugs.values():
                plug.power_on()

    def to(self, plug: SimulatedPlug, *words: str) -> list[Sent]:
        """Return what was sent to a plug, all or that of a method and a namespace."""
        return [
            sent
            for sent in self.sent
            if sent.topic == plug.device.identity.request_topic
            and (not words or sent.words == words)
        ]

    @property
    def subscriptions(self) -> list[str]:
        """All topics that Home Assistant subscribed to, in order and each time."""
        return [
            topic
            for call in self._paho.subscribe.call_args_list
            for topic in _topics(call.args[0])
        ]

    def _published(
        self,
        topic: str,
        payload: bytes | str,
        qos: int,
        retain: bool,  # noqa: FBT001 (paho's way)
        *properties: object,
    ) -> object:
        if not self.is_up:
            return Mock(rc=_NOT_CONNECTED, mid=0)
        raw = payload.encode() if isinstance(payload, str) else payload
        self.sent.append(Sent(topic, raw, qos, retain))
        if (plug := self._plugs.get(topic)) is not None and plug.is_connected:
            self.hass.loop.call_soon(plug.received, raw, time.monotonic())
        return self._publish(topic, payload, qos, retain, *properties)


def said(  # noqa: PLR0913
    plug: SimulatedPlug,
    namespace: str,
    method: str,
    payload: dict[str, Any],
    *,
    key: str | None = None,
    at: float | None = None,
    message_id: str | None = None,
) -> bytes:
    """Return a message as the plug would send it, or anybody with another key."""
    message_id = message_id or new_message_id()
    seconds, milliseconds = divmod(round((at or time.time()) * 1000), 1000)
    return Message(
        namespace=namespace,
        method=method,
        payload=payload,
        message_id=message_id,
        reply_to=plug.device.identity.publish_topic,
        timestamp=seconds,
        timestamp_ms=milliseconds,
        signature=sign(message_id, plug.key if key is None else key, seconds),
    ).encode()


class _World:
    """What the simulated plug needs around it."""

    server = SERVER

    def __init__(self, broker: Broker, plug: SimulatedPlug) -> None:
        self._broker = broker
        self._plug = plug

    def now(self) -> float:
        return time.monotonic()

    def later(self, delay: float, action: Callable[[], None]) -> None:
        self._broker.timers.later(delay, action)

    def post(self, action: Callable[[], None]) -> None:
        action()

    def connect(self) -> None:
        gateway = self._plug.device.gateway
        if self._broker.is_up and (gateway.host, gateway.port) == self.server:
            self._plug.connected()

    def disconnect(self) -> None:
        self._plug.disconnected()

    def sever(self) -> None:
        pass

    def publish(self, topic: str, payload: bytes) -> None:
        self._broker.hear(topic, payload)


def _reason(*, is_failure: bool = False) -> Mock:
    """Return a reason code as paho gives it."""
    reason = MagicMock(is_failure=is_failure, value=int(is_failure))
    reason.__eq__.side_effect = lambda other: other == int(is_failure)  # type: ignore[attr-defined]
    return reason


def _topics(subscribed: object) -> list[str]:
    """Return the topics of a subscribe, in either form that paho takes."""
    if isinstance(subscribed, str):
        return [subscribed]
    assert isinstance(subscribed, list)
    return [topic for topic, _ in subscribed]
