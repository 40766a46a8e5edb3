"""What a plug says is taken over, and only where it makes sense."""

from datetime import UTC, date, datetime

import pytest

from custom_components.meross_local.meross.errors import DecodeError
from custom_components.meross_local.meross.fields import Json
from custom_components.meross_local.meross.message import Header
from custom_components.meross_local.meross.model import Electricity
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
DAYS: Json = {"consumptionx": [{"date": "2026-03-01", "time": 1, "value": 310}]}


def take(
    readings: Readings,
    namespace: Namespace,
    payload: Json,
    at: int = int(NOW.timestamp()),
) -> bool:
    """Hear a message that the plug stamped at that second."""
    header = Header("0" * 32, namespace, Method.GETACK, at, sign="")
    return readings.update(header, payload, NOW)


def test_nothing_is_known_at_first() -> None:
    readings = Readings()
    assert vars(readings) == dict.fromkeys(vars(readings))


def test_electricity_is_in_thousandths_and_tenths() -> None:
    readings = Readings()
    assert take(readings, Namespace.ELECTRICITY, POWER)
    assert readings.electricity == Electricity(power=5297, voltage=2331, current=290)


@pytest.mark.parametrize("payload", [DAYS, {"consumptionx": []}, POWER])
@pytest.mark.parametrize("namespace", [Namespace.ELECTRICITY, Namespace.CONSUMPTION_X])
def test_a_plug_without_the_time_measures_nothing(
    namespace: Namespace, payload: Json
) -> None:
    readings = Readings()
    for seconds_since_boot in (4, 332, 1033, 40_000_000):
        assert not take(readings, namespace, payload, at=seconds_since_boot)
    assert readings.electricity is None
    assert readings.meter is None


def test_days_are_counted_by_one_meter() -> None:
    readings = Readings()
    assert take(readings, Namespace.CONSUMPTION_X, {"consumptionx": []})
    meter = readings.meter
    assert meter is not None
    assert meter.total == 0
    assert take(readings, Namespace.CONSUMPTION_X, DAYS)
    assert readings.meter is meter
    assert (meter.total, meter.on(date(2026, 3, 1))) == (310, 310)


@pytest.mark.parametrize(("mode", "lit"), [(0, True), (1, False)])
def test_the_light_is_lit_while_it_may_disturb(mode: int, lit: bool) -> None:  # noqa: FBT001
    readings = Readings()
    assert take(readings, Namespace.DND_MODE, {"DNDMode": {"mode": mode}}, at=4)
    assert readings.status_light is lit


@pytest.mark.parametrize(("enable", "on"), [(1, True), (2, False)])
def test_overheat_protection_is_1_or_2(enable: int, on: bool) -> None:  # noqa: FBT001
    readings = Readings()
    payload: Json = {"overTemp": {"enable": enable, "type": -1}}
    assert take(readings, Namespace.OVER_TEMP, payload)
    assert readings.overheat_protection is on


def test_the_signal_is_in_percent() -> None:
    readings = Readings()
    assert take(readings, Namespace.RUNTIME, {"runtime": {"signal": 86, "ssid": ""}})
    assert readings.signal == 86


def test_other_messages_are_of_no_reading() -> None:
    readings = Readings()
    assert not take(readings, Namespace.CONSUMPTION_CONFIG, {"config": {}})
    assert vars(readings) == dict.fromkeys(vars(readings))


@pytest.mark.parametrize(
    ("namespace", "payload"),
    [
        (Namespace.ELECTRICITY, {}),
        (Namespace.ELECTRICITY, {"electricity": []}),
        (Namespace.ELECTRICITY, {"electricity": {"power": 1, "voltage": 1}}),
        (
            Namespace.ELECTRICITY,
            {"electricity": {"power": "1", "voltage": 1, "current": 1}},
        ),
        (Namespace.CONSUMPTION_X, {}),
        (Namespace.CONSUMPTION_X, {"consumptionx": [1]}),
        (
            Namespace.CONSUMPTION_X,
            {"consumptionx": [{"date": "0000-00-00", "time": 1, "value": 1}]},
        ),
        (
            Namespace.CONSUMPTION_X,
            {"consumptionx": [{"date": 20260301, "time": 1, "value": 1}]},
        ),
        (
            Namespace.CONSUMPTION_X,
            {"consumptionx": [{"date": "2026-03-01", "time": 1, "value": 1.5}]},
        ),
        (Namespace.DND_MODE, {"DNDMode": {}}),
        (Namespace.OVER_TEMP, {"overTemp": {"enable": True}}),
        (Namespace.RUNTIME, {"runtime": {"signal": None}}),
    ],
    ids=str,
)
def test_what_makes_no_sense_changes_nothing(
    namespace: Namespace, payload: Json
) -> None:
    readings = Readings()
    with pytest.raises(DecodeError):
        take(readings, namespace, payload)
    assert vars(readings) == dict.fromkeys(vars(readings))


def test_a_plug_that_is_gone_leaves_only_what_was_used() -> None:
    readings = Readings()
    take(readings, Namespace.ELECTRICITY, POWER)
    take(readings, Namespace.CONSUMPTION_X, DAYS)
    take(readings, Namespace.DND_MODE, {"DNDMode": {"mode": 0}})
    take(readings, Namespace.OVER_TEMP, {"overTemp": {"enable": 1}})
    take(readings, Namespace.RUNTIME, {"runtime": {"signal": 86}})
    meter = readings.meter
    readings.clear()
    assert readings.meter is meter is not None
    assert vars(readings) == dict.fromkeys(vars(readings)) | {"meter": meter}
