"""Add plug: a new one, which is paired from another computer."""

import shlex

from homeassistant.data_entry_flow import FlowResultType
import pytest

from custom_components.meross_local.broker_check.problem import Problem
from custom_components.meross_local.meross.credentials import Credentials
from custom_components.meross_local.new_plugs import MAX_ADDED_PER_HOUR
from tests.simulator import SimulatedPlug
from tests.support.entities import state_of
from tests.support.entries import device_names, names_of, remove_subentry, set_up
from tests.support.flows import FlowDriver, start_add_plug
from tests.support.mqtt import MqttBroker
from tests.support.network import BROKER_INPUT, BrokerCheck
from tests.support.world import SERVER

MAC = "48:e1:e9:12:34:56"
NO_MAC = "00:00:00:00:00:00"

pytestmark = pytest.mark.usefixtures("broker_check")


async def start(
    broker: MqttBroker, *plugs: SimulatedPlug, key: str | None = None
) -> FlowDriver:
    """Set up plugs, and choose the new one in the menu of Add plug."""
    flow = await start_add_plug(broker, await set_up(broker, *plugs, key=key), "new")
    assert flow.step == "prepare"
    assert flow.suggested_values == {"host": "mock-broker", "port": 8883, "mac": None}
    return flow


async def wait_for_pairing(flow: FlowDriver, **user_input: str) -> None:
    """Submit the broker and its command, and wait for the plug."""
    await flow.submit(**BROKER_INPUT, **user_input)
    assert flow.step == "command"
    await flow.submit()
    assert flow.result["type"] is FlowResultType.SHOW_PROGRESS
    assert flow.step == "pair"


def pair(plug: SimulatedPlug, command: str) -> None:
    """Do what the command does, on the computer that joined the plug's Wi-Fi."""
    python, pair, *arguments = shlex.split(command)
    assert (python, pair) == ("python3", "pair")
    options = dict(zip(arguments[::2], arguments[1::2], strict=True))
    assert options.pop("--broker") == f"{SERVER[0]}:{SERVER[1]}"
    # The default of the program is not written out.
    plug.key = options.pop("--key", "meross")
    assert not options


def assert_added(flow: FlowDriver, plug: SimulatedPlug) -> None:
    """Assert that the flow has ended with the plug."""
    assert flow.abort_reason == "plug_added"
    assert {flow.placeholders["plug"]} == names_of(plug)


@pytest.mark.parametrize(
    ("hub_key", "key"),
    [
        (None, "meross"),
        ("", "meross"),
        ("of the hub", "of the hub"),
        ('a\'b "$c"; d', 'a\'b "$c"; d'),
    ],
)
async def test_command_pairs_the_plug_that_is_waited_for(
    broker: MqttBroker, broker_check: BrokerCheck, hub_key: str | None, key: str
) -> None:
    flow = await start(broker, key=hub_key)
    await flow.submit(**BROKER_INPUT, mac=" ")
    assert flow.step == "command"
    assert flow.placeholders["url"].startswith("https://")
    assert broker_check.calls == [(*SERVER, Credentials("0" * 32, NO_MAC, key))]
    plug = SimulatedPlug("mss210")
    pair(plug, flow.placeholders["command"])
    assert plug.key == key
    await flow.submit()
    await flow.wait(600)
    assert flow.step == "pair"
    broker.connect(plug)
    await flow.wait(3)
    assert_added(flow, plug)
    assert state_of(broker, plug) == "off"


async def test_mac_is_accepted_in_each_form(
    broker: MqttBroker, broker_check: BrokerCheck
) -> None:
    flow = await start(broker)
    for mac in ("no", MAC[:-3], f"{MAC[:-1]}g", f"{MAC}:78"):
        await flow.submit(**BROKER_INPUT, mac=mac)
        assert (flow.step, flow.errors) == ("prepare", {"mac": "invalid_mac"})
        assert flow.suggested_values == {**BROKER_INPUT, "mac": mac}
    assert not broker_check.calls

    forms = [f" {MAC.upper()} ", "48-e1-e9-12-34-56", "48e1e9123456", "48e1.e912.3456"]
    broker_check.problems = [Problem.NO_TLS] * len(forms)
    for mac in forms:
        await flow.submit(**BROKER_INPUT, mac=mac)
        assert (flow.step, flow.errors) == ("prepare", {"base": "no_tls"})
    credentials = Credentials("0" * 20 + MAC.replace(":", ""), MAC, "meross")
    assert broker_check.calls == [(*SERVER, credentials)] * len(forms)


