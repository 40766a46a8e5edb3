"""A Home Assistant with plugs that a state machine plays on, one step after another."""

import asyncio
from collections.abc import Coroutine, Iterable, Iterator
from contextlib import AsyncExitStack, suppress
import time
from typing import Any

from homeassistant.config_entries import ConfigEntryState, ConfigSubentryData
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er

from custom_components.meross_local.const import DOMAIN
from tests.simulator import Message, SimulatedPlug
from tests.simulator.namespaces import TOGGLE
from tests.support.entries import subentry_data_of
from tests.support.simulation import Simulation, simulation

_RELOAD = (ConfigEntryState.UNLOAD_IN_PROGRESS, ConfigEntryState.NOT_LOADED)
_RELOADED = (ConfigEntryState.SETUP_IN_PROGRESS, ConfigEntryState.LOADED)
_ELSEWHERE = "/app/somebody/subscribe"
# Milliseconds of real time.
_MAX_WAITS = 5000


class Stage:
    """Run Home Assistant in an event loop of its own; every method ends at rest."""

    def __init__(self, *plugs: SimulatedPlug) -> None:
        """Set up plugs, and connect them."""
        self.plugs = plugs
        self._runner = asyncio.Runner(debug=False)
        self.sim = self.run(self._open(map(subentry_data_of, plugs)))
        self.sim.broker.connect(*plugs)
        self.advance(3)

    def run[Result](self, coroutine: Coroutine[Any, Any, Result]) -> Result:
        """Run a coroutine to its end."""
        return self._runner.run(coroutine)

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.run(self.sim.clock.advance(seconds))

    def settle(self) -> None:
        """Run what needs no time."""
        self.run(self.sim.clock.settle())

    def close(self) -> None:
        """Stop Home Assistant."""
        self.run(self._stack.aclose())
        self._runner.close()

    # What is shown.

    def switches(self) -> Iterator[tuple[SimulatedPlug, int]]:
        """Yield every plug and channel."""
        for plug in self.plugs:
            for channel in range(len(plug.model.outlets)):
                yield plug, channel

    def entity_id(self, plug: SimulatedPlug, channel: int) -> str:
        """Return the entity ID of a channel's switch."""
        unique_id = f"{plug.uuid}_{channel}"
        registry = er.async_get(self.sim.hass)
        found = registry.async_get_entity_id("switch", DOMAIN, unique_id)
        assert found is not None, unique_id
        return found

    def shown(self, plug: SimulatedPlug, channel: int) -> str | None:
        """Return the state of a channel's switch."""
        state = self.sim.hass.states.get(self.entity_id(plug, channel))
        return None if state is None else state.state

    def is_available(self, plug: SimulatedPlug) -> bool:
        """Return whether a plug's switches are available."""
        return self.shown(plug, 0) not in {None, STATE_UNAVAILABLE}

    def is_connected(self, plug: SimulatedPlug) -> bool:
        """Return whether messages of the plug can arrive."""
        return self.sim.broker.is_up and plug.is_connected

    # What people do.

    def call(self, *states: tuple[SimulatedPlug, int, bool]) -> asyncio.Task[bool]:
        """Call services as a scene does; the task returns whether they succeeded."""

        async def call() -> bool:
            with suppress(HomeAssistantError, asyncio.CancelledError):
                await asyncio.gather(*(self._turn(*state) for state in states))
                return True
            return False

        return self.run(self._start(call()))

    async def _start(self, coroutine: Coroutine[Any, Any, bool]) -> asyncio.Task[bool]:
        task = asyncio.get_running_loop().create_task(coroutine)
        await self.sim.clock.settle()
        return task

    async def _turn(self, plug: SimulatedPlug, channel: int, on: bool) -> None:
        await self.sim.hass.services.async_call(
            "switch",
            "turn_on" if on else "turn_off",
            {"entity_id": self.entity_id(plug, channel)},
            blocking=True,
        )

    def switch_elsewhere(
        self, plug: SimulatedPlug, channel: int, *, on: bool, is_seen: bool
    ) -> None:
        """Switch a plug by another controller, whose acknowledgement may be seen."""
        payload = {"togglex": {"channel": channel, "onoff": int(on)}}
        if plug.model.toggle == TOGGLE:
            payload = {"toggle": {"onoff": int(on)}}
        request = Message.signed(
            plug.key,
            namespace=plug.model.toggle,
            method="SET",
            payload=payload,
            reply_to=plug.device.identity.publish_topic if is_seen else _ELSEWHERE,
            timestamp=1,
        )
        if self.is_connected(plug):
            plug.received(request.encode(), self.sim.clock.now)
        self.settle()

    # What happens to Home Assistant.

    def reload(self, *, mqtt: bool, ours: bool) -> None:
        """Reload the entry of MQTT, ours, or both at once: that takes a moment."""
        self.run(self._reload(mqtt=mqtt, ours=ours))
        self.advance(0.05)

    async def _reload(self, *, mqtt: bool, ours: bool) -> None:
        hass, entry = self.sim.hass, self.sim.entry
        reloading = None
        if mqtt:
            await self._set_mqtt(_RELOAD)
        if ours:
            reloading = hass.async_create_task(
                hass.config_entries.async_reload(entry.entry_id)
            )
        if mqtt:
            self.sim.client.replace_client()
            await self._set_mqtt(_RELOADED)
            self.sim.client.set_connected(connected=True)
        if reloading is not None:
            await self._wait_for(reloading)
        await self.sim.clock.settle()

    async def _wait_for(self, task: asyncio.Task[bool]) -> None:
        """Wait for other threads, and let no time pass: each run is like the last."""
        for _ in range(_MAX_WAITS):
            if task.done():
                return
            await asyncio.to_thread(time.sleep, 0.001)
        raise TimeoutError("what needs no time is still not done")

    async def _set_mqtt(self, states: Iterable[ConfigEntryState]) -> None:
        for state in states:
            self.sim.mqtt_entry.mock_state(self.sim.hass, state)
            await asyncio.sleep(0)

    def restart(self, *pressed: SimulatedPlug) -> None:
        """Restart Home Assistant; buttons are pressed while it is stopped."""
        old = self.sim
        # What was stored is what the entry has at the end.
        subentries = [
            ConfigSubentryData(
                data=dict(one.data),
                subentry_type=one.subentry_type,
                title=one.title,
                unique_id=one.unique_id,
            )
            for one in old.entry.subentries.values()
        ]
        old.broker.is_up = False
        for plug in pressed:
            plug.press()
        self.run(self._stack.aclose())
        self.sim = self.run(self._open(subentries, old))
        self.settle()

    async def _open(
        self, subentries: Iterable[ConfigSubentryData], old: Simulation | None = None
    ) -> Simulation:
        """Start Home Assistant; the plugs of an older one go on as they are."""
        self._stack = AsyncExitStack()
        return await self._stack.enter_async_context(
            simulation([*subentries], after=old)
        )
