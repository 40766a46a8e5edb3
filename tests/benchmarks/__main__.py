"""Measures, and prints a table: python -m tests.benchmarks.

With MEROSS_HASS as the Python that Home Assistant runs with (else .venv/run's).
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import os
from pathlib import Path
import sys
from tempfile import TemporaryDirectory
from time import monotonic

from tests.end_to_end.house import DOMAIN, House, until
from tests.harness.hass import HomeAssistant
from tests.harness.mosquitto import Mosquitto
from tests.harness.storage import Broker
from tests.simulator import Fleet, SimulatedPlug

from .handshake import after_set_up, before_set_up
from .report import Row, of_times, table
from .rival import Rival
from .switching import switching

_PYTHON = Path(__file__).parents[2] / ".venv/run/bin/python"


@asynccontextmanager
async def _house(more: str = "") -> AsyncIterator[House]:
    """Start a Home Assistant that knows no plug, with more configuration."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        mosquitto = Mosquitto(folder / "mosquitto")
        python = os.environ.get("MEROSS_HASS", _PYTHON)
        hass = HomeAssistant(python, folder / "hass", Broker(port=mosquitto.port))
        configuration = folder / "hass/configuration.yaml"
        # As on a user's machine: writing to the log takes time too.
        text = configuration.read_text().replace(
            f"{DOMAIN}: debug", f"{DOMAIN}: warning"
        )
        configuration.write_text(text + more)
        async with mosquitto, hass:
            await hass.client.mqtt_is_ready()
            with Fleet("127.0.0.1", mosquitto.port) as fleet:
                yield House(mosquitto, hass, fleet)


async def _a_few() -> list[Row]:
    """Bring so many plugs at once to a Home Assistant that has seen none."""
    rows = []
    for count in (1, 10):
        async with _house() as house:
            rows.append(await before_set_up(house, _plugs(count)))
    return rows


async def _twenty() -> list[Row]:
    """Click the card of twenty plugs, then compare one of them with a plain switch."""
    rival = Rival()
    async with _house(rival.configuration) as house:
        plugs = _plugs(20)
        house.fleet.add(*plugs)
        await until(lambda: all(plug.is_bound for plug in plugs))
        card = await house.card(len(plugs))
        clicked = monotonic()
        await house.client.answer_flow(card["flow_id"])
        await house.expect_truth(within=30)
        rows = [of_times("one click -> 20 right switches", [monotonic() - clicked])]
        house.fleet.add(rival)
        await house.client.wait_for_state("switch.rival", "off")
        return rows + await switching(house, plugs[0], rival)


async def _many() -> list[Row]:
    """Bring fifty at once, fifty more one by one, then restart Home Assistant."""
    async with _house() as house:
        plugs = _plugs(100)
        rows = [await before_set_up(house, plugs[:50])]
        card = await house.card(50)
        await house.client.answer_flow(card["flow_id"])
        await house.expect_truth(within=30)
        rows.append(await after_set_up(house, plugs[50:]))
        await house.expect_truth(within=30)
        await house.hass.stop()
        for plug in plugs[::2]:
            plug.press()
        started = monotonic()
        await house.hass.start()
        running = monotonic()
        await house.expect_truth(within=120)
        right = monotonic()
        return [
            *rows,
            of_times("running -> 100 silent plugs right", [right - running], 3000),
            of_times("process started -> 100 silent plugs right", [right - started]),
        ]


def _plugs(count: int) -> list[SimulatedPlug]:
    return [SimulatedPlug("mss210", number) for number in range(1, count + 1)]


async def _main() -> None:
    # Home Assistant starts slowly where it may not keep what it compiles.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    rows = [*await _a_few(), *await _many(), *await _twenty()]
    sys.stdout.write(f"{table(rows)}\n")


asyncio.run(_main())
