"""The simulated plug measures as plugs do, with their faults, over days in no time."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.simulator.clock import PlugClock
from tests.simulator.device import Device
from tests.simulator.identity import identity
from tests.simulator.models import MODELS
from tests.simulator.relays import Relays

HOUR = 3600
DAY = 24 * HOUR
MIDNIGHT = int(datetime(2026, 3, 1, tzinfo=UTC).timestamp())


class MeterBench:
    """A metering plug whose time passes on request."""

    def __init__(self, at: int = MIDNIGHT) -> None:
        """Switch it on, at a time."""
        self.now = 0.0
        self.device = Device(
            model=MODELS["mss310"],
            identity=identity(1, 0),
            relays=Relays(1, pushes_master=False),
            clock=PlugClock(lambda: self.now),
        )
        self.meter = self.device.meter
        self.device.set_clock(at)
        self.switch(on=True)

    def switch(self, *, on: bool) -> None:
        """Switch it."""
        self.device.measure()
        self.device.relays.switch(0, int(on), 0)

    def days(self, elapsed: float = 0) -> dict[str, Any]:
        """Let time pass, and return the days of ConsumptionX."""
        self.now += elapsed
        return {day["date"]: day["value"] for day in self.device.measure().days()}


@pytest.fixture
def bench() -> MeterBench:
    return MeterBench()


def test_a_steady_load_is_counted_while_it_is_on(bench: MeterBench) -> None:
    bench.meter.load = 100_000
    bench.now += 10 * HOUR
    bench.switch(on=False)
    assert bench.days(10 * HOUR) == {"2026-03-01": 1000}


def test_a_load_may_change_with_the_time(bench: MeterBench) -> None:
    bench.meter.load = lambda at: 60_000 if at % DAY < HOUR else 0
    assert bench.days(3 * DAY) == {f"2026-03-0{day}": 60 for day in (1, 2, 3)}


def test_today_is_missing_until_the_first_watt_hour() -> None:
    bench = MeterBench(MIDNIGHT - HOUR)
    bench.meter.load = 1000
    assert "2026-03-01" not in bench.days(HOUR + 59 * 60)
    assert bench.days(60) == {"2026-02-28": 1, "2026-03-01": 1}


def test_thirty_days_are_listed_and_not_in_order(bench: MeterBench) -> None:
    dates = list(bench.days(40 * DAY))
    assert (len(dates), min(dates), max(dates)) == (30, "2026-03-11", "2026-04-09")
    assert dates != sorted(dates)


def test_a_counter_that_carries_over_and_one_that_resets_late(
    bench: MeterBench,
) -> None:
    bench.meter.load = 100_000
    bench.meter.carries_over = True
    assert bench.days(2 * DAY) == {"2026-03-01": 2400, "2026-03-02": 4800}
    bench.meter.resets_late = 6 * HOUR
    assert bench.days(DAY)["2026-03-03"] == 1800


def test_nothing_is_counted_without_the_time(bench: MeterBench) -> None:
    bench.device.lose_power()
    bench.device.clock.is_broken = True
    bench.device.set_clock(MIDNIGHT)
    assert bench.days(DAY) == {}
    assert bench.device.clock.timestamp < 2 * DAY


def test_setting_the_clock_ahead_consumes_nothing(bench: MeterBench) -> None:
    bench.device.set_clock(MIDNIGHT + 30 * DAY)
    assert bench.days() == {}


def test_days_pass_when_the_clock_is_advanced(bench: MeterBench) -> None:
    bench.device.clock.advance(2 * DAY)
    assert bench.device.clock.timestamp == MIDNIGHT + 2 * DAY
    assert bench.days() == {"2026-03-01": 1440, "2026-03-02": 1440}


def test_the_counter_can_restart_within_a_day(bench: MeterBench) -> None:
    bench.meter.restart()
    bench.now += DAY / 2
    bench.device.measure().restart()
    assert bench.days(HOUR) == {"2026-03-01": 60}