async def test_login_is_shown_only_with_the_mac(
    broker: MqttBroker, broker_check: BrokerCheck
) -> None:
    flow = await start(broker)
    broker_check.problems = [Problem.LOGIN_REFUSED] * 2
    await flow.submit(**BROKER_INPUT)
    assert (flow.step, flow.errors) == ("prepare", {"base": "login_refused"})
    await flow.submit(**BROKER_INPUT, mac=MAC)
    assert flow.step == "login"
    assert flow.placeholders["user"] == MAC


async def test_plug_that_is_available_is_not_the_new_one(broker: MqttBroker) -> None:
    """One that is known and connects again is: it may have been reset."""
    here, away = SimulatedPlug("mss210", 1), SimulatedPlug("mss210", 2)
    entry = await set_up(broker, here, away)
    away.cut()
    await broker.advance(80)
    flow = await start_add_plug(broker, entry, "new")
    await wait_for_pairing(flow)
    here.press()
    await flow.wait(5)
    assert flow.step == "pair"
    broker.connect(away)
    await flow.wait(5)
    assert_added(flow, away)
    assert device_names(broker.hass, entry.entry_id) == names_of(here, away)


async def test_plug_that_is_reset_meanwhile_is_the_new_one(broker: MqttBroker) -> None:
    plug = SimulatedPlug("mss210")
    flow = await start(broker, plug)
    await flow.submit(**BROKER_INPUT)
    plug.reset()
    await broker.advance(1)
    await flow.submit()
    await flow.wait(5)
    assert flow.step == "pair"
    broker.connect(plug)
    await flow.wait(5)
    assert_added(flow, plug)


async def test_plug_with_another_mac_is_not_the_new_one(broker: MqttBroker) -> None:
    plug, other = (SimulatedPlug("mss210", number) for number in (1, 2))
    flow = await start(broker)
    await wait_for_pairing(flow, mac=plug.mac)
    broker.connect(other)
    await flow.wait(3)
    assert flow.step == "pair"
    broker.connect(plug)
    await flow.wait(3)
    assert_added(flow, plug)


@pytest.mark.parametrize("option", ["late", "pair", "command", "new"])
async def test_plug_that_does_not_connect_can_be_tried_again(
    broker: MqttBroker, option: str
) -> None:
    """It may also have connected after the timeout."""
    plug = SimulatedPlug("mss210")
    flow = await start(broker)
    await wait_for_pairing(flow)
    await flow.wait(897)
    assert flow.step == "pair"
    await flow.wait(4)
    assert flow.result["type"] is FlowResultType.MENU
    assert flow.step == "not_paired"

    if option == "late":
        broker.connect(plug)
        await broker.advance(3)
        await flow.choose("pair")
        await flow.wait(2)
        assert_added(flow, plug)
        return
    await flow.choose(option)
    if option == "new":
        assert flow.step == "prepare"
        await flow.submit(**BROKER_INPUT)
    if option != "pair":
        assert flow.step == "command"
        assert "192.0.2.1:8883" in flow.placeholders["command"]
        await flow.submit()
    assert flow.step == "pair"
    broker.connect(plug)
    await flow.wait(3)
    assert_added(flow, plug)


async def test_removed_plug_that_is_paired_returns(broker: MqttBroker) -> None:
    """But none that is not paired, and that only sends."""
    plug, other = SimulatedPlug("mss210", 1), SimulatedPlug("mss210", 2)
    entry = await set_up(broker, plug, other)
    for one in (plug, other):
        remove_subentry(broker, entry, one)
    await broker.advance(1)
    flow = await start_add_plug(broker, entry, "new")
    await wait_for_pairing(flow)
    plug.reset()
    plug.set_up_again("meross")
    other.press()
    await flow.wait(3)
    assert_added(flow, plug)
    assert device_names(broker.hass, entry.entry_id) == names_of(plug)


async def test_plug_that_is_paired_is_not_held_back(broker: MqttBroker) -> None:
    """However many added themselves in the last hour."""
    plugs = [SimulatedPlug("mss210", n) for n in range(MAX_ADDED_PER_HOUR + 1)]
    entry = await set_up(broker)
    broker.connect(*plugs[:-1])
    await broker.advance(3)
    flow = await start_add_plug(broker, entry, "new")
    await wait_for_pairing(flow)
    broker.connect(plugs[-1])
    await flow.wait(3)
    assert_added(flow, plugs[-1])
