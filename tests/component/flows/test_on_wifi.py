"""Add plug: one on the Wi-Fi is identified over HTTP, and moved to the broker."""

import asyncio
from dataclasses import replace
from typing import Any

from aiohttp import ClientPayloadError, ConnectionTimeoutError
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr
import pytest

from custom_components.meross_local.transport.http import MAX_ATTEMPTS
from tests.simulator import CLOUD, CLOUD_USER, Gateway, SimulatedPlug
from tests.simulator.families import OTHER_FAMILIES
from tests.simulator.namespaces import ABILITY, ALL, ECDHE, KEY
from tests.support.entities import entity_id_of, state_of, turn_off
from tests.support.entries import device_names, device_of, keys_of, names_of, set_up
from tests.support.flows import FlowDriver, start_add_plug
from tests.support.mqtt import MqttBroker
from tests.support.network import ADDRESS, BROKER_INPUT, BrokerCheck, LocalNetwork
from tests.support.world import SERVER

WRITE = (KEY, "SET")
# Home Assistant receives nothing from it.
OTHER_BROKER = {"host": "198.51.100.1", "port": 8883}

pytestmark = pytest.mark.usefixtures("broker_check")


def from_cloud(model: str = "mss310", **options: Any) -> SimulatedPlug:  # noqa: ANN401
    """Return a plug that was set up with the vendor's app."""
    return SimulatedPlug(model, gateway=CLOUD, user_id=CLOUD_USER, **options)


async def start(broker: MqttBroker, address: str = ADDRESS) -> FlowDriver:
    """Choose the plug on the Wi-Fi in the menu of Add plug, and enter an address."""
    entry = await set_up(broker, key="meross")
    flow = await start_add_plug(broker, entry, "on_wifi")
    assert flow.step == "on_wifi"
    await flow.submit(address=address)
    return flow


async def move(flow: FlowDriver) -> None:
    """Move the plug to the broker of Home Assistant, and wait for it there."""
    assert flow.step == "move"
    await flow.submit(**BROKER_INPUT)
    await flow.wait(5)
    assert flow.abort_reason == "plug_added"


async def move_away(flow: FlowDriver) -> None:
    """Move the plug to another broker, and wait for it until time is up."""
    await flow.submit(**OTHER_BROKER)
    await flow.wait(117)
    assert flow.step == "write"
    await flow.wait(4)
    assert flow.result["type"] is FlowResultType.MENU
    assert flow.step == "no_show"


@pytest.mark.parametrize(
    ("model", "ecdhe"),
    [
        *((model, True) for model in ("mss210", "mss310", "mss210v1", "mss305")),
        *(("mss110", ecdhe) for ecdhe in (True, False)),
    ],
)
async def test_plug_of_the_cloud_is_moved_and_works(
    broker: MqttBroker,
    network: LocalNetwork,
    model: str,
    ecdhe: bool,  # noqa: FBT001
) -> None:
    plug = from_cloud(model)
    http = network.connect(plug, ecdhe=ecdhe)
    exchange = [(ECDHE, "SET")] if ECDHE in plug.model.ability else []
    plug.press()
    flow = await start(broker)
    assert flow.step == "move"
    plug_placeholders = {
        "plug": f"{plug.model.type.upper()} {plug.uuid[-4:]}",
        "hardware": plug.model.hardware,
        "firmware": plug.model.firmware,
        "mac": plug.mac,
        "old_broker": "iot.meross.com:443",
    }
    assert flow.placeholders.items() >= plug_placeholders.items()
    assert http.requests == [(ABILITY, "GET"), *exchange, (ALL, "GET")]

    await flow.submit(**BROKER_INPUT)
    assert flow.result["type"] is FlowResultType.SHOW_PROGRESS
    assert flow.step == "write"
    await flow.wait(5)
    assert flow.abort_reason == "plug_added"
    assert {flow.placeholders["plug"]} == names_of(plug)
    # The plug may have restarted, and have lost the cipher, since it was identified.
    assert http.requests[2 + len(exchange) :] == [*exchange, WRITE]
    assert plug.device.gateway == Gateway.twice(*SERVER)
    assert plug.key == "meross"
    assert plug.device.identity.user_id == CLOUD_USER
    assert state_of(broker, plug) == "on"
    await turn_off(broker, entity_id_of(plug))
    assert plug.onoff() == 0


async def test_plug_that_does_not_report_its_broker_is_moved(
    broker: MqttBroker, network: LocalNetwork
) -> None:
    network.connect(SimulatedPlug("mss310", gateway=Gateway("", 0)))
    await move(await start(broker))


