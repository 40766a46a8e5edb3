"""Add plug leads every plug to the broker, or says in words why it does not."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
import json
from pathlib import Path
import shlex
import shutil
import ssl
import sys
from typing import Any

import pytest
import pytest_asyncio

from tests.simulator import CLOUD, CLOUD_USER, Gateway, Lan, Network, SimulatedPlug
from tests.support.processes import listeners
from tests.support.processes.certificates import make_certificate
from tests.support.processes.hass import COMPONENT, HomeAssistant
from tests.support.processes.listeners import Listener
from tests.support.processes.mosquitto import Mosquitto

from .house import DOMAIN, House, open_house, until
from .journal import complaints

# Any address of the loopback network is this machine, but only the first is refused.
HOST = "127.0.0.2"
KEY_WRITTEN = ("Appliance.Config.Key", "SET")
PAIR = Path(__file__).parents[2] / "scripts/pair"
ENGLISH = json.loads((COMPONENT / "translations/en.json").read_text())
SENTENCES = ENGLISH["config_subentries"]["plug"]["error"]

# A person waits two minutes for a plug.
PATIENCE = ("plug_on_wifi.py", "_PATIENCE: Final = 120", "_PATIENCE: Final = 5")

LAN_KEY = "a key from Meross LAN"
ABSENT = "f" * 32

# Numbers of plugs that are known before they are there.
WITH_LOGIN, PAIRED, IN_MEROSS_LAN = 31, 32, 33

EXPECTED_IN_LOG = (r".*Integration 'meross_lan' not found",)

type Step = dict[str, Any]


@dataclass
class Flow:
    """A flow of forms, menus and progress, as the front end goes through it."""

    house: House
    path: str
    step: Step = field(default_factory=dict)

    async def start(self, **data: object) -> Step:
        """Begin."""
        self.step = await self.house.client.post(self.path, **data)
        return await self._settle()

    async def answer(self, **data: object) -> Step:
        """Submit a form, or choose from a menu with `next_step_id`."""
        path = f"{self.path}/{self.step['flow_id']}"
        self.step = await self.house.client.post(path, **data)
        return await self._settle()

    async def look(self) -> Step:
        """See what the step is now."""
        path = f"{self.path}/{self.step['flow_id']}"
        self.step = await self.house.client.get(path)
        return self.step

    async def _settle(self) -> Step:
        """Wait as long as there is progress, other than for a person."""
        async with asyncio.timeout(30):
            while self.step["type"] == "progress" and self.step["step_id"] != "pair":
                await asyncio.sleep(0.05)
                await self.look()
        return self.step


async def add_plug(house: House, way: str) -> Flow:
    """Open Add plug and choose a way."""
    (entry,) = await house.client.entries(DOMAIN)
    flow = Flow(house, "config/config_entries/subentries/flow")
    await flow.start(handler=[entry["entry_id"], "plug"])
    assert flow.step["type"] == "menu"
    await flow.answer(next_step_id=way)
    return flow


async def to_broker(house: House, lan: Lan) -> Flow:
    """Go as far as to the form that asks for the broker."""
    flow = await add_plug(house, "on_wifi")
    step = await flow.answer(address=lan.address)
    assert (step["step_id"], step["errors"]) == ("move", {})
    return flow


def said(step: Step) -> str | None:
    """Return what is wrong; a sentence of a form has to be complete."""
    if step["type"] == "form" and step["step_id"] == "login":
        return "login"
    if step["type"] == "form" and (errors := step["errors"]):
        (name,) = errors.values()
        SENTENCES[name].format_map(step["description_placeholders"] or {})
        return str(name)
    return None


def end(step: Step) -> str:
    """Return how a flow ended."""
    assert step["type"] == "abort", step
    return str(step["reason"])


async def expect_obedience(house: House, plug: SimulatedPlug) -> None:
    """Switch the plug on and off in Home Assistant."""
    async with asyncio.timeout(5):
        while (plug.uuid, 0) not in await house.switches():
            await asyncio.sleep(0.02)
    for action in ("on", "off"):
        await house.turn((plug.uuid, 0), action)
        assert plug.onoff() == (action == "on")


@contextmanager
def in_the_cloud(
    house: House, model: str, number: int, *, key: str = "meross", ecdhe: bool = True
) -> Iterator[tuple[SimulatedPlug, Lan]]:
    """Put a plug on the Wi-Fi that reports to the vendor."""
    plug = SimulatedPlug(
        *(model, number),
        key=key,
        gateway=CLOUD,
        user_id=CLOUD_USER,
        reboot_delay=0.1,
        reconnect_delay=0.2,
    )
    house.fleet.add(plug)
    with Lan(plug, ecdhe=ecdhe) as lan:
        yield plug, lan


async def silent(house: House, number: int, key: str = "meross") -> SimulatedPlug:
    """Put a plug on the broker that nobody has heard yet."""
    plug = SimulatedPlug("mss310", number, key=key, clock_interval=600)
    plug.freeze()
    house.fleet.add(plug)
    await until(lambda: plug.is_connected)
    plug.thaw()
    return plug


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where this module's files are."""
    return tmp_path_factory.mktemp("wizard")


