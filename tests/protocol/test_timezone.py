"""The changes of a time zone have the form that the vendor sends, in every zone."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

from hypothesis import given, strategies as st
import pytest

from custom_components.meross_local.meross.timezone import TimeRule, time_rules

HOUR = 3600
ZONES = sorted(available_timezones())

# As two plugs had them from the vendor's cloud: start in seconds, and offset in
# hours, which in summer is that of the winter plus one.
LONDON_2023 = """
    1648342800 1 1667091600 0 1679792400 1 1698541200 0 1711846800 1 1729990800 0
    1743296400 1 1761440400 0 1774746000 1 1792890000 0 1806195600 1 1824944400 0
    1837645200 1 1856394000 0 1869094800 1 1887843600 0 1901149200 1 1919293200 0
    1932598800 1 1950742800 0
"""
MADRID_2020 = """
    1553994000 2 1572138000 1 1585443600 2 1603587600 1 1616893200 2 1635642000 1
    1648342800 2 1667091600 1 1679792400 2 1698541200 1 1711846800 2 1729990800 1
    1743296400 2 1761440400 1 1774746000 2 1792890000 1 1806195600 2 1824944400 1
    1837645200 2 1856394000 1
"""


def offset_of(rules: tuple[TimeRule, ...], at: int) -> int:
    """Return the offset that a plug with these rules applies at a time."""
    return max(rule for rule in rules if rule[0] <= at)[1]


def true_offset(zone: str, at: int) -> int:
    offset = datetime.fromtimestamp(at, ZoneInfo(zone)).utcoffset()
    assert offset is not None
    return int(offset.total_seconds())


def epoch(*when: int) -> int:
    return int(datetime(*when, tzinfo=UTC).timestamp())  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("zone", "year", "recorded", "winter"),
    [
        ("Europe/London", 2023, LONDON_2023, 0),
        ("Europe/Madrid", 2020, MADRID_2020, 1),
    ],
)
def test_rules_are_those_of_the_vendor(
    zone: str, year: int, recorded: str, winter: int
) -> None:
    numbers = [int(number) for number in recorded.split()]
    expected = tuple(
        (at, hours * HOUR, hours - winter)
        for at, hours in zip(numbers[::2], numbers[1::2], strict=True)
    )
    assert len(expected) == 20
    assert time_rules(ZoneInfo(zone), year) == expected


def test_a_zone_without_summer_time_has_one_rule() -> None:
    assert time_rules(ZoneInfo("Asia/Kolkata"), 2026) == (
        (epoch(2025, 1, 1), 5 * HOUR + HOUR // 2, 0),
    )
    assert time_rules(UTC, 2026) == ((epoch(2025, 1, 1), 0, 0),)


def test_in_the_south_the_year_begins_in_summer() -> None:
    rules = time_rules(ZoneInfo("Australia/Sydney"), 2026)
    assert rules[:3] == (
        (epoch(2025, 4, 5, 16), 10 * HOUR, 0),
        (epoch(2025, 10, 4, 16), 11 * HOUR, 1),
        (epoch(2026, 4, 4, 16), 10 * HOUR, 0),
    )


@pytest.mark.parametrize(
    ("zone", "ends", "year", "offset"),
    [
        ("America/Sao_Paulo", (2019, 2, 17, 2), 2019, -3 * HOUR),
        ("Asia/Tehran", (2022, 9, 21, 19, 30), 2022, 3 * HOUR + HOUR // 2),
    ],
)
def test_a_zone_whose_rules_end(
    zone: str, ends: tuple[int, ...], year: int, offset: int
) -> None:
    rules = time_rules(ZoneInfo(zone), year)
    assert rules[-1] == (epoch(*ends), offset, 0)
    assert rules[-2][2] == 1
    later = time_rules(ZoneInfo(zone), year + 2)
    assert later == ((epoch(year + 1, 1, 1), offset, 0),)


def test_summer_in_ireland_is_summer_despite_its_negative_dst() -> None:
    dublin = time_rules(ZoneInfo("Europe/Dublin"), 2026)
    assert dublin == time_rules(ZoneInfo("Europe/London"), 2026)


def test_morocco_goes_back_for_ramadan() -> None:
    rules = time_rules(ZoneInfo("Africa/Casablanca"), 2026)
    assert rules[2:4] == (
        (epoch(2026, 2, 15, 2), 0, 0),
        (epoch(2026, 3, 22, 2), HOUR, 1),
    )


def test_an_offset_that_changed_for_good_follows_the_one_before() -> None:
    rules = time_rules(ZoneInfo("Asia/Almaty"), 2024)
    assert [rule[:2] for rule in rules] == [
        (epoch(2023, 1, 1), 6 * HOUR),
        (epoch(2024, 2, 29, 18), 5 * HOUR),
    ]


@given(
    zone=st.sampled_from(ZONES),
    year=st.integers(2020, 2040),
    ahead=st.integers(0, 8 * 365 * 24 * HOUR),
)
def test_a_plug_has_the_zones_offset_for_eight_years(
    zone: str, year: int, ahead: int
) -> None:
    rules = time_rules(ZoneInfo(zone), year)
    at = epoch(year, 1, 1) + ahead
    assert offset_of(rules, at) == true_offset(zone, at)


@given(zone=st.sampled_from(ZONES), year=st.integers(2020, 2040))
def test_rules_are_few_in_order_and_exact_to_the_second(zone: str, year: int) -> None:
    rules = time_rules(ZoneInfo(zone), year)
    starts = [at for at, _, _ in rules]
    assert len(rules) <= 21
    assert starts == sorted(set(starts))
    assert starts[0] <= epoch(year, 1, 1)
    for at, offset, summer in rules:
        assert true_offset(zone, at) == offset
        assert summer in (0, 1)
    for at in starts[1:]:
        assert true_offset(zone, at - 1) != true_offset(zone, at)


def test_rules_reach_eight_years_ahead_where_clocks_change() -> None:
    rules = time_rules(ZoneInfo("Europe/Berlin"), 2026)
    last = datetime.fromtimestamp(rules[-1][0], UTC)
    assert last - datetime(2026, 1, 1, tzinfo=UTC) > timedelta(days=8 * 365)
