"""A real environment for tests: a broker, Home Assistant and simulated plugs."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
import json
from pathlib import Path
from time import monotonic
from typing import Any, TypedDict, Unpack

import pytest

from tests.simulator import Fleet, Message, SimulatedPlug
from tests.support.processes.client import CallError, Client
from tests.support.processes.hass import HomeAssistant
from tests.support.processes.listeners import Listener
from tests.support.processes.mosquitto import Mosquitto
from tests.support.processes.process import Process
from tests.support.processes.storage import Broker

DOMAIN = "meross_local"
MQTT_RECONNECT_INTERVAL = (
    "homeassistant.components.mqtt.client:RECONNECT_INTERVAL_SECONDS"
)

# Further addresses of this machine stand for that of a broker elsewhere; whole fleets
# of plugs add themselves.
_CONSTANTS = {
    "custom_components.meross_local.new_plugs:MAX_ADDED_PER_HOUR": 10_000,
    "custom_components.meross_local.flows.broker:_OWN_NETWORKS": ["127.0.0.1/32"],
}
_RUN_WITH_CONSTANTS = Path(__file__).parent / "run_with_constants.py"
_POLL_INTERVAL = 0.02

type Outlet = tuple[str, int]
"""A plug's uuid and a channel of it."""


class Options(TypedDict, total=False):
    """What can be different about an environment."""

    listeners: Iterable[Listener]
    """Further listeners of the broker."""
    prepare: Callable[[Path], None]
    """Changes the configuration folder before Home Assistant starts."""
    constants: Mapping[str, object]
    """Values of constants, as run_with_constants.py accepts them."""


@dataclass(frozen=True, slots=True)
class Environment:
    """Give tests access to the broker, Home Assistant and the plugs."""

    mosquitto: Mosquitto
    hass: HomeAssistant
    fleet: Fleet

    @property
    def client(self) -> Client:
        """The API of Home Assistant."""
        return self.hass.client

    @property
    def outlets(self) -> dict[Outlet, SimulatedPlug]:
        """Every channel of every plug."""
        return {
            (plug.uuid, channel): plug
            for plug in self.fleet.plugs
            for channel in range(len(plug.model.outlets))
        }

    async def set_up(self, *plugs: SimulatedPlug) -> None:
        """Connect the first plugs, confirm the card, and wait for their switches."""
        self.fleet.add(*plugs)
        await until(lambda: all(plug.is_bound for plug in plugs), 10)
        card = await self.card(len(plugs))
        await self.client.answer_flow(card["flow_id"])
        await self.expect_in_sync(within=10)

    async def card(self, count: int, within: float = 10) -> dict[str, Any]:
        """Return the only card of discovered plugs, once it counts so many."""
        end = monotonic() + within
        while True:
            cards = await self.client.discovered(DOMAIN)
            assert len(cards) <= 1, cards
            for card in cards:
                placeholders = card["context"].get("title_placeholders", {})
                if placeholders.get("count") == str(count):
                    found: dict[str, Any] = card
                    return found
            assert monotonic() < end, cards
            await asyncio.sleep(_POLL_INTERVAL)

    async def entry_id(self) -> str:
        """Return the id of the only entry of the integration."""
        (entry,) = await self.client.entries(DOMAIN)
        return str(entry["entry_id"])

    async def entity_ids(self) -> dict[str, str]:
        """Return the ids of all entities of the integration by their unique ids."""
        return {
            entity["unique_id"]: entity["entity_id"]
            for entity in await self.client.command("config/entity_registry/list")
            if entity["platform"] == DOMAIN
        }

    async def switches(self) -> dict[Outlet, str]:
        """Return the entity ids of the outlets' switches."""
        return {
            (uuid, int(channel)): entity_id
            for unique_id, entity_id in (await self.entity_ids()).items()
            for uuid, channel in [unique_id.split("_", 1)]
            if channel.isdigit()
        }

    async def states(self) -> dict[Outlet, str]:
        """Return the states of the outlets' switches."""
        switches = await self.switches()
        states = await self.client.states("switch")
        return {
            outlet: states[entity_id]["state"] if entity_id in states else "missing"
            for outlet, entity_id in switches.items()
        }

    async def out_of_sync(self) -> dict[Outlet, str | None]:
        """Return the states of the switches that differ from their outlets."""
        states = await self.states()
        return {
            outlet: states.get(outlet)
            for outlet, plug in self.outlets.items()
            if states.get(outlet) != ("on" if plug.onoff(outlet[1]) else "off")
        }

    async def expect_in_sync(self, within: float, *plugs: SimulatedPlug) -> None:
        """Wait until every switch, or those of some plugs, has its outlet's state."""
        uuids = {plug.uuid for plug in plugs or self.fleet.plugs}
        end = monotonic() + within
        while wrong := {
            outlet: state
            for outlet, state in (await self.out_of_sync()).items()
            if outlet[0] in uuids
        }:
            assert monotonic() < end, wrong
            await asyncio.sleep(_POLL_INTERVAL)

    async def turn(self, outlet: Outlet, action: str) -> None:
        """Turn a switch on or off; return when Home Assistant has done so."""
        switches = await self.switches()
        await self.client.act(f"switch.turn_{action}", entity_id=switches[outlet])

    async def turn_error(self, outlet: Outlet, action: str) -> str:
        """Turn a switch on or off on the dashboard; return the error it shows."""
        switches = await self.switches()
        with pytest.raises(CallError) as caught:
            await self.client.command(
                "call_service",
                domain="switch",
                service=f"turn_{action}",
                target={"entity_id": switches[outlet]},
            )
        return str(caught.value)

    async def expect_controllable(
        self, plug: SimulatedPlug, channel: int = 0, within: float = 5
    ) -> None:
        """Wait for a plug's switch, and turn it on and off."""
        async with asyncio.timeout(within):
            while (plug.uuid, channel) not in await self.switches():
                await asyncio.sleep(_POLL_INTERVAL)
        for action in ("on", "off"):
            await self.turn((plug.uuid, channel), action)
            # The action ends only when the plug has been switched.
            assert plug.onoff(channel) == (action == "on")

    async def issues(self) -> dict[str, str]:
        """Return the ids of the integration's repair issues by translation key."""
        listed = await self.client.command("repairs/list_issues")
        return {
            issue["translation_key"]: issue["issue_id"]
            for issue in listed["issues"]
            if issue["domain"] == DOMAIN
        }

    async def reload(self, domain: str) -> None:
        """Reload the only entry of an integration."""
        (entry,) = await self.client.entries(domain)
        await self.client.post(
            f"config/config_entries/entry/{entry['entry_id']}/reload"
        )

    async def restart_broker(self, within: float = 30) -> None:
        """Start the broker again, and wait until Home Assistant has reconnected."""
        connections = await self._count_connections()
        await self.mosquitto.start()
        async with asyncio.timeout(within):
            while await self._count_connections() == connections:
                await asyncio.sleep(_POLL_INTERVAL)

    async def _count_connections(self) -> int:
        """Count the connections of Home Assistant in the broker's log."""
        lines = await asyncio.to_thread(self.mosquitto.process.log_lines)
        return sum(
            "New client connected" in line and " as fmware:" not in line
            for line in lines
        )


