"""Many plugs and a hub in one process, and a clock that leaps from event to event.

MQTT is a function call: what is looked at is the integration, over a long time.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
import time
from typing import Any, Final
from unittest.mock import patch

from freezegun.api import (
    FrozenDateTimeFactory,
    StepTickTimeFactory,
    TickingDateTimeFactory,
    freeze_time,
)
from homeassistant.components import mqtt
from homeassistant.core import HomeAssistant
from homeassistant.helpers.storage import Store
from homeassistant.loader import DATA_CUSTOM_COMPONENTS

from custom_components.meross_local.const import (
    CONF_KEY,
    CONF_POWER_INTERVAL,
    DOMAIN,
)
from tests.support.entries import subentry_data_of
from tests.simulator import SimulatedPlug
from tests.simulator.timers import Timers
from tests.simulator.world import Action

# After ours, which the framework's own custom_components would shadow.
from pytest_homeassistant_custom_component.common import (  # isort: skip
    MockConfigEntry,
    async_test_home_assistant,
)

INTERVAL: Final = 10
_BEGIN: Final = "2026-03-25 11:00:00"
# Seconds that are too short to be waited for by themselves, and the clock's shortest.
_SHORTEST: Final = 0.001
_TICK: Final = 0.000_001
_MOST_ROUNDS: Final = 10_000

type _Clock = FrozenDateTimeFactory | TickingDateTimeFactory | StepTickTimeFactory
type _Received = Callable[[mqtt.ReceiveMessage], None]


def true_time() -> float:
    """Return seconds that pass: a frozen clock leaves this one alone."""
    return time.clock_gettime(time.CLOCK_MONOTONIC)


class Town:
    """Plugs, their hub, and the time."""

    def __init__(self, hass: HomeAssistant, clock: _Clock) -> None:
        """Be empty."""
        self.hass = hass
        self.plugs: list[SimulatedPlug] = []
        self.messages = 0
        self.longest = 0.0
        """Seconds of true time that one turn of the event loop took."""
        self.is_up = True
        self.timers = Timers(now=time.monotonic)
        self._clock = clock
        self._hears: dict[str, SimulatedPlug] = {}
        self._to_hass: deque[mqtt.ReceiveMessage] = deque()
        self._to_plugs: deque[tuple[str, bytes]] = deque()
        self._received: list[_Received] = []
        self._ready: list[Callable[[], None]] = []
        self._connection: list[Callable[[bool], None]] = []

    async def set_up(self, plugs: list[SimulatedPlug]) -> MockConfigEntry:
        """Set up an entry with plugs, and bring them."""
        entry = MockConfigEntry(
            domain=DOMAIN,
            data={CONF_KEY: ""},
            options={CONF_POWER_INTERVAL: INTERVAL},
            subentries_data=[subentry_data_of(plug) for plug in plugs],
        )
        entry.add_to_hass(self.hass)
        if not await self.hass.config_entries.async_setup(entry.entry_id):
            raise RuntimeError("not set up")
        await self.hass.async_block_till_done()
        self.plugs = plugs
        for plug in plugs:
            plug.enter(_World(self, plug))
            self._hears[plug.device.identity.hears_on] = plug
            plug.power_on()
        return entry

    async def passes(self, seconds: float) -> None:
        """Let time pass: from each thing that is due to the next."""
        end = time.monotonic() + seconds
        await self._settle()
        while (left := end - time.monotonic()) > 0:
            step = min(left, max(_SHORTEST, self._until_something()))
            self._clock.tick(timedelta(seconds=max(_TICK, step)))
            for action in self.timers.due():
                action()
            await self._settle()

    def leap(self, seconds: float) -> None:
        """Skip time: what falls due meanwhile is late."""
        self._clock.tick(timedelta(seconds=seconds))

    def lose(self) -> None:
        """Take the broker away."""
        self.is_up = False
        for changed in self._connection:
            changed(False)  # noqa: FBT003 (MQTT's way)
        for plug in self.plugs:
            plug.cut()

    def restore(self) -> None:
        """Bring the broker back."""
        self.is_up = True
        for changed in self._connection:
            changed(True)  # noqa: FBT003
        for ready in self._ready:
            ready()
        for plug in self.plugs:
            plug.power_on()

    def say(self, topic: str, payload: bytes) -> None:
        """Take what a plug publishes."""
        if self.is_up:
            self._to_hass.append(
                mqtt.ReceiveMessage(topic, payload, 0, False, topic, 0.0)  # noqa: FBT003
            )

    def _until_something(self) -> float:
        scheduled: list[asyncio.TimerHandle] = self.hass.loop._scheduled  # type: ignore[attr-defined]
        times = [scheduled[0].when() - time.monotonic()] if scheduled else []
        left = self.timers.until_next()
        if left is not None:
            times.append(left)
        return min(times, default=1.0)

    async def _settle(self) -> None:
        """Let everything happen that needs no time, plugs apart from the loop."""
        ready = self.hass.loop._ready  # type: ignore[attr-defined]
        for _ in range(_MOST_ROUNDS):
            began = true_time()
            # As MQTT does: all that has arrived is handed over in one turn.
            while self._to_hass:
                message = self._to_hass.popleft()
                self.messages += 1
                for received in self._received[:1]:
                    received(message)
            await asyncio.sleep(0)
            self.longest = max(self.longest, true_time() - began)
            while self._to_plugs:
                topic, payload = self._to_plugs.popleft()
                plug = self._hears.get(topic)
                if plug is not None and plug.is_connected:
                    plug.received(payload, time.monotonic())
            if not (ready or self._to_hass or self._to_plugs):
                return
        raise RuntimeError("never at rest")

    @contextmanager
    def mqtt(self) -> Iterator[None]:
        """Take MQTT's place."""

        async def publish(
            _hass: HomeAssistant, topic: str, data: bytes, *_: object
        ) -> None:
            if self.is_up:
                self.messages += 1
                self._to_plugs.append((topic, data))

        async def subscribe(
            _hass: HomeAssistant,
            _topic: str,
            received: _Received,
            *_: object,
            **__: object,
        ) -> Action:
            self._received.append(received)
            return lambda: None

        async def wait(_hass: HomeAssistant) -> bool:
            return True

        def on_done(
            _hass: HomeAssistant, _topic: str, _qos: int, ready: Action
        ) -> Action:
            self._ready.append(ready)
            self.hass.loop.call_soon(ready)
            return lambda: None

        def on_connection(
            _hass: HomeAssistant, changed: Callable[[bool], None]
        ) -> Action:
            self._connection.append(changed)
            return lambda: None

        stubs: dict[str, Any] = {
            "async_publish": publish,
            "async_subscribe": subscribe,
            "async_wait_for_mqtt_client": wait,
            "async_on_subscribe_done": on_done,
            "async_subscribe_connection_status": on_connection,
        }
        with patch.multiple(mqtt, **stubs):
            yield


