"""A long run: python -m tests.fuzz.soak [--seconds 60 | --messages 1000000].

Two hundred plugs are queried for their power every ten seconds. Of each day some
minutes are simulated, midnight among them, with power cuts and a restart of the broker;
the hours between are skipped. Then mutated messages are published while the plugs have
no power. Memory, timers and tasks must stay as they are after the second day, when
every buffer is full, the event loop must never be blocked, and all entities must be
right.
"""

from argparse import ArgumentParser
import asyncio
from collections import deque
from dataclasses import dataclass, field
import gc
from pathlib import Path
from random import Random
import resource
import sys
from typing import Final

from tests.simulator import SimulatedPlug
from tests.support.clock import HOUR, real_monotonic, seconds_until_midnight
from tests.support.entities import state_of

from .mutate import flip, mutate
from .promises import BrokenPromiseError
from .script import Kind, Mode, Step, encode
from .seeds import seeds
from .target import Target, target

_CRASHES: Final = Path(".cache/fuzz")
_MINUTE: Final = 60
_BEFORE_MIDNIGHT: Final = 3 * _MINUTE
_AFTER_MIDNIGHT: Final = 7 * _MINUTE

_DAYS: Final = 7
# The first day whose end is compared with that of the last one.
_FIRST_DAY: Final = 2
_FLOODS: Final = 0.1
# Scripts of 64 messages that fill every buffer.
_FIRST_FLOODS: Final = 64
_MAX_KEPT_STEPS: Final = 1000

# Growth since the first day: in all, and for each plug and day, whose consumption is in
# the last messages that are kept of it.
_MORE: Final = {"blocks": 20_000, "resident": 16 << 20, "timers": 5, "tasks": 2}
_MORE_PER_PLUG: Final = {"blocks": 10, "resident": 4_000}
# The longest turn of the event loop may take this many times longer, and seconds
# besides. Its length means nothing by itself: frozen time slows everything down.
_MORE_TURN: Final = 3
_MORE_TURN_SECONDS: Final = 0.2


@dataclass(frozen=True, slots=True)
class Usage:
    """What the process uses at the end of a day, after garbage collection."""

    blocks: int
    resident: int
    timers: int
    tasks: int

    @classmethod
    def now(cls, subject: Target) -> Usage:
        """Measure, without what simulated plugs and the broker recorded."""
        subject.sim.broker.sent.clear()
        for plug in subject.sim.broker.plugs.values():
            plug.inbox.clear()
            plug.outbox.clear()
        gc.collect()
        loop = asyncio.get_running_loop()
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
        scheduled: list[asyncio.TimerHandle] = loop._scheduled  # type: ignore[attr-defined]
        return cls(
            blocks=sys.getallocatedblocks(),
            resident=pages * resource.getpagesize(),
            timers=sum(not handle.cancelled() for handle in scheduled),
            tasks=len(asyncio.all_tasks(loop)),
        )

    def growth(self, first: Usage, plugs: int, days: int) -> list[str]:
        """Return what has grown more than allowed since the first usage."""
        return [
            f"{name}: {getattr(first, name)}, then {getattr(self, name)}"
            for name, more in _MORE.items()
            if getattr(self, name) - getattr(first, name)
            > more + _MORE_PER_PLUG.get(name, 0) * plugs * days
        ]


