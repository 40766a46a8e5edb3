"""Add plug: one on the Wi-Fi is read over HTTP, moved to the broker and waited for."""

from typing import Any

from aiohttp import ClientConnectionError
from homeassistant.data_entry_flow import FlowResultType
import pytest

from custom_components.meross_local.broker_check import Problem
from custom_components.meross_local.meross.credentials import Credentials
from tests.simulator import CLOUD, CLOUD_USER, Gateway, SimulatedPlug
from tests.simulator.namespaces import ABILITY, ALL, ECDHE, KEY

from .broker import SERVER, Broker, said
from .steps import devices, entity_id, names, set_up, state, switch
from .wizard import ADDRESS, BROKER, Checks, Home, Wizard, add_plug

WRITE = (KEY, "SET")
READ = [(ABILITY, "GET"), (ALL, "GET")]

pytestmark = pytest.mark.usefixtures("checks")


def from_cloud(model: str = "mss310", **options: Any) -> SimulatedPlug:  # noqa: ANN401
    """Return a plug that was set up with the vendor's app."""
    return SimulatedPlug(model, gateway=CLOUD, user_id=CLOUD_USER, **options)


async def begin(broker: Broker, address: str = ADDRESS) -> Wizard:
    """Choose the way and enter an address."""
    wizard = await add_plug(broker, await set_up(broker, key="meross"))
    await wizard.choose("on_wifi")
    assert wizard.shown == "on_wifi"
    await wizard.submit(address=address)
    return wizard


@pytest.mark.parametrize("model", ["mss210", "mss310", "mss210v1", "mss305", "mss110"])
async def test_a_plug_of_the_cloud_is_moved_and_works(
    broker: Broker, home: Home, checks: Checks, model: str
) -> None:
    plug = from_cloud(model)
    lan = home.add(plug)
    plug.press()
    wizard = await begin(broker)
    assert wizard.shown == "move"
    assert wizard.words["plug"] == f"{plug.model.type.upper()} {plug.uuid[-4:]}"
    assert wizard.words["hardware"] == plug.model.hardware
    assert wizard.words["firmware"] == plug.model.firmware
    assert wizard.words["mac"] == plug.mac
    assert wizard.words["old_broker"] == "iot.meross.com:443"
    assert WRITE not in lan.requests
    assert not checks.checked

    await wizard.submit(**BROKER)
    assert wizard.result["type"] is FlowResultType.SHOW_PROGRESS
    assert wizard.shown == "write"
    names_of_plug = plug.device.identity
    credentials = Credentials(plug.uuid, plug.mac, "meross", CLOUD_USER)
    assert credentials.password == names_of_plug.password("meross")
    assert checks.checked == [(*SERVER, credentials)]

    await wizard.wait(5)
    assert wizard.is_over
    assert wizard.shown == "plug_added"
    assert wizard.words == {"plug": f"{plug.model.type.upper()} {plug.uuid[-4:]}"}
    assert lan.requests.count(WRITE) == 1
    assert plug.device.gateway == Gateway.twice(*SERVER)
    assert plug.key == "meross"
    assert plug.device.identity.user_id == CLOUD_USER
    assert state(broker, plug) == "on"
    await switch(broker, "turn_off", entity_id(plug))
    assert plug.onoff() == 0


@pytest.mark.parametrize("ecdhe", [True, False])
async def test_newer_firmware_is_spoken_to_encrypted(
    broker: Broker,
    home: Home,
    ecdhe: bool,  # noqa: FBT001
) -> None:
    lan = home.add(from_cloud("mss110"), ecdhe=ecdhe)
    wizard = await begin(broker)
    assert wizard.shown == "move"
    assert lan.requests == [(ABILITY, "GET"), (ECDHE, "SET"), (ALL, "GET")]
    await wizard.submit(**BROKER)
    await wizard.wait(5)
    assert wizard.shown == "plug_added"
    # It may have restarted since it was read, and have forgotten what was agreed on.
    assert lan.requests[3:] == [(ECDHE, "SET"), WRITE]


async def test_a_request_is_one_of_a_client_that_leaves_at_once(
    broker: Broker, home: Home
) -> None:
    home.add(from_cloud())
    await begin(broker)
    assert home.http.mock_calls
    for _, url, _, headers in home.http.mock_calls:
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
    broker: Broker, home: Home, address: str
) -> None:
    home.serve("1.2.3.4", exc=ClientConnectionError())
    wizard = await begin(broker, address)
    assert wizard.shown == "on_wifi"
    expected = "no_http" if address.strip() == "1.2.3.4" else "invalid_address"
    assert wizard.result["errors"] == {"address": expected}
    assert home.http.call_count == (expected == "no_http")


