"""The check of a broker: its form, its progress and its outcomes, in each flow."""

from homeassistant.components import mqtt
from homeassistant.config_entries import SOURCE_IGNORE
from homeassistant.core import Event, callback
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.meross_local.broker_check.problem import Problem
from custom_components.meross_local.flows.broker import BrokerForm
from custom_components.meross_local.meross.credentials import Credentials
from tests.simulator import CLOUD, CLOUD_USER, SimulatedPlug
from tests.support.entries import set_up
from tests.support.flows import FlowDriver, start_add_plug, start_reconfigure_flow
from tests.support.mqtt import MqttBroker
from tests.support.network import ADDRESS, BROKER_INPUT, BrokerCheck, LocalNetwork
from tests.support.world import SERVER


async def start_check_broker(broker: MqttBroker, *plugs: SimulatedPlug) -> FlowDriver:
    """Choose Check broker, in the reconfigure menu of the hub."""
    entry = await set_up(broker, *plugs)
    return await start_reconfigure_flow(broker, entry, "check_broker")


@pytest.mark.parametrize(
    ("name", "steps"),
    [
        ("check_broker", ("broker", "broker_fine")),
        ("on_wifi", ("move", "write")),
        ("new", ("prepare", "command")),
    ],
)
async def test_forms_are_shown_until_the_check_passes(
    broker: MqttBroker,
    network: LocalNetwork,
    broker_check: BrokerCheck,
    name: str,
    steps: tuple[str, str],
) -> None:
    step, passed = steps
    plug = SimulatedPlug("mss310", user_id=CLOUD_USER)
    credentials = Credentials(plug.uuid, plug.mac, "meross", CLOUD_USER)
    more: dict[str, str] = {}
    if name == "check_broker":
        flow = await start_check_broker(broker, plug)
    else:
        flow = await start_add_plug(broker, await set_up(broker), name)
    if name == "on_wifi":
        plug.device.gateway = CLOUD
        network.connect(plug)
        await flow.submit(address=ADDRESS)
    elif name == "new":
        more = {"mac": plug.mac}
        credentials = Credentials("0" * 20 + plug.uuid[20:], plug.mac, "meross")
    gateway = plug.device.gateway
    assert flow.step == step
    await flow.submit(host=" LocalHost ", port=8883, **more)
    assert (flow.step, flow.errors) == (step, {"host": "own_name"})
    assert not broker_check.calls

    problems = [one for one in Problem if one is not Problem.LOGIN_REFUSED]
    for problem in problems:
        broker_check.problems = [problem]
        await flow.submit(host=" 198.51.100.1 ", port=1883, **more)
        assert (flow.step, flow.errors) == (step, {"base": problem})
        values = {"host": "198.51.100.1", "port": 1883, **more}
        assert flow.suggested_values.items() >= values.items()
        assert (
            flow.placeholders.items()
            >= {"host": "198.51.100.1", "port": "1883"}.items()
        )

    broker_check.problems = [Problem.LOGIN_REFUSED] * 2 + [Problem.NO_TLS]
    await flow.submit(**BROKER_INPUT, **more)
    for _ in range(2):
        assert (flow.step, flow.errors) == ("login", {})
        assert flow.suggested_values == BROKER_INPUT
        assert flow.placeholders["user"] == credentials.mac
        assert flow.placeholders["password"] == credentials.password
        await flow.submit(host="localhost", port=8883)
        assert (flow.step, flow.errors) == ("login", {"host": "own_name"})
        await flow.submit(**BROKER_INPUT)
    # The login can be given up for another broker.
    assert (flow.step, flow.errors) == (step, {"base": "no_tls"})
    assert flow.suggested_values.items() >= (BROKER_INPUT | more).items()
    assert plug.device.gateway == gateway

    await flow.submit(**BROKER_INPUT, **more)
    assert flow.step == passed
    assert [call[:2] for call in broker_check.calls[len(problems) :]] == [SERVER] * 4
    assert {call[2] for call in broker_check.calls} == {credentials}


async def test_progress_of_a_check_with_the_chosen_plug_is_shown(
    broker: MqttBroker, broker_check: BrokerCheck
) -> None:
    parts: list[float] = []

    # What is no callback would be called in another thread, some time.
    @callback
    def progress_updated(event: Event) -> None:
        parts.append(event.data["progress"])

    broker.hass.bus.async_listen("data_entry_flow_progress_update", progress_updated)
    plugs = [SimulatedPlug("mss210", number) for number in (1, 2)]
    flow = await start_check_broker(broker, *plugs)
    assert flow.fields == ["host", "port", "plug"]
    broker_check.duration = 7
    await flow.submit(**BROKER_INPUT, plug=plugs[1].uuid)
    assert parts == [0.5]
    for _ in range(2):
        assert flow.result["type"] is FlowResultType.SHOW_PROGRESS
        assert flow.step == "check"
        await flow.wait(2)
    await flow.wait(3)
    assert flow.abort_reason == "broker_fine"
    ((_, _, credentials),) = broker_check.calls
    assert credentials.uuid == plugs[1].uuid


