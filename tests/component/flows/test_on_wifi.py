"""Add plug: one on the Wi-Fi is read over HTTP, moved to the broker and waited for."""

from typing import Any

from aiohttp import ClientConnectionError
from homeassistant.data_entry_flow import FlowResultType
import pytest

from custom_components.meross_local.broker_check import Problem
from custom_components.meross_local.meross.credentials import Credentials
from tests.simulator import CLOUD, CLOUD_USER, Gateway, SimulatedPlug
from tests.simulator.namespaces import ABILITY, ALL, ECDHE, KEY
from tests.support.entities import entity_id_of, state_of, turn_off
from tests.support.entries import device_names, names_of, set_up
from tests.support.flows import FlowDriver, start_add_plug
from tests.support.messages import build_message
from tests.support.mqtt import MqttBroker
from tests.support.network import ADDRESS, BROKER_INPUT, BrokerCheck, LocalNetwork
from tests.support.world import SERVER

WRITE = (KEY, "SET")
READ = [(ABILITY, "GET"), (ALL, "GET")]

pytestmark = pytest.mark.usefixtures("broker_check")


def from_cloud(model: str = "mss310", **options: Any) -> SimulatedPlug:  # noqa: ANN401
    """Return a plug that was set up with the vendor's app."""
    return SimulatedPlug(model, gateway=CLOUD, user_id=CLOUD_USER, **options)


async def begin(broker: MqttBroker, address: str = ADDRESS) -> FlowDriver:
    """Choose the way and enter an address."""
    flow = await start_add_plug(broker, await set_up(broker, key="meross"))
    await flow.choose("on_wifi")
    assert flow.step == "on_wifi"
    await flow.submit(address=address)
    return flow


@pytest.mark.parametrize("model", ["mss210", "mss310", "mss210v1", "mss305", "mss110"])
async def test_a_plug_of_the_cloud_is_moved_and_works(
    broker: MqttBroker, network: LocalNetwork, broker_check: BrokerCheck, model: str
) -> None:
    plug = from_cloud(model)
    lan = network.connect(plug)
    plug.press()
    flow = await begin(broker)
    assert flow.step == "move"
    assert flow.placeholders["plug"] == f"{plug.model.type.upper()} {plug.uuid[-4:]}"
    assert flow.placeholders["hardware"] == plug.model.hardware
    assert flow.placeholders["firmware"] == plug.model.firmware
    assert flow.placeholders["mac"] == plug.mac
    assert flow.placeholders["old_broker"] == "iot.meross.com:443"
    assert WRITE not in lan.requests
    assert not broker_check.calls

    await flow.submit(**BROKER_INPUT)
    assert flow.result["type"] is FlowResultType.SHOW_PROGRESS
    assert flow.step == "write"
    names_of_plug = plug.device.identity
    credentials = Credentials(plug.uuid, plug.mac, "meross", CLOUD_USER)
    assert credentials.password == names_of_plug.password("meross")
    assert broker_check.calls == [(*SERVER, credentials)]

    await flow.wait(5)
    assert flow.is_aborted
    assert flow.step == "plug_added"
    assert flow.placeholders == {"plug": f"{plug.model.type.upper()} {plug.uuid[-4:]}"}
    assert lan.requests.count(WRITE) == 1
    assert plug.device.gateway == Gateway.twice(*SERVER)
    assert plug.key == "meross"
    assert plug.device.identity.user_id == CLOUD_USER
    assert state_of(broker, plug) == "on"
    await turn_off(broker, entity_id_of(plug))
    assert plug.onoff() == 0


@pytest.mark.parametrize("ecdhe", [True, False])
async def test_newer_firmware_is_spoken_to_encrypted(
    broker: MqttBroker,
    network: LocalNetwork,
    ecdhe: bool,  # noqa: FBT001
) -> None:
    lan = network.connect(from_cloud("mss110"), ecdhe=ecdhe)
    flow = await begin(broker)
    assert flow.step == "move"
    assert lan.requests == [(ABILITY, "GET"), (ECDHE, "SET"), (ALL, "GET")]
    await flow.submit(**BROKER_INPUT)
    await flow.wait(5)
    assert flow.step == "plug_added"
    # It may have restarted since it was read, and have forgotten what was agreed on.
    assert lan.requests[3:] == [(ECDHE, "SET"), WRITE]


