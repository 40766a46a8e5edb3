"""The clock and time zone of a plug are set where they are wrong, and only there."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
import time
from typing import Any
from zoneinfo import ZoneInfo

from homeassistant.util import dt as dt_util
import pytest

from custom_components.meross_local.meross.commands import time_payload
from custom_components.meross_local.meross.fields import Json
from custom_components.meross_local.meross.model import PlugTime
from custom_components.meross_local.meross.timezone import TimeRule, time_rules
from custom_components.meross_local.plug.clock_sync import ClockSync
from tests.simulator import MODELS, SimulatedPlug
from tests.simulator.namespaces import TIME
from tests.support.clock import DAY, HOUR
from tests.support.entities import state_of
from tests.support.entries import reload_entry, set_up
from tests.support.mqtt import MqttBroker

ZONE = "Europe/Berlin"
BERLIN = ZoneInfo(ZONE)
KOLKATA = "Asia/Kolkata"
NOW = datetime(2026, 7, 1, 12, tzinfo=BERLIN)
RULES = time_rules(BERLIN, 2026)
RIGHT = PlugTime(timestamp=int(NOW.timestamp()), timezone=ZONE, rules=RULES)


def correction(
    plug_time: PlugTime, sync: ClockSync | None = None, monotonic: float = 0
) -> Json | None:
    """Return the correction of a plug's time, some seconds after noon in Berlin."""
    now = NOW + timedelta(seconds=monotonic)
    return (sync or ClockSync()).correction(plug_time, now, ZONE, monotonic)


def corrections(broker: MqttBroker, plug: SimulatedPlug) -> list[dict[str, Any]]:
    """Return all corrections that were sent to a plug."""
    return [sent.payload["time"] for sent in broker.sent_to(plug, "SET", "Time")]


@pytest.mark.parametrize(
    "plug_time",
    [
        RIGHT,
        *(replace(RIGHT, timestamp=RIGHT.timestamp + off) for off in (-10, -1, 1, 10)),
        replace(RIGHT, rules=(*reversed(RULES), (0, 0, 0), (1_000_000_000, 7200, 1))),
    ],
    ids=["equal", "-10 s", "-1 s", "1 s", "10 s", "another order, and old rules"],
)
def test_right_time_is_not_corrected(plug_time: PlugTime) -> None:
    sync = ClockSync()
    assert correction(plug_time, sync, 0) is None
    # That does not delay a correction.
    assert correction(replace(RIGHT, timezone=""), sync, 1) is not None


def with_rules(rules: Iterable[TimeRule]) -> PlugTime:
    """Return the right time with other rules."""
    return replace(RIGHT, rules=tuple(rules))


WRONG = {
    "after a boot": PlugTime(timestamp=332, timezone="", rules=()),
    "3600 s behind": replace(RIGHT, timestamp=RIGHT.timestamp - 3600),
    "11 s behind": replace(RIGHT, timestamp=RIGHT.timestamp - 11),
    "11 s ahead": replace(RIGHT, timestamp=RIGHT.timestamp + 11),
    "3600 s ahead": replace(RIGHT, timestamp=RIGHT.timestamp + 3600),
    "another zone with the same rules": replace(RIGHT, timezone="Europe/Madrid"),
    "no rules": with_rules(()),
    "rules that end": with_rules(RULES[:3]),
    "another offset": with_rules([(at, off + 1800, dst) for at, off, dst in RULES]),
    "no summer time": with_rules([(at, off, 0) for at, off, _ in RULES]),
    "rules that start later": with_rules([r for r in RULES if r[0] > RIGHT.timestamp]),
}


@pytest.mark.parametrize("plug_time", WRONG.values(), ids=WRONG)
def test_wrong_time_is_corrected(plug_time: PlugTime) -> None:
    rules = [list(rule) for rule in RULES]
    time_ = {"timestamp": RIGHT.timestamp, "timezone": ZONE, "timeRule": rules}
    assert correction(plug_time) == {"time": time_}


def test_rules_are_renewed_a_year_before_they_end() -> None:
    corrected = []
    for year in range(2026, 2036):
        now = datetime(year, 7, 1, 12, tzinfo=BERLIN)
        plug_time = PlugTime(int(now.timestamp()), ZONE, RULES)
        if ClockSync().correction(plug_time, now, ZONE, 0) is not None:
            corrected.append(year)
    last = datetime.fromtimestamp(RULES[-1][0], UTC).year
    assert corrected == list(range(last, 2036))


