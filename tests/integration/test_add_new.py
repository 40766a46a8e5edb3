"""Add plug: one that is new is prepared for here, and set up from another computer."""

import shlex

from homeassistant.data_entry_flow import FlowResultType
import pytest

from custom_components.meross_local.broker_check import Problem
from tests.simulator import SimulatedPlug

from .broker import SERVER, Broker
from .steps import devices, names, set_up, state
from .wizard import BROKER, Checks, Wizard, add_plug

pytestmark = pytest.mark.usefixtures("checks")


async def begin(broker: Broker, key: str | None = None) -> Wizard:
    """Choose the way."""
    wizard = await add_plug(broker, await set_up(broker, key=key))
    await wizard.choose("new")
    assert wizard.shown == "prepare"
    assert wizard.suggested == {"host": "mock-broker", "port": 8883, "mac": None}
    return wizard


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
    broker: Broker, checks: Checks, hub_key: str | None, key: str
) -> None:
    wizard = await begin(broker, hub_key)
    await wizard.submit(**BROKER)
    assert wizard.shown == "command"
    assert wizard.words["url"].startswith("https://")
    ((host, port, credentials),) = checks.checked
    assert (host, port) == SERVER
    assert credentials.mac == "00:00:00:00:00:00"
    assert credentials.uuid == "0" * 32
    assert credentials.user_id == 0
    assert credentials.key == key
    plug = SimulatedPlug("mss210")
    pair(plug, wizard.words["command"])
    assert plug.key == key
    await wizard.submit()
    assert wizard.result["type"] is FlowResultType.SHOW_PROGRESS
    assert wizard.shown == "pair"
    await wizard.wait(600)
    assert wizard.shown == "pair"
    broker.add(plug)
    await wizard.wait(3)
    assert wizard.is_over
    assert wizard.shown == "plug_added"
    assert wizard.words == {"plug": f"MSS210 {plug.uuid[-4:]}"}
    assert state(broker, plug) == "off"


@pytest.mark.parametrize(
    "mac",
    [" 48:E1:E9:12:34:56 ", "48-e1-e9-12-34-56", "48e1e9123456", "48e1.e912.3456"],
)
async def test_with_its_mac_the_login_of_the_plug_is_tried_and_shown(
    broker: Broker, checks: Checks, mac: str
) -> None:
    wizard = await begin(broker)
    checks.found = [Problem.LOGIN_REFUSED]
    await wizard.submit(**BROKER, mac=mac)
    ((_, _, credentials),) = checks.checked
    assert credentials.mac == "48:e1:e9:12:34:56"
    assert credentials.uuid == "0" * 20 + "48e1e9123456"
    assert wizard.shown == "login"
    assert wizard.words["user"] == "48:e1:e9:12:34:56"
    assert wizard.words["password"] == credentials.password
    await wizard.submit(**BROKER)
    assert wizard.shown == "command"
    assert len(checks.checked) == 2


async def test_a_login_cannot_be_shown_without_the_mac(
    broker: Broker, checks: Checks
) -> None:
    wizard = await begin(broker)
    checks.found = [Problem.LOGIN_REFUSED] * 2
    await wizard.submit(**BROKER)
    assert wizard.shown == "prepare"
    assert wizard.result["errors"] == {"base": "login_refused"}
    await wizard.submit(**BROKER, mac="48:e1:e9:12:34:56")
    assert wizard.shown == "login"


@pytest.mark.parametrize(
    "mac", ["no", "48:e1:e9:12:34", "48:e1:e9:12:34:5g", "48:e1:e9:12:34:56:78"]
)
async def test_what_is_no_mac_is_told(broker: Broker, checks: Checks, mac: str) -> None:
    wizard = await begin(broker)
    await wizard.submit(**BROKER, mac=mac)
    assert wizard.shown == "prepare"
    assert wizard.result["errors"] == {"mac": "invalid_mac"}
    assert wizard.suggested == {**BROKER, "mac": mac}
    assert not checks.checked


async def test_its_mac_is_kept_whatever_is_wrong(
    broker: Broker, checks: Checks
) -> None:
    wizard = await begin(broker)
    checks.found = [Problem.LOGIN_REFUSED, Problem.NO_TLS]
    await wizard.submit(**BROKER, mac="48:e1:e9:12:34:56")
    assert wizard.shown == "login"
    await wizard.submit(**BROKER)
    assert wizard.shown == "prepare"
    assert wizard.suggested == {**BROKER, "mac": "48:e1:e9:12:34:56"}
    assert {one.mac for _, _, one in checks.checked} == {"48:e1:e9:12:34:56"}


