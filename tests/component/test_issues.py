"""Issues of repairs: when they are reported, and when they are resolved."""

from homeassistant.helpers import device_registry as dr, issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.meross_local.missing_plugs import (
    MISSING_CHECK_INTERVAL,
    RETURN_TIMEOUT,
)
from tests.simulator import SimulatedPlug
from tests.simulator.namespaces import UNBIND
from tests.support.clock import DAY
from tests.support.entities import state_of
from tests.support.entries import (
    active_issues,
    device_names,
    device_of,
    label_of,
    names_of,
    reload_entry,
    remove_subentry,
    set_up,
)
from tests.support.messages import build_message
from tests.support.mqtt import MqttBroker

KINDS = ["wrong_key", "unbound", "missing"]


def issue_of(kind: str, plug: SimulatedPlug) -> str:
    """Return the name of a plug's issue, as `active_issues` has it."""
    (name,) = names_of(plug)
    return kind if kind == "missing" else f"{kind} {name}"


def placeholders_of(issue: ir.IssueEntry) -> dict[str, str]:
    """Return the placeholders of an issue's texts."""
    return issue.translation_placeholders or {}


async def pass_a_day(broker: MqttBroker, entry: MockConfigEntry) -> None:
    """Let a day pass, most of it without a query."""
    await broker.leap(RETURN_TIMEOUT, step=20)
    for plug in entry.runtime_data.plugs.values():
        plug.absent_since -= DAY
    await broker.advance(MISSING_CHECK_INTERVAL + 1)


async def set_up_two(
    broker: MqttBroker,
) -> tuple[MockConfigEntry, SimulatedPlug, SimulatedPlug]:
    """Set up a plug that stays available, and another one."""
    works, plug = SimulatedPlug("mss210", 1), SimulatedPlug("mss210", 2)
    return await set_up(broker, works, plug), works, plug


async def report(
    broker: MqttBroker, entry: MockConfigEntry, plug: SimulatedPlug, kind: str
) -> None:
    """Wait until an issue of a plug is the only one."""
    if kind == "wrong_key":
        broker.pair_again(plug, "new")
        await broker.advance(77)
    elif kind == "unbound":
        plug.reset()
        await broker.settle()
    else:
        plug.cut()
        await broker.advance(80)
        await pass_a_day(broker, entry)
    assert state_of(broker, plug) == "unavailable"
    assert list(active_issues(broker.hass)) == [issue_of(kind, plug)]


@pytest.mark.parametrize("model", ["mss210", "mss310", "mss210v1"])
@pytest.mark.parametrize("kind", KINDS)
async def test_issue_is_an_error_of_one_plug(
    broker: MqttBroker, kind: str, model: str
) -> None:
    """A reset is sent only once: that is kept over restarts."""
    plug = SimulatedPlug(model, 2)
    entry = await set_up(broker, SimulatedPlug("mss210", 1), plug)
    await report(broker, entry, plug, kind)
    (issue,) = active_issues(broker.hass).values()
    shared = kind == "missing"
    assert {placeholders_of(issue)["plugs" if shared else "plug"]} == names_of(plug)
    severity = ir.IssueSeverity.WARNING if shared else ir.IssueSeverity.ERROR
    assert issue.severity is severity
    assert issue.is_fixable == (kind == "wrong_key")
    assert issue.is_persistent == (kind == "unbound")


@pytest.mark.parametrize("kind", KINDS)
async def test_issue_is_resolved_by_the_plug_and_may_be_reported_again(
    broker: MqttBroker, kind: str
) -> None:
    entry, _, plug = await set_up_two(broker)
    for _ in range(2):
        await report(broker, entry, plug, kind)
        broker.pair_again(plug, "meross")
        await broker.advance(2)
        assert state_of(broker, plug) == "off"
        assert not active_issues(broker.hass)


@pytest.mark.parametrize("removed", ["entry", "unloaded entry", "subentry"])
@pytest.mark.parametrize("kind", KINDS)
async def test_issue_is_deleted_with_the_plug(
    broker: MqttBroker, kind: str, removed: str
) -> None:
    entry, _, plug = await set_up_two(broker)
    await report(broker, entry, plug, kind)
    entries = broker.hass.config_entries
    if removed == "unloaded entry":
        assert await entries.async_unload(entry.entry_id)
        # Who is missing is found out anew.
        kept = [] if kind == "missing" else [issue_of(kind, plug)]
        assert list(active_issues(broker.hass)) == kept
    if removed == "subentry":
        remove_subentry(broker, entry, plug)
    else:
        await entries.async_remove(entry.entry_id)
    await broker.advance(1)
    assert not active_issues(broker.hass)


