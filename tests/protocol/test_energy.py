"""Energy only rises, and by what was used, whatever the list of the plug has."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
import json
from zoneinfo import ZoneInfo

from hypothesis import given, strategies as st
import pytest

from custom_components.meross_local.meross.energy import EnergyMeter
from custom_components.meross_local.meross.fields import Json
from custom_components.meross_local.meross.model import DayEntry

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


def entry(number: int, energy: int, minute: int = EVENING) -> DayEntry:
    """Return what ConsumptionX lists for a day, last counted up at that minute."""
    return DayEntry(day(number), int(moment(number, minute).timestamp()), energy)


def update(
    meter: EnergyMeter, days: Mapping[int, int], minute: int = EVENING
) -> EnergyMeter:
    """Update a meter from watt-hours by day at a minute of the last day."""
    last = max(days)
    entries = [
        entry(number, energy, minute if number == last else EVENING)
        for number, energy in days.items()
    ]
    meter.update(entries, moment(last, minute))
    return meter


def test_days_are_added_up() -> None:
    meter = update(EnergyMeter(), {0: 310, 1: 20, 2: 7})
    assert meter.total == 337
    assert [meter.on(day(number)) for number in (0, 1, 2, 3)] == [310, 20, 7, 0]


def test_what_is_added_within_a_day_is_added_once() -> None:
    meter = EnergyMeter()
    totals = [update(meter, {0: 500, 1: used}).total for used in (3, 3, 10, 12)]
    assert totals == [503, 503, 510, 512]


def test_an_empty_list_is_no_energy() -> None:
    meter = EnergyMeter()
    meter.update([], moment(0))
    assert meter.total == 0


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


def test_the_end_of_yesterday_that_was_missed_is_added() -> None:
    meter = update(EnergyMeter(), {0: 900})
    assert update(meter, {0: 950, 1: 5}).total == 955


# The counter that is not reset at midnight (meross_lan#264).


def test_what_was_carried_over_is_not_counted_again() -> None:
    meter = update(EnergyMeter(), {0: 1200})
    shown = []
    for minute, value in ((1, 1200), (5, 1203), (600, 1400), (1439, 1800)):
        update(meter, {0: 1200, 1: value}, minute)
        shown.append((meter.total, meter.on(day(1))))
    assert shown == [(1200, 0), (1203, 3), (1400, 200), (1800, 600)]


def test_what_was_carried_over_day_after_day_is_not_counted_again() -> None:
    meter = update(EnergyMeter(), {0: 1200})
    update(meter, {0: 1200, 1: 1200}, 2)
    update(meter, {0: 1200, 1: 1800})
    update(meter, {0: 1200, 1: 1800, 2: 1801}, 2)
    assert (meter.total, meter.on(day(2))) == (1801, 1)


def test_a_carried_over_counter_that_is_reset_later_in_the_day() -> None:
    meter = update(EnergyMeter(), {0: 1200})
    shown = []
    for minute, value in ((1, 1201), (300, 1300), (360, 0), (361, 2), (700, 150)):
        update(meter, {0: 1200, 1: value}, minute)
        shown.append(meter.on(day(1)))
    assert shown == [1, 100, 100, 102, 250]
    assert meter.total == 1450


@pytest.mark.parametrize(
    ("first", "later", "minute", "used"),
    [
        # 20 kWh cannot be used in two hours: the counter was carried over.
        ({0: 19_900}, {0: 19_900, 1: 20_000}, 120, 100),
        # A day may have more than the day before, and an early hour less.
        ({0: 300}, {0: 300, 1: 2000}, 600, 2000),
        ({0: 300}, {0: 300, 1: 299}, 5, 299),
        # Next to nothing is never taken for carried over, nor a day after a gap.
        ({0: 19}, {0: 19, 1: 30}, 5, 30),
        ({0: 300}, {0: 300, 2: 400}, 5, 400),
    ],
    ids=str,
)
def test_what_counts_as_carried_over(
    first: dict[int, int], later: dict[int, int], minute: int, used: int
) -> None:
    meter = update(update(EnergyMeter(), first), later, minute)
    assert meter.on(day(max(later))) == used


def test_an_entry_that_was_stamped_before_its_day_is_carried_over() -> None:
    # Copied at midnight, with the stamp of the evening.
    meter = update(EnergyMeter(), {0: 1200})
    meter.update([entry(0, 1200), entry(1, 1200, minute=-5)], moment(1, 3))
    assert meter.on(day(1)) == 0


# Counters that begin anew.


@pytest.mark.parametrize(
    ("values", "used"),
    [
        ((100, 250, 0, 40), 290),
        ((100, 250, 3, 40), 290),
        ((100, 0, 50, 0, 7), 157),
        ((100, 0, 0, 0), 100),
        ((1, 0, 1), 2),
    ],
    ids=str,
)
def test_a_counter_that_began_anew_within_the_day_goes_on(
    values: tuple[int, ...], used: int
) -> None:
    meter = EnergyMeter()
    for value in values:
        update(meter, {0: value})
    assert meter.on(day(0)) == used


def test_a_few_watt_hours_back_are_no_new_beginning() -> None:
    meter = EnergyMeter()
    totals = [update(meter, {0: value}).total for value in (250, 247, 249, 250, 251)]
    assert totals == [250, 250, 250, 250, 251]


def test_a_plug_that_was_emptied_takes_nothing_away() -> None:
    meter = update(EnergyMeter(), {0: 300, 1: 200})
    meter.update([], moment(2))
    assert meter.total == 500
    assert update(meter, {2: 4}).total == 504


# Long absences.


def test_a_week_that_was_missed_is_added_once() -> None:
    meter = update(EnergyMeter(), {0: 100})
    week = {0: 150} | dict.fromkeys(range(1, 9), 200)
    for _ in range(3):
        assert update(meter, week).total == 150 + 8 * 200


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


def test_a_day_that_counts_from_boot_does_no_harm() -> None:
    meter = EnergyMeter()
    entries = [DayEntry(date(1970, 1, 1), 400, 3), entry(0, 10)]
    meter.update(entries, moment(0))
    total = meter.total
    assert total in (10, 13)
    meter.update(entries, moment(0))
    assert meter.total == total


# Any list and any stored data.

_NUMBERS = st.integers(-5, 50)
_ENTRIES = st.lists(
    st.builds(
        entry,
        _NUMBERS,
        st.integers(-10, 50_000),
        st.integers(-1440, 2880),
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
    meter.update([DayEntry(FIRST, int(now.timestamp()), 10)], now)
    assert meter.total == 10


@pytest.mark.parametrize("at", [10**12, 10**18, -(10**14)])
def test_an_absurd_stamp_does_no_harm(at: int) -> None:
    meter = update(EnergyMeter(), {0: 100})
    meter.update([entry(0, 100), DayEntry(day(1), at, 200)], moment(1))
    assert meter.total >= 100


def test_a_day_of_the_first_year_does_no_harm() -> None:
    meter = EnergyMeter()
    meter.update([DayEntry(date(1, 1, 15), 0, 1)], moment(0))
    assert meter.total >= 0


def test_more_than_any_plug_can_use_is_left_out() -> None:
    meter = update(EnergyMeter(), {0: 100})
    update(meter, {0: 2**32 - 1})
    assert meter.total == 100
