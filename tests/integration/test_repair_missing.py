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

from .broker import Broker
from .steps import issues, set_up, state
from .wizard import BROKER, Checks, Wizard

DAY = 86_400


def name(plug: SimulatedPlug) -> str:
    """Return what a plug is called."""
    return f"{plug.model.type.upper()} {plug.uuid[-4:]}"


async def a_day_passes(broker: Broker, entry: MockConfigEntry) -> None:
    """Let a day pass, in which nobody asks anything: it would be a long one."""
    for plug in entry.runtime_data.plugs.values():
        plug._missed_at -= DAY
    await broker.passes(2)


async def two_plugs(
    broker: Broker,
) -> tuple[MockConfigEntry, SimulatedPlug, SimulatedPlug]:
    """Return an entry, a plug that works and one that is gone."""
    works, gone = SimulatedPlug("mss210", 1), SimulatedPlug("mss210", 2)
    entry = await set_up(broker, works, gone)
    gone.cut()
    await broker.passes(80)
    assert state(broker, gone) == "unavailable"
    return entry, works, gone


async def test_it_is_told_after_a_day(broker: Broker) -> None:
    entry, works, gone = await two_plugs(broker)
    assert not issues(broker.hass)
    await a_day_passes(broker, entry)
    issue = issues(broker.hass)[f"missing {name(gone)}"]
    assert len(issues(broker.hass)) == 1
    assert issue.is_fixable
    assert not issue.is_persistent
    assert issue.severity is ir.IssueSeverity.ERROR
    assert state(broker, works) == "off"


async def test_it_is_told_after_a_whole_day_and_no_sooner(broker: Broker) -> None:
    entry, _, gone = await two_plugs(broker)
    plug = entry.runtime_data.plugs[gone.uuid]
    # Since it was unavailable.
    left = plug._missed_at - time.monotonic()
    assert DAY - 80 <= left <= DAY
    plug._missed_at -= left - 10
    await broker.passes(9)
    assert not issues(broker.hass)
    await broker.passes(2)
    assert list(issues(broker.hass)) == [f"missing {name(gone)}"]


async def test_a_plug_that_did_not_come_after_a_start_is_told_too(
    broker: Broker,
) -> None:
    entry, _, gone = await two_plugs(broker)
    assert await broker.hass.config_entries.async_reload(entry.entry_id)
    await broker.passes(100)
    assert not issues(broker.hass)
    await a_day_passes(broker, entry)
    assert list(issues(broker.hass)) == [f"missing {name(gone)}"]


async def test_where_none_works_it_waits_for_one_that_does(broker: Broker) -> None:
    """The house may be without power, or the broker gone."""
    entry, works, gone = await two_plugs(broker)
    works.cut()
    await broker.passes(80)
    await a_day_passes(broker, entry)
    assert not issues(broker.hass)
    broker.add(works)
    await broker.passes(3)
    assert list(issues(broker.hass)) == [f"missing {name(gone)}"]


async def test_it_goes_when_the_plug_is_back_and_may_come_again(
    broker: Broker,
) -> None:
    entry, _, gone = await two_plugs(broker)
    await a_day_passes(broker, entry)
    assert issues(broker.hass)
    broker.add(gone)
    await broker.passes(2)
    assert state(broker, gone) == "off"
    assert not issues(broker.hass)
    gone.cut()
    await broker.passes(80)
    await a_day_passes(broker, entry)
    assert issues(broker.hass)


async def test_a_plug_that_was_reset_is_not_missing(broker: Broker) -> None:
    works, gone = SimulatedPlug("mss210", 1), SimulatedPlug("mss210", 2)
    entry = await set_up(broker, works, gone)
    gone.reset()
    await broker.passes(1)
    await a_day_passes(broker, entry)
    assert list(issues(broker.hass)) == [f"unbound {name(gone)}"]
    # That it was is known over a restart.
    assert await broker.hass.config_entries.async_reload(entry.entry_id)
    await broker.passes(40)
    await a_day_passes(broker, entry)
    assert list(issues(broker.hass)) == [f"unbound {name(gone)}"]


async def test_a_plug_with_another_key_is_not_missing(broker: Broker) -> None:
    works, gone = SimulatedPlug("mss210", 1), SimulatedPlug("mss210", 2)
    entry = await set_up(broker, works, gone)
    gone.cut()
    gone.key = "another"
    broker.add(gone)
    await broker.passes(80)
    await a_day_passes(broker, entry)
    assert list(issues(broker.hass)) == [f"wrong_key {name(gone)}"]


async def test_it_goes_with_the_plugs_subentry(broker: Broker) -> None:
    entry, _, gone = await two_plugs(broker)
    await a_day_passes(broker, entry)
    (subentry_id,) = [
        one.subentry_id
        for one in entry.subentries.values()
        if one.unique_id == gone.uuid
    ]
    broker.hass.config_entries.async_remove_subentry(entry, subentry_id)
    await broker.passes(1)
    assert not issues(broker.hass)


# Its flow.


async def begin(broker: Broker) -> Wizard:
    """Click on the only repair."""
    assert await async_setup_component(broker.hass, "repairs", {})
    await broker.settle()
    (issue,) = issues(broker.hass).values()
    manager = repairs_flow_manager(broker.hass)
    assert manager is not None
    flow = await manager.async_init(DOMAIN, data={"issue_id": issue.issue_id})
    return Wizard(broker, manager, flow, "issues.missing.fix_flow")


async def test_it_checks_the_broker_in_the_name_of_the_plug(
    broker: Broker, checks: Checks
) -> None:
    entry, _, gone = await two_plugs(broker)
    await a_day_passes(broker, entry)
    wizard = await begin(broker)
    assert wizard.shown == "broker"
    assert wizard.words["plug"] == name(gone)
    assert wizard.suggested == {"host": "mock-broker", "port": 8883}
    checks.found = [Problem.NOT_RSA, Problem.LOGIN_REFUSED]
    await wizard.submit(host="localhost", port=8883)
    assert wizard.result["errors"] == {"host": "own_name"}
    assert not checks.checked
    await wizard.submit(**BROKER)
    assert wizard.shown == "broker"
    assert wizard.result["errors"] == {"base": "not_rsa"}
    await wizard.submit(**BROKER)
    assert wizard.shown == "login"
    assert wizard.words["user"] == gone.mac
    await wizard.submit(**BROKER)
    assert wizard.is_over
    assert wizard.shown == "broker_fine"
    assert {one.uuid for _, _, one in checks.checked} == {gone.uuid}
    # Only the plug can end it.
    assert issues(broker.hass)


@pytest.mark.parametrize("what", ["entry", "plug"])
async def test_without_the_plug_there_is_nothing_to_check(
    broker: Broker, what: str
) -> None:
    entry, _, gone = await two_plugs(broker)
    await a_day_passes(broker, entry)
    (issue,) = issues(broker.hass).values()
    if what == "entry":
        assert await broker.hass.config_entries.async_unload(entry.entry_id)
    else:
        del entry.runtime_data.plugs[gone.uuid]
    assert ir.async_get(broker.hass).async_get_issue(DOMAIN, issue.issue_id)
    wizard = await begin(broker)
    assert wizard.is_over
    assert wizard.shown == "not_loaded"
