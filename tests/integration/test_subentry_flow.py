"""Add plug: a plug that is on the broker but says nothing, by its uuid or address."""

from typing import Any

import pytest

from tests.simulator import CLOUD, SimulatedPlug
from tests.simulator.namespaces import BIND, ECDHE
from tests.support.entities import state_of
from tests.support.entries import device_names, names_of, set_up
from tests.support.flows import start_add_plug
from tests.support.messages import build_message
from tests.support.mqtt import MqttBroker
from tests.support.network import ADDRESS, LocalNetwork


async def test_a_silent_plug_is_added(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker)
    broker.connect_silent(plug)
    flow = await start_add_plug(broker, entry, "silent")
    assert flow.step == "silent"
    assert flow.fields == ["plug"]
    await flow.submit(plug=f" {plug.uuid} ")
    assert flow.is_aborted
    assert flow.step == "plug_added"
    assert flow.placeholders == {"plug": f"MSS210 …{plug.uuid[-4:]}"}
    assert device_names(broker.hass, entry.entry_id) == names_of(plug)
    assert state_of(broker, plug) == "off"


async def test_a_plug_that_falls_silent_before_its_key_is_told(
    broker: MqttBroker,
) -> None:
    plug = SimulatedPlug("mss210", key="own")
    entry = await set_up(broker)
    broker.connect_silent(plug)
    flow = await start_add_plug(broker, entry, "silent")
    await flow.submit(plug=plug.uuid)
    plug.freeze()
    await flow.submit(key="own")
    assert flow.step == "key"
    assert flow.errors == {"base": "no_answer"}
    assert not entry.subentries


async def test_a_plug_that_is_set_up_is_not_added_again(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    flow = await start_add_plug(broker, entry, "silent")
    await flow.submit(plug=plug.uuid)
    assert flow.is_aborted
    assert flow.step == "already_configured"
    assert len(entry.subentries) == 1


@pytest.mark.parametrize(
    ("uuid", "errors"),
    [("a b", {"plug": "invalid_address"}), ("0" * 32, {"base": "no_answer"})],
)
async def test_what_is_wrong_is_told_and_the_uuid_kept(
    broker: MqttBroker, uuid: str, errors: dict[str, str]
) -> None:
    entry = await set_up(broker)
    flow = await start_add_plug(broker, entry, "silent")
    await flow.submit(plug=uuid)
    assert flow.errors == errors
    assert flow.suggested_values == {"plug": uuid}


async def test_without_a_running_hub_nothing_is_added(broker: MqttBroker) -> None:
    entry = await set_up(broker)
    assert await broker.hass.config_entries.async_unload(entry.entry_id)
    flow = await start_add_plug(broker, entry)
    assert flow.is_aborted
    assert flow.step == "not_loaded"


async def test_a_plug_with_an_unknown_key_is_asked_for_it(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210", key="own")
    entry = await set_up(broker)
    broker.connect_silent(plug)
    flow = await start_add_plug(broker, entry, "silent")
    await flow.submit(plug=plug.uuid)
    assert flow.step == "key"
    assert flow.fields == ["key"]
    await flow.submit(key="another")
    assert flow.errors == {"key": "wrong_key"}
    await flow.submit(key="own")
    assert flow.step == "plug_added"
    assert state_of(broker, plug) == "off"


async def test_another_device_of_meross_is_told(broker: MqttBroker) -> None:
    bulb = SimulatedPlug("mss210")
    hardware = {
        "type": "msl120",
        "version": "2.0.0",
        "uuid": bulb.uuid,
        "macAddress": bulb.mac,
    }
    entry = await set_up(broker)
    broker.publish_as(
        bulb, build_message(bulb, BIND, "SET", {"bind": {"hardware": hardware}})
    )
    await broker.settle()
    flow = await start_add_plug(broker, entry, "silent")
    task = flow.start_submit(plug=bulb.uuid)
    await broker.settle()
    broker.publish_as(
        bulb, build_message(bulb, BIND, "SET", {"bind": {"hardware": hardware}})
    )
    await broker.until(task)
    assert flow.errors == {"base": "not_a_plug"}
    assert not entry.subentries


@pytest.mark.parametrize("model", ["mss310", "mss110"])
async def test_a_plug_is_asked_for_its_uuid_at_its_address(
    broker: MqttBroker, network: LocalNetwork, model: str
) -> None:
    plug = SimulatedPlug(model)
    entry = await set_up(broker)
    lan = network.connect_silent(plug)
    assert not device_names(broker.hass, entry.entry_id)
    flow = await start_add_plug(broker, entry, "silent")
    await flow.submit(plug=f" {ADDRESS} ")
    assert flow.step == "plug_added"
    assert device_names(broker.hass, entry.entry_id) == names_of(plug)
    assert state_of(broker, plug) == "off"
    # Read, and nothing else.
    written = [namespace for namespace, method in lan.requests if method == "SET"]
    assert set(written) <= {ECDHE}


async def test_a_plug_with_an_unknown_key_is_not_asked_for_it_at_its_address(
    broker: MqttBroker, network: LocalNetwork
) -> None:
    """The way for plugs on the Wi-Fi does that: the error says so."""
    entry = await set_up(broker)
    network.connect_silent(SimulatedPlug("mss310", key="own"))
    flow = await start_add_plug(broker, entry, "silent")
    await flow.submit(plug=ADDRESS)
    assert flow.errors == {"plug": "unknown_key"}


async def test_a_plug_at_an_address_that_reports_elsewhere_does_not_answer(
    broker: MqttBroker, network: LocalNetwork
) -> None:
    entry = await set_up(broker)
    network.connect(SimulatedPlug("mss310", gateway=CLOUD))
    flow = await start_add_plug(broker, entry, "silent")
    await flow.submit(plug=ADDRESS)
    assert flow.errors == {"base": "no_answer"}


@pytest.mark.parametrize(
    ("answer", "error"),
    [({"exc": TimeoutError()}, "no_http"), ({"text": "<html>"}, "not_meross")],
    ids=str,
)
async def test_what_is_wrong_at_an_address_is_told(
    broker: MqttBroker, network: LocalNetwork, answer: dict[str, Any], error: str
) -> None:
    entry = await set_up(broker)
    network.serve(**answer)
    flow = await start_add_plug(broker, entry, "silent")
    await flow.submit(plug=ADDRESS)
    assert flow.errors == {"plug": error}


async def test_a_plug_that_is_set_up_is_told_at_its_address_too(
    broker: MqttBroker, network: LocalNetwork
) -> None:
    entry = await set_up(broker)
    network.connect(SimulatedPlug("mss310"))
    await broker.advance(10)
    flow = await start_add_plug(broker, entry, "silent")
    await flow.submit(plug=ADDRESS)
    assert flow.step == "already_configured"
