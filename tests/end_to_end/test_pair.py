"""scripts/pair connects plugs to a broker that requires a login."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
import os
from pathlib import Path
import re
import shutil
import sys
from tempfile import TemporaryDirectory

import pytest
import pytest_asyncio

from tests.simulator import Fleet, Gateway, HttpServer, Network, SimulatedPlug
from tests.support.processes.listeners import right_with_logins
from tests.support.processes.mosquitto import Mosquitto

from .environment import until

PROGRAM = Path(__file__).parents[2] / "scripts/pair"
# One of the system: a version manager would offer a shim.
OLDEST = shutil.which("python3.11", path="/usr/bin:/usr/local/bin:/opt/homebrew/bin")
PASSWORD = "correct horse"
HOME = Network("H\N{LATIN SMALL LETTER O WITH DIAERESIS}me", PASSWORD, signal=40)
NETWORKS = (
    Network("neighbours", "something else", bssid="02-00-5e-00-53-02", channel=11),
    HOME,
)

# The first generation, which ends lines with LF, one without WifiX, a strip, one with
# WifiX, and one that is encrypted.
MODELS = ("mss210v1", "mss310", "mss425e", "mss210", "mss110")


@dataclass(frozen=True)
class Run:
    """The result of a run of the program."""

    code: int
    out: str
    error: str


async def run(
    python: str,
    *arguments: str,
    typed: str = "",
    options: tuple[str, ...] = (),
    **variables: str,
) -> Run:
    """Run the program with a Python's standard library alone."""
    running = await asyncio.create_subprocess_exec(
        *(python, "-I", *options, str(PROGRAM), *arguments),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={"TZ": "Europe/Rome"} | variables,
    )
    async with asyncio.timeout(30):
        out, error = await running.communicate(typed.encode())
    return Run(running.returncode or 0, out.decode(), error.decode())


@pytest.fixture
def oldest() -> str:
    """Return the oldest Python that it supports."""
    if OLDEST is None:
        pytest.skip("no python3.11 of the system is installed")
    return OLDEST


@pytest.fixture
def fleet() -> Iterator[Fleet]:
    """Return a fleet without a broker."""
    with Fleet() as fleet:
        yield fleet


