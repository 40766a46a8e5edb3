"""Add plug: one that is new is prepared for here, and set up from another computer."""

import shlex

from homeassistant.data_entry_flow import FlowResultType
import pytest

from custom_components.meross_local.broker_check import Problem
from tests.simulator import SimulatedPlug
from tests.support.entities import state_of
from tests.support.entries import device_names, names_of, set_up
from tests.support.flows import FlowDriver, start_add_plug
from tests.support.mqtt import MqttBroker
from tests.support.network import BROKER_INPUT, BrokerCheck
from tests.support.world import SERVER

pytestmark = pytest.mark.usefixtures("broker_check")


async def begin(broker: MqttBroker, key: str | None = None) -> FlowDriver:
    """Choose the way."""
    flow = await start_add_plug(broker, await set_up(broker, key=key))
    await flow.choose("new")
    assert flow.step == "prepare"
    assert flow.suggested_values == {"host": "mock-broker", "port": 8883, "mac": None}
    return flow


def pair(plug: SimulatedPlug, command: str) -> None:
    """Do as the command says, on the computer that joined the plug's Wi-Fi."""
    python, pair, *arguments = shlex.split(command)
    assert (python, pair) == ("python3", "pair")
    options = dict(zip(arguments[::2], arguments[1::2], strict=True))
    assert options["--broker"] == f"{SERVER[0]}:{SERVER[1]}"
    assert options.keys() <= {"--broker", "--key"}
    # The script's own default goes without saying.
    plug.key = options.get("--key", "meross")


@pytest.mark.parametrize(
    ("hub_key", "key"),
    [
        (None, "meross"),
        ("", "meross"),
        ("of the hub", "of the hub"),
        ('a\'b "$c"; d', 'a\'b "$c"; d'),
    ],
)
async def test_the_command_sets_up_a_plug_that_is_waited_for(
    broker: MqttBroker, broker_check: BrokerCheck, hub_key: str | None, key: str
) -> None:
    flow = await begin(broker, hub_key)
    await flow.submit(**BROKER_INPUT)
    assert flow.step == "command"
    assert flow.placeholders["url"].startswith("https://")
    ((host, port, credentials),) = broker_check.calls
    assert (host, port) == SERVER
    assert credentials.mac == "00:00:00:00:00:00"
    assert credentials.uuid == "0" * 32
    assert credentials.user_id == 0
    assert credentials.key == key
    plug = SimulatedPlug("mss210")
    pair(plug, flow.placeholders["command"])
    assert plug.key == key
    await flow.submit()
    assert flow.result["type"] is FlowResultType.SHOW_PROGRESS
    assert flow.step == "pair"
    await flow.wait(600)
    assert flow.step == "pair"
    broker.connect(plug)
    await flow.wait(3)
    assert flow.is_aborted
    assert flow.step == "plug_added"
    assert flow.placeholders == {"plug": f"MSS210 {plug.uuid[-4:]}"}
    assert state_of(broker, plug) == "off"


@pytest.mark.parametrize(
    "mac",
    [" 48:E1:E9:12:34:56 ", "48-e1-e9-12-34-56", "48e1e9123456", "48e1.e912.3456"],
)
async def test_with_its_mac_the_login_of_the_plug_is_tried_and_shown(
    broker: MqttBroker, broker_check: BrokerCheck, mac: str
) -> None:
    flow = await begin(broker)
    broker_check.problems = [Problem.LOGIN_REFUSED]
    await flow.submit(**BROKER_INPUT, mac=mac)
    ((_, _, credentials),) = broker_check.calls
    assert credentials.mac == "48:e1:e9:12:34:56"
    assert credentials.uuid == "0" * 20 + "48e1e9123456"
    assert flow.step == "login"
    assert flow.placeholders["user"] == "48:e1:e9:12:34:56"
    assert flow.placeholders["password"] == credentials.password
    await flow.submit(**BROKER_INPUT)
    assert flow.step == "command"
    assert len(broker_check.calls) == 2


async def test_a_login_cannot_be_shown_without_the_mac(
    broker: MqttBroker, broker_check: BrokerCheck
) -> None:
    flow = await begin(broker)
    broker_check.problems = [Problem.LOGIN_REFUSED] * 2
    await flow.submit(**BROKER_INPUT)
    assert flow.step == "prepare"
    assert flow.result["errors"] == {"base": "login_refused"}
    await flow.submit(**BROKER_INPUT, mac="48:e1:e9:12:34:56")
    assert flow.step == "login"


@pytest.mark.parametrize(
    "mac", ["no", "48:e1:e9:12:34", "48:e1:e9:12:34:5g", "48:e1:e9:12:34:56:78"]
)
async def test_what_is_no_mac_is_told(
    broker: MqttBroker, broker_check: BrokerCheck, mac: str
) -> None:
    flow = await begin(broker)
    await flow.submit(**BROKER_INPUT, mac=mac)
    assert flow.step == "prepare"
    assert flow.result["errors"] == {"mac": "invalid_mac"}
    assert flow.suggested_values == {**BROKER_INPUT, "mac": mac}
    assert not broker_check.calls