@pytest.mark.parametrize(
    "address", [f" {ADDRESS} ", f"{ADDRESS}:80", "plug.lan", "[fe80::1]:8080"]
)
async def test_addresses_of_all_forms_are_taken(
    broker: Broker, home: Home, address: str
) -> None:
    home.add(from_cloud(), address.strip())
    assert (await begin(broker, address)).shown == "move"


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
    broker: Broker, home: Home, answer: dict[str, Any], error: str
) -> None:
    home.serve(**answer)
    wizard = await begin(broker)
    assert wizard.shown == "on_wifi"
    assert wizard.result["errors"] == {"address": error}
    assert wizard.suggested == {"address": ADDRESS}
    assert home.http.call_count == 1


async def test_an_answer_to_something_else_is_not_taken(
    broker: Broker, home: Home
) -> None:
    plug = SimulatedPlug("mss310")
    home.serve(content=said(plug, ABILITY, "GETACK", {"ability": {}}))
    wizard = await begin(broker)
    assert wizard.result["errors"] == {"address": "not_meross"}


async def test_a_plug_that_hangs_up_is_told(broker: Broker, home: Home) -> None:
    lan = home.add(from_cloud())
    lan.drop.add(ALL)
    wizard = await begin(broker)
    assert wizard.result["errors"] == {"address": "no_http"}
    # A person mends that and tries again.
    lan.drop.clear()
    await wizard.submit(address=ADDRESS)
    assert wizard.shown == "move"


async def test_another_device_of_meross_is_told(broker: Broker, home: Home) -> None:
    """As is whatever says of itself what no plug does."""
    plug = from_cloud()
    lan = home.add(plug)
    plug.device.model = object.__new__(type(plug.model))
    for name in plug.model.__slots__:
        value = "msl120" if name == "type" else getattr(plug.model, name)
        object.__setattr__(plug.device.model, name, value)
    wizard = await begin(broker)
    assert wizard.result["errors"] == {"address": "not_a_plug"}
    assert lan.requests == READ


@pytest.mark.parametrize("namespace", [ABILITY, ALL])
async def test_a_plug_that_refuses_is_told(
    broker: Broker, home: Home, namespace: str
) -> None:
    lan = home.add(from_cloud())
    lan.refuse.add(namespace)
    wizard = await begin(broker)
    assert wizard.result["errors"] == {"address": "refused"}


# Its key.


@pytest.mark.parametrize("model", ["mss310", "mss110"])
async def test_an_unknown_key_is_asked_for_and_kept(
    broker: Broker, home: Home, model: str
) -> None:
    plug = from_cloud(model, key="of the vendor's")
    lan = home.add(plug)
    wizard = await begin(broker)
    assert wizard.shown == "lan_key"
    assert not wizard.result["errors"]
    await wizard.submit(key="another")
    assert wizard.shown == "lan_key"
    assert wizard.result["errors"] == {"key": "wrong_key"}
    await wizard.submit(key="of the vendor's")
    assert wizard.shown == "move"
    assert WRITE not in lan.requests
    await wizard.submit(**BROKER)
    await wizard.wait(5)
    assert wizard.shown == "plug_added"
    assert plug.key == "of the vendor's"
    assert state(broker, plug) == "off"


async def test_a_plug_that_is_gone_before_its_key_is_told(
    broker: Broker, home: Home
) -> None:
    plug = from_cloud(key="own")
    home.add(plug)
    wizard = await begin(broker)
    plug.power_off()
    await wizard.submit(key="own")
    assert wizard.shown == "lan_key"
    assert wizard.result["errors"] == {"key": "no_http"}


@pytest.mark.parametrize("key", ["of the hub", "of another plug", ""])
async def test_known_keys_are_tried(broker: Broker, home: Home, key: str) -> None:
    other = SimulatedPlug("mss210", 2, key="of another plug")
    entry = await set_up(broker, key="of another plug")
    broker.add(other)
    await broker.passes(2)
    broker.hass.config_entries.async_update_entry(entry, data={"key": "of the hub"})
    await broker.passes(1)
    # Newer ones have no empty key.
    plug = from_cloud("mss310", key=key)
    home.add(plug)
    wizard = await add_plug(broker, entry)
    await wizard.choose("on_wifi")
    await wizard.submit(address=ADDRESS)
    assert wizard.shown == "move"
    await wizard.submit(**BROKER)
    await wizard.wait(5)
    assert wizard.shown == "plug_added"
    assert plug.key == key
    assert devices(broker.hass, entry.entry_id) == names(plug, other)