@pytest.fixture
def folder() -> Iterator[Path]:
    """Return a folder that mosquitto may read as any user, unlike pytest's."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@pytest_asyncio.fixture(loop_scope="session")
async def login(folder: Path) -> AsyncIterator[tuple[dict[str, str], int]]:
    """Start a broker with logins of plugs 1 to 5; yield them and its TLS port."""
    plugs = [SimulatedPlug(model, number) for number, model in enumerate(MODELS, 1)]
    logins = {plug.mac: plug.device.identity.password("meross") for plug in plugs}
    listener = right_with_logins(folder / "tls", logins)
    async with Mosquitto(folder / "mosquitto", listeners=(listener,)):
        yield logins, listener.port


@pytest.mark.parametrize("model", MODELS)
async def test_a_plug_connects_to_the_broker(
    oldest: str, fleet: Fleet, login: tuple[dict[str, str], int], model: str
) -> None:
    logins, port = login
    plug = SimulatedPlug(model, MODELS.index(model) + 1, reboot_delay=0.1)
    plug.key, plug.gateway = "out of the box", None
    fleet.add(plug)
    with HttpServer(plug, pairing=True, networks=NETWORKS) as server:
        # --read shows what it is and its login before anything is written.
        shown = await run(oldest, "--host", server.address, "--read")
        assert (shown.code, shown.error) == (0, "")
        assert plug.model.type.upper() in shown.out
        user, password = re.findall(
            r"^  (?:user|password) +(\S+)$", shown.out, re.MULTILINE
        )
        assert logins[user] == password
        assert user == plug.mac

        broker = f"127.0.0.1:{port}"
        done = await run(
            oldest,
            *("--host", server.address, "--broker", broker),
            typed=f"2\n{PASSWORD}\n",
        )
        assert (done.code, done.error) == (0, "")
        assert PASSWORD not in done.out
        assert server.provisioning.password == PASSWORD.encode()
        await until(lambda: server.provisioning.joined and plug.is_connected)
        assert server.provisioning.ssid == HOME.ssid

    assert plug.gateway == Gateway.twice("127.0.0.1", port)
    assert plug.key == "meross"
    assert plug.device.timezone == "Europe/Rome"


async def test_the_newest_python_is_supported_too(fleet: Fleet) -> None:
    plug = SimulatedPlug("mss110", 1, reboot_delay=0.1)
    fleet.add(plug)
    with HttpServer(plug, pairing=True, networks=NETWORKS) as server:
        done = await run(
            sys.executable,
            *("--host", server.address, "--broker", "127.0.0.1", "--ssid", HOME.ssid),
            MEROSS_WIFI_PASSWORD=PASSWORD,
        )
        assert (done.code, done.error) == (0, "")
        await until(lambda: server.provisioning.joined)


async def test_a_wrong_password_leaves_the_plug_in_pairing_mode(fleet: Fleet) -> None:
    plug = SimulatedPlug("mss210", 1, reboot_delay=0.1)
    fleet.add(plug)
    with HttpServer(plug, pairing=True, networks=NETWORKS) as server:
        arguments = (
            "--host",
            server.address,
            "--broker",
            "127.0.0.1",
            "--ssid",
            HOME.ssid,
        )
        wrong = await run(sys.executable, *arguments, MEROSS_WIFI_PASSWORD="oops")
        assert wrong.code == 0
        assert "password is wrong" in wrong.out
        await until(lambda: plug.boots == 2)
        assert not server.provisioning.joined

        right = await run(sys.executable, *arguments, MEROSS_WIFI_PASSWORD=PASSWORD)
        assert right.code == 0
        await until(lambda: server.provisioning.joined)


async def test_a_password_is_not_echoed(fleet: Fleet) -> None:
    plug = SimulatedPlug("mss210", 1, reboot_delay=0.1)
    fleet.add(plug)
    ours, theirs = os.openpty()
    with HttpServer(plug, pairing=True, networks=NETWORKS) as server:
        arguments = "--host", server.address, "--broker", "127.0.0.1"
        running = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", PROGRAM, *arguments),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        seen = await asyncio.to_thread(_read_until, ours, b"1 to 2: ")
        os.write(ours, b"2\n")
        seen += await asyncio.to_thread(_read_until, ours, b"me: ")
        os.write(ours, f"{PASSWORD}\n".encode())
        seen += await asyncio.to_thread(_read_until, ours, b"within a minute.")
        assert await running.wait() == 0
        await until(lambda: server.provisioning.joined)
    os.close(ours)
    assert PASSWORD.encode() not in seen
    assert b"Done." in seen


def _read_until(terminal: int, text: bytes) -> bytes:
    """Read the output of a terminal, up to a text."""
    seen = b""
    while text not in seen:
        seen += os.read(terminal, 4096)
    return seen


async def test_names_that_cannot_be_printed(fleet: Fleet) -> None:
    plug = SimulatedPlug("mss310", 1, reboot_delay=0.1)
    fleet.add(plug)
    with HttpServer(plug, pairing=True, networks=NETWORKS) as server:
        arguments = "--host", server.address, "--broker", "127.0.0.1"
        # A terminal of ASCII alone.
        done = await run(
            sys.executable,
            *arguments,
            typed="2\n" + PASSWORD,
            options=("-X", "utf8=0"),
            LC_ALL="C",
        )
        assert (done.code, done.error) == (0, "")
        assert "H?me" in done.out
        await until(lambda: server.provisioning.joined)
    nowhere = await run(sys.executable, "--host", "a..b", "--read")
    assert (nowhere.code, nowhere.error.count("\n")) == (1, 1)
    assert "Could not connect to a..b" in nowhere.error