async def test_its_mac_is_kept_whatever_is_wrong(
    broker: MqttBroker, broker_check: BrokerCheck
) -> None:
    flow = await begin(broker)
    broker_check.problems = [Problem.LOGIN_REFUSED, Problem.NO_TLS]
    await flow.submit(**BROKER_INPUT, mac="48:e1:e9:12:34:56")
    assert flow.step == "login"
    await flow.submit(**BROKER_INPUT)
    assert flow.step == "prepare"
    assert flow.suggested_values == {**BROKER_INPUT, "mac": "48:e1:e9:12:34:56"}
    assert {one.mac for _, _, one in broker_check.calls} == {"48:e1:e9:12:34:56"}


async def test_an_empty_mac_is_none(
    broker: MqttBroker, broker_check: BrokerCheck
) -> None:
    flow = await begin(broker)
    await flow.submit(**BROKER_INPUT, mac=" ")
    assert flow.step == "command"
    ((_, _, credentials),) = broker_check.calls
    assert credentials.mac == "00:00:00:00:00:00"


async def test_what_is_wrong_with_the_broker_is_told(
    broker: MqttBroker, broker_check: BrokerCheck
) -> None:
    flow = await begin(broker)
    broker_check.problems = [Problem.NO_TLS]
    await flow.submit(**BROKER_INPUT)
    assert flow.step == "prepare"
    assert flow.result["errors"] == {"base": "no_tls"}
    await flow.submit(host="localhost", port=8883)
    assert flow.result["errors"] == {"host": "own_name"}


async def test_plugs_that_are_there_are_not_taken_for_it(broker: MqttBroker) -> None:
    """A known one that comes back is: it may have been reset."""
    here, away = SimulatedPlug("mss210", 1), SimulatedPlug("mss210", 2)
    entry = await set_up(broker, here, away)
    away.cut()
    await broker.advance(80)
    flow = await start_add_plug(broker, entry)
    await flow.choose("new")
    await flow.submit(**BROKER_INPUT)
    await flow.submit()
    here.press()
    await flow.wait(5)
    assert flow.step == "pair"
    broker.connect(away)
    await flow.wait(5)
    assert flow.step == "plug_added"
    assert flow.placeholders == {"plug": f"MSS210 {away.uuid[-4:]}"}
    assert device_names(broker.hass, entry.entry_id) == names_of(here, away)


async def test_with_its_mac_no_other_plug_is_taken_for_it(broker: MqttBroker) -> None:
    plug, other = (SimulatedPlug("mss210", number) for number in (1, 2))
    flow = await begin(broker)
    await flow.submit(**BROKER_INPUT, mac=plug.mac)
    await flow.submit()
    broker.connect(other)
    await flow.wait(3)
    assert flow.step == "pair"
    broker.connect(plug)
    await flow.wait(3)
    assert flow.step == "plug_added"
    assert flow.placeholders == {"plug": f"MSS210 {plug.uuid[-4:]}"}


async def test_one_that_is_reset_only_then_is_waited_for(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210")
    flow = await start_add_plug(broker, await set_up(broker, plug))
    await flow.choose("new")
    await flow.submit(**BROKER_INPUT)
    plug.reset()
    await broker.advance(1)
    await flow.submit()
    await flow.wait(5)
    assert flow.step == "pair"
    broker.connect(plug)
    await flow.wait(5)
    assert flow.step == "plug_added"


async def waited(broker: MqttBroker) -> FlowDriver:
    """Wait for a plug until time is up."""
    flow = await begin(broker)
    await flow.submit(**BROKER_INPUT)
    await flow.submit()
    await flow.wait(897)
    assert flow.step == "pair"
    await flow.wait(4)
    assert flow.result["type"] is FlowResultType.MENU
    assert flow.step == "not_paired"
    return flow


@pytest.mark.parametrize("again", ["pair", "command", "new"])
async def test_a_plug_that_does_not_come_is_told(
    broker: MqttBroker, again: str
) -> None:
    flow = await waited(broker)
    await flow.choose(again)
    if again == "new":
        assert flow.step == "prepare"
        await flow.submit(**BROKER_INPUT)
    if again != "pair":
        assert flow.step == "command"
        assert "192.0.2.1:8883" in flow.placeholders["command"]
        await flow.submit()
    assert flow.step == "pair"
    broker.connect(SimulatedPlug("mss210"))
    await flow.wait(3)
    assert flow.step == "plug_added"


async def test_one_that_came_meanwhile_is_found(broker: MqttBroker) -> None:
    flow = await waited(broker)
    broker.connect(SimulatedPlug("mss210"))
    await broker.advance(3)
    await flow.choose("pair")
    await flow.wait(2)
    assert flow.step == "plug_added"
