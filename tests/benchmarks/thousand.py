"""What a thousand plugs cost, and how long a restart and a power cut take."""

import asyncio
from collections.abc import Sequence
import time
from typing import override

from tests.end_to_end.environment import until
from tests.simulator import SimulatedPlug
from tests.simulator.namespaces import BIND
from tests.support.queries import message_times

from .contender import Contender
from .report import Row, Size
from .session import Session, open_session, wait_until_bound

# Everything that a start or a set-up schedules for later is over by then.
_SETTLING_DELAY = 90.0
_OUTAGE_DELAY = 5.0
# The queries that follow a power cut are answered by then.
_QUERIES_DELAY = 10.0
_CONNECT_TIMEOUT = 60.0
_KILO = 1000
_HOUR = 3600


class HeldPlug(SimulatedPlug):
    """Represent a plug that connects, but greets only when it is released."""

    is_held = False

    @override
    def connected(self) -> None:
        """Wait for the release before greeting."""
        self.is_connected = True
        if not self.is_held:
            super().connected()

    def release(self) -> None:
        """Greet."""
        self.is_held = False
        self.world.post(self.connected)


async def thousand(contenders: Sequence[Contender], size: Size) -> list[Row]:
    """Return the rows about many plugs: all of ours, some of built-in."""
    rows = _rows(size.many)
    for contender in contenders:
        for key, number in (await _measure(contender, size)).items():
            rows[key].numbers[contender] = number
    return list(rows.values())


def _rows(many: int) -> dict[str, Row]:
    return {
        "memory": Row(
            f"memory per plug ({many} plugs, after a restart)", "kB", goal=60
        ),
        "set_up": Row(
            "processor time per plug for its set-up at a start", "ms", digits=2, goal=2
        ),
        "restart": Row(
            f"restart of Home Assistant, {many} plugs: running → states right",
            "s",
            digits=1,
            goal=5,
        ),
        "acknowledged": Row(
            f"power cut, {many} plugs greet at once: all acknowledged",
            "s",
            digits=2,
            goal=5,
        ),
        "again": Row("… plugs that sent a second Bind", "", goal=0),
        "block": Row("… longest block of the event loop", "ms", goal=50),
        "work": Row("… longest work of the event loop (processor time)", "ms"),
        "idle": Row(
            f"{many} idle plugs: added processor time per hour", "s", digits=1, goal=30
        ),
    }


async def _measure(contender: Contender, size: Size) -> dict[str, float]:
    """Return the numbers of one contender, by the key of their row."""
    is_ours = contender is Contender.OURS
    many = size.many
    held = [HeldPlug("mss210", number) for number in range(1, many + 1)]
    plugs = held if is_ours else contender.plugs(many)
    async with (
        open_session(contender, []) as empty,
        open_session(contender, plugs) as full,
    ):
        await full.set_up()
        await asyncio.sleep(2)
        numbers = await _restart(full)
        await full.wait_until_idle()
        await empty.environment.hass.restart()
        await empty.wait_until_idle()
        numbers["set_up"] = (full.processor - empty.processor) / many * _KILO
        await asyncio.sleep(min(_SETTLING_DELAY, 3 * size.idle))
        without, with_plugs = [
            (await session.probe("memory"))["resident"] for session in (empty, full)
        ]
        numbers["memory"] = (with_plugs - without) / many / _KILO
        numbers["idle"] = await _idle(empty, full, size.idle)
        if is_ours:
            numbers |= await _cut_power(full, held)
    return numbers


async def _restart(session: Session) -> dict[str, float]:
    """Restart Home Assistant and switch half of the plugs in the meantime."""
    await session.environment.hass.stop()
    for plug in session.plugs[::2]:
        plug.press()
    await session.environment.hass.start()
    if session.contender is Contender.BUILT_IN:
        # It does not query the plugs: their states stay unknown.
        return {}
    return {"restart": await session.wait_for_states()}


async def _idle(empty: Session, full: Session, seconds: float) -> float:
    """Return the seconds of processor time per hour that the plugs add."""
    started = time.monotonic()
    before = full.processor - empty.processor
    await asyncio.sleep(seconds)
    spent = full.processor - empty.processor - before
    return spent * _HOUR / (time.monotonic() - started)


async def _cut_power(session: Session, plugs: Sequence[HeldPlug]) -> dict[str, float]:
    """Restore the power of all plugs at the same moment."""
    for plug in plugs:
        plug.power_off()
        plug.is_held = True
    await asyncio.sleep(_OUTAGE_DELAY)
    for plug in plugs:
        plug.power_on()
    await until(lambda: all(plug.is_connected for plug in plugs), _CONNECT_TIMEOUT)
    await session.wait_until_idle()
    for plug in plugs:
        plug.outbox.clear()
    await session.probe("watch")
    started = time.monotonic()
    for plug in plugs:
        plug.release()
    await wait_until_bound(plugs)
    acknowledged = max(message_times(plug.inbox, BIND, "SETACK")[-1] for plug in plugs)
    again = sum(len(message_times(plug.outbox, BIND, "SET")) > 1 for plug in plugs)
    await session.wait_for_states()
    await asyncio.sleep(_QUERIES_DELAY)
    longest = await session.probe("unwatch")
    return {
        "acknowledged": acknowledged - started,
        "again": again,
        **{key: seconds * _KILO for key, seconds in longest.items()},
    }