@pytest.fixture(scope="module")
def brokers(folder: Path) -> dict[str, Listener]:
    """Return a listener of each kind."""
    kinds = (
        listeners.right,
        listeners.ecdsa,
        listeners.tls_13_only,
        listeners.client_certificate_wanted,
        listeners.login_missing,
        listeners.no_hearing,
        listeners.no_speaking,
    )
    moved = SimulatedPlug("mss210", WITH_LOGIN, user_id=CLOUD_USER).device.identity
    paired = SimulatedPlug("mss210", PAIRED).device.identity
    logins = {names.mac: names.password("meross") for names in (moved, paired)}
    return {
        **{kind.__name__: kind(folder / kind.__name__) for kind in kinds},
        "right_with_logins": listeners.right_with_logins(folder / "logins", logins),
        "without_tls": listeners.without_tls(),
    }


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def house(
    python: str, folder: Path, brokers: Mapping[str, Listener]
) -> AsyncIterator[House]:
    """Start a house with one plug that is set up, and a Home Assistant in a hurry."""
    opening = open_house(
        python,
        folder,
        listeners=brokers.values(),
        component=_impatient(folder / DOMAIN),
        furnish=_use_meross_lan,
    )
    async with opening as house:
        await house.adopt(SimulatedPlug("mss310", 1))
        yield house
    assert complaints(house.hass.log(), EXPECTED_IN_LOG) == []


def _impatient(into: Path) -> Path:
    shutil.copytree(COMPONENT, into, ignore=shutil.ignore_patterns("__pycache__"))
    name, slow, quick = PATIENCE
    code = (into / name).read_text()
    assert slow in code
    (into / name).write_text(code.replace(slow, quick))
    return into


def _use_meross_lan(hass: HomeAssistant) -> None:
    """Let it have entries of Meross LAN, itself not installed here."""
    path = hass.folder / ".storage/core.config_entries"
    storage = json.loads(path.read_text())
    (mqtt,) = storage["data"]["entries"]
    here = SimulatedPlug("mss310", IN_MEROSS_LAN).uuid
    storage["data"]["entries"] += [
        {
            **mqtt,
            "domain": "meross_lan",
            "entry_id": uuid,
            "unique_id": uuid,
            "data": {"device_id": uuid, "key": LAN_KEY},
        }
        for uuid in (here, ABSENT)
    ]
    path.write_text(json.dumps(storage))


