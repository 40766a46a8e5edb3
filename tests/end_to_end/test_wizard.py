"""Add plug connects every plug to the broker, or shows why it does not."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
import shlex
import shutil
import sys

import pytest
import pytest_asyncio

from tests.simulator import (
    CLOUD,
    CLOUD_USER,
    Gateway,
    HttpServer,
    Network,
    SimulatedPlug,
)
from tests.support.processes import listeners
from tests.support.processes.listeners import Listener
from tests.support.processes.mosquitto import Mosquitto

from .environment import Environment, Options, until
from .flow import CONFIG, Flow, problem, reason, start_add_plug

# The whole loopback network is this machine, but 127.0.0.1 is not a plug's broker.
HOST = "127.0.0.2"
KEY_WRITTEN = ("Appliance.Config.Key", "SET")
PAIR = Path(__file__).parents[2] / "scripts/pair"

# Numbers of plugs that have a login before they connect.
WITH_LOGIN, PAIRED = 31, 32

pytestmark = pytest.mark.usefixtures("plug")


async def start_move(environment: Environment, server: HttpServer) -> Flow:
    """Identify a plug on the Wi-Fi, up to the form that requests the broker."""
    flow = await start_add_plug(environment, "on_wifi")
    step = await flow.submit(address=server.address)
    assert (step["step_id"], step["errors"]) == ("move", {})
    return flow


@contextmanager
def in_the_cloud(
    environment: Environment,
    model: str,
    number: int,
    key: str = "meross",
) -> Iterator[tuple[SimulatedPlug, HttpServer]]:
    """Connect a plug of the vendor's cloud to the Wi-Fi."""
    plug = SimulatedPlug(
        *(model, number),
        key=key,
        gateway=CLOUD,
        user_id=CLOUD_USER,
        reboot_delay=0.1,
        reconnect_delay=0.2,
    )
    environment.fleet.add(plug)
    with HttpServer(plug) as server:
        yield plug, server


async def connect_silently(environment: Environment, number: int) -> SimulatedPlug:
    """Connect a plug to the broker that publishes nothing."""
    plug = SimulatedPlug("mss310", number, clock_interval=600)
    plug.freeze()
    environment.fleet.add(plug)
    await until(lambda: plug.is_connected)
    plug.thaw()
    return plug


@pytest.fixture(scope="module")
def brokers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Listener]:
    """Return a listener of each kind."""
    folder = tmp_path_factory.mktemp("listeners")
    kinds = (
        listeners.right,
        listeners.ecdsa,
        listeners.tls_13_only,
        listeners.client_certificate_wanted,
        listeners.login_missing,
        listeners.read_denied,
        listeners.write_denied,
    )
    moved = SimulatedPlug("mss210", WITH_LOGIN, user_id=CLOUD_USER).device.identity
    paired = SimulatedPlug("mss210", PAIRED).device.identity
    logins = {identity.mac: identity.password("meross") for identity in (moved, paired)}
    return {
        **{kind.__name__: kind(folder / kind.__name__) for kind in kinds},
        "right_with_logins": listeners.right_with_logins(folder / "logins", logins),
        "without_tls": listeners.without_tls(),
    }


@pytest.fixture(scope="module")
def options(brokers: dict[str, Listener]) -> Options:
    """Add all listeners; a moved plug has 5 seconds instead of 120 to connect."""
    return {
        "listeners": brokers.values(),
        "constants": {
            "custom_components.meross_local.flows.on_wifi:CONNECT_TIMEOUT": 5
        },
    }


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def plug(environment: Environment) -> SimulatedPlug:
    """Set up a plug, and the hub with it."""
    plug = SimulatedPlug("mss310", 1)
    await environment.set_up(plug)
    return plug


async def test_problems_of_a_broker_are_shown_and_nothing_is_written(
    environment: Environment, tmp_path: Path, brokers: dict[str, Listener]
) -> None:
    other = listeners.right(tmp_path / "other")
    expected = {
        "ecdsa": "not_rsa",
        "tls_13_only": "tls_too_new",
        "client_certificate_wanted": "client_certificate",
        "login_missing": "login",
        # It has the logins of other plugs.
        "right_with_logins": "login",
        "read_denied": "may_not_subscribe",
        "write_denied": "may_not_publish",
        "without_tls": "no_tls",
        "other": "other_broker",
    }
    async with Mosquitto(tmp_path / "another", listeners=[other]):
        with in_the_cloud(environment, "mss210", 2) as (plug, server):

            async def check(name: str) -> str | None:
                flow = await start_move(environment, server)
                port = (brokers | {"other": other})[name].port
                step = await flow.submit(host=HOST, port=port)
                return problem(step) or step["step_id"]

            found = await asyncio.gather(*map(check, expected))
            assert dict(zip(expected, found, strict=True)) == expected
            assert KEY_WRITTEN not in server.requests
            assert (plug.gateway, plug.boots) == (CLOUD, 1)