async def test_error_is_shown_until_a_plug_responds(
    broker: MqttBroker, network: LocalNetwork
) -> None:
    network.connect(from_cloud())
    flow = await start(broker, "a b")
    assert flow.errors == {"address": "invalid_address"}
    assert network.http.call_count == 0
    responses: list[tuple[str, dict[str, Any], str]] = [
        ("192.0.2.21", {"exc": ConnectionTimeoutError()}, "no_http"),
        ("192.0.2.22", {"exc": TimeoutError()}, "try_again"),
        ("192.0.2.23", {"exc": ValueError("label too long")}, "no_http"),
        ("192.0.2.24", {"status": 502}, "try_again"),
        ("192.0.2.25", {"exc": ClientPayloadError()}, "try_again"),
        ("192.0.2.26", {"status": 404}, "not_meross"),
    ]
    count = 0
    for address, response, error in responses:
        network.serve(address, **response)
        await flow.submit(address=address)
        assert (flow.step, flow.errors) == ("on_wifi", {"address": error})
        assert flow.suggested_values == {"address": address}
        count += 1 if error == "not_meross" else MAX_ATTEMPTS
        assert network.http.call_count == count
    await flow.submit(address=f" {ADDRESS} ")
    assert flow.step == "move"


async def test_plug_that_rejects_a_request_can_be_tried_again(
    broker: MqttBroker, network: LocalNetwork
) -> None:
    plug = from_cloud()
    http = network.connect(plug)
    http.drop.add(ALL)
    flow = await start(broker)
    assert flow.errors == {"address": "try_again"}
    http.drop.clear()
    for namespace in (ABILITY, ALL):
        http.refuse = {namespace}
        await flow.submit(address=ADDRESS)
        assert flow.errors == {"address": "refused"}
    http.refuse.clear()
    await flow.submit(address=ADDRESS)

    for faults, error in ((http.refuse, "refused"), (http.drop, "try_again")):
        faults.add(KEY)
        await flow.submit(**BROKER_INPUT)
        await flow.wait(4)
        assert (flow.step, flow.errors) == ("move", {"base": error})
        assert plug.device.gateway == CLOUD
        faults.clear()
    await move(flow)


async def test_other_device_of_meross_is_not_moved(
    broker: MqttBroker, network: LocalNetwork
) -> None:
    http = network.connect(SimulatedPlug(OTHER_FAMILIES["mts200"], gateway=CLOUD))
    flow = await start(broker)
    assert flow.errors == {"address": "not_a_plug"}
    assert WRITE not in http.requests


@pytest.mark.parametrize("type_", ["+", "[x](http://192.0.2.9)", "mss310" * 99])
async def test_text_that_is_no_model_reaches_no_form(
    broker: MqttBroker, network: LocalNetwork, type_: str
) -> None:
    plug = from_cloud()
    plug.device.model = replace(plug.model, type=type_)
    http = network.connect(plug)
    flow = await start(broker)
    assert flow.errors == {"address": "not_a_plug"}
    assert WRITE not in http.requests


@pytest.mark.parametrize("model", ["mss310", "mss110"])
async def test_unknown_key_is_requested_and_kept(
    broker: MqttBroker, network: LocalNetwork, model: str
) -> None:
    plug = from_cloud(model, key="of the vendor's")
    http = network.connect(plug)
    flow = await start(broker)
    assert (flow.step, flow.errors) == ("lan_key", {})
    await flow.submit(key="another")
    assert (flow.step, flow.errors) == ("lan_key", {"key": "wrong_key"})
    plug.power_off()
    await flow.submit(key="of the vendor's")
    assert (flow.step, flow.errors) == ("lan_key", {"key": "try_again"})
    plug.power_on()
    await flow.submit(key="of the vendor's")
    assert flow.step == "move"
    assert WRITE not in http.requests
    await move(flow)
    assert plug.key == "of the vendor's"
    assert state_of(broker, plug) == "off"


@pytest.mark.parametrize("key", ["of the hub", "of another plug", ""])
async def test_known_keys_are_tried(
    broker: MqttBroker, network: LocalNetwork, key: str
) -> None:
    other = SimulatedPlug("mss210", 2, key="of another plug")
    entry = await set_up(broker, other, key="of another plug")
    broker.hass.config_entries.async_update_entry(entry, data={"key": "of the hub"})
    await broker.advance(1)
    plug = from_cloud(key=key)
    network.connect(plug)
    flow = await start_add_plug(broker, entry, "on_wifi")
    await flow.submit(address=ADDRESS)
    await move(flow)
    assert plug.key == key
    assert device_names(broker.hass, entry.entry_id) == names_of(plug, other)


