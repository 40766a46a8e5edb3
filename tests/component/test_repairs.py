"""The dialog of an issue, which requests the key that plugs sign with."""

import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from tests.simulator import SimulatedPlug
from tests.support.entities import entity_id_of, state_of, turn_on
from tests.support.entries import (
    active_issues,
    device_names,
    label_of,
    names_of,
    reload_entry,
    set_up,
)
from tests.support.mqtt import MqttBroker
from tests.support.repairs import RepairPage


def only_page(broker: MqttBroker, client: ClientSessionGenerator) -> RepairPage:
    """Return the dialog of the only issue."""
    (issue,) = active_issues(broker.hass).values()
    return RepairPage(broker, client, issue)


@pytest.mark.parametrize("model", ["mss210", "mss310", "mss210v1", "mss425e"])
async def test_plug_with_an_unknown_key_is_set_up(
    broker: MqttBroker, hass_client: ClientSessionGenerator, model: str
) -> None:
    plug = SimulatedPlug(model, key="own")
    entry = await set_up(broker, plug)
    page = only_page(broker, hass_client)
    step = await page.open()
    assert step["step_id"] == "key"
    assert [field["name"] for field in step["data_schema"]] == ["key"]
    assert step["description_placeholders"]["plugs"] == label_of(plug)
    assert not step["errors"]

    step = await page.submit("another")
    assert step["type"] == "form"
    assert step["errors"] == {"key": "wrong_key"}
    assert active_issues(broker.hass)
    assert not entry.subentries

    step = await page.submit("own")
    assert step["type"] == "create_entry"
    assert device_names(broker.hass, entry.entry_id) == names_of(plug)
    outlet = "all_outlets" if plug.model.is_strip else ""
    assert state_of(broker, plug, outlet) == "off"
    assert not active_issues(broker.hass)
    await broker.advance(3)
    assert not active_issues(broker.hass)


async def test_plugs_with_unknown_keys_share_an_issue(
    broker: MqttBroker, hass_client: ClientSessionGenerator
) -> None:
    """A key sets up all plugs that sign with it; the issue names three."""
    plugs = [SimulatedPlug("mss210", number, key="own") for number in range(4)]
    other = SimulatedPlug("mss310", 4, key="other")
    entry = await set_up(broker, *plugs, other)
    page = only_page(broker, hass_client)
    labels = ", ".join(label_of(plug) for plug in plugs[:3])
    assert (page.issue.translation_placeholders or {})["plugs"] == f"{labels}, …"
    await page.open()
    assert (await page.submit("own"))["type"] == "create_entry"
    assert device_names(broker.hass, entry.entry_id) == names_of(*plugs)

    await broker.advance(1)
    page = only_page(broker, hass_client)
    assert (page.issue.translation_placeholders or {})["plugs"] == label_of(other)
    await page.open()
    assert (await page.submit("other"))["type"] == "create_entry"
    await broker.advance(1)
    assert not active_issues(broker.hass)
    assert device_names(broker.hass, entry.entry_id) == names_of(*plugs, other)


async def test_plug_with_another_key_works_again(
    broker: MqttBroker, hass_client: ClientSessionGenerator
) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    broker.pair_again(plug, "new")
    await broker.advance(77)
    page = only_page(broker, hass_client)
    step = await page.open()
    assert step["step_id"] == "key"
    assert {step["description_placeholders"]["plug"]} == names_of(plug)
    for wrong in ("old", "meross", ""):
        step = await page.submit(wrong)
        assert step["errors"] == {"key": "wrong_key"}
        assert active_issues(broker.hass)
    step = await page.submit("new")
    assert step["type"] == "create_entry"
    assert not active_issues(broker.hass)
    assert state_of(broker, plug) == "off"
    await turn_on(broker, entity_id_of(plug))
    assert state_of(broker, plug) == "on"
    # The key is stored.
    await reload_entry(broker, entry)
    assert state_of(broker, plug) == "on"


async def test_key_of_another_plug_does_not_resolve_the_issue(
    broker: MqttBroker, hass_client: ClientSessionGenerator
) -> None:
    one, two = SimulatedPlug("mss210", 1), SimulatedPlug("mss210", 2)
    await set_up(broker, one, two)
    broker.pair_again(two, "two")
    broker.pair_again(one, "one")
    await broker.advance(77)
    (name,) = names_of(one)
    issue = active_issues(broker.hass)[f"wrong_key {name}"]
    page = RepairPage(broker, hass_client, issue)
    await page.open()
    step = await page.submit("two")
    assert step["errors"] == {"key": "wrong_key"}
    assert state_of(broker, one) == "unavailable"
    # It is stored for the other plug, though.
    assert state_of(broker, two) == "off"
    assert list(active_issues(broker.hass)) == [f"wrong_key {name}"]
    step = await page.submit("one")
    assert step["type"] == "create_entry"
    assert not active_issues(broker.hass)


async def test_key_of_a_resolved_issue_is_not_requested(
    broker: MqttBroker, plug: SimulatedPlug, hass_client: ClientSessionGenerator
) -> None:
    broker.pair_again(plug, "new")
    await broker.advance(77)
    page = only_page(broker, hass_client)
    await page.open()
    broker.pair_again(plug, "meross")
    await broker.advance(1)
    assert (await page.submit("new"))["type"] == "abort"


@pytest.mark.parametrize("key", ["own", "meross"])
async def test_key_is_not_requested_while_the_hub_is_not_loaded(
    broker: MqttBroker,
    hass_client: ClientSessionGenerator,
    key: str,
) -> None:
    """The issue of discovered plugs is deleted; that of a plug that is set up stays."""
    plug = SimulatedPlug("mss210", key=key)
    entry = await set_up(broker, plug)
    is_discovered = key == "own"
    if not is_discovered:
        broker.pair_again(plug, "own")
        await broker.advance(77)
    page = only_page(broker, hass_client)
    if is_discovered:
        await page.open()
    assert await broker.hass.config_entries.async_unload(entry.entry_id)
    await broker.advance(1)
    assert bool(active_issues(broker.hass)) != is_discovered
    step = await (page.submit("own") if is_discovered else page.open())
    assert (step["type"], step["reason"]) == ("abort", "not_loaded")