@pytest.mark.parametrize(
    ("model", "number", "key"),
    [
        ("mss310", 3, "meross"),
        ("mss210", WITH_LOGIN, "meross"),
        ("mss110", 4, "its own"),
    ],
)
async def test_a_plug_is_moved_with_its_account_and_key(
    environment: Environment,
    brokers: dict[str, Listener],
    model: str,
    number: int,
    key: str,
) -> None:
    port = brokers["right_with_logins" if number == WITH_LOGIN else "right"].port
    with in_the_cloud(environment, model, number, key) as (plug, server):
        flow = await start_add_plug(environment, "on_wifi")
        step = await flow.submit(address=server.address)
        if key != "meross":
            assert (step["step_id"], step["errors"]) == ("lan_key", {})
            step = await flow.submit(key=key)
        assert (step["step_id"], step["errors"]) == ("move", {})
        placeholders = step["description_placeholders"]
        assert placeholders["mac"] == plug.mac
        assert placeholders["old_broker"] == "iot.meross.com:443"
        assert placeholders["password"] == plug.device.identity.password(key)

        assert reason(await flow.submit(host=HOST, port=port)) == "plug_added"

        assert server.requests.count(KEY_WRITTEN) == 1
    assert plug.gateway == Gateway.twice(HOST, port)
    assert plug.device.identity.user_id == CLOUD_USER
    assert plug.key == key
    await environment.expect_controllable(plug)


async def test_a_plug_that_does_not_connect_can_be_restored(
    environment: Environment, brokers: dict[str, Listener]
) -> None:
    with in_the_cloud(environment, "mss310", 9) as (plug, server):
        plug.freeze()
        flow = await start_move(environment, server)
        # Flow waits for 30 seconds: the timeout of 120 seconds was replaced.
        step = await flow.submit(host=HOST, port=brokers["right"].port)
        assert (step["type"], step["step_id"]) == ("menu", "no_show")
        assert step["menu_options"] == ["wait", "move", "restore"]
        plug.power_off()
        await until(lambda: not plug.has_power)
        step = await flow.submit(next_step_id="restore")
        assert (step["type"], step["step_id"]) == ("menu", "not_restored")
        plug.power_on()
        await until(lambda: plug.is_connected)
        assert reason(await flow.submit(next_step_id="restore")) == "restored"
        assert plug.gateway == CLOUD


async def test_a_new_plug_is_paired_with_the_command_that_is_shown(
    environment: Environment, brokers: dict[str, Listener]
) -> None:
    network = Network()
    plug = SimulatedPlug("mss210", PAIRED, key="", reboot_delay=0.1)
    flow = await start_add_plug(environment, "new")
    port = brokers["right_with_logins"].port
    broker = {"host": HOST, "port": port}
    assert problem(await flow.submit(**broker)) == "login_refused"
    step = await flow.submit(**broker, mac=plug.mac.replace(":", "-").upper())
    assert step["step_id"] == "command"
    program, *arguments = shlex.split(step["description_placeholders"]["command"])[1:]
    assert program == PAIR.name
    assert (await flow.submit())["step_id"] == "pair"

    environment.fleet.add(plug)
    with HttpServer(plug, pairing=True, networks=[network]) as server:
        running = await asyncio.create_subprocess_exec(
            *(shutil.which("python3.11") or sys.executable, "-I", str(PAIR)),
            *arguments,
            *("--host", server.address, "--ssid", network.ssid),
            env={"MEROSS_WIFI_PASSWORD": network.password},
            stdout=asyncio.subprocess.PIPE,
        )
        out, _ = await running.communicate()
        assert running.returncode == 0, out
        async with asyncio.timeout(10):
            while (await flow.refresh())["type"] == "progress":
                await asyncio.sleep(0.05)
    assert reason(flow.step) == "plug_added"
    assert plug.gateway == Gateway.twice(HOST, port)
    await environment.expect_controllable(plug)


async def test_a_silent_plug_is_queried(environment: Environment) -> None:
    by_uuid = await connect_silently(environment, 10)
    by_address = await connect_silently(environment, 11)
    with HttpServer(by_address) as server:
        for reference in (by_uuid.uuid.upper(), server.address):
            flow = await start_add_plug(environment, "silent")
            assert reason(await flow.submit(plug=reference)) == "plug_added"
    for plug in (by_uuid, by_address):
        await environment.expect_controllable(plug)


async def test_reconfigure_checks_the_broker(
    environment: Environment, brokers: dict[str, Listener], plug: SimulatedPlug
) -> None:
    flow = Flow(environment.client, CONFIG)
    await flow.start(handler="meross_local", entry_id=await environment.entry_id())
    await flow.submit(next_step_id="check_broker")
    port = brokers["right"].port
    step = await flow.submit(host=HOST, port=port, plug=plug.uuid)
    assert reason(step) == "broker_fine"