async def test_a_request_is_one_of_a_client_that_leaves_at_once(
    broker: MqttBroker, network: LocalNetwork
) -> None:
    network.connect(from_cloud())
    await begin(broker)
    assert network.http.mock_calls
    for _, url, _, headers in network.http.mock_calls:
        assert str(url) == f"http://{ADDRESS}/config"
        assert headers["Connection"] == "close"


# What is wrong with the address or the plug.


@pytest.mark.parametrize(
    "address",
    [
        "",
        " ",
        "a b",
        "http://192.0.2.20",
        "192.0.2.20/config",
        "192.0.2.20?x",
        "192.0.2.20#x",
        "me@192.0.2.20",
        "192.0.2.20:70000",
        "192.0.2.20:port",
        "fe80::1",
        "[fe80::1",
        "1.2.3.4\n",
    ],
)
async def test_what_is_no_address_is_told_and_nothing_is_asked(
    broker: MqttBroker, network: LocalNetwork, address: str
) -> None:
    network.serve("1.2.3.4", exc=ClientConnectionError())
    flow = await begin(broker, address)
    assert flow.step == "on_wifi"
    expected = "no_http" if address.strip() == "1.2.3.4" else "invalid_address"
    assert flow.result["errors"] == {"address": expected}
    assert network.http.call_count == (expected == "no_http")


@pytest.mark.parametrize(
    "address", [f" {ADDRESS} ", f"{ADDRESS}:80", "plug.lan", "[fe80::1]:8080"]
)
async def test_addresses_of_all_forms_are_taken(
    broker: MqttBroker, network: LocalNetwork, address: str
) -> None:
    network.connect(from_cloud(), address.strip())
    assert (await begin(broker, address)).step == "move"


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ({"exc": ClientConnectionError()}, "no_http"),
        ({"exc": TimeoutError()}, "no_http"),
        ({"exc": ValueError("label too long")}, "no_http"),
        ({"status": 404}, "not_meross"),
        ({"status": 302, "headers": {"Location": "http://192.0.2.1/"}}, "not_meross"),
        ({"text": "<html>A printer</html>"}, "not_meross"),
        ({"text": ""}, "not_meross"),
        ({"text": "{}"}, "not_meross"),
        ({"content": b"\xff\xff"}, "not_meross"),
        pytest.param({"content": b" " * 100_000}, "not_meross", id="long"),
    ],
    ids=str,
)
async def test_what_answers_otherwise_than_a_plug_is_told(
    broker: MqttBroker, network: LocalNetwork, answer: dict[str, Any], error: str
) -> None:
    network.serve(**answer)
    flow = await begin(broker)
    assert flow.step == "on_wifi"
    assert flow.result["errors"] == {"address": error}
    assert flow.suggested_values == {"address": ADDRESS}
    assert network.http.call_count == 1


async def test_an_answer_to_something_else_is_not_taken(
    broker: MqttBroker, network: LocalNetwork
) -> None:
    plug = SimulatedPlug("mss310")
    network.serve(content=build_message(plug, ABILITY, "GETACK", {"ability": {}}))
    flow = await begin(broker)
    assert flow.result["errors"] == {"address": "not_meross"}


async def test_a_plug_that_hangs_up_is_told(
    broker: MqttBroker, network: LocalNetwork
) -> None:
    lan = network.connect(from_cloud())
    lan.drop.add(ALL)
    flow = await begin(broker)
    assert flow.result["errors"] == {"address": "no_http"}
    # A person mends that and tries again.
    lan.drop.clear()
    await flow.submit(address=ADDRESS)
    assert flow.step == "move"