@dataclass
class Soak:
    """The days of one run."""

    subject: Target
    plugs: list[SimulatedPlug]
    random: Random
    usages: list[Usage] = field(default_factory=list)
    turns: list[float] = field(default_factory=list)
    _played: deque[Step] = field(default_factory=lambda: deque(maxlen=_MAX_KEPT_STEPS))

    async def day(self, messages: int) -> None:
        """Simulate a noon, a midnight and so many mutated messages."""
        clock = self.subject.sim.clock
        clock.longest_turn = 0.0
        await clock.advance(2 * _MINUTE)
        await self._cut_power()
        await self._restart_broker()
        for plug in self.random.sample(self.plugs, len(self.plugs) // 4):
            plug.press()
            await clock.advance(0.1)
        clock.tick(seconds_until_midnight() - _BEFORE_MIDNIGHT)
        await clock.advance(_BEFORE_MIDNIGHT + _AFTER_MIDNIGHT)
        self._check_states()
        self.turns.append(clock.longest_turn)
        for plug in self.plugs:
            plug.power_off()
        await clock.advance(2 * _MINUTE)
        for _ in range(0 if self.usages else _FIRST_FLOODS):
            await self.play(self._flood())
        end = self.subject.messages + messages
        while self.subject.messages < end:
            is_flood = self.random.random() < _FLOODS
            await self.play(self._flood() if is_flood else self._mutated())
        self.subject.sim.broker.reconnect()
        clock.tick(11 * HOUR)
        # All that became due in the hours that were skipped, and its responses.
        await clock.advance(3 * _MINUTE)
        self._check_states()
        self.usages.append(Usage.now(self.subject))

    async def play(self, steps: list[Step]) -> None:
        """Play a script; one that fails is kept with those before it."""
        self._played += steps
        try:
            await self.subject.play(steps)
        except Exception as err:
            _CRASHES.mkdir(parents=True, exist_ok=True)
            file = _CRASHES / f"soak-{self.subject.messages}"
            file.write_bytes(encode(self._played))
            raise BrokenPromiseError(f"python -m tests.fuzz --replay {file}") from err

    def growth(self) -> list[str]:
        """Return what has grown more than allowed since the first day."""
        first = min(_FIRST_DAY, len(self.usages)) - 1
        days = len(self.usages) - 1 - first
        found = self.usages[-1].growth(self.usages[first], len(self.plugs), days)
        before, after = self.turns[first], self.turns[-1]
        if after > _MORE_TURN * before + _MORE_TURN_SECONDS:
            found.append(f"a turn of the event loop: {before:.2f} s, then {after:.2f}")
        return found

    async def _cut_power(self) -> None:
        clock = self.subject.sim.clock
        off = self.random.sample(self.plugs, len(self.plugs) // 4)
        for plug in off:
            plug.power_off()
        await clock.advance(self.random.uniform(5, 100))
        for plug in off:
            plug.power_on()
        await clock.advance(_MINUTE)

    async def _restart_broker(self) -> None:
        broker = self.subject.sim.broker
        broker.disconnect()
        await broker.advance(self.random.uniform(1, 30))
        broker.reconnect()
        await broker.advance(_MINUTE)

    def _check_states(self) -> None:
        broker = self.subject.sim.broker
        wrong = [
            plug.uuid
            for plug in self.plugs
            if state_of(broker, plug) != ("on" if plug.onoff() else "off")
        ]
        if wrong:
            sys.exit(f"{len(wrong)} switches are wrong")

    def _mutated(self) -> list[Step]:
        steps = [*self.random.choice(seeds())]
        return mutate(steps, self.random, flip(self.random))

    def _flood(self) -> list[Step]:
        """Return messages of invented uuids, each another one."""
        payload = self.random.choice(seeds())[0].payload
        before, name, after = payload.partition(b'"messageId":"')
        return [
            Step(
                Kind.ANY_UUID,
                Mode.OTHER_KEY,
                before + name + b"%032x" % self.random.getrandbits(128) + after[32:],
            )
            for _ in range(64)
        ]


async def soak(plugs: int, messages: int, seconds: float, seed: int) -> None:
    """Simulate the days; exit with an error where something has grown.

    messages is the number of mutated ones, 0 for a few a day; no further day begins
    after so many seconds of real time.
    """
    started = real_monotonic()
    known = [SimulatedPlug("mss305", number) for number in range(101, plugs + 101)]
    async with target(*known) as subject:
        await subject.sim.clock.advance(_MINUTE)
        for plug in known[::2]:
            plug.press()
        run = Soak(subject, known, Random(seed))  # noqa: S311 (no secret)
        for number in range(1, _DAYS + 1):
            await run.day(messages // _DAYS or plugs)
            passed = real_monotonic() - started
            _report(number, run, passed)
            if seconds and number > _FIRST_DAY and passed > seconds:
                break
    if growth := run.growth():
        sys.exit("\n".join(growth))


def _report(day: int, run: Soak, seconds: float) -> None:
    subject, usage = run.subject, run.usages[-1]
    print(
        f"day {day}: {subject.sim.client.messages} messages, {subject.messages}"
        f" mutated, {subject.valid} valid, {subject.responses} responses,"
        f" {subject.added} plugs added, {subject.discovered} remembered,"
        f" {usage.blocks} blocks, {usage.resident >> 10} KiB, {usage.timers} timers,"
        f" {usage.tasks} tasks, longest turn {1000 * run.turns[-1]:.0f} ms,"
        f" {seconds:.0f} s",
        flush=True,
    )


def _main() -> None:
    parser = ArgumentParser(prog="python -m tests.fuzz.soak")
    parser.add_argument("--plugs", type=int, default=200)
    parser.add_argument("--messages", type=int, default=0, help="mutated ones")
    parser.add_argument("--seconds", type=float, default=0, help="no new day after")
    parser.add_argument("--seed", type=int, default=1)
    asyncio.run(soak(**vars(parser.parse_args())))


if __name__ == "__main__":
    _main()
