"""A plug that is gone for a day while others work: its repair checks the broker."""

import time

from homeassistant.components.repairs import repairs_flow_manager
from homeassistant.helpers import issue_registry as ir
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.meross_local.broker_check import Problem
from custom_components.meross_local.const import DOMAIN
from tests.simulator import SimulatedPlug
from tests.support.clock import DAY
from tests.support.entities import state_of
from tests.support.entries import active_issues, set_up
from tests.support.flows import FlowDriver
from tests.support.mqtt import MqttBroker
from tests.support.network import BROKER_INPUT, BrokerCheck


def name(plug: SimulatedPlug) -> str:
    """Return what a plug is called."""
    return f"{plug.model.type.upper()} {plug.uuid[-4:]}"


async def a_day_passes(broker: MqttBroker, entry: MockConfigEntry) -> None:
    """Let a day pass, in which nobody asks anything: it would be a long one."""
    for plug in entry.runtime_data.plugs.values():
        plug._missed_at -= DAY
    await broker.advance(2)


async def two_plugs(
    broker: MqttBroker,
) -> tuple[MockConfigEntry, SimulatedPlug, SimulatedPlug]:
    """Return an entry, a plug that works and one that is gone."""
    works, gone = SimulatedPlug("mss210", 1), SimulatedPlug("mss210", 2)
    entry = await set_up(broker, works, gone)
    gone.cut()
    await broker.advance(80)
    assert state_of(broker, gone) == "unavailable"
    return entry, works, gone


async def test_it_is_told_after_a_day(broker: MqttBroker) -> None:
    entry, works, gone = await two_plugs(broker)
    assert not active_issues(broker.hass)
    await a_day_passes(broker, entry)
    issue = active_issues(broker.hass)[f"missing {name(gone)}"]
    assert len(active_issues(broker.hass)) == 1
    assert issue.is_fixable
    assert not issue.is_persistent
    assert issue.severity is ir.IssueSeverity.ERROR
    assert state_of(broker, works) == "off"


async def test_it_is_told_after_a_whole_day_and_no_sooner(broker: MqttBroker) -> None:
    entry, _, gone = await two_plugs(broker)
    plug = entry.runtime_data.plugs[gone.uuid]
    # Since it was unavailable.
    left = plug._missed_at - time.monotonic()
    assert DAY - 80 <= left <= DAY
    plug._missed_at -= left - 10
    await broker.advance(9)
    assert not active_issues(broker.hass)
    await broker.advance(2)
    assert list(active_issues(broker.hass)) == [f"missing {name(gone)}"]


async def test_a_plug_that_did_not_come_after_a_start_is_told_too(
    broker: MqttBroker,
) -> None:
    entry, _, gone = await two_plugs(broker)
    assert await broker.hass.config_entries.async_reload(entry.entry_id)
    await broker.advance(100)
    assert not active_issues(broker.hass)
    await a_day_passes(broker, entry)
    assert list(active_issues(broker.hass)) == [f"missing {name(gone)}"]


async def test_where_none_works_it_waits_for_one_that_does(broker: MqttBroker) -> None:
    """The house may be without power, or the broker gone."""
    entry, works, gone = await two_plugs(broker)
    works.cut()
    await broker.advance(80)
    await a_day_passes(broker, entry)
    assert not active_issues(broker.hass)
    broker.connect(works)
    await broker.advance(3)
    assert list(active_issues(broker.hass)) == [f"missing {name(gone)}"]


async def test_it_goes_when_the_plug_is_back_and_may_come_again(
    broker: MqttBroker,
) -> None:
    entry, _, gone = await two_plugs(broker)
    await a_day_passes(broker, entry)
    assert active_issues(broker.hass)
    broker.connect(gone)
    await broker.advance(2)
    assert state_of(broker, gone) == "off"
    assert not active_issues(broker.hass)
    gone.cut()
    await broker.advance(80)
    await a_day_passes(broker, entry)
    assert active_issues(broker.hass)