async def test_an_empty_mac_is_none(broker: Broker, checks: Checks) -> None:
    wizard = await begin(broker)
    await wizard.submit(**BROKER, mac=" ")
    assert wizard.shown == "command"
    ((_, _, credentials),) = checks.checked
    assert credentials.mac == "00:00:00:00:00:00"


async def test_what_is_wrong_with_the_broker_is_told(
    broker: Broker, checks: Checks
) -> None:
    wizard = await begin(broker)
    checks.found = [Problem.NO_TLS]
    await wizard.submit(**BROKER)
    assert wizard.shown == "prepare"
    assert wizard.result["errors"] == {"base": "no_tls"}
    await wizard.submit(host="localhost", port=8883)
    assert wizard.result["errors"] == {"host": "own_name"}


async def test_plugs_that_are_there_are_not_taken_for_it(broker: Broker) -> None:
    """A known one that comes back is: it may have been reset."""
    here, away = SimulatedPlug("mss210", 1), SimulatedPlug("mss210", 2)
    entry = await set_up(broker, here, away)
    away.cut()
    await broker.passes(80)
    wizard = await add_plug(broker, entry)
    await wizard.choose("new")
    await wizard.submit(**BROKER)
    await wizard.submit()
    here.press()
    await wizard.wait(5)
    assert wizard.shown == "pair"
    broker.add(away)
    await wizard.wait(5)
    assert wizard.shown == "plug_added"
    assert wizard.words == {"plug": f"MSS210 {away.uuid[-4:]}"}
    assert devices(broker.hass, entry.entry_id) == names(here, away)


async def test_with_its_mac_no_other_plug_is_taken_for_it(broker: Broker) -> None:
    plug, other = (SimulatedPlug("mss210", number) for number in (1, 2))
    wizard = await begin(broker)
    await wizard.submit(**BROKER, mac=plug.mac)
    await wizard.submit()
    broker.add(other)
    await wizard.wait(3)
    assert wizard.shown == "pair"
    broker.add(plug)
    await wizard.wait(3)
    assert wizard.shown == "plug_added"
    assert wizard.words == {"plug": f"MSS210 {plug.uuid[-4:]}"}


async def test_one_that_is_reset_only_then_is_waited_for(broker: Broker) -> None:
    plug = SimulatedPlug("mss210")
    wizard = await add_plug(broker, await set_up(broker, plug))
    await wizard.choose("new")
    await wizard.submit(**BROKER)
    plug.reset()
    await broker.passes(1)
    await wizard.submit()
    await wizard.wait(5)
    assert wizard.shown == "pair"
    broker.add(plug)
    await wizard.wait(5)
    assert wizard.shown == "plug_added"


async def waited(broker: Broker) -> Wizard:
    """Wait for a plug until time is up."""
    wizard = await begin(broker)
    await wizard.submit(**BROKER)
    await wizard.submit()
    await wizard.wait(897)
    assert wizard.shown == "pair"
    await wizard.wait(4)
    assert wizard.result["type"] is FlowResultType.MENU
    assert wizard.shown == "not_paired"
    return wizard


@pytest.mark.parametrize("again", ["pair", "command", "new"])
async def test_a_plug_that_does_not_come_is_told(broker: Broker, again: str) -> None:
    wizard = await waited(broker)
    await wizard.choose(again)
    if again == "new":
        assert wizard.shown == "prepare"
        await wizard.submit(**BROKER)
    if again != "pair":
        assert wizard.shown == "command"
        assert "192.0.2.1:8883" in wizard.words["command"]
        await wizard.submit()
    assert wizard.shown == "pair"
    broker.add(SimulatedPlug("mss210"))
    await wizard.wait(3)
    assert wizard.shown == "plug_added"


async def test_one_that_came_meanwhile_is_found(broker: Broker) -> None:
    wizard = await waited(broker)
    broker.add(SimulatedPlug("mss210"))
    await broker.passes(3)
    await wizard.choose("pair")
    await wizard.wait(2)
    assert wizard.shown == "plug_added"