@pytest.mark.parametrize("year", [2026, 2027, 2040])
def test_zone_without_summer_time_needs_no_renewal(year: int) -> None:
    now = datetime(year, 1, 1, tzinfo=ZoneInfo(KOLKATA))
    rules = time_rules(ZoneInfo(KOLKATA), 2026)
    plug_time = PlugTime(int(now.timestamp()), KOLKATA, rules)
    assert ClockSync().correction(plug_time, now, KOLKATA, 0) is None


def test_correction_is_repeated_every_ten_minutes_at_most() -> None:
    sync = ClockSync()
    wrong = replace(RIGHT, timezone="")
    seconds = [at for at in range(0, 1801, 60) if correction(wrong, sync, at)]
    assert seconds == [0, 600, 1200, 1800]


def test_time_without_a_zone_is_utc() -> None:
    now = datetime(2026, 7, 1) + timedelta(0)  # noqa: DTZ001 (that is the point)
    payload = ClockSync().correction(PlugTime(0, "", ()), now, "UTC", 0)
    rules = time_rules(UTC, 2026)
    assert [rule[1:] for rule in rules] == [(0, 0)]
    assert payload == time_payload(int(now.timestamp()), "UTC", rules)


@pytest.mark.parametrize("model", MODELS)
async def test_new_plug_gets_time_and_zone_once(broker: MqttBroker, model: str) -> None:
    await broker.hass.config.async_update(time_zone=ZONE)
    plug = SimulatedPlug(model)
    entry = await set_up(broker, plug)
    await broker.leap(DAY, step=HOUR)
    await reload_entry(broker, entry)
    (time_,) = corrections(broker, plug)
    rules = time_rules(BERLIN, dt_util.utcnow().year)
    assert time_["timezone"] == plug.device.timezone == ZONE
    assert time_["timeRule"] == [list(rule) for rule in rules]
    offset = datetime.now(BERLIN).utcoffset()
    assert timedelta(seconds=plug.device.utc_offset) == offset
    assert abs(plug.device.clock.timestamp - time.time()) <= 1


async def test_clock_that_is_set_back_does_not_hide_the_button(
    broker: MqttBroker,
) -> None:
    plug = SimulatedPlug("mss310")
    await set_up(broker, plug)
    await broker.advance(5)
    plug.device.clock.advance(40)
    plug.press()
    await broker.advance(1)
    assert state_of(broker, plug) == "on"
    broker.sent.clear()
    await broker.leap(6 * HOUR - 60, step=30)
    for _ in range(600):
        if corrections(broker, plug):
            break
        await broker.advance(0.25)
    plug.press()
    await broker.advance(0.25)
    assert state_of(broker, plug) == "off"
    assert len(corrections(broker, plug)) == 1
    # Both are cut to whole seconds.
    assert abs(plug.device.clock.timestamp - time.time()) < 2


@pytest.mark.parametrize("fault", ["refused", "unanswered", "broken"])
async def test_plug_that_does_not_apply_the_time_works_all_the_same(
    broker: MqttBroker, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    plug = SimulatedPlug("mss310")
    plug.device.clock.is_broken = fault == "broken"
    await set_up(broker, plug)
    if fault == "refused":
        plug.faults.refused[TIME] = 5000
    elif fault == "unanswered":
        plug.faults.unanswered.add(TIME)
    plug.device.clock.advance(60)
    broker.sent.clear()
    await broker.leap(12 * HOUR, step=60)
    assert state_of(broker, plug) == "off"
    assert 1 <= len(corrections(broker, plug)) <= 4
    assert "ERROR" not in {record.levelname for record in caplog.records}


async def test_plug_whose_time_cannot_be_set_is_not_corrected(
    broker: MqttBroker,
) -> None:
    model = SimulatedPlug("mss310").model
    ability = {name: how for name, how in model.ability.items() if name != TIME}
    plug = SimulatedPlug(replace(model, ability=ability))
    await set_up(broker, plug)
    await broker.leap(DAY, step=HOUR)
    assert corrections(broker, plug) == []
    assert state_of(broker, plug) == "off"
