"""Energy only rises, and by what was used, whatever the list of the plug has."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
import json
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from custom_components.meross_local.meross.energy import EnergyMeter
from custom_components.meross_local.meross.fields import Json
from custom_components.meross_local.meross.measurements import (
    MAX_DAILY_ENERGY,
    DayEntry,
)

BERLIN = ZoneInfo("Europe/Berlin")
FIRST = date(2026, 3, 1)
# An hour at which an entry of many watt-hours is plausible.
EVENING = 20 * 60


def day(number: int) -> date:
    """Return a day: 0 is the first of March."""
    return FIRST + timedelta(days=number)


def moment(number: int, minute: int = EVENING) -> datetime:
    """Return a minute of a day in the plug's zone."""
    return datetime.combine(day(number), datetime.min.time(), BERLIN) + timedelta(
        minutes=minute
    )


def entry(number: int, energy: int) -> DayEntry:
    """Return what ConsumptionX lists for a day."""
    return DayEntry(day(number), energy)


def update(
    meter: EnergyMeter, days: Mapping[int, int], minute: int = EVENING
) -> EnergyMeter:
    """Update a meter from watt-hours by day at a minute of the last day."""
    last = max(days)
    entries = [entry(number, energy) for number, energy in days.items()]
    meter.update(entries, moment(last, minute))
    return meter


@given(st.permutations([entry(number, number + 1) for number in range(30)]))
def test_the_order_of_entries_does_not_matter(entries: list[DayEntry]) -> None:
    meter = EnergyMeter()
    meter.update(entries, moment(29))
    assert meter.total == sum(range(1, 31))


def test_today_is_nothing_until_its_first_watt_hour() -> None:
    meter = update(EnergyMeter(), {0: 900})
    meter.update([entry(0, 900)], moment(1, 1))
    assert (meter.total, meter.on(day(1))) == (900, 0)
    update(meter, {0: 900, 1: 1}, minute=9)
    assert (meter.total, meter.on(day(1))) == (901, 1)


# Updates as watt-hours by day, and the total after each; the minute is of the last day.
SCENARIOS: dict[str, list[tuple[dict[int, int], int, int]]] = {
    "days are added up": [({0: 310, 1: 20, 2: 7}, EVENING, 337)],
    "what is added within a day is added once": [
        ({0: 500, 1: used}, EVENING, 500 + used) for used in (3, 3, 10, 12)
    ],
    "the end of yesterday that was missed": [
        ({0: 900}, EVENING, 900),
        ({0: 950, 1: 5}, EVENING, 955),
    ],
    # A counter that is not reset at midnight (meross_lan#264).
    "a counter carried over": [
        ({0: 1200}, EVENING, 1200),
        ({0: 1200, 1: 1200}, 1, 1200),
        ({0: 1200, 1: 1203}, 5, 1203),
        ({0: 1200, 1: 1400}, 600, 1400),
        ({0: 1200, 1: 1800}, 1439, 1800),
        ({0: 1200, 1: 1800, 2: 1801}, 2, 1801),
    ],
    "a counter carried over and reset later in the day": [
        ({0: 1200}, EVENING, 1200),
        ({0: 1200, 1: 1201}, 1, 1201),
        ({0: 1200, 1: 1300}, 300, 1300),
        ({0: 1200, 1: 0}, 360, 1300),
        ({0: 1200, 1: 2}, 361, 1302),
        ({0: 1200, 1: 150}, 700, 1450),
    ],
    "20 kWh cannot be used in two hours": [
        ({0: 19_900}, EVENING, 19_900),
        ({0: 19_900, 1: 20_000}, 120, 20_000),
    ],
    "a day of more than the day before": [
        ({0: 300}, EVENING, 300),
        ({0: 300, 1: 2000}, 600, 2300),
    ],
    "an early hour of less than the day before": [
        ({0: 300}, EVENING, 300),
        ({0: 300, 1: 299}, 5, 599),
    ],
    # It takes 360 W to use it anew within five minutes.
    "a few watt-hours are carried over as well": [
        ({0: 19}, EVENING, 19),
        ({0: 19, 1: 30}, 5, 30),
    ],
    "400 Wh cannot be used in five minutes, also after a gap": [
        ({0: 300}, EVENING, 300),
        ({0: 300, 2: 400}, 5, 400),
    ],
    # What was over before the last list shows nothing about midnight.
    "days that an earlier list left out": [
        ({5: 3}, 600, 3),
        ({2: 100, 3: 100, 4: 100, 5: 3}, 605, 303),
    ],
    "more than any plug can use": [
        ({0: 100}, EVENING, 100),
        ({0: 2**32 - 1}, EVENING, 100),
    ],
    "a week that was missed": [
        ({0: 100}, EVENING, 100),
        *([({0: 150} | dict.fromkeys(range(1, 9), 200), EVENING, 1750)] * 3),
    ],
    # Counters that begin anew within a day.
    **{
        f"anew: {values}": [
            ({0: value}, EVENING, total)
            for value, total in zip(values, totals, strict=True)
        ]
        for values, totals in {
            (100, 250, 0, 40): (100, 250, 250, 290),
            (100, 250, 3, 40): (100, 250, 253, 290),
            (100, 0, 50, 0, 7): (100, 100, 150, 150, 157),
            (100, 0, 0, 0): (100, 100, 100, 100),
            (1, 0, 1): (1, 1, 2),
            # A few watt-hours back are no new beginning.
            (250, 247, 249, 250, 251): (250, 250, 250, 250, 251),
        }.items()
    },
}


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_totals(scenario: str) -> None:
    meter = EnergyMeter()
    before = 0
    for days, minute, total in SCENARIOS[scenario]:
        update(meter, days, minute)
        assert (meter.total, meter.on(day(max(days) + 1))) == (total, 0)
        earlier = sum(meter.on(day(number)) for number in range(max(days)))
        assert meter.on(day(max(days))) == total - earlier
        assert total >= before
        before = total


