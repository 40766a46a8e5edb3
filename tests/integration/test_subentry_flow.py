"""Add plug: a plug that is on the broker but says nothing, by its uuid or address."""

from typing import Any

from homeassistant.data_entry_flow import FlowResultType
import pytest

from tests.simulator import CLOUD, SimulatedPlug
from tests.simulator.namespaces import BIND, ECDHE

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
from .wizard import ADDRESS, Home


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


@pytest.mark.parametrize("model", ["mss310", "mss110"])
async def test_a_plug_is_asked_for_its_uuid_at_its_address(
    broker: Broker, home: Home, model: str
) -> None:
    plug = SimulatedPlug(model)
    entry = await set_up(broker)
    lan = home.add_silent(plug)
    assert not devices(broker.hass, entry.entry_id)
    result = await choose(broker, entry, "silent")
    result = await submit_adding(broker, result["flow_id"], plug=f" {ADDRESS} ")
    assert result["reason"] == "plug_added"
    assert devices(broker.hass, entry.entry_id) == names(plug)
    assert state(broker, plug) == "off"
    # Read, and nothing else.
    written = [namespace for namespace, method in lan.requests if method == "SET"]
    assert set(written) <= {ECDHE}


async def test_a_plug_with_an_unknown_key_is_not_asked_for_it_at_its_address(
    broker: Broker, home: Home
) -> None:
    """The way for plugs on the Wi-Fi does that: the error says so."""
    entry = await set_up(broker)
    home.add_silent(SimulatedPlug("mss310", key="own"))
    result = await choose(broker, entry, "silent")
    result = await submit_adding(broker, result["flow_id"], plug=ADDRESS)
    assert result["errors"] == {"plug": "unknown_key"}


async def test_a_plug_at_an_address_that_reports_elsewhere_does_not_answer(
    broker: Broker, home: Home
) -> None:
    entry = await set_up(broker)
    home.add(SimulatedPlug("mss310", gateway=CLOUD))
    result = await choose(broker, entry, "silent")
    result = await submit_adding(broker, result["flow_id"], plug=ADDRESS)
    assert result["errors"] == {"base": "no_answer"}


@pytest.mark.parametrize(
    ("answer", "error"),
    [({"exc": TimeoutError()}, "no_http"), ({"text": "<html>"}, "not_meross")],
    ids=str,
)
async def test_what_is_wrong_at_an_address_is_told(
    broker: Broker, home: Home, answer: dict[str, Any], error: str
) -> None:
    entry = await set_up(broker)
    home.serve(**answer)
    result = await choose(broker, entry, "silent")
    result = await submit_adding(broker, result["flow_id"], plug=ADDRESS)
    assert result["errors"] == {"plug": error}


async def test_a_plug_that_is_set_up_is_told_at_its_address_too(
    broker: Broker, home: Home
) -> None:
    entry = await set_up(broker)
    home.add(SimulatedPlug("mss310"))
    await broker.passes(10)
    result = await choose(broker, entry, "silent")
    result = await submit_adding(broker, result["flow_id"], plug=ADDRESS)
    assert result["reason"] == "already_configured"
