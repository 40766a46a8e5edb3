"""A person adds the integration by hand."""

from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest

from custom_components.meross_local.const import DOMAIN
from tests.simulator import SimulatedPlug
from tests.simulator.namespaces import ALL

from .broker import Broker, said
from .steps import (
    begin,
    cards,
    devices,
    fields,
    names,
    set_up,
    state,
    submit,
    titles,
)


async def test_without_mqtt_the_way_out_is_told(hass: HomeAssistant) -> None:
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "mqtt_not_set_up"


async def test_without_a_connection_the_way_out_is_told(broker: Broker) -> None:
    broker.lose()
    result = await begin(broker)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "mqtt_not_connected"


async def test_there_is_one_hub_only(broker: Broker) -> None:
    await set_up(broker)
    result = await begin(broker)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "single_instance_allowed"


async def test_plugs_that_were_seen_are_confirmed(broker: Broker) -> None:
    plug = SimulatedPlug("mss210")
    broker.add(plug)
    await broker.done()
    assert cards(broker.hass)
    result = await begin(broker)
    assert result["step_id"] == "confirm"
    assert result["description_placeholders"] == titles(broker.hass)[0]
    result = await submit(broker, result["flow_id"])
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert devices(broker.hass, result["result"].entry_id) == names(plug)
    # The card has nothing to add any more.
    assert not cards(broker.hass)


async def test_without_a_plug_it_is_set_up_to_wait_for_some(broker: Broker) -> None:
    result = await begin(broker)
    assert result["type"] is FlowResultType.FORM
    assert result["step_id"] == "silent"
    assert fields(result) == ["uuid"]
    result = await submit(broker, result["flow_id"])
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert not result["result"].subentries

    plug = SimulatedPlug("mss210")
    broker.add(plug)
    await broker.passes(1)
    assert state(broker, plug) == "off"


@pytest.mark.parametrize("model", ["mss210", "mss310", "mss210v1"])
async def test_a_silent_plug_is_asked_by_its_uuid(broker: Broker, model: str) -> None:
    plug = SimulatedPlug(model)
    broker.add_silent(plug)
    result = await begin(broker)
    typed = f" {plug.uuid.upper()} "
    result = await submit(broker, result["flow_id"], uuid=typed)
    assert result["type"] is FlowResultType.FORM
    assert result["step_id"] == "confirm"
    assert fields(result) == []
    result = await submit(broker, result["flow_id"])
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert state(broker, plug) == "off"


async def test_a_silent_plug_with_an_unknown_key_is_asked_for_it(
    broker: Broker,
) -> None:
    plug = SimulatedPlug("mss210", key="own")
    broker.add_silent(plug)
    result = await begin(broker)
    result = await submit(broker, result["flow_id"], uuid=plug.uuid)
    assert result["step_id"] == "confirm"
    assert fields(result) == ["key"]
    result = await submit(broker, result["flow_id"], key="own")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert state(broker, plug) == "off"


@pytest.mark.parametrize("uuid", ["", "1234", "g" * 31, "-" * 32])
async def test_what_is_no_uuid_is_told(broker: Broker, uuid: str) -> None:
    result = await begin(broker)
    result = await submit(broker, result["flow_id"], uuid=uuid)
    assert result["step_id"] == "silent"
    assert result["errors"] == {"uuid": "invalid_uuid"}


async def test_another_device_of_meross_is_told(broker: Broker) -> None:
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
    result = await begin(broker)
    flow = broker.hass.config_entries.flow.async_configure(
        result["flow_id"], {"uuid": bulb.uuid}
    )
    task = broker.hass.async_create_task(flow)
    await broker.passes(2)
    broker.tell(bulb, said(bulb, ALL, "GETACK", answer))
    result = await broker.until(task)
    assert result["step_id"] == "silent"
    assert result["errors"] == {"base": "not_a_plug"}


async def test_a_plug_that_spoke_meanwhile_is_set_up(broker: Broker) -> None:
    plug = SimulatedPlug("mss210")
    result = await begin(broker)
    broker.add(plug)
    await broker.done()
    result = await submit(broker, result["flow_id"], uuid="never mind")
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert devices(broker.hass, result["result"].entry_id) == names(plug)


async def test_a_broker_lost_meanwhile_is_no_answer(broker: Broker) -> None:
    plug = SimulatedPlug("mss210")
    result = await begin(broker)
    broker.lose()
    result = await submit(broker, result["flow_id"], uuid=plug.uuid)
    assert result["step_id"] == "silent"
    assert result["errors"] == {"base": "no_answer"}


async def test_a_plug_that_does_not_answer_is_told_and_can_be_tried_again(
    broker: Broker,
) -> None:
    plug = SimulatedPlug("mss210")
    result = await begin(broker)
    result = await submit(broker, result["flow_id"], uuid=plug.uuid)
    assert result["step_id"] == "silent"
    assert result["errors"] == {"base": "no_answer"}

    broker.add_silent(plug)
    result = await submit(broker, result["flow_id"], uuid=plug.uuid)
    assert result["step_id"] == "confirm"


async def test_what_is_no_answer_is_not_taken_for_one(broker: Broker) -> None:
    plug = SimulatedPlug("mss210")
    broker.add_silent(plug)
    plug.faults.reply_delay = 1
    result = await begin(broker)
    flow = broker.hass.config_entries.flow.async_configure(
        result["flow_id"], {"uuid": plug.uuid}
    )
    task = broker.hass.async_create_task(flow)
    await broker.passes(0.5)
    broker.tell(plug, "no message")
    await broker.settle()
    assert not task.done()
    assert (await broker.until(task))["step_id"] == "confirm"
