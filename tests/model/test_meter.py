"""The meter, whatever happens to the plug's counter and to Home Assistant."""

from datetime import date, datetime, timedelta
import json
from typing import Final, override
from zoneinfo import ZoneInfo

from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from custom_components.meross_local.meross.energy import EnergyMeter
from custom_components.meross_local.meross.measurements import DayEntry

ZONE: Final = ZoneInfo("Europe/Berlin")
MINUTE: Final = timedelta(minutes=1)
# A watt-hour that is not full yet, at each midnight, reset or restart.
ROUNDING: Final = 2.0

LOADS: Final = st.sampled_from([0.0, 1.6, 60.0, 700.0, 2000.0, 3680.0])


class Counter:
    """Count watt-hours a day as a plug does, which may go on at midnight."""

    def __init__(self, *, carries: bool) -> None:
        """Start on a day of March, before the clocks change."""
        self.now = datetime(2026, 3, 20, 12, tzinfo=ZONE)
        self.used = 0.0
        """All that was ever used."""
        self.carries = carries
        self.load = 0.0
        self._value = 0.0
        self._listed: dict[date, int] = {}

    @property
    def value(self) -> float:
        """Return the watt-hours of the present day as the plug counts them."""
        return self._value

    @property
    def is_listed(self) -> bool:
        """Return whether the present day is listed."""
        return self.now.date() in self._listed

    def run(self) -> None:
        """Let a minute pass."""
        day = self.now.date()
        self.now = (self.now.astimezone(ZoneInfo("UTC")) + MINUTE).astimezone(ZONE)
        if self.now.date() != day and not self.carries:
            self._value = 0
        self.used += self.load / 60
        before, self._value = int(self._value), self._value + self.load / 60
        # Today is listed from its first watt-hour on.
        if int(self._value) > before:
            self._listed[self.now.date()] = int(self._value)

    def restart(self) -> None:
        """Count the day from zero."""
        self._value = 0
        if self.now.date() in self._listed:
            self._listed[self.now.date()] = 0

    def entries(self) -> list[DayEntry]:
        """Return what is listed: a month, in no order."""
        newest = sorted(self._listed)[-30:]
        return [DayEntry(day, self._listed[day]) for day in reversed(newest)]


class Meter(RuleBasedStateMachine):
    """A plug that is watched, and what Home Assistant counts."""

    def __init__(self) -> None:
        """Start with a plug that has used nothing."""
        super().__init__()
        self.counter = Counter(carries=False)
        self.meter = EnergyMeter()
        self.last = 0
        self.slack = ROUNDING

    @initialize(carries=st.booleans())
    def start(self, carries: bool) -> None:
        self.counter = Counter(carries=carries)
        self.watch(1)

    def watch(self, minutes: int) -> None:
        """Let time pass while Home Assistant polls once a minute."""
        for _ in range(minutes):
            day = self.counter.now.date()
            self.counter.run()
            if self.counter.now.date() != day:
                self.slack += ROUNDING
            self.meter.update_power(self.counter.load, self.counter.now)
            self.meter.update(self.counter.entries(), self.counter.now)

    @rule(load=LOADS, minutes=st.integers(1, 120))
    def use(self, load: float, minutes: int) -> None:
        if not self.counter.is_listed:
            # When it changed within the minute is not known, and the first watt-hour
            # of the day has to show whether the day before goes on.
            self.slack += abs(load - self.counter.load) / 60
        self.counter.load = load
        self.watch(minutes)

    @rule(load=LOADS, minutes=st.integers(0, 90))
    def watch_midnight(self, load: float, minutes: int) -> None:
        while self.counter.now.hour != 23:
            self.watch(1)
        self.counter.load = load
        self.watch(60 + minutes)

    @rule(minutes=st.integers(1, 1500), load=LOADS)
    def look_away(self, minutes: int, load: float) -> None:
        """Stop Home Assistant, and start it with what it stored."""
        stored = json.dumps(self.meter.as_json())
        before, day, value = self.counter.used, self.counter.now.date(), 0.0
        self.counter.load = load
        for _ in range(minutes):
            value = max(value, self.counter.value)
            self.counter.run()
        self.meter = EnergyMeter.from_json(json.loads(stored))
        # What was used while nobody looked may be of either day.
        self.slack += self.counter.used - before + ROUNDING
        if self.counter.now.date() != day:
            # Whether the day was carried over is not known for sure.
            self.slack += value
        self.watch(1)

    @rule()
    def restart_counter(self) -> None:
        """Within a minute a small counter may pass half of what it had."""
        self.counter.restart()
        self.slack += 2 * self.counter.load / 60 + 2 * ROUNDING
        self.watch(1)

    @rule(times=st.integers(1, 5))
    def repeat_list(self, times: int) -> None:
        before = self.meter.total
        for _ in range(times):
            self.meter.update(self.counter.entries(), self.counter.now)
        assert self.meter.total == before

    @rule(days=st.sampled_from([-400, -1, 400]))
    def wrong_clock(self, days: int) -> None:
        """Set Home Assistant's clock wrong for a minute."""
        wrong = self.counter.now + timedelta(days=days)
        self.meter.update_power(self.counter.load, wrong)
        self.meter.update(self.counter.entries(), wrong)
        if self.counter.now.hour in {0, 23}:
            self.slack += self.counter.value + ROUNDING
        self.watch(1)

    @invariant()
    def never_falls(self) -> None:
        assert self.meter.total >= self.last
        self.last = self.meter.total

    @override
    def teardown(self) -> None:
        """Compare what was counted with what was used."""
        off = abs(self.meter.total - self.counter.used)
        assert off <= self.slack, (self.meter.total, self.counter.used, self.slack)


MODEL = settings.get_profile("model")
Meter.TestCase.settings = settings(MODEL, max_examples=max(1, MODEL.max_examples // 4))
TestMeter = Meter.TestCase