def test_a_plug_that_was_emptied_takes_nothing_away() -> None:
    meter = update(EnergyMeter(), {0: 300, 1: 200})
    meter.update([], moment(2))
    assert meter.total == 500
    assert update(meter, {2: 4}).total == 504


# Long absences.


def test_no_day_of_a_year_is_counted_twice_or_forgotten() -> None:
    meter = EnergyMeter()
    for last in range(365):
        window = {number: 10 + number for number in range(max(0, last - 29), last + 1)}
        update(meter, window)
        assert meter.total == sum(10 + number for number in range(last + 1))
    assert len(meter.days) == len(meter.carried) == 60


def test_a_plug_that_is_seldom_used_lists_days_long_ago_which_count_once() -> None:
    meter = EnergyMeter()
    days = range(0, 300, 10)
    for last in days:
        listed = dict.fromkeys(range(0, last + 1, 10), 50)
        for _ in range(2):
            assert update(meter, listed).total == 50 * len(listed)


def test_a_settled_day_does_not_come_back_after_a_restart() -> None:
    meter = update(EnergyMeter(), {0: 100, 100: 5})
    meter = EnergyMeter.from_json(meter.as_json())
    assert update(meter, {0: 100, 1: 7, 100: 5}).total == 112
    meter = EnergyMeter.from_json(meter.as_json())
    assert update(meter, {0: 100, 1: 7, 100: 5}).total == 112


# Clocks that are wrong.


def test_days_to_come_are_left_out_until_they_have_come() -> None:
    meter = EnergyMeter()
    entries = [entry(0, 10), entry(5, 1000)]
    meter.update(entries, moment(0))
    assert meter.total == 10
    meter.update(entries, moment(5))
    assert meter.total == 1010


def test_tomorrow_may_have_come_for_the_plug() -> None:
    meter = EnergyMeter()
    meter.update([entry(0, 10), entry(1, 1)], moment(0, 1439))
    assert meter.total == 11


@pytest.mark.parametrize(
    "strange",
    [
        DayEntry(date(1970, 1, 1), 3),  # counts from boot
        DayEntry(date(1, 1, 15), 1),
    ],
    ids=str,
)
def test_a_strange_entry_does_no_harm(strange: DayEntry) -> None:
    meter = update(EnergyMeter(), {0: 100})
    totals = set()
    for _ in range(2):
        meter.update([entry(0, 100), strange], moment(1))
        totals.add(meter.total)
    assert len(totals) == 1
    assert 100 <= meter.total <= 100 + strange.energy


# Any list and any stored data.

_NUMBERS = st.integers(-5, 50)
_ENTRIES = st.lists(
    st.builds(
        entry,
        _NUMBERS,
        st.integers(-10, 50_000),
    ),
    max_size=31,
)
_LISTS = st.lists(st.tuples(_ENTRIES, _NUMBERS, st.integers(0, 1439)), max_size=12)


@given(_LISTS)
def test_it_only_rises_over_any_series(
    lists: list[tuple[list[DayEntry], int, int]],
) -> None:
    meter = EnergyMeter()
    before = 0
    for entries, number, minute in lists:
        meter.update(entries, moment(number, minute))
        assert meter.total >= before
        before = meter.total
        assert min(meter.days.values(), default=0) >= 0


@given(_LISTS)
def test_a_restart_changes_nothing(
    lists: list[tuple[list[DayEntry], int, int]],
) -> None:
    meter, restarted = EnergyMeter(), EnergyMeter()
    for entries, number, minute in lists:
        for one in (meter, restarted):
            one.update(entries, moment(number, minute))
        restarted = EnergyMeter.from_json(json.loads(json.dumps(restarted.as_json())))
        assert restarted == meter


@given(
    st.lists(st.integers(0, 5000), min_size=1, max_size=80),
    st.sets(st.integers(0, 79)),
)
def test_it_comes_to_the_same_however_often_it_is_updated(
    used: list[int], silent: set[int]
) -> None:
    """Home Assistant may miss any days, though not a whole month of them."""
    meter = EnergyMeter()
    for last in range(len(used)):
        if last % 29 and last in silent and last != len(used) - 1:
            continue
        update(
            meter,
            {number: used[number] for number in range(max(0, last - 29), last + 1)},
        )
    assert meter.total == sum(used)