async def test_another_device_of_meross_is_told(
    broker: MqttBroker, network: LocalNetwork
) -> None:
    """As is whatever says of itself what no plug does."""
    plug = from_cloud()
    lan = network.connect(plug)
    plug.device.model = object.__new__(type(plug.model))
    for name in plug.model.__slots__:
        value = "msl120" if name == "type" else getattr(plug.model, name)
        object.__setattr__(plug.device.model, name, value)
    flow = await begin(broker)
    assert flow.result["errors"] == {"address": "not_a_plug"}
    assert lan.requests == READ


@pytest.mark.parametrize("namespace", [ABILITY, ALL])
async def test_a_plug_that_refuses_is_told(
    broker: MqttBroker, network: LocalNetwork, namespace: str
) -> None:
    lan = network.connect(from_cloud())
    lan.refuse.add(namespace)
    flow = await begin(broker)
    assert flow.result["errors"] == {"address": "refused"}


# Its key.


@pytest.mark.parametrize("model", ["mss310", "mss110"])
async def test_an_unknown_key_is_asked_for_and_kept(
    broker: MqttBroker, network: LocalNetwork, model: str
) -> None:
    plug = from_cloud(model, key="of the vendor's")
    lan = network.connect(plug)
    flow = await begin(broker)
    assert flow.step == "lan_key"
    assert not flow.result["errors"]
    await flow.submit(key="another")
    assert flow.step == "lan_key"
    assert flow.result["errors"] == {"key": "wrong_key"}
    await flow.submit(key="of the vendor's")
    assert flow.step == "move"
    assert WRITE not in lan.requests
    await flow.submit(**BROKER_INPUT)
    await flow.wait(5)
    assert flow.step == "plug_added"
    assert plug.key == "of the vendor's"
    assert state_of(broker, plug) == "off"


async def test_a_plug_that_is_gone_before_its_key_is_told(
    broker: MqttBroker, network: LocalNetwork
) -> None:
    plug = from_cloud(key="own")
    network.connect(plug)
    flow = await begin(broker)
    plug.power_off()
    await flow.submit(key="own")
    assert flow.step == "lan_key"
    assert flow.result["errors"] == {"key": "no_http"}


@pytest.mark.parametrize("key", ["of the hub", "of another plug", ""])
async def test_known_keys_are_tried(
    broker: MqttBroker, network: LocalNetwork, key: str
) -> None:
    other = SimulatedPlug("mss210", 2, key="of another plug")
    entry = await set_up(broker, key="of another plug")
    broker.connect(other)
    await broker.advance(2)
    broker.hass.config_entries.async_update_entry(entry, data={"key": "of the hub"})
    await broker.advance(1)
    # Newer ones have no empty key.
    plug = from_cloud("mss310", key=key)
    network.connect(plug)
    flow = await start_add_plug(broker, entry)
    await flow.choose("on_wifi")
    await flow.submit(address=ADDRESS)
    assert flow.step == "move"
    await flow.submit(**BROKER_INPUT)
    await flow.wait(5)
    assert flow.step == "plug_added"
    assert plug.key == key
    assert device_names(broker.hass, entry.entry_id) == names_of(plug, other)


# The broker.


@pytest.mark.parametrize(
    "problem", [one for one in Problem if one is not Problem.LOGIN_REFUSED]
)
async def test_nothing_is_written_where_the_broker_is_wrong(
    broker: MqttBroker,
    network: LocalNetwork,
    broker_check: BrokerCheck,
    problem: Problem,
) -> None:
    plug = from_cloud()
    lan = network.connect(plug)
    flow = await begin(broker)
    broker_check.problems = [problem]
    await flow.submit(host=" 198.51.100.1 ", port=1883)
    assert flow.step == "move"
    assert flow.result["errors"] == {"base": problem}
    assert flow.suggested_values == {"host": "198.51.100.1", "port": 1883}
    assert flow.placeholders["host"] == "198.51.100.1"
    assert flow.placeholders["port"] == "1883"
    assert WRITE not in lan.requests
    assert plug.device.gateway == CLOUD
    # Checked again, all is well.
    await flow.submit(**BROKER_INPUT)
    await flow.wait(5)
    assert flow.step == "plug_added"