async def test_a_plug_that_was_reset_is_not_missing(broker: MqttBroker) -> None:
    works, gone = SimulatedPlug("mss210", 1), SimulatedPlug("mss210", 2)
    entry = await set_up(broker, works, gone)
    gone.reset()
    await broker.advance(1)
    await a_day_passes(broker, entry)
    assert list(active_issues(broker.hass)) == [f"unbound {name(gone)}"]
    # That it was is known over a restart.
    assert await broker.hass.config_entries.async_reload(entry.entry_id)
    await broker.advance(40)
    await a_day_passes(broker, entry)
    assert list(active_issues(broker.hass)) == [f"unbound {name(gone)}"]


async def test_a_plug_with_another_key_is_not_missing(broker: MqttBroker) -> None:
    works, gone = SimulatedPlug("mss210", 1), SimulatedPlug("mss210", 2)
    entry = await set_up(broker, works, gone)
    gone.cut()
    gone.key = "another"
    broker.connect(gone)
    await broker.advance(80)
    await a_day_passes(broker, entry)
    assert list(active_issues(broker.hass)) == [f"wrong_key {name(gone)}"]


async def test_it_goes_with_the_plugs_subentry(broker: MqttBroker) -> None:
    entry, _, gone = await two_plugs(broker)
    await a_day_passes(broker, entry)
    (subentry_id,) = [
        one.subentry_id
        for one in entry.subentries.values()
        if one.unique_id == gone.uuid
    ]
    broker.hass.config_entries.async_remove_subentry(entry, subentry_id)
    await broker.advance(1)
    assert not active_issues(broker.hass)


# Its flow.


async def begin(broker: MqttBroker) -> FlowDriver:
    """Click on the only repair."""
    assert await async_setup_component(broker.hass, "repairs", {})
    await broker.settle()
    (issue,) = active_issues(broker.hass).values()
    manager = repairs_flow_manager(broker.hass)
    assert manager is not None
    flow = await manager.async_init(DOMAIN, data={"issue_id": issue.issue_id})
    return FlowDriver(broker, manager, flow, "issues.missing.fix_flow")


async def test_it_checks_the_broker_in_the_name_of_the_plug(
    broker: MqttBroker, broker_check: BrokerCheck
) -> None:
    entry, _, gone = await two_plugs(broker)
    await a_day_passes(broker, entry)
    flow = await begin(broker)
    assert flow.step == "broker"
    assert flow.placeholders["plug"] == name(gone)
    assert flow.suggested_values == {"host": "mock-broker", "port": 8883}
    broker_check.problems = [Problem.NOT_RSA, Problem.LOGIN_REFUSED]
    await flow.submit(host="localhost", port=8883)
    assert flow.result["errors"] == {"host": "own_name"}
    assert not broker_check.calls
    await flow.submit(**BROKER_INPUT)
    assert flow.step == "broker"
    assert flow.result["errors"] == {"base": "not_rsa"}
    await flow.submit(**BROKER_INPUT)
    assert flow.step == "login"
    assert flow.placeholders["user"] == gone.mac
    await flow.submit(**BROKER_INPUT)
    assert flow.is_aborted
    assert flow.step == "broker_fine"
    assert {one.uuid for _, _, one in broker_check.calls} == {gone.uuid}
    # Only the plug can end it.
    assert active_issues(broker.hass)


@pytest.mark.parametrize("what", ["entry", "plug"])
async def test_without_the_plug_there_is_nothing_to_check(
    broker: MqttBroker, what: str
) -> None:
    entry, _, gone = await two_plugs(broker)
    await a_day_passes(broker, entry)
    (issue,) = active_issues(broker.hass).values()
    if what == "entry":
        assert await broker.hass.config_entries.async_unload(entry.entry_id)
    else:
        del entry.runtime_data.plugs[gone.uuid]
    assert ir.async_get(broker.hass).async_get_issue(DOMAIN, issue.issue_id)
    flow = await begin(broker)
    assert flow.is_aborted
    assert flow.step == "not_loaded"