@given(
    st.dictionaries(
        st.sampled_from(["settled", "settled_until", "days", "carried"]),
        st.none()
        | st.integers()
        | st.text()
        | st.dictionaries(st.text() | st.dates().map(str), st.none() | st.integers())
        | st.lists(st.integers()),
    )
)
def test_any_stored_data(stored: Json) -> None:
    try:
        meter = EnergyMeter.from_json(stored)
    except ValueError:
        return
    assert EnergyMeter.from_json(meter.as_json()) == meter


@pytest.mark.parametrize(
    "change",
    [
        {"settled": None},
        {"settled": 1.5},
        {"settled_until": None},
        {"settled_until": "never"},
        {"days": []},
        {"days": {"someday": 1}},
        {"days": {"2026-03-01": "1"}},
        {"carried": None},
        {"carried": {"2026-03-01": True}},
        {"carried": {}},  # the days without what was carried
    ],
    ids=str,
)
def test_invalid_stored_data_are_rejected(change: Json) -> None:
    stored = update(EnergyMeter(), {0: 100}).as_json()
    assert EnergyMeter.from_json(stored).total == 100
    with pytest.raises(ValueError):  # noqa: PT011 (of several kinds)
        EnergyMeter.from_json(stored | change)


def test_a_zone_is_not_needed() -> None:
    meter = EnergyMeter()
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    meter.update([DayEntry(FIRST, 10)], now)
    assert meter.total == 10


def watch(meter: EnergyMeter, watts: float, start: int, end: int) -> None:
    """Report a power every ten seconds, from one minute to another of day 1."""
    for second in range(start * 60, end * 60 + 1, 10):
        meter.update_power(watts, moment(1, 0) + timedelta(seconds=second))


def test_small_load_that_is_carried_over_counts_once() -> None:
    """1.6 W: the first watt-hour comes at 00:37 (docs/protocol.md 4.6)."""
    meter = EnergyMeter()
    watch(meter, 1.6, -30, -1)
    update(meter, {0: 36}, minute=1439)
    for minute in range(37):
        watch(meter, 1.6, minute, minute + 1)
        update(meter, {0: 36}, minute=1439 + minute + 2)
    watch(meter, 1.6, 36, 37)
    update(meter, {0: 36, 1: 37}, minute=37)
    assert meter.on(day(1)) == 1
    assert meter.total == 37


def test_heater_that_passes_a_small_day_before_counts_in_full() -> None:
    meter = EnergyMeter()
    watch(meter, 0, -30, -1)
    update(meter, {0: 20}, minute=1439)
    for minute in range(-1, 5):
        watch(meter, 0, minute, minute + 1)
        update(meter, {0: 20}, minute=1440 + minute + 1)
    watch(meter, 2000, 5, 6)
    update(meter, {0: 20, 1: 33}, minute=6)
    assert meter.on(day(1)) == 33


def test_power_that_has_just_changed_leaves_it_to_the_habit() -> None:
    """3,680 W for a minute, of which only the end is known, or none of the day."""
    for carries in (None, False, True):
        meter = EnergyMeter(carries=carries)
        watch(meter, 0, -30, -1)
        update(meter, {0: 61}, minute=1439)
        meter.update_power(0, moment(1, 5))
        update(meter, {0: 61}, minute=1445)
        meter.update_power(3680, moment(1, 6))
        update(meter, {0: 61, 1: 61}, minute=6)
        assert meter.on(day(1)) == (0 if carries else 61)
        assert meter.carries is carries


def test_habit_counts_for_midnights_that_nobody_saw() -> None:
    for carries in (True, False):
        meter = EnergyMeter(carries=carries)
        update(meter, {0: 1000}, minute=720)
        update(meter, {0: 2000, 1: 3000} if carries else {0: 2000, 1: 1000})
        assert meter.on(day(1)) == 1000


def test_impossible_day_teaches_no_habit() -> None:
    meter = update(EnergyMeter(), {0: 1000}, minute=720)
    update(meter, {0: 1000, 1: 1000 + 2 * MAX_DAILY_ENERGY})
    assert meter.carries is None


def test_clock_a_year_ahead_loses_nothing() -> None:
    meter = update(EnergyMeter(), {0: 500})
    ahead = moment(0) + timedelta(days=400)
    meter.update([entry(0, 500), DayEntry(ahead.date(), 1)], ahead)
    meter = EnergyMeter.from_json(json.loads(json.dumps(meter.as_json())))
    for number in range(1, 31):
        update(meter, dict.fromkeys(range(max(1, number - 29), number + 1), 1000))
    assert meter.total == pytest.approx(30_500, abs=1)


@given(
    st.lists(
        st.builds(
            DayEntry,
            st.integers(0, 40).map(day),
            st.integers(0, 5000),
        ),
        max_size=30,
    ),
    st.integers(0, 1439),
)
def test_the_same_list_again_adds_nothing(entries: list[DayEntry], minute: int) -> None:
    meter = update(EnergyMeter(), {0: 500, 3: 20})
    meter.update(entries, moment(30, minute))
    total = meter.total
    for later in range(3):
        meter.update(entries, moment(30, minute + later))
        assert meter.total == total