# The broker.


@pytest.mark.parametrize(
    "problem", [one for one in Problem if one is not Problem.LOGIN_REFUSED]
)
async def test_nothing_is_written_where_the_broker_is_wrong(
    broker: Broker, home: Home, checks: Checks, problem: Problem
) -> None:
    plug = from_cloud()
    lan = home.add(plug)
    wizard = await begin(broker)
    checks.found = [problem]
    await wizard.submit(host=" 198.51.100.1 ", port=1883)
    assert wizard.shown == "move"
    assert wizard.result["errors"] == {"base": problem}
    assert wizard.suggested == {"host": "198.51.100.1", "port": 1883}
    assert wizard.words["host"] == "198.51.100.1"
    assert wizard.words["port"] == "1883"
    assert WRITE not in lan.requests
    assert plug.device.gateway == CLOUD
    # Checked again, all is well.
    await wizard.submit(**BROKER)
    await wizard.wait(5)
    assert wizard.shown == "plug_added"


async def test_a_login_that_is_refused_is_shown_until_it_works(
    broker: Broker, home: Home, checks: Checks
) -> None:
    plug = from_cloud()
    lan = home.add(plug)
    wizard = await begin(broker)
    checks.found = [Problem.LOGIN_REFUSED] * 2
    await wizard.submit(**BROKER)
    for _ in range(2):
        assert wizard.shown == "login"
        assert wizard.words["user"] == plug.mac
        assert wizard.words["password"] == plug.device.identity.password("meross")
        assert WRITE not in lan.requests
        # It can be given up for another broker, too.
        assert wizard.suggested == BROKER
        await wizard.submit(**BROKER)
    await wizard.wait(5)
    assert wizard.shown == "plug_added"


async def test_a_login_can_be_given_up_for_another_broker(
    broker: Broker, home: Home, checks: Checks
) -> None:
    lan = home.add(from_cloud())
    wizard = await begin(broker)
    checks.found = [Problem.LOGIN_REFUSED, Problem.NO_TLS]
    await wizard.submit(host="198.51.100.1", port=8883)
    assert wizard.shown == "login"
    await wizard.submit(host="localhost", port=8883)
    assert wizard.shown == "login"
    assert wizard.result["errors"] == {"host": "own_name"}
    await wizard.submit(host="198.51.100.2", port=8883)
    assert wizard.shown == "move"
    assert wizard.result["errors"] == {"base": "no_tls"}
    assert wizard.words["host"] == "198.51.100.2"
    assert WRITE not in lan.requests


@pytest.mark.parametrize(
    "host",
    [
        *("localhost", " LocalHost ", "core-mosquitto", "127.0.0.1", "127.1"),
        *("0.0.0.0", "0", "::1", "::"),  # noqa: S104
    ],
)
async def test_a_name_that_only_home_assistant_knows_is_told(
    broker: Broker, home: Home, checks: Checks, host: str
) -> None:
    lan = home.add(from_cloud())
    wizard = await begin(broker)
    await wizard.submit(host=host, port=8883)
    assert wizard.shown == "move"
    assert wizard.result["errors"] == {"host": "own_name"}
    assert not checks.checked
    assert WRITE not in lan.requests


# What comes of it.


@pytest.mark.parametrize(
    ("faults", "error"), [("refuse", "refused"), ("drop", "no_http")]
)
async def test_a_plug_that_does_not_take_its_broker_is_told(
    broker: Broker, home: Home, faults: str, error: str
) -> None:
    plug = from_cloud()
    lan = home.add(plug)
    getattr(lan, faults).add(KEY)
    wizard = await begin(broker)
    await wizard.submit(**BROKER)
    await wizard.wait(1)
    assert wizard.shown == "move"
    assert wizard.result["errors"] == {"base": error}
    assert plug.device.gateway == CLOUD
    getattr(lan, faults).clear()
    await wizard.submit(**BROKER)
    await wizard.wait(5)
    assert wizard.shown == "plug_added"


async def lost(broker: Broker) -> Wizard:
    """Move the plug to a broker that Home Assistant does not hear."""
    wizard = await begin(broker)
    await wizard.submit(host="198.51.100.1", port=8883)
    await wizard.wait(117)
    assert wizard.shown == "write"
    await wizard.wait(4)
    assert wizard.shown == "no_show"
    return wizard


