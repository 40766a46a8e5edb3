"""The check of the broker by itself: Check broker, in the hub's reconfigure menu."""

from homeassistant.components import mqtt
from homeassistant.config_entries import SOURCE_IGNORE
from homeassistant.core import Event, callback
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.meross_local.broker_check import Problem
from tests.simulator import CLOUD_USER, SimulatedPlug

from .broker import Broker
from .steps import fields, set_up
from .wizard import BROKER, Checks, Wizard


async def begin(broker: Broker, entry: MockConfigEntry) -> Wizard:
    """Choose Check broker."""
    flow = await entry.start_reconfigure_flow(broker.hass)
    wizard = Wizard(broker, broker.hass.config_entries.flow, flow, "config")
    assert wizard.result["menu_options"] == ["key", "check_broker"]
    await wizard.choose("check_broker")
    return wizard


async def test_a_broker_that_is_fine_is_told(broker: Broker, checks: Checks) -> None:
    plug = SimulatedPlug("mss310", user_id=CLOUD_USER)
    wizard = await begin(broker, await set_up(broker, plug))
    assert wizard.shown == "broker"
    assert list(fields(wizard.result)) == ["host", "port", "plug"]  # type: ignore[arg-type]
    await wizard.submit(**BROKER)
    assert wizard.is_over
    assert wizard.shown == "broker_fine"
    ((host, port, credentials),) = checks.checked
    assert {"host": host, "port": port} == BROKER
    assert (credentials.uuid, credentials.mac) == (plug.uuid, plug.mac)
    assert credentials.password == plug.device.identity.password(plug.key)


async def test_it_is_shown_how_far_a_check_is(broker: Broker, checks: Checks) -> None:
    parts: list[float] = []

    # What is no callback would be called in another thread, some time.
    @callback
    def listen(event: Event) -> None:
        parts.append(event.data["progress"])

    broker.hass.bus.async_listen("data_entry_flow_progress_update", listen)
    wizard = await begin(broker, await set_up(broker, SimulatedPlug("mss210")))
    checks.takes = 7
    await wizard.submit(**BROKER)
    assert parts == [0.5]
    for _ in range(2):
        assert wizard.result["type"] is FlowResultType.SHOW_PROGRESS
        assert wizard.shown == "check"
        await wizard.wait(2)
    await wizard.wait(3)
    assert wizard.shown == "broker_fine"
    assert len(checks.checked) == 1


async def test_it_is_tried_with_the_login_of_the_plug_that_is_chosen(
    broker: Broker, checks: Checks
) -> None:
    plugs = [SimulatedPlug("mss210", number) for number in (1, 2)]
    wizard = await begin(broker, await set_up(broker, *plugs))
    await wizard.submit(**BROKER, plug=plugs[1].uuid)
    ((_, _, credentials),) = checks.checked
    assert credentials.uuid == plugs[1].uuid


@pytest.mark.parametrize(
    "problem", [one for one in Problem if one is not Problem.LOGIN_REFUSED]
)
async def test_what_is_wrong_is_told_and_can_be_checked_again(
    broker: Broker, checks: Checks, problem: Problem
) -> None:
    wizard = await begin(broker, await set_up(broker, SimulatedPlug("mss210")))
    checks.found = [problem]
    await wizard.submit(host="192.0.2.9", port=1883)
    assert wizard.shown == "broker"
    assert wizard.result["errors"] == {"base": problem}
    assert wizard.suggested["host"] == "192.0.2.9"
    assert wizard.suggested["port"] == 1883
    await wizard.submit(**BROKER)
    assert wizard.shown == "broker_fine"


async def test_a_login_that_is_refused_is_shown_until_it_works(
    broker: Broker, checks: Checks
) -> None:
    plug = SimulatedPlug("mss210")
    wizard = await begin(broker, await set_up(broker, plug))
    checks.found = [Problem.LOGIN_REFUSED] * 2
    await wizard.submit(**BROKER)
    for _ in range(2):
        assert wizard.shown == "login"
        assert wizard.words["user"] == plug.mac
        assert wizard.words["password"] == plug.device.identity.password("meross")
        await wizard.submit(**BROKER)
    assert wizard.shown == "broker_fine"


async def test_a_name_that_only_home_assistant_knows_is_told(
    broker: Broker, checks: Checks
) -> None:
    wizard = await begin(broker, await set_up(broker, SimulatedPlug("mss210")))
    await wizard.submit(host="localhost", port=8883)
    assert wizard.shown == "broker"
    assert wizard.result["errors"] == {"host": "own_name"}
    assert not checks.checked


@pytest.mark.usefixtures("checks")
@pytest.mark.parametrize(
    ("configured", "suggested"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("broker.lan", "broker.lan"),
        ("core-mosquitto", "10.10.10.10"),
        ("localhost", "10.10.10.10"),
        ("127.0.0.1", "10.10.10.10"),
    ],
)
async def test_the_broker_is_suggested_as_others_on_the_network_see_it(
    broker: Broker, configured: str, suggested: str
) -> None:
    entry = await set_up(broker, SimulatedPlug("mss210"))
    ignored = MockConfigEntry(domain=mqtt.DOMAIN, data={}, source=SOURCE_IGNORE)
    ignored.add_to_hass(broker.hass)
    (loaded,) = broker.hass.config_entries.async_loaded_entries(mqtt.DOMAIN)
    # As it is, without the reload that a change would bring.
    object.__setattr__(loaded, "data", {**loaded.data, mqtt.CONF_BROKER: configured})
    wizard = await begin(broker, entry)
    assert wizard.suggested["host"] == suggested
    assert wizard.suggested["port"] == 8883


async def test_without_a_plug_there_is_nothing_to_check_with(broker: Broker) -> None:
    wizard = await begin(broker, await set_up(broker))
    assert wizard.is_over
    assert wizard.shown == "no_plugs"


async def test_without_a_running_hub_there_is_nothing_to_check(broker: Broker) -> None:
    entry = await set_up(broker, SimulatedPlug("mss210"))
    assert await broker.hass.config_entries.async_unload(entry.entry_id)
    wizard = await begin(broker, entry)
    assert wizard.shown == "not_loaded"


async def test_a_lost_broker_is_told_by_the_real_check(broker: Broker) -> None:
    """It ends before it is shown: the flow must not go in circles."""
    wizard = await begin(broker, await set_up(broker, SimulatedPlug("mss210")))
    broker.lose()
    await wizard.submit(**BROKER)
    assert wizard.shown == "broker"
    assert wizard.result["errors"] == {"base": "not_connected"}
