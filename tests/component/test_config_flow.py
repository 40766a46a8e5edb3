"""A person adds the integration by hand."""

from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest

from custom_components.meross_local.const import DOMAIN
from tests.simulator import SimulatedPlug
from tests.simulator.namespaces import ALL
from tests.support.entities import state_of
from tests.support.entries import device_names, names_of, set_up
from tests.support.flows import discovery_flows, discovery_titles, start_user_flow
from tests.support.messages import build_message
from tests.support.mqtt import MqttBroker


async def test_without_mqtt_the_way_out_is_told(hass: HomeAssistant) -> None:
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "mqtt_not_set_up"


async def test_without_a_connection_the_way_out_is_told(broker: MqttBroker) -> None:
    broker.disconnect()
    flow = await start_user_flow(broker)
    assert flow.is_aborted
    assert flow.step == "mqtt_not_connected"


async def test_there_is_one_hub_only(broker: MqttBroker) -> None:
    await set_up(broker)
    flow = await start_user_flow(broker)
    assert flow.is_aborted
    assert flow.step == "single_instance_allowed"


async def test_plugs_that_were_seen_are_confirmed(broker: MqttBroker) -> None:
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


async def test_without_a_plug_it_is_set_up_to_wait_for_some(broker: MqttBroker) -> None:
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


@pytest.mark.parametrize("model", ["mss210", "mss310", "mss210v1"])
async def test_a_silent_plug_is_asked_by_its_uuid(
    broker: MqttBroker, model: str
) -> None:
    plug = SimulatedPlug(model)
    broker.connect_silent(plug)
    flow = await start_user_flow(broker)
    typed = f" {plug.uuid.upper()} "
    await flow.submit(uuid=typed)
    assert flow.result["type"] is FlowResultType.FORM
    assert flow.step == "confirm"
    assert flow.fields == []
    await flow.submit()
    assert flow.is_created
    assert state_of(broker, plug) == "off"


async def test_a_silent_plug_with_an_unknown_key_is_asked_for_it(
    broker: MqttBroker,
) -> None:
    plug = SimulatedPlug("mss210", key="own")
    broker.connect_silent(plug)
    flow = await start_user_flow(broker)
    await flow.submit(uuid=plug.uuid)
    assert flow.step == "confirm"
    assert flow.fields == ["key"]
    await flow.submit(key="own")
    assert flow.is_created
    assert state_of(broker, plug) == "off"


@pytest.mark.parametrize("uuid", ["", "1234", "g" * 31, "-" * 32])
async def test_what_is_no_uuid_is_told(broker: MqttBroker, uuid: str) -> None:
    flow = await start_user_flow(broker)
    await flow.submit(uuid=uuid)
    assert flow.step == "silent"
    assert flow.errors == {"uuid": "invalid_uuid"}


async def test_another_device_of_meross_is_told(broker: MqttBroker) -> None:
    bulb = SimulatedPlug("mss210")
    answer = {
        "all": {
            "system": {
                "hardware": {
                    "type": "msl120",
                    "version": "2.0.0",
                    "uuid": bulb.uuid,
                    "macAddress": bulb.mac,
                },
                "firmware": {"version": "2.1.1"},
            },
            "digest": {"togglex": []},
        }
    }
    flow = await start_user_flow(broker)
    task = flow.start_submit(uuid=bulb.uuid)
    await broker.advance(2)
    broker.publish_as(bulb, build_message(bulb, ALL, "GETACK", answer))
    await broker.until(task)
    assert flow.step == "silent"
    assert flow.errors == {"base": "not_a_plug"}


async def test_a_plug_that_spoke_meanwhile_is_set_up(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210")
    flow = await start_user_flow(broker)
    broker.connect(plug)
    await broker.block_till_done()
    await flow.submit(uuid="never mind")
    assert flow.is_created
    assert device_names(broker.hass, flow.result["result"].entry_id) == names_of(plug)


async def test_a_broker_lost_meanwhile_is_no_answer(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210")
    flow = await start_user_flow(broker)
    broker.disconnect()
    await flow.submit(uuid=plug.uuid)
    assert flow.step == "silent"
    assert flow.errors == {"base": "no_answer"}


async def test_a_plug_that_does_not_answer_is_told_and_can_be_tried_again(
    broker: MqttBroker,
) -> None:
    plug = SimulatedPlug("mss210")
    flow = await start_user_flow(broker)
    await flow.submit(uuid=plug.uuid)
    assert flow.step == "silent"
    assert flow.errors == {"base": "no_answer"}

    broker.connect_silent(plug)
    await flow.submit(uuid=plug.uuid)
    assert flow.step == "confirm"


async def test_what_is_no_answer_is_not_taken_for_one(broker: MqttBroker) -> None:
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
