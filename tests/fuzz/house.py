"""Home Assistant with a hub and three plugs; MQTT is a list of what was sent.

The integration is set up whole, entities included. Time passes only when a script lets
it, and every script finds the plugs as at a start.
"""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
import hashlib
import logging
import re
from types import ModuleType
from typing import Any, Final, override
from unittest.mock import patch

from homeassistant.components import mqtt
from homeassistant.config_entries import ConfigSubentryData
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.helpers.storage import Store
from homeassistant.loader import DATA_CUSTOM_COMPONENTS

from custom_components.meross_local import discovery, hub, journal, plug
from custom_components.meross_local.const import CONF_KEY, DOMAIN
from custom_components.meross_local.diagnostics import (
    async_get_config_entry_diagnostics,
)
from custom_components.meross_local.meross.identity import Identity
from custom_components.meross_local.meross.namespaces import Namespace
from custom_components.meross_local.plug import Plug
from custom_components.meross_local.subentry import subentry_from_identity

# After ours, which the framework's own custom_components would shadow.
from pytest_homeassistant_custom_component.common import (  # isort: skip
    MockConfigEntry,
    async_test_home_assistant,
)

from .cast import FIRST_GENERATION, HUB_KEY, KNOWN, NEWCOMERS, SPEAKERS, Speaker
from .promises import BrokenPromiseError, Log, Said, Sent, check_answers, expect
from .script import Kind, Mode, Step

_SECONDS: Final = (0.2, 1, 3, 5, 6, 61)
_MOST_CLICKS: Final = 16
_MOST_NEWCOMERS: Final = 2048

_TOPICS: Final = {f"/appliance/{one.uuid}/subscribe" for one in SPEAKERS}
_MESSAGE_ID: Final = re.compile(rb'"messageId": ?"([^"\\]*)"')
_TIMESTAMP: Final = re.compile(rb'"timestamp": ?(-?\d+)')
_SIGN: Final = re.compile(rb'"sign": ?"[^"]*"')

type _Shown = tuple[Identity, str, bool, tuple[object, ...]]


