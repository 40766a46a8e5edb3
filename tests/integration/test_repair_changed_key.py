"""A plug that was set up and then given another key."""

from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from tests.simulator import SimulatedPlug
from tests.support.entities import entity_id_of, state_of, turn_on
from tests.support.entries import active_issues, set_up
from tests.support.mqtt import MqttBroker
from tests.support.repairs import RepairPage


def rekey(broker: MqttBroker, plug: SimulatedPlug, key: str) -> None:
    """Set a plug up again, with another key."""
    plug.cut()
    plug.key = key
    broker.connect(plug)


async def given_up(broker: MqttBroker, plug: SimulatedPlug, key: str) -> ir.IssueEntry:
    """Give a plug another key and wait until it is unavailable."""
    rekey(broker, plug, key)
    await broker.advance(77)
    return active_issues(broker.hass)[f"wrong_key {name(plug)}"]


def name(plug: SimulatedPlug) -> str:
    """Return what a plug is called."""
    return f"{plug.model.type.upper()} {plug.uuid[-4:]}"


@pytest.mark.parametrize("model", ["mss210", "mss310", "mss210v1"])
async def test_it_is_kept_on_the_broker_but_not_believed(
    broker: MqttBroker, model: str
) -> None:
    plug = SimulatedPlug(model)
    entry = await set_up(broker, plug)
    rekey(broker, plug, "new")
    await broker.advance(1)
    assert plug.is_connected
    if plug.model.must_be_bound:
        assert plug.is_bound
    plug.press()
    await broker.advance(1)
    assert plug.onoff() == 1
    assert state_of(broker, plug) == "off"
    assert entry.runtime_data.rejected > 0
    # It may be a neighbour's lie: nobody is sent to look for a key before time.
    assert not active_issues(broker.hass)


async def test_it_is_asked_for_when_the_plug_is_given_up(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210")
    await set_up(broker, plug)
    await broker.advance(65)
    plug.press()
    await broker.settle()
    rekey(broker, plug, "new")
    await broker.advance(58)
    assert not active_issues(broker.hass)
    await broker.advance(18)
    assert state_of(broker, plug) == "unavailable"
    (issue,) = active_issues(broker.hass).values()
    assert issue.translation_key == "wrong_key"
    assert issue.translation_placeholders == {"plug": name(plug)}
    assert issue.severity is ir.IssueSeverity.ERROR
    assert issue.is_fixable


async def test_a_plug_that_is_only_silent_has_no_repair(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210")
    await set_up(broker, plug)
    plug.freeze()
    await broker.advance(200)
    assert state_of(broker, plug) == "unavailable"
    assert not active_issues(broker.hass)


async def test_the_right_key_makes_it_work_at_once(
    broker: MqttBroker, hass_client: ClientSessionGenerator
) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    issue = await given_up(broker, plug, "new")
    page = RepairPage(broker, hass_client, issue)
    shown = await page.open()
    assert shown["step_id"] == "key"
    assert shown["description_placeholders"] == {"plug": name(plug)}
    for wrong in ("old", "meross", ""):
        shown = await page.submit(wrong)
        assert shown["errors"] == {"key": "wrong_key"}
        assert active_issues(broker.hass)
    shown = await page.submit("new")
    assert shown["type"] == "create_entry"
    assert not active_issues(broker.hass)
    assert state_of(broker, plug) == "off"
    await turn_on(broker, entity_id_of(plug))
    assert state_of(broker, plug) == "on"
    # It is kept.
    assert await broker.hass.config_entries.async_reload(entry.entry_id)
    await broker.advance(2)
    assert state_of(broker, plug) == "on"


async def test_another_plugs_key_does_not_close_its_repair(
    broker: MqttBroker, hass_client: ClientSessionGenerator
) -> None:
    one, two = SimulatedPlug("mss210", 1), SimulatedPlug("mss210", 2)
    await set_up(broker, one, two)
    rekey(broker, two, "two")
    issue = await given_up(broker, one, "one")
    page = RepairPage(broker, hass_client, issue)
    await page.open()
    shown = await page.submit("two")
    assert shown["errors"] == {"key": "wrong_key"}
    assert f"wrong_key {name(one)}" in active_issues(broker.hass)
    assert state_of(broker, one) == "unavailable"
    # It did its good all the same.
    assert state_of(broker, two) == "off"
    assert f"wrong_key {name(two)}" not in active_issues(broker.hass)
    shown = await page.submit("one")
    assert shown["type"] == "create_entry"
    assert not active_issues(broker.hass)


async def test_a_plug_that_signs_with_its_key_again_needs_no_repair(
    broker: MqttBroker,
) -> None:
    plug = SimulatedPlug("mss210")
    await set_up(broker, plug)
    await given_up(broker, plug, "new")
    rekey(broker, plug, "meross")
    await broker.advance(1)
    assert state_of(broker, plug) == "off"
    assert not active_issues(broker.hass)


async def test_a_solved_repair_has_nothing_to_ask(
    broker: MqttBroker, hass_client: ClientSessionGenerator
) -> None:
    plug = SimulatedPlug("mss210")
    await set_up(broker, plug)
    page = RepairPage(broker, hass_client, await given_up(broker, plug, "new"))
    await page.open()
    rekey(broker, plug, "meross")
    await broker.advance(1)
    shown = await page.submit("new")
    assert shown["type"] == "abort"


async def test_without_a_hub_it_cannot_be_repaired(
    broker: MqttBroker, hass_client: ClientSessionGenerator
) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    page = RepairPage(broker, hass_client, await given_up(broker, plug, "new"))
    assert await broker.hass.config_entries.async_unload(entry.entry_id)
    await broker.advance(1)
    shown = await page.open()
    assert (shown["type"], shown["reason"]) == ("abort", "not_loaded")


async def test_it_goes_with_the_entry(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    await given_up(broker, plug, "new")
    await broker.hass.config_entries.async_remove(entry.entry_id)
    await broker.advance(2)
    assert not active_issues(broker.hass)


async def test_it_goes_with_the_plugs_subentry(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    await given_up(broker, plug, "new")
    (subentry_id,) = entry.subentries
    broker.hass.config_entries.async_remove_subentry(entry, subentry_id)
    await broker.settle()
    assert f"wrong_key {name(plug)}" not in active_issues(broker.hass)
