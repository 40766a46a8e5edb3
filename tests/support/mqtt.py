"""An MQTT broker in this process, between Home Assistant and simulated plugs."""

from collections.abc import Coroutine
import time
from typing import Any

from homeassistant.core import HomeAssistant

from tests.simulator import SimulatedPlug

from .clock import SteppedClock, real_monotonic
from .messages import complete_handshake
from .mqtt_clients import MockedPahoClient, ReplacedFunctionsClient, Sent
from .world import World


class MqttBroker:
    """Deliver messages between Home Assistant and simulated plugs."""

    def __init__(
        self,
        hass: HomeAssistant,
        clock: SteppedClock,
        client: MockedPahoClient | ReplacedFunctionsClient,
    ) -> None:
        """Initialize without plugs; Home Assistant connects with `start`."""
        self.hass = hass
        self.clock = clock
        self.client = client
        self.is_up = True
        self.sent: list[Sent] = []
        self.plugs: dict[str, SimulatedPlug] = {}
        """The simulated plugs by the topics that they subscribe to."""
        self._drops_published = False
        # Whatever has the broker can move time.
        self.advance, self.leap = clock.advance, clock.leap
        self.settle, self.until = clock.settle, clock.until

    async def start(self) -> None:
        """Connect Home Assistant."""
        await self.client.start(self._published)
        await self.advance(6)
        self.sent.clear()

    async def run[Result](self, coroutine: Coroutine[Any, Any, Result]) -> Result:
        """Move time until a coroutine is done; return its result."""
        return await self.until(self.hass.async_create_task(coroutine))

    async def block_till_done(self) -> None:
        """Wait for all tasks of Home Assistant that need no time."""
        await self.settle()
        # Without a broker MQTT has a task that waits for the next attempt.
        if self.is_up:
            await self.hass.async_block_till_done(wait_background_tasks=True)
        await self.settle()

    def connect(self, *plugs: SimulatedPlug) -> None:
        """Power on plugs; each connects at once and sends its greeting."""
        self.attach(*plugs)
        for plug in plugs:
            plug.power_on()

    def attach(self, *plugs: SimulatedPlug) -> None:
        """Take plugs that are connected already, or will be later."""
        for plug in plugs:
            world = World(plug, self.clock.timers, self._received, lambda: self.is_up)
            plug.attach(world)
            self.plugs[plug.device.identity.request_topic] = plug

    def connect_silent(self, *plugs: SimulatedPlug) -> None:
        """Connect plugs whose greeting is over and was not seen by Home Assistant."""
        self._drops_published = True
        self.connect(*plugs)
        for plug in plugs:
            complete_handshake(plug, int(time.time()))
        self._drops_published = False

    def pair_again(self, plug: SimulatedPlug, key: str) -> None:
        """Connect a plug that was given another key."""
        plug.cut()
        plug.key = key
        self.connect(plug)

    def publish(
        self, topic: str, payload: bytes | str, *, retain: bool = False
    ) -> None:
        """Deliver a message to Home Assistant, whoever publishes it."""
        if self.is_up:
            self.client.deliver(topic, payload, retain=retain)

    def publish_as(self, plug: SimulatedPlug, payload: bytes | str) -> None:
        """Publish on the topic of a plug."""
        self.publish(plug.device.identity.publish_topic, payload)

    def disconnect(self) -> None:
        """Break the connection of Home Assistant and of every plug."""
        self.is_up = False
        self.client.set_connected(connected=False)
        for plug in self.plugs.values():
            if plug.is_connected:
                plug.cut()

    def reconnect(self, *, with_plugs: bool = True) -> None:
        """Connect Home Assistant again, and the plugs."""
        self.is_up = True
        self.client.set_connected(connected=True)
        if with_plugs:
            for plug in self.plugs.values():
                plug.power_on()

    def sent_to(self, plug: SimulatedPlug, *kind: str) -> list[Sent]:
        """Return what was sent to a plug: all, or a method and a namespace."""
        return [
            sent
            for sent in self.sent
            if sent.topic == plug.device.identity.request_topic
            and (not kind or sent.kind == kind)
        ]

    def _received(self, topic: str, payload: bytes) -> None:
        """Take what a plug publishes."""
        if not self._drops_published:
            self.hass.loop.call_soon(self.publish, topic, payload)

    def _published(self, sent: Sent) -> bool:
        """Take what Home Assistant publishes; return whether that is possible."""
        if not self.is_up:
            return False
        self.sent.append(sent)
        if (plug := self.plugs.get(sent.topic)) is not None and plug.is_connected:
            self.hass.loop.call_soon(self._deliver, plug, sent.raw)
        return True

    def _deliver(self, plug: SimulatedPlug, raw: bytes) -> None:
        """Hand a message to a plug, whose work is not Home Assistant's."""
        started = real_monotonic()
        plug.received(raw, time.monotonic())
        self.clock.excluded += real_monotonic() - started
