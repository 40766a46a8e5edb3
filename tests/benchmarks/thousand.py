"""A thousand plugs: what they cost, and how they come back."""

import asyncio
from collections.abc import Sequence
import time
from typing import override

from tests.end_to_end.environment import until
from tests.simulator import SimulatedPlug
from tests.simulator.namespaces import BIND

from .cast import Size
from .contender import NOTHING, Contender, contender
from .report import Goal, Row
from .stage import SetUpError, Stage, stage

# Seconds in which everything that a start or a set-up leaves behind is over.
_SETTLING = 90.0
_OUTAGE = 5.0
_KILO = 1000


class HeldPlug(SimulatedPlug):
    """A plug that connects but greets only when all others can, too."""

    is_held = False

    @override
    def connected(self) -> None:
        """Wait with the greeting."""
        self.is_connected = True
        if not self.is_held:
            super().connected()

    def release(self) -> None:
        """Greet."""
        self.is_held = False
        self.world.post(self.connected)


class Thousand:
    """The rows of one visit to each contender's stage."""

    def __init__(self, size: Size) -> None:
        """Begin with empty rows."""
        many = size.many
        self._size = size
        self.memory = Row(
            what=f"memory a plug ({many} of them, after a restart)",
            unit="kB",
            goal=Goal(most=60),
        )
        self.set_up = Row(
            what="processor time of the set-up of a plug at a start",
            unit="ms",
            digits=2,
            goal=Goal(most=2),
        )
        self.restart = Row(
            what=f"Home Assistant restarted, {many} plugs: running → all right",
            unit="s",
            digits=1,
            goal=Goal(most=5),
        )
        self.power = Row(
            what=f"power cut, {many} plugs greet at once: all acknowledged",
            unit="s",
            digits=2,
            goal=Goal(most=5),
        )
        self.again = Row(
            what="… plugs that needed a second Bind", unit="", goal=Goal(most=0)
        )
        self.block = Row(
            what="… the event loop blocked for at most", unit="ms", goal=Goal(most=50)
        )
        self.idle = Row(
            what=f"{many} idle plugs: processor time an hour, over none",
            unit="s",
            digits=1,
            goal=Goal(most=30),
        )

    async def rows(self, contenders: Sequence[Contender]) -> list[Row]:
        """Visit everyone, and return what was measured."""
        for one in contenders:
            try:
                await self._visit(one)
            except SetUpError as error:
                self.memory.remarks[one.name] = f"not measured: {error}"
        return [
            self.memory,
            self.set_up,
            self.restart,
            self.power,
            self.again,
            self.block,
            self.idle,
        ]

    async def _visit(self, one: Contender) -> None:
        many, name = self._size.many, one.name
        # The same contender with hardly any plugs, or Home Assistant with nothing.
        none = one if one.domain is None else contender(NOTHING)
        plugs: list[SimulatedPlug] = (
            [HeldPlug("mss210", number) for number in range(1, many + 1)]
            if one.domain is not None
            else one.plugs(many)
        )
        async with stage(none, 0) as empty, stage(one, many) as here:
            await here.adopt(plugs)
            await here.expect_truth(120)
            await asyncio.sleep(2)
            right = await self._restart(here)
            await here.rest()
            await empty.hass.restart()
            await empty.rest()
            if one.domain is not None:
                self.restart.numbers[name] = right
            more = here.processor - empty.processor
            self.set_up.numbers[name] = more / many * _KILO
            await asyncio.sleep(min(_SETTLING, 3 * self._size.idle))
            before, now = [
                (await each.probe("memory"))["resident"] for each in (empty, here)
            ]
            self.memory.numbers[name] = (now - before) / many / _KILO
            self.idle.numbers[name] = await self._idle(empty, here)
            if one.domain is not None:
                await self._cut_power(here, plugs)

    async def _restart(self, here: Stage) -> float:
        """Restart Home Assistant; half of the plugs are switched meanwhile."""
        await here.hass.stop()
        for plug in here.plugs[::2]:
            plug.press()
        await here.hass.start()
        if here.contender.domain is None:
            return 0.0
        return await here.expect_truth(120)

    async def _idle(self, empty: Stage, here: Stage) -> float:
        """Let both be; return the seconds of processor time an hour between them."""
        began = time.monotonic()
        before = here.processor - empty.processor
        await asyncio.sleep(self._size.idle)
        spent = here.processor - empty.processor - before
        return spent * 3600 / (time.monotonic() - began)

    async def _cut_power(self, here: Stage, plugs: Sequence[SimulatedPlug]) -> None:
        name = here.contender.name
        held = [plug for plug in plugs if isinstance(plug, HeldPlug)]
        for plug in held:
            plug.power_off()
            plug.is_held = True
        await asyncio.sleep(_OUTAGE)
        for plug in held:
            plug.power_on()
        await until(lambda: all(plug.is_connected for plug in held), 60)
        await here.rest()
        for plug in held:
            plug.outbox.clear()
        await here.probe("watch")
        began = time.monotonic()
        for plug in held:
            plug.release()
        await until(lambda: all(plug.is_bound for plug in held), 60)
        self.power.numbers[name] = max(map(_acknowledged, held)) - began
        self.again.numbers[name] = sum(_binds(plug) > 1 for plug in held)
        await here.expect_truth(60)
        # What the plugs are asked after that is part of it.
        await asyncio.sleep(10)
        found = await here.probe("unwatch")
        self.block.numbers[name] = found["longest_block"] * _KILO
        work = found["longest_work"] * _KILO
        self.block.remarks[name] = f"{work:.0f} of processor time"


def _acknowledged(plug: SimulatedPlug) -> float:
    return next(
        entry.at
        for entry in reversed(list(plug.inbox))
        if entry.message is not None
        and (entry.message.namespace, entry.message.method) == (BIND, "SETACK")
    )


def _binds(plug: SimulatedPlug) -> int:
    return sum(
        (entry.message.namespace, entry.message.method) == (BIND, "SET")
        for entry in list(plug.outbox)
    )


async def thousand(contenders: Sequence[Contender], size: Size) -> list[Row]:
    """Return all rows about a thousand plugs."""
    return await Thousand(size).rows(contenders)