async def test_a_login_that_is_refused_is_shown_until_it_works(
    broker: MqttBroker, network: LocalNetwork, broker_check: BrokerCheck
) -> None:
    plug = from_cloud()
    lan = network.connect(plug)
    flow = await begin(broker)
    broker_check.problems = [Problem.LOGIN_REFUSED] * 2
    await flow.submit(**BROKER_INPUT)
    for _ in range(2):
        assert flow.step == "login"
        assert flow.placeholders["user"] == plug.mac
        assert flow.placeholders["password"] == plug.device.identity.password("meross")
        assert WRITE not in lan.requests
        # It can be given up for another broker, too.
        assert flow.suggested_values == BROKER_INPUT
        await flow.submit(**BROKER_INPUT)
    await flow.wait(5)
    assert flow.step == "plug_added"


async def test_a_login_can_be_given_up_for_another_broker(
    broker: MqttBroker, network: LocalNetwork, broker_check: BrokerCheck
) -> None:
    lan = network.connect(from_cloud())
    flow = await begin(broker)
    broker_check.problems = [Problem.LOGIN_REFUSED, Problem.NO_TLS]
    await flow.submit(host="198.51.100.1", port=8883)
    assert flow.step == "login"
    await flow.submit(host="localhost", port=8883)
    assert flow.step == "login"
    assert flow.result["errors"] == {"host": "own_name"}
    await flow.submit(host="198.51.100.2", port=8883)
    assert flow.step == "move"
    assert flow.result["errors"] == {"base": "no_tls"}
    assert flow.placeholders["host"] == "198.51.100.2"
    assert WRITE not in lan.requests


@pytest.mark.parametrize(
    "host",
    [
        *("localhost", " LocalHost ", "core-mosquitto", "127.0.0.1", "127.1"),
        *("0.0.0.0", "0", "::1", "::"),  # noqa: S104
    ],
)
async def test_a_name_that_only_home_assistant_knows_is_told(
    broker: MqttBroker, network: LocalNetwork, broker_check: BrokerCheck, host: str
) -> None:
    lan = network.connect(from_cloud())
    flow = await begin(broker)
    await flow.submit(host=host, port=8883)
    assert flow.step == "move"
    assert flow.result["errors"] == {"host": "own_name"}
    assert not broker_check.calls
    assert WRITE not in lan.requests


# What comes of it.


@pytest.mark.parametrize(
    ("faults", "error"), [("refuse", "refused"), ("drop", "no_http")]
)
async def test_a_plug_that_does_not_take_its_broker_is_told(
    broker: MqttBroker, network: LocalNetwork, faults: str, error: str
) -> None:
    plug = from_cloud()
    lan = network.connect(plug)
    getattr(lan, faults).add(KEY)
    flow = await begin(broker)
    await flow.submit(**BROKER_INPUT)
    await flow.wait(1)
    assert flow.step == "move"
    assert flow.result["errors"] == {"base": error}
    assert plug.device.gateway == CLOUD
    getattr(lan, faults).clear()
    await flow.submit(**BROKER_INPUT)
    await flow.wait(5)
    assert flow.step == "plug_added"


async def lost(broker: MqttBroker) -> FlowDriver:
    """Move the plug to a broker that Home Assistant does not hear."""
    flow = await begin(broker)
    await flow.submit(host="198.51.100.1", port=8883)
    await flow.wait(117)
    assert flow.step == "write"
    await flow.wait(4)
    assert flow.step == "no_show"
    return flow