@asynccontextmanager
async def strangers(folder: Path) -> AsyncIterator[dict[str, int]]:
    """Serve what is no broker: two web servers, and somebody who says nothing."""
    files = make_certificate(folder)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(files.certificate, files.key)

    async def answer(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await reader.read(1024)
        writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
        writer.close()

    async def listen(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        while await reader.read(1024):
            pass
        writer.close()

    async with (
        await asyncio.start_server(answer, HOST) as web,
        await asyncio.start_server(answer, HOST, ssl=tls) as secure_web,
        await asyncio.start_server(listen, HOST) as nobody,
    ):
        servers = {"web": web, "secure_web": secure_web, "nobody": nobody}
        yield {
            name: server.sockets[0].getsockname()[1] for name, server in servers.items()
        }


async def test_what_is_wrong_with_a_broker_is_said_and_nothing_is_written(
    house: House, folder: Path, brokers: dict[str, Listener]
) -> None:
    ports = {name: listener.port for name, listener in brokers.items()}
    other = listeners.right(folder / "other")
    expected = {
        (HOST, ports["ecdsa"]): "not_rsa",
        (HOST, ports["tls_13_only"]): "tls_too_new",
        (HOST, ports["client_certificate_wanted"]): "client_certificate",
        (HOST, ports["login_missing"]): "login",
        # It is another plug that has a login there.
        (HOST, ports["right_with_logins"]): "login",
        (HOST, ports["no_hearing"]): "may_not_subscribe",
        (HOST, ports["no_speaking"]): "may_not_publish",
        (HOST, ports["without_tls"]): "no_tls",
        (HOST, other.port): "other_broker",
        (HOST, listeners.without_tls().port): "unreachable",
        ("no-such-host.invalid", 8883): "host_unknown",
        ("localhost", 8883): "own_name",
    }
    async with (
        Mosquitto(folder / "another", listeners=[other]),
        strangers(folder / "strangers") as stranger,
    ):
        expected |= {
            (HOST, stranger["web"]): "no_tls",
            (HOST, stranger["nobody"]): "no_tls",
            (HOST, stranger["secure_web"]): "no_mqtt",
        }
        with in_the_cloud(house, "mss210", 2) as (plug, lan):

            async def ask(host: str, port: int) -> str | None:
                flow = await to_broker(house, lan)
                return said(await flow.answer(host=host, port=port))

            found = await asyncio.gather(*(ask(*broker) for broker in expected))
            assert dict(zip(expected, found, strict=True)) == expected
            assert KEY_WRITTEN not in lan.requests
            assert (plug.gateway, plug.boots) == (CLOUD, 1)


async def test_what_is_wrong_with_an_address_is_said(
    house: House, folder: Path
) -> None:
    free = listeners.without_tls().port
    async with strangers(folder / "web") as stranger:
        expected = {
            "not an address": "invalid_address",
            "127.0.0.1/config": "invalid_address",
            f"{HOST}:{free}": "no_http",
            f"{HOST}:{stranger['web']}": "not_meross",
        }
        flow = await add_plug(house, "on_wifi")
        for address, problem in expected.items():
            assert said(await flow.answer(address=address)) == problem, address


@pytest.mark.parametrize(
    ("model", "number", "ecdhe", "broker"),
    [
        ("mss310", 3, True, "right"),
        ("mss210", WITH_LOGIN, True, "right_with_logins"),
        ("mss110", 4, True, "right"),
        ("mss110", 5, False, "right"),
    ],
)
async def test_a_plug_moves_with_its_account_and_key(  # noqa: PLR0913
    house: House,
    brokers: dict[str, Listener],
    model: str,
    number: int,
    *,
    ecdhe: bool,
    broker: str,
) -> None:
    with in_the_cloud(house, model, number, ecdhe=ecdhe) as (plug, lan):
        flow = await to_broker(house, lan)
        words = flow.step["description_placeholders"]
        assert words["mac"] == plug.mac
        assert words["old_broker"] == "iot.meross.com:443"
        assert words["password"] == plug.device.identity.password("meross")

        port = brokers[broker].port
        assert end(await flow.answer(host=HOST, port=port)) == "plug_added"

        assert lan.requests.count(KEY_WRITTEN) == 1
    assert plug.gateway == Gateway.twice(HOST, port)
    assert plug.device.identity.user_id == CLOUD_USER
    assert plug.key == "meross"
    await expect_obedience(house, plug)


async def test_a_plug_with_a_key_of_its_own_is_asked_for_it(
    house: House, brokers: dict[str, Listener]
) -> None:
    with in_the_cloud(house, "mss210", 6, key="its own") as (plug, lan):
        flow = await add_plug(house, "on_wifi")
        step = await flow.answer(address=lan.address)
        assert (step["step_id"], step["errors"]) == ("lan_key", {})
        assert said(await flow.answer(key="no plug's")) == "wrong_key"
        step = await flow.answer(key="its own")
        assert step["step_id"] == "move"

        step = await flow.answer(host=HOST, port=brokers["right"].port)
        assert end(step) == "plug_added"
    assert plug.key == "its own"
    await expect_obedience(house, plug)


async def test_a_plug_that_cannot_be_told_is_told_again(
    house: House, brokers: dict[str, Listener]
) -> None:
    broker = {"host": HOST, "port": brokers["right"].port}
    with in_the_cloud(house, "mss210", 7) as (plug, lan):
        flow = await to_broker(house, lan)
        for fault, problem in ((lan.refuse, "refused"), (lan.drop, "no_http")):
            fault.add("Appliance.Config.Key")
            assert said(await flow.answer(**broker)) == problem
            fault.clear()
        assert plug.gateway == CLOUD

        assert end(await flow.answer(**broker)) == "plug_added"
    await expect_obedience(house, plug)


async def test_a_plug_that_does_not_come_is_waited_for_again_or_given_back(
    house: House, brokers: dict[str, Listener]
) -> None:
    async def lose(plug: SimulatedPlug, lan: Lan) -> Flow:
        plug.freeze()
        flow = await to_broker(house, lan)
        step = await flow.answer(host=HOST, port=brokers["right"].port)
        assert (step["type"], step["step_id"]) == ("menu", "no_show")
        assert step["menu_options"] == ["wait", "move", "restore"]
        return flow

    async def wait() -> None:
        with in_the_cloud(house, "mss310", 8) as (plug, lan):
            flow = await lose(plug, lan)
            plug.thaw()
            plug.press()
            assert end(await flow.answer(next_step_id="wait")) == "plug_added"
            await expect_obedience(house, plug)

    async def restore() -> None:
        with in_the_cloud(house, "mss310", 9) as (plug, lan):
            flow = await lose(plug, lan)
            plug.power_off()
            await until(lambda: not plug.has_power)
            step = await flow.answer(next_step_id="restore")
            assert (step["type"], step["step_id"]) == ("menu", "not_restored")
            plug.power_on()
            await until(lambda: plug.is_connected)
            assert end(await flow.answer(next_step_id="restore")) == "restored"
            assert plug.gateway == CLOUD

    await asyncio.gather(wait(), restore())


async def test_a_new_plug_comes_by_the_command_that_is_shown(
    house: House, brokers: dict[str, Listener]
) -> None:
    network = Network()
    plug = SimulatedPlug("mss210", PAIRED, key="", reboot_delay=0.1)
    flow = await add_plug(house, "new")
    port = brokers["right_with_logins"].port
    broker = {"host": HOST, "port": port}
    assert said(await flow.answer(**broker, mac="12:34")) == "invalid_mac"
    assert said(await flow.answer(**broker)) == "login_refused"
    step = await flow.answer(**broker, mac=plug.mac.replace(":", "-").upper())
    assert step["step_id"] == "command"
    program, *arguments = shlex.split(step["description_placeholders"]["command"])[1:]
    assert program == PAIR.name
    step = await flow.answer()
    assert step["step_id"] == "pair"

    house.fleet.add(plug)
    with Lan(plug, pairing=True, networks=[network]) as lan:
        running = await asyncio.create_subprocess_exec(
            *(shutil.which("python3.11") or sys.executable, "-I", str(PAIR)),
            *arguments,
            *("--host", lan.address, "--ssid", network.ssid),
            env={"MEROSS_WIFI_PASSWORD": network.password},
            stdout=asyncio.subprocess.PIPE,
        )
        out, _ = await running.communicate()
        assert running.returncode == 0, out
        async with asyncio.timeout(10):
            while (await flow.look())["type"] == "progress":
                await asyncio.sleep(0.05)
    assert end(flow.step) == "plug_added"
    assert plug.gateway == Gateway.twice(HOST, port)
    await expect_obedience(house, plug)


async def test_a_silent_plug_is_asked(house: House) -> None:
    by_uuid, by_address = await silent(house, 10), await silent(house, 11)
    flow = await add_plug(house, "silent")
    assert said(await flow.answer(plug=ABSENT)) == "no_answer"
    assert end(await flow.answer(plug=by_uuid.uuid.upper())) == "plug_added"

    flow = await add_plug(house, "silent")
    with Lan(by_address) as lan:
        assert end(await flow.answer(plug=lan.address)) == "plug_added"

    flow = await add_plug(house, "silent")
    assert end(await flow.answer(plug=by_uuid.uuid)) == "already_configured"
    for plug in (by_uuid, by_address):
        await expect_obedience(house, plug)


async def test_a_silent_plug_with_a_key_of_its_own_is_asked_for_it(
    house: House,
) -> None:
    plug = await silent(house, 12, key="another of its own")
    flow = await add_plug(house, "silent")
    step = await flow.answer(plug=plug.uuid)
    assert step["step_id"] == "key"
    assert said(await flow.answer(key="no plug's")) == "wrong_key"
    assert end(await flow.answer(key="another of its own")) == "plug_added"
    await expect_obedience(house, plug)


async def test_plugs_of_meross_lan_are_taken_over(house: House) -> None:
    plug = await silent(house, IN_MEROSS_LAN, LAN_KEY)
    flow = await add_plug(house, "meross_lan")
    assert flow.step["description_placeholders"] == {"count": "2"}

    step = await flow.answer()

    assert end(step) == "partly_taken_over"
    assert step["description_placeholders"] == {"count": "1", "missing": "…ffff"}
    await expect_obedience(house, plug)


async def test_the_broker_is_checked_by_itself(
    house: House, brokers: dict[str, Listener]
) -> None:
    (entry,) = await house.client.entries(DOMAIN)
    flow = Flow(house, "config/config_entries/flow")
    step = await flow.start(handler=DOMAIN, entry_id=entry["entry_id"])
    assert step["type"] == "menu"
    step = await flow.answer(next_step_id="check_broker")
    choice = {"host": HOST, "plug": house.fleet.plugs[0].uuid}

    step = await flow.answer(**choice, port=brokers["ecdsa"].port)
    assert step["errors"] == {"base": "not_rsa"}
    step = await flow.answer(**choice, port=brokers["right"].port)
    assert end(step) == "broker_fine"