@pytest.mark.parametrize("model", ["mss310", "mss110"])
async def test_a_plug_that_does_not_come_gets_its_old_broker_back(
    broker: Broker, home: Home, model: str
) -> None:
    plug = from_cloud(model)
    lan = home.add(plug)
    wizard = await lost(broker)
    assert plug.device.gateway.host == "198.51.100.1"
    await wizard.choose("restore")
    assert wizard.is_over
    assert wizard.shown == "restored"
    assert wizard.words["old_broker"] == "iot.meross.com:443"
    assert plug.device.gateway == CLOUD
    assert plug.device.identity.user_id == CLOUD_USER
    assert lan.requests.count(WRITE) == 2


async def test_what_cannot_be_written_back_is_told_and_can_be_tried_again(
    broker: Broker, home: Home
) -> None:
    plug = from_cloud()
    home.add(plug)
    wizard = await lost(broker)
    plug.power_off()
    await wizard.choose("restore")
    assert wizard.result["type"] is FlowResultType.MENU
    assert wizard.shown == "not_restored"
    plug.power_on()
    await wizard.choose("restore")
    assert wizard.shown == "restored"
    assert plug.device.gateway == CLOUD


async def test_a_plug_that_comes_late_can_be_waited_for(
    broker: Broker, home: Home
) -> None:
    plug = from_cloud(reboot_delay=150)
    home.add(plug)
    wizard = await begin(broker)
    await wizard.submit(**BROKER)
    await wizard.wait(121)
    assert wizard.shown == "no_show"
    await wizard.choose("wait")
    assert wizard.result["type"] is FlowResultType.SHOW_PROGRESS
    assert wizard.shown == "wait"
    await wizard.wait(30)
    assert wizard.shown == "plug_added"


async def test_one_that_still_does_not_come_is_told_again(
    broker: Broker, home: Home
) -> None:
    home.add(from_cloud())
    wizard = await lost(broker)
    await wizard.choose("wait")
    await wizard.wait(121)
    assert wizard.shown == "no_show"


@pytest.mark.parametrize("model", ["mss310", "mss110"])
async def test_a_plug_that_does_not_come_can_be_told_another_broker(
    broker: Broker, home: Home, checks: Checks, model: str
) -> None:
    plug = from_cloud(model)
    home.add(plug)
    wizard = await lost(broker)
    await wizard.choose("move")
    assert wizard.shown == "move"
    assert not wizard.result["errors"]
    assert wizard.suggested == {"host": "198.51.100.1", "port": 8883}
    await wizard.submit(**BROKER)
    await wizard.wait(5)
    assert wizard.shown == "plug_added"
    assert len(checks.checked) == 2


async def test_a_plug_that_does_not_say_its_old_broker_is_moved_all_the_same(
    broker: Broker, home: Home
) -> None:
    plug = SimulatedPlug("mss310", gateway=Gateway("", 0))
    home.add(plug)
    wizard = await begin(broker)
    assert wizard.shown == "move"
    await wizard.submit(**BROKER)
    await wizard.wait(5)
    assert wizard.shown == "plug_added"


async def test_a_known_plug_that_moved_away_comes_back_with_its_new_key(
    broker: Broker, home: Home
) -> None:
    plug = SimulatedPlug("mss310", gateway=Gateway.twice(*SERVER))
    home.add(plug)
    entry = await set_up(broker)
    await broker.passes(10)
    assert state(broker, plug) == "off"
    plug.cut()
    plug.key, plug.device.gateway = "of the vendor's", CLOUD
    plug.power_on()
    await broker.passes(80)
    assert state(broker, plug) == "unavailable"

    wizard = await add_plug(broker, entry)
    await wizard.choose("on_wifi")
    await wizard.submit(address=ADDRESS)
    await wizard.submit(key="of the vendor's")
    assert wizard.shown == "move"
    await wizard.submit(**BROKER)
    await wizard.wait(5)
    assert wizard.shown == "plug_added"
    assert state(broker, plug) == "off"
    (subentry,) = entry.subentries.values()
    assert subentry.data["key"] == "of the vendor's"


async def test_a_flow_that_is_closed_stops_waiting(broker: Broker, home: Home) -> None:
    home.add(from_cloud())
    wizard = await begin(broker)
    await wizard.submit(host="198.51.100.1", port=8883)
    assert wizard.shown == "write"
    (entry,) = broker.hass.config_entries.async_entries("meross_local")
    assert entry.runtime_data._arrivals
    wizard.manager.async_abort(wizard.result["flow_id"])
    await broker.passes(1)
    assert not entry.runtime_data._arrivals
