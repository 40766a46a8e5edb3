"""Readings are updated by valid payloads and by nothing else."""

from datetime import UTC, date, datetime

import pytest

from custom_components.meross_local.meross.errors import DecodeError
from custom_components.meross_local.meross.fields import Json
from custom_components.meross_local.meross.measurements import (
    DayEntry,
    Electricity,
    parse_days,
)
from custom_components.meross_local.meross.message import Header
from custom_components.meross_local.meross.namespaces import Method, Namespace
from custom_components.meross_local.meross.readings import Readings

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
POWER: Json = {
    "electricity": {
        "channel": 0,
        "current": 290,
        "voltage": 2331,
        "power": 5297,
        "config": {"voltageRatio": 188, "electricityRatio": 101},
    }
}
DAY = {"date": "2026-03-01", "time": 1, "value": 310}
DAYS: Json = {"consumptionx": [DAY]}


def update(
    readings: Readings,
    namespace: Namespace,
    payload: Json,
    at: int = int(NOW.timestamp()),
) -> bool:
    """Update readings from a message with this timestamp."""
    header = Header("0" * 32, namespace, Method.GETACK, at, sign="")
    return readings.update(header, payload, NOW)


def test_electricity_is_in_thousandths_and_tenths() -> None:
    readings = Readings()
    assert update(readings, Namespace.ELECTRICITY, POWER)
    assert readings.electricity == Electricity(power=5297, voltage=2331, current=290)


@pytest.mark.parametrize("payload", [DAYS, {"consumptionx": []}, POWER])
@pytest.mark.parametrize("namespace", [Namespace.ELECTRICITY, Namespace.CONSUMPTION_X])
def test_a_plug_without_the_time_measures_nothing(
    namespace: Namespace, payload: Json
) -> None:
    readings = Readings()
    for seconds_since_boot in (4, 332, 1033, 40_000_000):
        assert not update(readings, namespace, payload, at=seconds_since_boot)
    assert readings.electricity is None
    assert readings.meter is None


def test_days_are_counted_by_one_meter() -> None:
    readings = Readings()
    assert update(readings, Namespace.CONSUMPTION_X, {"consumptionx": []})
    meter = readings.meter
    assert meter is not None
    assert meter.total == 0
    assert update(readings, Namespace.CONSUMPTION_X, DAYS)
    assert readings.meter is meter
    assert (meter.total, meter.on(date(2026, 3, 1))) == (310, 310)


@pytest.mark.parametrize(
    ("namespace", "payload", "name", "value"),
    [
        (Namespace.DND_MODE, {"DNDMode": {"mode": 0}}, "status_light", True),
        (Namespace.DND_MODE, {"DNDMode": {"mode": 1}}, "status_light", False),
        (Namespace.OVER_TEMP, {"overTemp": {"enable": 1}}, "overheat_protection", True),
        (
            Namespace.OVER_TEMP,
            {"overTemp": {"enable": 2, "type": -1}},
            "overheat_protection",
            False,
        ),
        (Namespace.RUNTIME, {"runtime": {"signal": 86, "ssid": ""}}, "signal", 86),
    ],
)
def test_settings_and_signal_are_read_whatever_the_time(
    namespace: Namespace, payload: Json, name: str, value: object
) -> None:
    readings = Readings()
    assert update(readings, namespace, payload, at=4)
    assert getattr(readings, name) is value


def test_other_namespaces_are_ignored() -> None:
    readings = Readings()
    assert not update(readings, Namespace.CONSUMPTION_CONFIG, {"config": {}})
    assert vars(readings) == dict.fromkeys(vars(readings))


@pytest.mark.parametrize(
    ("namespace", "payload"),
    [
        (Namespace.ELECTRICITY, {}),
        (Namespace.ELECTRICITY, {"electricity": []}),
        (Namespace.CONSUMPTION_X, {}),
        (Namespace.DND_MODE, {"DNDMode": {}}),
        (Namespace.OVER_TEMP, {"overTemp": {"enable": True}}),
        (Namespace.RUNTIME, {"runtime": {"signal": None}}),
    ],
    ids=str,
)
def test_an_invalid_payload_changes_nothing(
    namespace: Namespace, payload: Json
) -> None:
    readings = Readings()
    with pytest.raises(DecodeError):
        update(readings, namespace, payload)
    assert vars(readings) == dict.fromkeys(vars(readings))


def test_a_plug_that_is_gone_leaves_only_what_was_used() -> None:
    readings = Readings()
    update(readings, Namespace.ELECTRICITY, POWER)
    update(readings, Namespace.CONSUMPTION_X, DAYS)
    update(readings, Namespace.DND_MODE, {"DNDMode": {"mode": 0}})
    update(readings, Namespace.OVER_TEMP, {"overTemp": {"enable": 1}})
    update(readings, Namespace.RUNTIME, {"runtime": {"signal": 86}})
    meter = readings.meter
    readings.clear()
    assert readings.meter is meter is not None
    assert vars(readings) == dict.fromkeys(vars(readings)) | {"meter": meter}


@pytest.mark.parametrize(
    ("payload", "expected", "left_out"),
    [
        ({"power": 5297, "current": 290}, Electricity(5297, None, 290), 1),
        (
            {"power": 5297.0, "voltage": 2**63, "current": -1},
            Electricity(5297, None, -1),
            1,
        ),
        ({"power": 2**63, "voltage": 1, "current": 1}, None, 1),
        ({"power": "1", "voltage": 1, "current": 1}, None, 1),
    ],
    ids=str,
)
def test_a_value_that_is_none_costs_that_value_alone(
    payload: Json, expected: Electricity | None, left_out: int
) -> None:
    readings, skipped = Readings(), list[str]()
    header = Header(
        "0" * 32, Namespace.ELECTRICITY, Method.GETACK, int(NOW.timestamp()), sign=""
    )
    assert readings.update(header, {"electricity": payload}, NOW, skipped)
    assert readings.electricity == expected
    assert len(skipped) == left_out


@pytest.mark.parametrize(
    "bad",
    [
        1,
        None,
        {},
        DAY | {"date": ""},
        DAY | {"date": 20260301},
        DAY | {"value": 1.5},
        DAY | {"value": 100_000_001},
        DAY | {"value": -1},
    ],
    ids=str,
)
def test_a_day_that_is_none_costs_that_day_alone(bad: object) -> None:
    skipped = list[str]()
    days = parse_days({"consumptionx": [bad, DAY, bad]}, skipped)
    assert days == (DayEntry(date(2026, 3, 1), 310),)
    assert len(skipped) == 2
    assert parse_days({"consumptionx": [bad, DAY]}) == days