class _Clock:
    """The time, for the integration and for the event loop."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def time(self) -> float:
        return self.now

    def monotonic(self) -> float:
        return self.now


class _Loop(asyncio.SelectorEventLoop):
    """An event loop whose time stands still."""

    def __init__(self, clock: _Clock) -> None:
        super().__init__()
        self._clock = clock

    @override
    def time(self) -> float:
        return self._clock.now

    @property
    def is_idle(self) -> bool:
        return not self._ready  # type: ignore[attr-defined]


class House:
    """Plays scripts, and raises where a promise is broken."""

    hass: HomeAssistant

    def __init__(self) -> None:
        """Set up everything."""
        self.messages = 0
        self.believed = 0
        self.answers = 0
        self.set_ups = 0
        self._clock = _Clock()
        self._loop = _Loop(self._clock)
        self._log = Log()
        self._sent: list[Sent] = []
        self._clicks: set[asyncio.Task[None]] = set()
        self._connection: list[Callable[[bool], None]] = []
        self._ready: list[Callable[[], None]] = []
        self._received: list[Callable[[mqtt.ReceiveMessage], None]] = []
        self._last_sent: dict[str, str] = {}
        self._described: dict[str, set[tuple[str, str]]] = {}
        self._context = AsyncExitStack()
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._set_up())

    def play(self, steps: list[Step], *, afresh: bool = True) -> None:
        """Play a script; afresh makes all as it was at the start before."""
        self._loop.run_until_complete(self._play(steps, afresh=afresh))

    @property
    def newcomers(self) -> int:
        """Return how many plugs are remembered."""
        return len(self._discovery._newcomers)

    async def _set_up(self) -> None:
        self._stub_mqtt()
        for module in (hub, plug, discovery, journal):
            self._stub(module, "time", self._clock)
        self._context.enter_context(
            patch.object(Store, "async_delay_save", lambda *_, **__: None)
        )
        self.hass = await self._context.enter_async_context(async_test_home_assistant())
        self.hass.data.pop(DATA_CUSTOM_COMPONENTS)
        self.hass.config.components.add(mqtt.DOMAIN)
        self._entry = MockConfigEntry(
            domain=DOMAIN,
            data={CONF_KEY: HUB_KEY},
            subentries_data=[_subentry(speaker) for speaker in KNOWN],
        )
        self._entry.add_to_hass(self.hass)
        if not await self.hass.config_entries.async_setup(self._entry.entry_id):
            raise BrokenPromiseError("not set up")
        await self.hass.async_block_till_done()
        self._hub: hub.Hub = self._entry.runtime_data
        self._discovery = discovery.async_get_discovery(self.hass)
        self._entities = er.async_get(self.hass)
        self._issues = ir.async_get(self.hass)
        root = logging.getLogger()
        root.handlers = [self._log]
        root.setLevel(logging.INFO)
        logging.getLogger(f"custom_components.{DOMAIN}").setLevel(logging.DEBUG)

    def _stub(self, module: ModuleType, name: str, stub: object) -> None:
        self._context.enter_context(patch.object(module, name, stub))

    def _stub_mqtt(self) -> None:
        async def publish(
            _hass: HomeAssistant,
            topic: str,
            data: bytes,
            _qos: int,
            retain: Any = False,  # noqa: ANN401, FBT002
        ) -> None:
            self._sent.append(Sent(topic, data, bool(retain)))

        async def subscribe(
            _hass: HomeAssistant,
            _topic: str,
            received: Callable[[mqtt.ReceiveMessage], None],
            *_: object,
            **__: object,
        ) -> Callable[[], None]:
            self._received.append(received)
            return lambda: None

        def on_subscribe_done(
            _hass: HomeAssistant, _topic: str, _qos: int, ready: Callable[[], None]
        ) -> Callable[[], None]:
            self._ready.append(ready)
            return lambda: None

        def on_connection(
            _hass: HomeAssistant, changed: Callable[[bool], None]
        ) -> Callable[[], None]:
            self._connection.append(changed)
            return lambda: None

        async def wait(_hass: HomeAssistant) -> bool:
            return True

        self._stub(mqtt, "async_publish", publish)
        self._stub(mqtt, "async_subscribe", subscribe)
        self._stub(mqtt, "async_on_subscribe_done", on_subscribe_done)
        self._stub(mqtt, "async_subscribe_connection_status", on_connection)
        self._stub(mqtt, "async_wait_for_mqtt_client", wait)

    async def _play(self, steps: list[Step], *, afresh: bool) -> None:
        if afresh:
            await self._start_afresh()
        for step in steps:
            self._sent.clear()
            match step.kind:
                case Kind.TIME:
                    await self._let_pass(_SECONDS[step.mode % len(_SECONDS)])
                case Kind.CLICK:
                    self._click(step.mode)
                    await self._settle()
                case Kind.CONNECTION:
                    self._change_connection(up=bool(step.mode & 1))
                    await self._settle()
                case Kind.PERSON if step.mode & 1:
                    await self._remove_newcomers()
                case Kind.PERSON:
                    await async_get_config_entry_diagnostics(self.hass, self._entry)
                case _:
                    await self._say(step)
            self._check_always()

    async def _start_afresh(self) -> None:
        """Make everything as it was when the hub had just been set up."""
        while self._clicks:
            await self._let_pass(_SECONDS[-1])
        self._hub._stop_asking()
        await self._remove_newcomers()
        for known in self._hub.plugs.values():
            listeners, polling = known._listeners, known.polling
            Plug.__init__(
                known,
                self.hass,
                known.identity,
                known.key,
                known.subentry_id,
                self._hub._described,
            )
            known._listeners, known.polling = listeners, polling
            known._tell_all()
        self._discovery._newcomers.clear()
        self._described.clear()
        for domain, issue_id in list(self._issues.issues):
            ir.async_delete_issue(self.hass, domain, issue_id)
        self._last_sent.clear()
        self._change_connection(up=True)
        await self._settle()

    async def _remove_newcomers(self) -> None:
        added = [one.subentry_id for one in self._added]
        for subentry_id in added:
            self.hass.config_entries.async_remove_subentry(self._entry, subentry_id)
        if added:
            await self.hass.async_block_till_done()

    @property
    def _added(self) -> list[Any]:
        known = {speaker.uuid for speaker in KNOWN}
        return [
            one for one in self._entry.subentries.values() if one.unique_id not in known
        ]

    async def _let_pass(self, seconds: float) -> None:
        self._clock.now += seconds
        await asyncio.sleep(0)
        await self._settle()

    async def _settle(self) -> None:
        for _ in range(200):
            await asyncio.sleep(0)
            if self._loop.is_idle:
                break
        else:
            raise BrokenPromiseError("never at rest")
        for one in self._sent:
            if one.topic in _TOPICS:
                self._last_sent[one.topic] = one.message_id

    def _click(self, mode: int) -> None:
        if len(self._clicks) >= _MOST_CLICKS:
            return
        clicked = self._hub.plugs[KNOWN[mode % len(KNOWN)].uuid]
        channels = clicked.identity.channels
        channel = channels[(mode >> 2 & 7) % len(channels)]

        async def click() -> None:
            with suppress(HomeAssistantError):
                await clicked.async_switch(channel, on=bool(mode >> 5 & 1))

        task = self._loop.create_task(click())
        self._clicks.add(task)
        task.add_done_callback(self._clicks.discard)

    def _change_connection(self, *, up: bool) -> None:
        for changed in self._connection:
            changed(up)
        if up:
            for ready in self._ready:
                ready()

    async def _say(self, step: Step) -> None:
        """Let somebody say something, and see that it changes only what it may."""
        topic, uuid, payload = self._compose(step)
        said = Said(payload)
        before = self._shown()
        subentries = set(self._entry.subentries)
        self.messages += 1
        for received in self._received[:1]:
            received(
                mqtt.ReceiveMessage(
                    topic, payload, 0, bool(step.mode & Mode.RETAIN), topic, 0.0
                )
            )
        await self._settle()
        if uuid is not None:
            self._note(uuid, said)
        if set(self._entry.subentries) != subentries:
            await self.hass.async_block_till_done()
            self._check_set_up(uuid, said, subentries)
        self.answers += len(self._sent)
        if set(self._entry.subentries) == subentries:
            check_answers(self._sent, uuid, len(payload))
        # A retained message is the broker's memory: it changes no more than a forgery.
        speaker = None if step.mode & Mode.RETAIN else uuid
        self._check_unchanged(before, speaker, said)

    def _compose(self, step: Step) -> tuple[str, str | None, bytes]:
        """Return the topic, whose it is and the signed message."""
        end = "reply" if step.mode & Mode.REPLY else "publish"
        key = "nobody's key"
        payload = step.payload
        match step.kind:
            case Kind.STRANGER:
                digest = hashlib.blake2b(payload, digest_size=16)
                uuid = digest.hexdigest()
            case Kind.ANY_TOPIC:
                name, _, payload = payload.partition(b"\n")
                topic = name.decode("utf-8", "replace")
                match = re.fullmatch("/appliance/([0-9a-z]{32})/(publish|reply)", topic)
                return topic, match[1] if match else None, payload
            case _:
                speaker = SPEAKERS[step.speaker]
                uuid = speaker.uuid
                if step.mode & Mode.OWN_KEY:
                    key = speaker.key
        if step.mode & Mode.ANSWER:
            last = self._last_sent.get(f"/appliance/{uuid}/subscribe", "")
            payload = _MESSAGE_ID.sub(
                lambda _: b'"messageId":"%b"' % last.encode(), payload, count=1
            )
        if step.mode & (Mode.OWN_KEY | Mode.OTHER_KEY):
            payload = _signed(payload, key)
        return f"/appliance/{uuid}/{end}", uuid, payload

    def _note(self, uuid: str, said: Said) -> None:
        """Remember who has truly described itself."""
        if (what := said.describes(uuid)) is None:
            return
        for key in {speaker.key for speaker in NEWCOMERS[:-1]}:
            if said.is_signed_with(key):
                self._described.setdefault(uuid, set()).add((what, key))

    def _shown(self) -> dict[str, _Shown]:
        return {
            uuid: (
                one.identity,
                one.key,
                one.available,
                (
                    *(one.is_on(channel) for channel in one.identity.channels),
                    one.readings.electricity,
                    one.readings.meter and one.readings.meter.total,
                    one.readings.overheat_protection,
                    one.readings.signal,
                    one.readings.status_light,
                ),
            )
            for uuid, one in self._hub.plugs.items()
        }

    def _check_set_up(self, uuid: str | None, said: Said, subentries: set[str]) -> None:
        """Only a plug that signed a sensible description of itself is set up."""
        self.set_ups += 1
        new = [
            one
            for subentry_id, one in self._entry.subentries.items()
            if subentry_id not in subentries
        ]
        expect(
            len(new) == 1 and len(self._entry.subentries) > len(subentries),
            "one more",
            new,
        )
        data = new[0].data
        key = data[CONF_KEY]
        expect(new[0].unique_id == uuid, "the speaker is set up", new)
        expect(said.is_signed_with(key), "signed", said.header)
        wanted = {("all", key), ("ability", key)}
        described = self._described.pop(str(uuid), set())
        expect(wanted <= described, "it described itself", described)
        for sent in self._sent:
            check_answers([sent], uuid, len(sent.data))

    def _check_unchanged(
        self, before: dict[str, _Shown], uuid: str | None, said: Said
    ) -> None:
        after = self._shown()
        for other, shown in before.items():
            now = after[other]
            if other == uuid and said.is_signed_with(shown[1]):
                self.believed += 1
                expect(_who(now) == _who(shown), "who it is stays", now)
            else:
                expect(now == shown, "nothing else changes anything", said.header)

    def _check_always(self) -> None:
        expect(not self._log.wrong, "a clean log", self._log.wrong)
        for uuid, one in self._hub.plugs.items():
            for channel in one.identity.channels:
                self._check_entity(uuid, one, channel)
        expect(self.newcomers <= _MOST_NEWCOMERS, "bounded newcomers", self.newcomers)
        issues = [key for key in self._issues.issues if key[0] == DOMAIN]
        expect(len(issues) <= 1 + 2 * len(self._hub.plugs), "bounded issues", issues)
        uuids = {speaker.uuid for speaker in SPEAKERS}
        expect(self._hub.plugs.keys() <= uuids, "no invented plug", self._hub.plugs)

    def _check_entity(self, uuid: str, one: Plug, channel: int) -> None:
        """See that Home Assistant shows what the plug said."""
        unique_id = f"{uuid}_{channel}"
        entity_id = self._entities.async_get_entity_id("switch", DOMAIN, unique_id)
        state = self.hass.states.get(entity_id) if entity_id else None
        if state is None:
            raise BrokenPromiseError(f"no entity {unique_id} {entity_id}")
        expected = "on" if one.is_on(channel) else "off"
        if not one.available:
            expected = "unavailable"
        expect(state.state == expected, "shown as it is", (state, expected))


def _who(shown: _Shown) -> tuple[Identity, str]:
    """Return what stays: all but versions and account, and the key."""
    return replace(shown[0], hardware="", firmware="", user_id=0), shown[1]


def _subentry(speaker: Speaker) -> ConfigSubentryData:
    first = speaker is FIRST_GENERATION
    identity = Identity(
        uuid=speaker.uuid,
        mac=":".join(speaker.uuid[at : at + 2] for at in range(20, 32, 2)),
        model=speaker.model,
        hardware="1.0.0",
        firmware="1.0.0",
        abilities=frozenset({Namespace.TOGGLE if first else Namespace.TOGGLE_X}),
        channels=speaker.channels,
        user_id=0,
    )
    return subentry_from_identity(identity, speaker.key)


def _signed(payload: bytes, key: str) -> bytes:
    """Sign the message in its text, so that nothing else of it changes."""
    message_id, timestamp = _MESSAGE_ID.search(payload), _TIMESTAMP.search(payload)
    if message_id is None or timestamp is None:
        return payload
    text = message_id[1] + key.encode() + timestamp[1]
    signature = hashlib.md5(text, usedforsecurity=False).hexdigest()
    return _SIGN.sub(b'"sign":"%b"' % signature.encode(), payload, count=1)
