"""New plugs with a key that is not known: kept on the broker, and asked about."""

from homeassistant.helpers import issue_registry as ir
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from tests.simulator import SimulatedPlug
from tests.support.entities import state_of
from tests.support.entries import active_issues, device_names, names_of, set_up
from tests.support.mqtt import MqttBroker
from tests.support.repairs import RepairPage


def label(plug: SimulatedPlug) -> str:
    """Return what a plug is called before it is set up."""
    return f"{plug.model.type.upper()} …{plug.uuid[-4:]}"


def the_issue(broker: MqttBroker) -> ir.IssueEntry:
    """Return the only repair."""
    (issue,) = active_issues(broker.hass).values()
    return issue


async def test_it_is_asked_for_within_a_second(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210", key="own")
    await set_up(broker)
    assert not active_issues(broker.hass)
    broker.connect(plug)
    await broker.advance(1)
    issue = the_issue(broker)
    assert issue.translation_key == "unknown_key"
    assert issue.translation_placeholders == {"plugs": label(plug)}
    assert issue.is_fixable
    assert issue.severity is ir.IssueSeverity.WARNING
    assert plug.is_bound


@pytest.mark.parametrize("model", ["mss210", "mss310", "mss210v1", "mss425e"])
async def test_a_wrong_key_is_told_and_the_right_one_works_at_once(
    broker: MqttBroker, hass_client: ClientSessionGenerator, model: str
) -> None:
    plug = SimulatedPlug(model, key="own")
    entry = await set_up(broker, plug)
    page = RepairPage(broker, hass_client, the_issue(broker))
    shown = await page.open()
    assert shown["step_id"] == "key"
    assert [field["name"] for field in shown["data_schema"]] == ["key"]
    assert shown["description_placeholders"] == {"plugs": label(plug)}
    assert not shown["errors"]

    shown = await page.submit("another")
    assert shown["type"] == "form"
    assert shown["errors"] == {"key": "wrong_key"}
    assert active_issues(broker.hass)
    assert not entry.subentries

    shown = await page.submit("own")
    assert shown["type"] == "create_entry"
    assert device_names(broker.hass, entry.entry_id) == names_of(plug)
    outlet = "all_outlets" if plug.model.is_strip else ""
    assert state_of(broker, plug, outlet) == "off"
    assert not active_issues(broker.hass)
    await broker.advance(3)
    assert not active_issues(broker.hass)


async def test_two_plugs_with_two_keys_are_repaired_one_after_the_other(
    broker: MqttBroker, hass_client: ClientSessionGenerator
) -> None:
    one, two = (
        SimulatedPlug("mss210", 1, key="one"),
        SimulatedPlug("mss310", 2, key="two"),
    )
    entry = await set_up(broker, one, two)
    issue = the_issue(broker)
    assert issue.translation_placeholders == {"plugs": f"{label(one)}, {label(two)}"}

    page = RepairPage(broker, hass_client, issue)
    await page.open()
    assert (await page.submit("two"))["type"] == "create_entry"
    assert device_names(broker.hass, entry.entry_id) == names_of(two)
    await broker.advance(1)
    issue = the_issue(broker)
    assert issue.translation_placeholders == {"plugs": label(one)}

    page = RepairPage(broker, hass_client, issue)
    await page.open()
    assert (await page.submit("one"))["type"] == "create_entry"
    await broker.advance(1)
    assert not active_issues(broker.hass)
    assert device_names(broker.hass, entry.entry_id) == names_of(one, two)


async def test_one_key_sets_up_all_that_have_it(
    broker: MqttBroker, hass_client: ClientSessionGenerator
) -> None:
    plugs = [SimulatedPlug("mss210", number, key="own") for number in range(5)]
    entry = await set_up(broker, *plugs)
    issue = the_issue(broker)
    first = ", ".join(label(plug) for plug in plugs[:3])
    assert issue.translation_placeholders == {"plugs": first}
    page = RepairPage(broker, hass_client, issue)
    await page.open()
    await page.submit("own")
    assert device_names(broker.hass, entry.entry_id) == names_of(*plugs)
    await broker.advance(2)
    assert not active_issues(broker.hass)


async def test_without_a_hub_it_cannot_be_repaired_and_is_not_shown(
    broker: MqttBroker, hass_client: ClientSessionGenerator
) -> None:
    entry = await set_up(broker, SimulatedPlug("mss210", key="own"))
    page = RepairPage(broker, hass_client, the_issue(broker))
    await page.open()
    assert await broker.hass.config_entries.async_unload(entry.entry_id)
    await broker.advance(1)
    assert not active_issues(broker.hass)
    shown = await page.submit("own")
    assert (shown["type"], shown["reason"]) == ("abort", "not_loaded")


async def test_it_goes_with_the_entry(broker: MqttBroker) -> None:
    entry = await set_up(broker, SimulatedPlug("mss210", key="own"))
    assert active_issues(broker.hass)
    await broker.hass.config_entries.async_remove(entry.entry_id)
    await broker.advance(2)
    assert not active_issues(broker.hass)


async def test_a_reload_keeps_it(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210", key="own")
    entry = await set_up(broker, plug)
    assert await broker.hass.config_entries.async_reload(entry.entry_id)
    await broker.advance(2)
    assert the_issue(broker).translation_placeholders == {"plugs": label(plug)}


async def test_it_goes_when_the_plug_is_given_a_known_key(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210", key="own")
    entry = await set_up(broker, plug)
    plug.cut()
    plug.key = "meross"
    broker.connect(plug)
    await broker.advance(2)
    assert device_names(broker.hass, entry.entry_id) == names_of(plug)
    assert not active_issues(broker.hass)
