"""A hub with three plugs, and a check of every promise after every step."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
import hashlib
import logging
import re
from typing import Final

from homeassistant.config_entries import ConfigSubentry
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er, issue_registry as ir

from custom_components.meross_local.const import CONF_KEY, DOMAIN
from custom_components.meross_local.diagnostics import (
    async_get_config_entry_diagnostics,
)
from custom_components.meross_local.discovery import async_get_discovery
from custom_components.meross_local.meross.identity import Identity
from custom_components.meross_local.plug import Plug
from tests.simulator import SimulatedPlug
from tests.support.entries import subentry_data_of
from tests.support.simulation import Simulation, simulation

from .promises import BrokenPromiseError, Log, Parsed, check_sent, expect
from .script import Kind, Mode, Step
from .senders import HUB_KEY, KNOWN, SENDERS, UNKNOWN, UUIDS

_SECONDS: Final = (0.2, 1, 3, 5, 6, 61)
_MAX_SWITCHING: Final = 16
_MAX_DISCOVERED: Final = 2048

_TOPICS: Final = {f"/appliance/{uuid}/subscribe" for uuid in UUIDS}
_MESSAGE_ID: Final = re.compile(rb'"messageId": ?"([^"\\]*)"')
_TIMESTAMP: Final = re.compile(rb'"timestamp": ?(-?\d+)')
_SIGN: Final = re.compile(rb'"sign": ?"[^"]*"')

type _State = tuple[Identity, str, bool, tuple[object, ...]]


class Target:
    """Play scripts, and raise where a promise is broken."""

    def __init__(self, sim: Simulation) -> None:
        """Initialize; only logs of the integration and warnings are seen from now."""
        self.sim = sim
        self.messages = 0
        self.valid = 0
        self.responses = 0
        self.added = 0
        self._hass = sim.hass
        self._entry = sim.entry
        self._sent = sim.broker.sent
        self._discovery = async_get_discovery(sim.hass)
        self._uuids = UUIDS | {plug.uuid for plug in sim.broker.plugs.values()}
        self._subentries = dict(sim.entry.subentries)
        self._switching: set[asyncio.Task[None]] = set()
        self._last_ids: dict[str, str] = {}
        self._described: dict[str, set[tuple[str, str]]] = {}
        self._log = Log()
        root = logging.getLogger()
        root.handlers = [self._log]
        root.setLevel(logging.INFO)
        logging.getLogger(f"custom_components.{DOMAIN}").setLevel(logging.DEBUG)

    @property
    def discovered(self) -> int:
        """Return how many plugs are remembered that are not in the entry."""
        return len(self._discovery._discovered)

    async def play(self, steps: Iterable[Step]) -> None:
        """Play a script, and check every promise after each step."""
        for step in steps:
            self._sent.clear()
            if step.kind <= Kind.ANY_TOPIC:
                await self._publish(step)
            else:
                await self._act(step)
                await self._settle()
            self._check_always()

    async def reset(self) -> None:
        """Make everything as it was at the start, with new plugs, but for the time."""
        while self._switching:
            await self.sim.clock.leap(61, step=61)
        self.sim.broker.reconnect(with_plugs=False)
        await self._remove_added()
        for subentry_id, old in self._subentries.items():
            self._hass.config_entries.async_update_subentry(
                self._entry, self._entry.subentries[subentry_id], data=old.data
            )
        self._discovery._discovered.clear()
        await self._hass.config_entries.async_reload(self._entry.entry_id)
        for domain, issue_id in list(ir.async_get(self._hass).issues):
            ir.async_delete_issue(self._hass, domain, issue_id)
        self._described.clear()
        self._last_ids.clear()
        await self._settle()

    async def _settle(self) -> None:
        await self.sim.clock.settle()
        for one in self._sent:
            if one.topic in _TOPICS:
                self._last_ids[one.topic] = str(one.header["messageId"])

    async def _act(self, step: Step) -> None:
        """Do what is no message."""
        match step.kind:
            case Kind.TIME:
                seconds = _SECONDS[step.mode % len(_SECONDS)]
                await self.sim.clock.leap(seconds, step=seconds)
            case Kind.SWITCH:
                self._switch(step.mode)
            case Kind.CONNECTION if step.mode & 1:
                self.sim.broker.reconnect(with_plugs=False)
            case Kind.CONNECTION:
                self.sim.broker.disconnect()
            case _ if step.mode & 1:
                await self._remove_added()
            case _:
                await async_get_config_entry_diagnostics(self._hass, self._entry)

    def _switch(self, mode: int) -> None:
        if len(self._switching) >= _MAX_SWITCHING:
            return
        plug = self.sim.hub.plugs[KNOWN[mode % len(KNOWN)].uuid]
        channels = plug.identity.channels
        channel = channels[(mode >> 2 & 7) % len(channels)]

        async def switch() -> None:
            with suppress(HomeAssistantError):
                await plug.async_switch(channel, on=bool(mode >> 5 & 1))

        task = self._hass.loop.create_task(switch())
        self._switching.add(task)
        task.add_done_callback(self._switching.discard)

    async def _remove_added(self) -> None:
        added = self._entry.subentries.keys() - self._subentries.keys()
        for subentry_id in added:
            self._hass.config_entries.async_remove_subentry(self._entry, subentry_id)
        if added:
            await self._hass.async_block_till_done()

    async def _publish(self, step: Step) -> None:
        """Publish a message, and check that it changes only what it may."""
        topic, uuid, payload = self._compose(step)
        parsed = Parsed(payload)
        before = self._states()
        subentries = dict(self._entry.subentries)
        is_retained = bool(step.mode & Mode.RETAIN)
        self.messages += 1
        # Whether or not the broker is there: it may have been sent before.
        self.sim.client.deliver(topic, payload, retain=is_retained)
        await self._settle()
        if uuid is not None:
            self._note(uuid, parsed)
        self.responses += len(self._sent)
        new = [
            one
            for subentry_id, one in self._entry.subentries.items()
            if subentry_id not in subentries
        ]
        if new or len(self._entry.subentries) != len(subentries):
            await self._hass.async_block_till_done()
            expect(len(self._entry.subentries) > len(subentries), "one more", new)
            self._check_added(uuid, parsed, new)
        else:
            check_sent(self._sent, uuid, len(payload))
        # A retained message changes no more than a forged one.
        self._check_unchanged(before, None if is_retained else uuid, parsed)

    def _compose(self, step: Step) -> tuple[str, str | None, bytes]:
        """Return the topic, the uuid in it and the signed message."""
        key = "nobody's key"
        payload = step.payload
        match step.kind:
            case Kind.ANY_UUID:
                uuid = hashlib.blake2b(payload, digest_size=16).hexdigest()
            case Kind.ANY_TOPIC:
                name, _, payload = payload.partition(b"\n")
                topic = name.decode("utf-8", "replace")
                match = re.fullmatch("/appliance/([0-9a-z]{32})/(publish|reply)", topic)
                return topic, match[1] if match else None, payload
            case _:
                sender = SENDERS[step.sender]
                uuid = sender.uuid
                if step.mode & Mode.OWN_KEY:
                    key = sender.key
        if step.mode & Mode.RESPONSE:
            last = self._last_ids.get(f"/appliance/{uuid}/subscribe", "")
            message_id = b'"messageId":"%b"' % last.encode()
            payload = _MESSAGE_ID.sub(lambda _: message_id, payload, count=1)
        if step.mode & (Mode.OWN_KEY | Mode.OTHER_KEY):
            payload = _signed(payload, key)
        end = "reply" if step.mode & Mode.REPLY else "publish"
        return f"/appliance/{uuid}/{end}", uuid, payload

    def _note(self, uuid: str, parsed: Parsed) -> None:
        """Remember which plugs have sent a valid description."""
        if (what := parsed.describes(uuid)) is None:
            return
        for key in {sender.key for sender in UNKNOWN[:-1]}:
            if parsed.is_signed_with(key):
                self._described.setdefault(uuid, set()).add((what, key))

    def _states(self) -> dict[str, _State]:
        plugs = self.sim.hub.plugs
        return {uuid: _state(plugs[uuid]) for uuid in UUIDS & plugs.keys()}

    def _check_added(
        self, uuid: str | None, parsed: Parsed, new: list[ConfigSubentry]
    ) -> None:
        """Check that only a plug with a valid, signed description was added."""
        self.added += 1
        expect(len(new) == 1, "one more", new)
        key = new[0].data[CONF_KEY]
        expect(new[0].unique_id == uuid, "the sender is added", new)
        expect(parsed.is_signed_with(key), "signed", parsed.header)
        described = self._described.pop(str(uuid), set())
        expect(
            {("all", key), ("ability", key)} <= described,
            "it described itself",
            described,
        )
        for sent in self._sent:
            check_sent([sent], uuid, len(sent.raw))

    def _check_unchanged(
        self, before: dict[str, _State], uuid: str | None, parsed: Parsed
    ) -> None:
        after = self._states()
        for other, old in before.items():
            new = after[other]
            if other == uuid and parsed.is_signed_with(old[1]):
                self.valid += 1
                expect(_who(new) == _who(old), "who it is stays", new)
            else:
                expect(new == old, "nothing else changes anything", parsed.header)

    def _check_always(self) -> None:
        plugs = self.sim.hub.plugs
        expect(not self._log.wrong, "a clean log", self._log.wrong)
        for uuid in UUIDS & plugs.keys():
            for channel in plugs[uuid].identity.channels:
                self._check_entity(uuid, plugs[uuid], channel)
        expect(self.discovered <= _MAX_DISCOVERED, "bounded memory", self.discovered)
        issues = [key for key in ir.async_get(self._hass).issues if key[0] == DOMAIN]
        expect(len(issues) <= 1 + 2 * len(plugs), "bounded issues", issues)
        expect(plugs.keys() <= self._uuids, "no invented plug", plugs)

    def _check_entity(self, uuid: str, plug: Plug, channel: int) -> None:
        """Check that the entity of a channel has the state of the plug."""
        entities = er.async_get(self._hass)
        unique_id = f"{uuid}_{channel}"
        entity_id = entities.async_get_entity_id("switch", DOMAIN, unique_id)
        state = self._hass.states.get(entity_id) if entity_id else None
        if state is None:
            raise BrokenPromiseError(f"no entity {unique_id} {entity_id}")
        states = {True: "on", False: "off", None: "unknown"}
        expected = states[plug.is_on(channel)]
        if not plug.available:
            expected = "unavailable"
        expect(state.state == expected, "the right state", (state, expected))


@asynccontextmanager
async def target(*plugs: SimulatedPlug) -> AsyncIterator[Target]:
    """Set up the known plugs, and simulated plugs besides, which are connected."""
    known = [sender.plug() for sender in KNOWN]
    subentries = [subentry_data_of(plug) for plug in (*known, *plugs)]
    async with simulation(subentries, key=HUB_KEY) as sim:
        sim.broker.connect(*plugs)
        yield Target(sim)


def _state(plug: Plug) -> _State:
    readings = plug.readings
    values = (
        *(plug.is_on(channel) for channel in plug.identity.channels),
        readings.electricity,
        readings.meter and readings.meter.total,
        readings.overheat_protection,
        readings.signal,
        readings.status_light,
    )
    return plug.identity, plug.key, plug.available, values


def _who(state: _State) -> tuple[Identity, str]:
    """Return what stays whatever firmware is installed: its names, and the key."""
    return replace(
        state[0],
        hardware="",
        firmware="",
        user_id=0,
        abilities=frozenset(),
        channels=(0,),
    ), state[1]


def _signed(payload: bytes, key: str) -> bytes:
    """Sign the message in its text, so that nothing else of it changes."""
    message_id, timestamp = _MESSAGE_ID.search(payload), _TIMESTAMP.search(payload)
    if message_id is None or timestamp is None:
        return payload
    text = message_id[1] + key.encode() + timestamp[1]
    signature = hashlib.md5(text, usedforsecurity=False).hexdigest()
    return _SIGN.sub(b'"sign":"%b"' % signature.encode(), payload, count=1)