@pytest.mark.parametrize("model", ["mss310", "mss110"])
async def test_a_plug_that_does_not_come_gets_its_old_broker_back(
    broker: MqttBroker, network: LocalNetwork, model: str
) -> None:
    plug = from_cloud(model)
    lan = network.connect(plug)
    flow = await lost(broker)
    assert plug.device.gateway.host == "198.51.100.1"
    await flow.choose("restore")
    assert flow.is_aborted
    assert flow.step == "restored"
    assert flow.placeholders["old_broker"] == "iot.meross.com:443"
    assert plug.device.gateway == CLOUD
    assert plug.device.identity.user_id == CLOUD_USER
    assert lan.requests.count(WRITE) == 2


async def test_what_cannot_be_written_back_is_told_and_can_be_tried_again(
    broker: MqttBroker, network: LocalNetwork
) -> None:
    plug = from_cloud()
    network.connect(plug)
    flow = await lost(broker)
    plug.power_off()
    await flow.choose("restore")
    assert flow.result["type"] is FlowResultType.MENU
    assert flow.step == "not_restored"
    plug.power_on()
    await flow.choose("restore")
    assert flow.step == "restored"
    assert plug.device.gateway == CLOUD


async def test_a_plug_that_comes_late_can_be_waited_for(
    broker: MqttBroker, network: LocalNetwork
) -> None:
    plug = from_cloud(reboot_delay=150)
    network.connect(plug)
    flow = await begin(broker)
    await flow.submit(**BROKER_INPUT)
    await flow.wait(121)
    assert flow.step == "no_show"
    await flow.choose("wait")
    assert flow.result["type"] is FlowResultType.SHOW_PROGRESS
    assert flow.step == "wait"
    await flow.wait(30)
    assert flow.step == "plug_added"


async def test_one_that_still_does_not_come_is_told_again(
    broker: MqttBroker, network: LocalNetwork
) -> None:
    network.connect(from_cloud())
    flow = await lost(broker)
    await flow.choose("wait")
    await flow.wait(121)
    assert flow.step == "no_show"


@pytest.mark.parametrize("model", ["mss310", "mss110"])
async def test_a_plug_that_does_not_come_can_be_told_another_broker(
    broker: MqttBroker, network: LocalNetwork, broker_check: BrokerCheck, model: str
) -> None:
    plug = from_cloud(model)
    network.connect(plug)
    flow = await lost(broker)
    await flow.choose("move")
    assert flow.step == "move"
    assert not flow.result["errors"]
    assert flow.suggested_values == {"host": "198.51.100.1", "port": 8883}
    await flow.submit(**BROKER_INPUT)
    await flow.wait(5)
    assert flow.step == "plug_added"
    assert len(broker_check.calls) == 2


async def test_a_plug_that_does_not_say_its_old_broker_is_moved_all_the_same(
    broker: MqttBroker, network: LocalNetwork
) -> None:
    plug = SimulatedPlug("mss310", gateway=Gateway("", 0))
    network.connect(plug)
    flow = await begin(broker)
    assert flow.step == "move"
    await flow.submit(**BROKER_INPUT)
    await flow.wait(5)
    assert flow.step == "plug_added"


async def test_a_known_plug_that_moved_away_comes_back_with_its_new_key(
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

    flow = await start_add_plug(broker, entry)
    await flow.choose("on_wifi")
    await flow.submit(address=ADDRESS)
    await flow.submit(key="of the vendor's")
    assert flow.step == "move"
    await flow.submit(**BROKER_INPUT)
    await flow.wait(5)
    assert flow.step == "plug_added"
    assert state_of(broker, plug) == "off"
    (subentry,) = entry.subentries.values()
    assert subentry.data["key"] == "of the vendor's"


async def test_a_flow_that_is_closed_stops_waiting(
    broker: MqttBroker, network: LocalNetwork
) -> None:
    network.connect(from_cloud())
    flow = await begin(broker)
    await flow.submit(host="198.51.100.1", port=8883)
    assert flow.step == "write"
    (entry,) = broker.hass.config_entries.async_entries("meross_local")
    assert entry.runtime_data._arrivals
    flow.manager.async_abort(flow.result["flow_id"])
    await broker.advance(1)
    assert not entry.runtime_data._arrivals
