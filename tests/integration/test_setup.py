"""Set up, unload, reload, remove; plugs come and go without any of it."""

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.meross_local.const import DOMAIN
from tests.simulator import SimulatedPlug
from tests.support.entities import entity_id_of, state_of, turn_on
from tests.support.entries import device_names, names_of, registry_entries, set_up
from tests.support.mqtt import MqttBroker


async def test_without_mqtt_it_waits(hass: HomeAssistant) -> None:
    entry = MockConfigEntry(domain=DOMAIN)
    entry.add_to_hass(hass)
    # mqtt cannot be set up as a dependency without its entry either way.
    assert not await hass.config_entries.async_setup(entry.entry_id)
    assert entry.state in (ConfigEntryState.SETUP_RETRY, ConfigEntryState.SETUP_ERROR)


async def test_a_new_plug_comes_without_a_click_and_without_a_reload(
    broker: MqttBroker,
) -> None:
    first = SimulatedPlug("mss210", 1)
    entry = await set_up(broker, first)
    history: list[str] = []
    broker.hass.bus.async_listen(
        "state_changed", lambda event: history.append(event.data["entity_id"])
    )
    second = SimulatedPlug("mss425e", 2)
    broker.connect(second)
    await broker.advance(1)
    assert device_names(broker.hass, entry.entry_id) == names_of(first, second)
    assert state_of(broker, second, "outlet_1") == "off"
    # A reload would have shown it as unavailable for a while.
    assert entity_id_of(first) not in history


async def test_a_plug_with_every_entity_is_asked_once_more_when_it_reconnects(
    broker: MqttBroker,
) -> None:
    plug = SimulatedPlug("mss210")
    await set_up(broker, plug)
    plug.cut()
    plug.press()
    broker.sent.clear()
    broker.connect(plug)
    await broker.advance(1)
    assert broker.sent_to(plug, "GET", "All")
    assert state_of(broker, plug) == "on"


async def test_unloaded_it_hears_and_says_nothing(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    assert await broker.hass.config_entries.async_unload(entry.entry_id)
    await broker.advance(1)
    broker.sent.clear()
    assert state_of(broker, plug) == "unavailable"
    plug.press()
    await broker.advance(120)
    assert not broker.sent_to(plug)
    assert state_of(broker, plug) == "unavailable"


async def test_reloaded_it_is_as_before(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    for _ in range(3):
        assert await broker.hass.config_entries.async_reload(entry.entry_id)
    await broker.advance(2)
    assert state_of(broker, plug) == "off"
    broker.sent.clear()
    await turn_on(broker, entity_id_of(plug))
    assert len(broker.sent_to(plug, "SET", "ToggleX")) == 1
    assert state_of(broker, plug) == "on"


async def test_removed_it_leaves_nothing(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss425e")
    entry = await set_up(broker, plug)
    await broker.hass.config_entries.async_remove(entry.entry_id)
    await broker.advance(1)
    assert not broker.hass.states.async_all("switch")
    assert not registry_entries(broker.hass, entry.entry_id)
    assert not device_names(broker.hass, entry.entry_id)
    broker.sent.clear()
    await broker.advance(120)
    assert not broker.sent_to(plug)


async def test_a_removed_subentry_takes_its_plug_along_and_no_other(
    broker: MqttBroker,
) -> None:
    gone, stays = SimulatedPlug("mss210", 1), SimulatedPlug("mss210", 2)
    entry = await set_up(broker, gone, stays)
    (subentry_id,) = [
        subentry_id
        for subentry_id, subentry in entry.subentries.items()
        if subentry.unique_id == gone.uuid
    ]
    gone.freeze()
    broker.hass.config_entries.async_remove_subentry(entry, subentry_id)
    await broker.advance(1)
    assert device_names(broker.hass, entry.entry_id) == names_of(stays)
    assert state_of(broker, gone) is None
    assert state_of(broker, stays) == "off"


async def test_an_entity_keeps_its_name_over_a_restart_and_waits_for_the_plug(
    broker: MqttBroker,
) -> None:
    """Stored as 0.1.0 does: what it wrote must be read by all that follow."""
    plug = SimulatedPlug("mss310")
    entry = MockConfigEntry(
        domain=DOMAIN,
        title="Meross Local",
        data={},
        subentries_data=[
            {
                "subentry_type": "plug",
                "title": f"MSS310 {plug.uuid[-4:]}",
                "unique_id": plug.uuid,
                "data": {
                    "uuid": plug.uuid,
                    "key": "meross",
                    "mac": plug.mac,
                    "model": "mss310",
                    "hardware": "2.0.0",
                    "firmware": "2.1.17",
                    "abilities": "Appliance.Control.ToggleX Appliance.System.All",
                    "channels": [0],
                },
            }
        ],
    )
    entry.add_to_hass(broker.hass)
    assert await broker.hass.config_entries.async_setup(entry.entry_id)
    await broker.settle()
    assert state_of(broker, plug) == "unavailable"
    # The first request leaves only when its answer can be heard.
    assert not broker.sent_to(plug)
    broker.connect_silent(plug)
    await broker.advance(1)
    assert state_of(broker, plug) == "off"
    assert device_names(broker.hass, entry.entry_id) == names_of(plug)


async def test_a_hundred_silent_plugs_are_right_within_three_seconds(
    broker: MqttBroker,
) -> None:
    plugs = [SimulatedPlug("mss210", number) for number in range(100)]
    entry = await set_up(broker, *plugs)
    assert await broker.hass.config_entries.async_unload(entry.entry_id)
    for plug in plugs[::3]:
        plug.press()
    assert await broker.hass.config_entries.async_setup(entry.entry_id)
    await broker.advance(3)
    assert [state_of(broker, plug) for plug in plugs] == [
        "off" if number % 3 else "on" for number in range(100)
    ]