@asynccontextmanager
async def start_environment(
    python: str, folder: Path, **options: Unpack[Options]
) -> AsyncIterator[Environment]:
    """Start a broker and Home Assistant without plugs."""
    mosquitto = Mosquitto(folder / "mosquitto", listeners=options.get("listeners", ()))
    hass = HomeAssistant(python, folder / "hass", Broker(port=mosquitto.port))
    if prepare := options.get("prepare"):
        prepare(hass.folder)
    is_installed = (hass.folder / "custom_components" / DOMAIN).exists()
    constants = options.get("constants", {})
    if constants := {**(_CONSTANTS if is_installed else {}), **constants}:
        hass.process = Process(
            [
                *(python, "-P", str(_RUN_WITH_CONSTANTS), json.dumps(constants)),
                *("--config", str(hass.folder), "--skip-pip"),
            ],
            log=hass.process.log,
            cwd=hass.folder,
        )
    fleet = Fleet("127.0.0.1", mosquitto.port)
    async with mosquitto, hass:
        await hass.client.mqtt_is_ready()
        with fleet:
            yield Environment(mosquitto, hass, fleet)


async def until(condition: Callable[[], object], within: float = 5.0) -> None:
    """Wait until a condition is true; raise TimeoutError otherwise."""
    async with asyncio.timeout(within):
        while not condition():
            await asyncio.sleep(_POLL_INTERVAL)


async def press(*plugs: SimulatedPlug, channel: int = 0) -> None:
    """Press the buttons of plugs, and wait until they have switched."""
    before = [plug.onoff(channel) for plug in plugs]
    for plug in plugs:
        plug.press(channel)
    await until(
        lambda: all(
            plug.onoff(channel) != onoff
            for plug, onoff in zip(plugs, before, strict=True)
        )
    )


async def power_cycle(*plugs: SimulatedPlug, within: float = 5.0) -> None:
    """Unplug plugs, press their buttons, and plug them in with empty records."""
    for plug in plugs:
        plug.power_off()
    await until(lambda: not any(plug.is_connected for plug in plugs))
    for plug in plugs:
        plug.inbox.clear()
        plug.outbox.clear()
        plug.press()
        plug.power_on()
    await until(lambda: all(plug.is_bound for plug in plugs), within)


def received(plug: SimulatedPlug, namespace: str, method: str) -> list[Message]:
    """Return the messages of a kind that the plug received."""
    return _of_kind([entry.message for entry in list(plug.inbox)], namespace, method)


def published(plug: SimulatedPlug, namespace: str, method: str) -> list[Message]:
    """Return the messages of a kind that the plug published."""
    return _of_kind([entry.message for entry in list(plug.outbox)], namespace, method)


def _of_kind(
    messages: Iterable[Message | None], namespace: str, method: str
) -> list[Message]:
    return [
        message
        for message in messages
        if message and (message.namespace, message.method) == (namespace, method)
    ]
