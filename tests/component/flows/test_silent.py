"""Add plug: one that is on the broker but silent, by its uuid or address."""

from typing import Any

import pytest

from tests.simulator import CLOUD, SimulatedPlug
from tests.simulator.namespaces import BIND, ECDHE
from tests.simulator.payloads import bind
from tests.support.entities import state_of
from tests.support.entries import device_names, label_of, names_of, set_up
from tests.support.flows import start_add_plug
from tests.support.messages import build_message
from tests.support.mqtt import MqttBroker
from tests.support.network import ADDRESS, LocalNetwork


@pytest.mark.parametrize("by_address", [False, True])
@pytest.mark.parametrize("model", ["mss210", "mss310", "mss110"])
async def test_silent_plug_is_added(
    broker: MqttBroker,
    network: LocalNetwork,
    model: str,
    by_address: bool,  # noqa: FBT001
) -> None:
    plug = SimulatedPlug(model)
    entry = await set_up(broker)
    http = network.connect(plug, is_silent=True)
    assert not device_names(broker.hass, entry.entry_id)
    flow = await start_add_plug(broker, entry, "silent")
    assert flow.step == "silent"
    assert flow.fields == ["plug"]
    await flow.submit(plug=f" {ADDRESS if by_address else plug.uuid} ")
    assert flow.abort_reason == "plug_added"
    assert flow.placeholders == {"plug": label_of(plug)}
    assert device_names(broker.hass, entry.entry_id) == names_of(plug)
    assert state_of(broker, plug) == "off"
    # It is read only.
    assert bool(http.requests) == by_address
    assert {name for name, method in http.requests if method == "SET"} <= {ECDHE}


async def test_key_is_requested_where_no_known_one_is_valid(
    broker: MqttBroker,
) -> None:
    plug = SimulatedPlug("mss210", key="own")
    entry = await set_up(broker)
    broker.connect_silent(plug)
    flow = await start_add_plug(broker, entry, "silent")
    await flow.submit(plug=plug.uuid)
    assert flow.step == "key"
    assert flow.fields == ["key"]
    await flow.submit(key="another")
    assert flow.errors == {"key": "wrong_key"}
    plug.freeze()
    await flow.submit(key="own")
    assert (flow.step, flow.errors) == ("key", {"base": "no_answer"})
    assert not entry.subentries
    plug.thaw()
    await flow.submit(key="own")
    assert flow.abort_reason == "plug_added"
    assert state_of(broker, plug) == "off"


async def test_plug_that_is_set_up_is_not_added_again(
    broker: MqttBroker, network: LocalNetwork
) -> None:
    plug = SimulatedPlug("mss310")
    entry = await set_up(broker)
    network.connect(plug)
    await broker.advance(10)
    for reference in (plug.uuid, ADDRESS):
        flow = await start_add_plug(broker, entry, "silent")
        await flow.submit(plug=reference)
        assert flow.abort_reason == "already_configured"
    assert len(entry.subentries) == 1


@pytest.mark.parametrize(
    ("reference", "server", "errors"),
    [
        ("a b", {}, {"plug": "invalid_address"}),
        ("0" * 32, {}, {"base": "no_answer"}),
        (ADDRESS, {"exc": TimeoutError()}, {"plug": "try_again"}),
        (ADDRESS, {"text": "<html>"}, {"plug": "not_meross"}),
        # Its key is requested by the way for plugs on the Wi-Fi.
        (ADDRESS, SimulatedPlug("mss310", key="own"), {"plug": "unknown_key"}),
        (ADDRESS, SimulatedPlug("mss310", gateway=CLOUD), {"base": "no_answer"}),
    ],
)
async def test_error_is_shown_with_what_was_entered(
    broker: MqttBroker,
    network: LocalNetwork,
    reference: str,
    server: dict[str, Any] | SimulatedPlug,
    errors: dict[str, str],
) -> None:
    entry = await set_up(broker)
    if isinstance(server, SimulatedPlug):
        network.connect(server, is_silent=True)
    else:
        network.serve(**server)
    flow = await start_add_plug(broker, entry, "silent")
    await flow.submit(plug=reference)
    assert flow.errors == errors
    assert flow.suggested_values == {"plug": reference}


async def test_other_device_of_meross_is_not_added(broker: MqttBroker) -> None:
    bulb = SimulatedPlug("mss210")
    payload = bind(bulb.device)
    payload["bind"]["hardware"]["type"] = "msl120"
    message = build_message(bulb, BIND, "SET", payload)
    entry = await set_up(broker)
    broker.publish_as(bulb, message)
    await broker.settle()
    flow = await start_add_plug(broker, entry, "silent")
    task = flow.start_submit(plug=bulb.uuid)
    await broker.settle()
    broker.publish_as(bulb, message)
    await broker.until(task)
    assert flow.errors == {"base": "not_a_plug"}
    assert not entry.subentries