async def test_known_plug_that_was_moved_away_returns_with_its_new_key(
    broker: MqttBroker, network: LocalNetwork
) -> None:
    plug = SimulatedPlug("mss310", gateway=Gateway.twice(*SERVER))
    network.connect(plug)
    entry = await set_up(broker)
    await broker.advance(10)
    assert state_of(broker, plug) == "off"
    plug.cut()
    plug.key, plug.device.gateway = "of the vendor's", CLOUD
    plug.power_on()
    await broker.advance(80)
    assert state_of(broker, plug) == "unavailable"
    device = device_of(broker.hass, entry.entry_id, plug)
    dr.async_get(broker.hass).async_update_device(device.id, name_by_user="Kettle")

    flow = await start_add_plug(broker, entry, "on_wifi")
    await flow.submit(address=ADDRESS)
    await flow.submit(key="of the vendor's")
    assert flow.placeholders["plug"] == "Kettle"
    await move(flow)
    assert state_of(broker, plug) == "off"
    assert keys_of(entry) == {plug.uuid: "of the vendor's"}


@pytest.mark.parametrize("model", ["mss310", "mss110"])
async def test_previous_broker_can_be_restored(
    broker: MqttBroker, network: LocalNetwork, model: str
) -> None:
    plug = from_cloud(model)
    http = network.connect(plug)
    flow = await start(broker)
    await move_away(flow)
    assert plug.device.gateway.host == OTHER_BROKER["host"]
    await flow.choose("wait")
    await flow.wait(121)
    assert flow.step == "no_show"
    plug.power_off()
    await flow.choose("restore")
    assert flow.result["type"] is FlowResultType.MENU
    assert flow.step == "not_restored"
    plug.power_on()
    await flow.choose("restore")
    assert flow.abort_reason == "restored"
    assert flow.placeholders["old_broker"] == "iot.meross.com:443"
    assert plug.device.gateway == CLOUD
    assert plug.device.identity.user_id == CLOUD_USER
    assert http.requests.count(WRITE) == 2


@pytest.mark.parametrize("model", ["mss310", "mss110"])
async def test_another_broker_can_be_tried(
    broker: MqttBroker, network: LocalNetwork, broker_check: BrokerCheck, model: str
) -> None:
    network.connect(from_cloud(model))
    flow = await start(broker)
    await move_away(flow)
    await flow.choose("move")
    assert (flow.step, flow.errors) == ("move", {})
    assert flow.suggested_values == OTHER_BROKER
    await move(flow)
    assert len(broker_check.calls) == 2


async def test_plug_that_connects_late_can_be_waited_for(
    broker: MqttBroker, network: LocalNetwork
) -> None:
    network.connect(from_cloud(reboot_delay=150))
    flow = await start(broker)
    await flow.submit(**BROKER_INPUT)
    await flow.wait(121)
    assert flow.step == "no_show"
    await flow.choose("wait")
    assert flow.result["type"] is FlowResultType.SHOW_PROGRESS
    assert flow.step == "wait"
    await flow.wait(30)
    assert flow.abort_reason == "plug_added"


async def test_flow_that_is_closed_stops_waiting(
    broker: MqttBroker, network: LocalNetwork
) -> None:
    network.connect(from_cloud())
    flow = await start(broker)
    await flow.submit(**OTHER_BROKER)
    assert flow.step == "write"
    (entry,) = broker.hass.config_entries.async_entries("meross_local")
    assert entry.runtime_data
    assert waiting_tasks()
    flow.manager.async_abort(flow.result["flow_id"])
    await broker.advance(1)
    assert not waiting_tasks()


def waiting_tasks() -> list[asyncio.Task[object]]:
    """Return the tasks that wait for a plug that was moved."""
    return [
        task for task in asyncio.all_tasks() if task.get_name() == "meross_local write"
    ]


async def test_reload_of_the_entry_does_not_end_the_wait(
    broker: MqttBroker, network: LocalNetwork
) -> None:
    network.connect(from_cloud(reboot_delay=60))
    flow = await start(broker)
    await flow.submit(**BROKER_INPUT)
    (entry,) = broker.hass.config_entries.async_entries("meross_local")
    await flow.wait(5)
    assert await broker.hass.config_entries.async_unload(entry.entry_id)
    await flow.wait(5)
    assert await broker.hass.config_entries.async_setup(entry.entry_id)
    await flow.wait(70)
    assert flow.abort_reason == "plug_added"