class _World:
    """What a simulated plug needs around it."""

    server = ("192.0.2.1", 8883)

    def __init__(self, town: Town, plug: SimulatedPlug) -> None:
        self._town = town
        self._plug = plug

    def now(self) -> float:
        return time.monotonic()

    def later(self, delay: float, action: Action) -> None:
        self._town.timers.later(delay, action)

    def post(self, action: Action) -> None:
        action()

    def connect(self) -> None:
        if self._town.is_up:
            self._plug.connected()

    def disconnect(self) -> None:
        self._plug.disconnected()

    def sever(self) -> None:
        pass

    def publish(self, topic: str, payload: bytes) -> None:
        self._town.say(topic, payload)


@asynccontextmanager
async def town() -> AsyncIterator[Town]:
    """Build a town without plugs; its clock stands still."""
    async with async_test_home_assistant() as hass:
        hass.loop.set_debug(False)
        hass.data.pop(DATA_CUSTOM_COMPONENTS)
        hass.config.components.add(mqtt.DOMAIN)
        await hass.config.async_set_time_zone("Europe/Berlin")
        hass.config.time_zone = "Europe/Berlin"
        with freeze_time(_BEGIN) as clock, patch.object(Store, "async_delay_save"):
            here = Town(hass, clock)
            with here.mqtt():
                yield here
                await hass.async_stop(force=True)


def run(main: Coroutine[Any, Any, None]) -> None:
    """Run it."""
    asyncio.run(main)
