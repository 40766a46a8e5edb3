"""The integration is added by hand."""

from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest

from custom_components.meross_local.const import DOMAIN
from tests.simulator import SimulatedPlug
from tests.simulator.families import OTHER_FAMILIES
from tests.support.entities import state_of
from tests.support.entries import device_names, names_of, set_up
from tests.support.flows import discovery_flows, discovery_titles, start_user_flow
from tests.support.mqtt import MqttBroker


async def test_flow_without_mqtt_is_aborted(hass: HomeAssistant) -> None:
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "mqtt_not_set_up"


async def test_flow_without_a_connection_is_aborted(broker: MqttBroker) -> None:
    broker.disconnect()
    flow = await start_user_flow(broker)
    assert flow.abort_reason == "mqtt_not_connected"


async def test_second_hub_is_not_set_up(broker: MqttBroker) -> None:
    await set_up(broker)
    flow = await start_user_flow(broker)
    assert flow.abort_reason == "single_instance_allowed"


async def test_discovered_plugs_are_confirmed(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210")
    broker.connect(plug)
    await broker.block_till_done()
    assert discovery_flows(broker.hass)
    flow = await start_user_flow(broker)
    assert flow.step == "confirm"
    assert flow.placeholders == discovery_titles(broker.hass)[0]
    await flow.submit()
    assert flow.is_created
    assert device_names(broker.hass, flow.result["result"].entry_id) == names_of(plug)
    # The card has nothing to add any more.
    assert not discovery_flows(broker.hass)


async def test_hub_is_set_up_without_a_plug(broker: MqttBroker) -> None:
    flow = await start_user_flow(broker)
    assert flow.result["type"] is FlowResultType.FORM
    assert flow.step == "silent"
    assert flow.fields == ["uuid"]
    await flow.submit()
    assert flow.is_created
    assert not flow.result["result"].subentries

    plug = SimulatedPlug("mss210")
    broker.connect(plug)
    await broker.advance(1)
    assert state_of(broker, plug) == "off"


@pytest.mark.parametrize(
    ("model", "key"),
    [("mss210", "meross"), ("mss310", "meross"), ("mss210v1", ""), ("mss210", "own")],
)
async def test_silent_plug_is_queried_by_its_uuid(
    broker: MqttBroker, model: str, key: str
) -> None:
    """Its key is requested where it is not known."""
    plug = SimulatedPlug(model, key=key)
    broker.connect_silent(plug)
    flow = await start_user_flow(broker)
    await flow.submit(uuid=f" {plug.uuid.upper()} ")
    assert flow.result["type"] is FlowResultType.FORM
    assert flow.step == "confirm"
    assert flow.fields == (["key"] if key == "own" else [])
    await flow.submit(**dict.fromkeys(flow.fields, key))
    assert flow.is_created
    assert state_of(broker, plug) == "off"


async def test_error_is_shown_until_the_plug_replies(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210")
    flow = await start_user_flow(broker)
    for uuid in ("", "1234", "g" * 31, "-" * 32):
        await flow.submit(uuid=uuid)
        assert (flow.step, flow.errors) == ("silent", {"uuid": "invalid_uuid"})
    await flow.submit(uuid=plug.uuid)
    assert (flow.step, flow.errors) == ("silent", {"base": "no_answer"})
    broker.disconnect()
    await flow.submit(uuid=plug.uuid)
    assert (flow.step, flow.errors) == ("silent", {"base": "no_answer"})
    broker.reconnect()
    broker.connect_silent(plug)
    await flow.submit(uuid=plug.uuid)
    assert flow.step == "confirm"


@pytest.mark.parametrize("family", ["msl120", "msg100"])
async def test_other_device_of_meross_is_not_set_up(
    broker: MqttBroker, family: str
) -> None:
    device = SimulatedPlug(OTHER_FAMILIES[family])
    broker.connect_silent(device)
    flow = await start_user_flow(broker)
    await flow.submit(uuid=device.uuid)
    assert (flow.step, flow.errors) == ("silent", {"base": "not_a_plug"})


async def test_plug_that_was_discovered_meanwhile_is_set_up(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210")
    flow = await start_user_flow(broker)
    broker.connect(plug)
    await broker.block_till_done()
    await flow.submit(uuid="not used")
    assert flow.is_created
    assert device_names(broker.hass, flow.result["result"].entry_id) == names_of(plug)


async def test_invalid_message_is_not_the_reply(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210")
    broker.connect_silent(plug)
    plug.faults.reply_delay = 1
    flow = await start_user_flow(broker)
    task = flow.start_submit(uuid=plug.uuid)
    await broker.advance(0.5)
    broker.publish_as(plug, "no message")
    await broker.settle()
    assert not task.done()
    await broker.until(task)
    assert flow.step == "confirm"