async def test_broker_is_suggested_as_plugs_address_it(broker: MqttBroker) -> None:
    entry = await set_up(broker, SimulatedPlug("mss210"))
    ignored = MockConfigEntry(domain=mqtt.DOMAIN, data={}, source=SOURCE_IGNORE)
    ignored.add_to_hass(broker.hass)
    (loaded,) = broker.hass.config_entries.async_loaded_entries(mqtt.DOMAIN)
    for configured, suggested in {
        "192.0.2.7": "192.0.2.7",
        "broker.lan": "broker.lan",
        "core-mosquitto": "10.10.10.10",
        "localhost": "10.10.10.10",
        "127.0.0.1": "10.10.10.10",
    }.items():
        # Without the reload that a change of the entry results in.
        data = {**loaded.data, mqtt.CONF_BROKER: configured}
        object.__setattr__(loaded, "data", data)
        flow = await start_reconfigure_flow(broker, entry, "check_broker")
        values = {"host": suggested, "port": 8883}
        assert flow.suggested_values.items() >= values.items()


async def test_names_of_this_machine_are_rejected(
    broker: MqttBroker, broker_check: BrokerCheck
) -> None:
    flow = await start_check_broker(broker, SimulatedPlug("mss210"))
    for host in (
        *("localhost", " LocalHost ", "core-mosquitto", "127.0.0.1", "127.1"),
        *("0.0.0.0", "0", "::1", "::"),  # noqa: S104
    ):
        await flow.submit(host=host, port=8883)
        assert (flow.step, flow.errors) == ("broker", {"host": "own_name"}), host
    assert not broker_check.calls


async def test_check_broker_needs_a_loaded_hub_with_a_plug(broker: MqttBroker) -> None:
    entry = await set_up(broker)
    flow = await start_reconfigure_flow(broker, entry, "check_broker")
    assert flow.abort_reason == "no_plugs"
    assert await broker.hass.config_entries.async_unload(entry.entry_id)
    flow = await start_reconfigure_flow(broker, entry, "check_broker")
    assert flow.abort_reason == "not_loaded"


async def test_check_that_ends_before_it_is_shown_leads_to_the_form(
    broker: MqttBroker,
) -> None:
    flow = await start_check_broker(broker, SimulatedPlug("mss210"))
    broker.disconnect()
    await flow.submit(**BROKER_INPUT)
    assert (flow.step, flow.errors) == ("broker", {"base": "not_connected"})


OWN_NAMES = [
    *("localhost", "LOCALHOST.", "plug.localhost", "core-mosquitto", "homeassistant"),
    *("core-mosquitto.local.hass.io", "127.0.0.1", "127.0.0.2", "127.1", "127.0.1"),
    *("2130706433", "0x7f000001", "017700000001", "0", "0.0.0.1", "::", "::1"),
    *("0:0:0:0:0:0:0:1", "::ffff:127.0.0.1", "::ffff:7f00:1", "::127.0.0.1"),
    *("a0d7b954-emqx", "Local-Mosquitto", "127.0.0.1."),
]
NO_HOSTS = [
    *("", " ", "a b", "a\x00b", "a\nb", "a\tb", "\u202e", "a/b", "user@host", "a?b"),
    *("a" * 64, "a." * 127 + "a" * 9, "a..b", ".a", ".", "[::1]", "::1%lo"),
    *("bröker.lan", "\uff11\uff12\uff17.0.0.1", "localhost\u3002", "\u212a.lan"),
]
HOSTS = [
    "192.0.2.1",
    "broker.lan",
    "my-broker",
    "core-router.lan",
    "fe80::1",
    "8.8.8.8",
    "localhost.example",
]


@pytest.mark.parametrize(
    ("host", "error"),
    [
        *((host, "own_name") for host in OWN_NAMES),
        *((host, "invalid_host") for host in NO_HOSTS),
        *((host, None) for host in HOSTS),
    ],
)
def test_host_is_one_that_a_plug_can_reach(host: str, error: str | None) -> None:
    form = BrokerForm(Credentials("0" * 32, "48:e1:e9:00:00:01", ""), {})
    assert form.submit({"host": host, "port": 8883}) is (error is None)
    assert form.errors == ({} if error is None else {"host": error})