async def test_unknown_key_is_reported_within_a_second(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210", key="own")
    entry = await set_up(broker)
    assert not active_issues(broker.hass)
    broker.connect(plug)
    await broker.advance(1)
    (issue,) = active_issues(broker.hass).values()
    assert issue.translation_key == "unknown_key"
    assert placeholders_of(issue)["plugs"] == label_of(plug)
    assert issue.is_fixable
    assert issue.severity is ir.IssueSeverity.WARNING
    assert plug.is_bound

    await reload_entry(broker, entry)
    (issue,) = active_issues(broker.hass).values()
    assert placeholders_of(issue)["plugs"] == label_of(plug)

    broker.pair_again(plug, "meross")
    await broker.advance(2)
    assert device_names(broker.hass, entry.entry_id) == names_of(plug)
    assert not active_issues(broker.hass)


async def test_unknown_key_is_not_reported_without_a_hub(broker: MqttBroker) -> None:
    entry = await set_up(broker, SimulatedPlug("mss210", key="own"))
    assert active_issues(broker.hass)
    await broker.hass.config_entries.async_remove(entry.entry_id)
    await broker.advance(2)
    assert not active_issues(broker.hass)


@pytest.mark.parametrize("model", ["mss210", "mss310", "mss210v1"])
async def test_plug_with_another_key_stays_connected_and_is_ignored(
    broker: MqttBroker, model: str
) -> None:
    """The messages may be forged: only a reply to a query, and no other, counts."""
    plug = SimulatedPlug(model)
    entry = await set_up(broker, plug)
    await broker.advance(65)
    plug.press()
    await broker.settle()
    broker.pair_again(plug, "new")
    await broker.advance(1)
    assert plug.is_connected
    if plug.model.is_modern:
        assert plug.is_bound
    plug.press()
    await broker.advance(1)
    assert plug.onoff() == 0
    assert state_of(broker, plug) == "on"
    assert entry.runtime_data.rejected > 0
    assert not active_issues(broker.hass)
    await broker.advance(74)
    assert state_of(broker, plug) == "unavailable"
    assert list(active_issues(broker.hass)) == [issue_of("wrong_key", plug)]


async def test_forged_reset_is_counted_and_ignored(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    broker.publish_as(plug, build_message(plug, UNBIND, "PUSH", {}, key="another"))
    await broker.settle()
    assert state_of(broker, plug) == "off"
    assert not active_issues(broker.hass)
    assert entry.runtime_data.rejected == 1


async def test_absence_is_reported_after_a_whole_day(broker: MqttBroker) -> None:
    entry, works, gone = await set_up_two(broker)
    gone.cut()
    await broker.advance(80)
    assert state_of(broker, gone) == "unavailable"
    await broker.leap(RETURN_TIMEOUT, step=20)
    # Since it was unavailable.
    entry.runtime_data.plugs[gone.uuid].absent_since -= DAY - 800
    await broker.leap(60)
    assert not active_issues(broker.hass)
    await broker.leap(120)
    assert list(active_issues(broker.hass)) == [issue_of("missing", gone)]
    assert state_of(broker, works) == "off"


async def test_plug_that_is_absent_since_the_start_is_reported(
    broker: MqttBroker,
) -> None:
    entry, _, gone = await set_up_two(broker)
    gone.cut()
    await reload_entry(broker, entry)
    await broker.advance(100)
    assert not active_issues(broker.hass)
    await pass_a_day(broker, entry)
    assert list(active_issues(broker.hass)) == [issue_of("missing", gone)]


async def test_plugs_that_are_missing_together_share_an_issue(
    broker: MqttBroker,
) -> None:
    plugs = [SimulatedPlug("mss210", number) for number in range(1, 6)]
    entry = await set_up(broker, *plugs)
    device = device_of(broker.hass, entry.entry_id, plugs[0])
    dr.async_get(broker.hass).async_update_device(device.id, name_by_user="Lamp")
    for plug in plugs:
        plug.cut()
    await broker.advance(80)
    await pass_a_day(broker, entry)
    (issue,) = active_issues(broker.hass).values()
    assert issue.translation_key == "missing"
    assert placeholders_of(issue)["count"] == "5"
    assert placeholders_of(issue)["plugs"].startswith("Lamp, MSS210 ")
    assert placeholders_of(issue)["plugs"].endswith(", …")
    broker.connect(*plugs[1:])
    await broker.advance(3)
    (issue,) = active_issues(broker.hass).values()
    assert placeholders_of(issue) == {"count": "1", "plugs": "Lamp"}
    broker.connect(plugs[0])
    await broker.advance(3)
    assert not active_issues(broker.hass)


async def test_plugs_get_time_to_return_after_the_broker_was_gone_for_a_day(
    broker: MqttBroker,
) -> None:
    entry, _, gone = await set_up_two(broker)
    broker.disconnect()
    await broker.advance(2)
    for plug in entry.runtime_data.plugs.values():
        plug.absent_since -= DAY
    await broker.leap(120)
    assert not active_issues(broker.hass)
    gone.freeze()
    broker.reconnect()
    await broker.leap(RETURN_TIMEOUT - 10)
    assert not active_issues(broker.hass)
    await broker.leap(90)
    assert list(active_issues(broker.hass)) == [issue_of("missing", gone)]


@pytest.mark.parametrize("kind", ["wrong_key", "unbound"])
async def test_absence_that_is_explained_is_not_reported(
    broker: MqttBroker, kind: str
) -> None:
    entry, _, plug = await set_up_two(broker)
    await report(broker, entry, plug, kind)
    await pass_a_day(broker, entry)
    assert list(active_issues(broker.hass)) == [issue_of(kind, plug)]
    if kind == "unbound":
        await reload_entry(broker, entry)
        await broker.advance(40)
        await pass_a_day(broker, entry)
        assert list(active_issues(broker.hass)) == [issue_of(kind, plug)]
        broker.connect(plug)
        await broker.advance(1)
        assert state_of(broker, plug) == "off"
        assert not active_issues(broker.hass)


async def test_plug_that_is_only_silent_has_no_issue(
    broker: MqttBroker, plug: SimulatedPlug
) -> None:
    plug.freeze()
    await broker.advance(200)
    assert state_of(broker, plug) == "unavailable"
    assert not active_issues(broker.hass)
