"""The check of the broker by itself: Check broker, in the hub's reconfigure menu."""

from homeassistant.components import mqtt
from homeassistant.config_entries import SOURCE_IGNORE
from homeassistant.core import Event, callback
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.meross_local.broker_check import Problem
from tests.simulator import CLOUD_USER, SimulatedPlug
from tests.support.entries import set_up
from tests.support.flows import FlowDriver, start_reconfigure_flow
from tests.support.mqtt import MqttBroker
from tests.support.network import BROKER_INPUT, BrokerCheck


async def begin(broker: MqttBroker, entry: MockConfigEntry) -> FlowDriver:
    """Choose Check broker."""
    return await start_reconfigure_flow(broker, entry, "check_broker")


async def test_a_broker_that_is_fine_is_told(
    broker: MqttBroker, broker_check: BrokerCheck
) -> None:
    plug = SimulatedPlug("mss310", user_id=CLOUD_USER)
    flow = await begin(broker, await set_up(broker, plug))
    assert flow.step == "broker"
    assert flow.fields == ["host", "port", "plug"]
    await flow.submit(**BROKER_INPUT)
    assert flow.is_aborted
    assert flow.step == "broker_fine"
    ((host, port, credentials),) = broker_check.calls
    assert {"host": host, "port": port} == BROKER_INPUT
    assert (credentials.uuid, credentials.mac) == (plug.uuid, plug.mac)
    assert credentials.password == plug.device.identity.password(plug.key)


async def test_it_is_shown_how_far_a_check_is(
    broker: MqttBroker, broker_check: BrokerCheck
) -> None:
    parts: list[float] = []

    # What is no callback would be called in another thread, some time.
    @callback
    def listen(event: Event) -> None:
        parts.append(event.data["progress"])

    broker.hass.bus.async_listen("data_entry_flow_progress_update", listen)
    flow = await begin(broker, await set_up(broker, SimulatedPlug("mss210")))
    broker_check.duration = 7
    await flow.submit(**BROKER_INPUT)
    assert parts == [0.5]
    for _ in range(2):
        assert flow.result["type"] is FlowResultType.SHOW_PROGRESS
        assert flow.step == "check"
        await flow.wait(2)
    await flow.wait(3)
    assert flow.step == "broker_fine"
    assert len(broker_check.calls) == 1


async def test_it_is_tried_with_the_login_of_the_plug_that_is_chosen(
    broker: MqttBroker, broker_check: BrokerCheck
) -> None:
    plugs = [SimulatedPlug("mss210", number) for number in (1, 2)]
    flow = await begin(broker, await set_up(broker, *plugs))
    await flow.submit(**BROKER_INPUT, plug=plugs[1].uuid)
    ((_, _, credentials),) = broker_check.calls
    assert credentials.uuid == plugs[1].uuid


@pytest.mark.parametrize(
    "problem", [one for one in Problem if one is not Problem.LOGIN_REFUSED]
)
async def test_what_is_wrong_is_told_and_can_be_checked_again(
    broker: MqttBroker, broker_check: BrokerCheck, problem: Problem
) -> None:
    flow = await begin(broker, await set_up(broker, SimulatedPlug("mss210")))
    broker_check.problems = [problem]
    await flow.submit(host="192.0.2.9", port=1883)
    assert flow.step == "broker"
    assert flow.result["errors"] == {"base": problem}
    assert flow.suggested_values["host"] == "192.0.2.9"
    assert flow.suggested_values["port"] == 1883
    await flow.submit(**BROKER_INPUT)
    assert flow.step == "broker_fine"


async def test_a_login_that_is_refused_is_shown_until_it_works(
    broker: MqttBroker, broker_check: BrokerCheck
) -> None:
    plug = SimulatedPlug("mss210")
    flow = await begin(broker, await set_up(broker, plug))
    broker_check.problems = [Problem.LOGIN_REFUSED] * 2
    await flow.submit(**BROKER_INPUT)
    for _ in range(2):
        assert flow.step == "login"
        assert flow.placeholders["user"] == plug.mac
        assert flow.placeholders["password"] == plug.device.identity.password("meross")
        await flow.submit(**BROKER_INPUT)
    assert flow.step == "broker_fine"


async def test_a_name_that_only_home_assistant_knows_is_told(
    broker: MqttBroker, broker_check: BrokerCheck
) -> None:
    flow = await begin(broker, await set_up(broker, SimulatedPlug("mss210")))
    await flow.submit(host="localhost", port=8883)
    assert flow.step == "broker"
    assert flow.result["errors"] == {"host": "own_name"}
    assert not broker_check.calls


@pytest.mark.usefixtures("broker_check")
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
    broker: MqttBroker, configured: str, suggested: str
) -> None:
    entry = await set_up(broker, SimulatedPlug("mss210"))
    ignored = MockConfigEntry(domain=mqtt.DOMAIN, data={}, source=SOURCE_IGNORE)
    ignored.add_to_hass(broker.hass)
    (loaded,) = broker.hass.config_entries.async_loaded_entries(mqtt.DOMAIN)
    # As it is, without the reload that a change would bring.
    object.__setattr__(loaded, "data", {**loaded.data, mqtt.CONF_BROKER: configured})
    flow = await begin(broker, entry)
    assert flow.suggested_values["host"] == suggested
    assert flow.suggested_values["port"] == 8883


async def test_without_a_plug_there_is_nothing_to_check_with(
    broker: MqttBroker,
) -> None:
    flow = await begin(broker, await set_up(broker))
    assert flow.is_aborted
    assert flow.step == "no_plugs"


async def test_without_a_running_hub_there_is_nothing_to_check(
    broker: MqttBroker,
) -> None:
    entry = await set_up(broker, SimulatedPlug("mss210"))
    assert await broker.hass.config_entries.async_unload(entry.entry_id)
    flow = await begin(broker, entry)
    assert flow.step == "not_loaded"


async def test_a_lost_broker_is_told_by_the_real_check(broker: MqttBroker) -> None:
    """It ends before it is shown: the flow must not go in circles."""
    flow = await begin(broker, await set_up(broker, SimulatedPlug("mss210")))
    broker.disconnect()
    await flow.submit(**BROKER_INPUT)
    assert flow.step == "broker"
    assert flow.result["errors"] == {"base": "not_connected"}
