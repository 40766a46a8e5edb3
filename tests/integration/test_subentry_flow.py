"""Add plug: a plug that is on the broker but says nothing."""

from homeassistant.data_entry_flow import FlowResultType
import pytest

from tests.simulator import SimulatedPlug
from tests.simulator.namespaces import BIND

from .broker import Broker, said
from .steps import (
    begin_adding,
    choose,
    devices,
    fields,
    names,
    set_up,
    state,
    submit_adding,
)


async def test_a_silent_plug_is_added(broker: Broker) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker)
    broker.add_silent(plug)
    result = await choose(broker, entry, "silent")
    assert result["step_id"] == "silent"
    assert fields(result) == ["plug"]
    result = await submit_adding(broker, result["flow_id"], plug=f" {plug.uuid} ")
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "plug_added"
    assert result["description_placeholders"] == {"plug": f"MSS210 …{plug.uuid[-4:]}"}
    assert devices(broker.hass, entry.entry_id) == names(plug)
    assert state(broker, plug) == "off"


async def test_a_plug_that_falls_silent_before_its_key_is_told(broker: Broker) -> None:
    plug = SimulatedPlug("mss210", key="own")
    entry = await set_up(broker)
    broker.add_silent(plug)
    result = await choose(broker, entry, "silent")
    result = await submit_adding(broker, result["flow_id"], plug=plug.uuid)
    plug.freeze()
    result = await submit_adding(broker, result["flow_id"], key="own")
    assert result["step_id"] == "key"
    assert result["errors"] == {"base": "no_answer"}
    assert not entry.subentries


async def test_a_plug_that_is_set_up_is_not_added_again(broker: Broker) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    result = await choose(broker, entry, "silent")
    result = await submit_adding(broker, result["flow_id"], plug=plug.uuid)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "already_configured"
    assert len(entry.subentries) == 1


@pytest.mark.parametrize(
    ("uuid", "errors"),
    [("a b", {"plug": "invalid_address"}), ("0" * 32, {"base": "no_answer"})],
)
async def test_what_is_wrong_is_told_and_the_uuid_kept(
    broker: Broker, uuid: str, errors: dict[str, str]
) -> None:
    entry = await set_up(broker)
    result = await choose(broker, entry, "silent")
    result = await submit_adding(broker, result["flow_id"], plug=uuid)
    assert result["errors"] == errors
    schema = result["data_schema"]
    assert schema is not None
    (field,) = schema.schema
    assert field.description == {"suggested_value": uuid}


async def test_without_a_running_hub_nothing_is_added(broker: Broker) -> None:
    entry = await set_up(broker)
    assert await broker.hass.config_entries.async_unload(entry.entry_id)
    result = await begin_adding(broker, entry)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "not_loaded"


async def test_a_plug_with_an_unknown_key_is_asked_for_it(broker: Broker) -> None:
    plug = SimulatedPlug("mss210", key="own")
    entry = await set_up(broker)
    broker.add_silent(plug)
    result = await choose(broker, entry, "silent")
    result = await submit_adding(broker, result["flow_id"], plug=plug.uuid)
    assert result["step_id"] == "key"
    assert fields(result) == ["key"]
    result = await submit_adding(broker, result["flow_id"], key="another")
    assert result["errors"] == {"key": "wrong_key"}
    result = await submit_adding(broker, result["flow_id"], key="own")
    assert result["reason"] == "plug_added"
    assert state(broker, plug) == "off"


async def test_another_device_of_meross_is_told(broker: Broker) -> None:
    bulb = SimulatedPlug("mss210")
    hardware = {
        "type": "msl120",
        "version": "2.0.0",
        "uuid": bulb.uuid,
        "macAddress": bulb.mac,
    }
    entry = await set_up(broker)
    broker.tell(bulb, said(bulb, BIND, "SET", {"bind": {"hardware": hardware}}))
    await broker.settle()
    result = await choose(broker, entry, "silent")
    flow = broker.hass.config_entries.subentries.async_configure(
        result["flow_id"], {"plug": bulb.uuid}
    )
    task = broker.hass.async_create_task(flow)
    await broker.settle()
    broker.tell(bulb, said(bulb, BIND, "SET", {"bind": {"hardware": hardware}}))
    result = await broker.until(task)
    assert result["errors"] == {"base": "not_a_plug"}
    assert not entry.subentries
