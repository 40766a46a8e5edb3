"""A plug is told the time where its own is wrong, and left alone where it is right."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from custom_components.meross_local.meross.fields import Json
from custom_components.meross_local.meross.model import PlugTime
from custom_components.meross_local.meross.timezone import time_rules
from custom_components.meross_local.plug.clock_sync import ClockSync

ZONE = "Europe/Berlin"
BERLIN = ZoneInfo(ZONE)
NOW = datetime(2026, 7, 1, 12, tzinfo=BERLIN)
RULES = time_rules(BERLIN, 2026)
RIGHT = PlugTime(timestamp=int(NOW.timestamp()), timezone=ZONE, rules=RULES)


def judge(
    said: PlugTime, keeper: ClockSync | None = None, monotonic: float = 0
) -> Json | None:
    """Return what a plug that says this is told, at noon in Berlin."""
    return (keeper or ClockSync()).correction(said, NOW, ZONE, monotonic)


def test_a_plug_that_is_right_is_left_alone() -> None:
    assert judge(RIGHT) is None


def test_what_it_is_told_makes_it_right() -> None:
    payload = judge(PlugTime(timestamp=332, timezone="", rules=()))
    assert payload == {
        "time": {
            "timestamp": RIGHT.timestamp,
            "timezone": ZONE,
            "timeRule": [list(rule) for rule in RULES],
        }
    }


@pytest.mark.parametrize("off", [-3600, -11, 11, 3600])
def test_a_wrong_clock_is_set(off: int) -> None:
    assert judge(replace(RIGHT, timestamp=RIGHT.timestamp + off)) is not None


@pytest.mark.parametrize("off", [-10, -1, 1, 10])
def test_a_clock_may_be_off_by_seconds(off: int) -> None:
    assert judge(replace(RIGHT, timestamp=RIGHT.timestamp + off)) is None


def test_another_zone_is_replaced_though_its_rules_are_the_same() -> None:
    assert judge(replace(RIGHT, timezone="Europe/Madrid")) is not None


def test_rules_of_another_order_and_of_long_ago_do() -> None:
    old = ((0, 0, 0), (1_000_000_000, 7200, 1))
    assert judge(replace(RIGHT, rules=(*reversed(RULES), *old))) is None


@pytest.mark.parametrize(
    "rules",
    [
        (),
        RULES[:3],
        tuple((at, offset + 1800, summer) for at, offset, summer in RULES),
        tuple((at, offset, 0) for at, offset, summer in RULES),
        tuple(rule for rule in RULES if rule[0] > RIGHT.timestamp),
    ],
    ids=["none", "end", "another offset", "no summer", "begin too late"],
)
def test_wrong_rules_are_replaced(rules: tuple[tuple[int, int, int], ...]) -> None:
    assert judge(replace(RIGHT, rules=rules)) is not None


def test_rules_are_renewed_a_year_before_they_run_out_and_not_before() -> None:
    told = []
    for year in range(2026, 2036):
        now = datetime(year, 7, 1, 12, tzinfo=BERLIN)
        said = PlugTime(int(now.timestamp()), ZONE, RULES)
        if ClockSync().correction(said, now, ZONE, 0) is not None:
            told.append(year)
    last = datetime.fromtimestamp(RULES[-1][0], UTC).year
    assert told == list(range(last, 2036))


def test_a_zone_without_summer_time_is_told_once() -> None:
    kolkata = ZoneInfo("Asia/Kolkata")
    for year in (2026, 2027, 2040):
        now = datetime(year, 1, 1, tzinfo=kolkata)
        rules = time_rules(kolkata, 2026)
        said = PlugTime(int(now.timestamp()), "Asia/Kolkata", rules)
        assert ClockSync().correction(said, now, "Asia/Kolkata", 0) is None


def test_a_plug_that_does_not_take_it_is_told_every_ten_minutes_at_most() -> None:
    keeper = ClockSync()
    wrong = replace(RIGHT, timezone="")
    told = [
        second for second in range(0, 1801, 60) if judge(wrong, keeper, second + 0.0)
    ]
    assert told == [0, 600, 1200, 1800]


def test_a_plug_that_is_right_does_not_begin_the_wait() -> None:
    keeper = ClockSync()
    assert judge(RIGHT, keeper, 0) is None
    assert judge(replace(RIGHT, timezone=""), keeper, 1) is not None


def test_without_a_zone_it_is_utc() -> None:
    now = datetime(2026, 7, 1) + timedelta(0)  # noqa: DTZ001 (that is the point)
    payload = ClockSync().correction(PlugTime(0, "", ()), now, "UTC", 0)
    assert payload is not None
    time = payload["time"]
    assert isinstance(time, dict)
    assert [rule[1:] for rule in time["timeRule"]] == [[0, 0]]
