"""scripts/pair connects plugs to a broker that requires a login."""

import asyncio
from collections.abc import AsyncIterator, Iterator
import os
from pathlib import Path
import re
import shutil
import subprocess
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


async def run(
    python: str,
    server: HttpServer,
    *arguments: str,
    typed: str = "",
    options: tuple[str, ...] = (),
    **variables: str,
) -> str:
    """Run the program with a Python's standard library alone; return its output."""
    done = await asyncio.to_thread(
        subprocess.run,
        [python, "-I", *options, str(PROGRAM), "--host", server.address, *arguments],
        input=typed,
        capture_output=True,
        encoding="utf-8",
        timeout=30,
        env={"TZ": "Europe/Rome"} | variables,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


@pytest.fixture
def model() -> str:
    """Return the model of the plug."""
    return "mss210"


@pytest.fixture
def server(model: str) -> Iterator[HttpServer]:
    """Serve the access point of a plug in pairing mode."""
    plug = SimulatedPlug(model, key="out of the box", reboot_delay=0.1)
    with Fleet() as fleet:
        fleet.add(plug)
        with HttpServer(plug, pairing=True, networks=NETWORKS) as server:
            yield server


@pytest.fixture
def folder() -> Iterator[Path]:
    """Return a folder that mosquitto may read as any user, unlike pytest's."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@pytest_asyncio.fixture(loop_scope="session")
async def broker(server: HttpServer, folder: Path) -> AsyncIterator[str]:
    """Start a broker that knows the login of the plug alone; yield its address."""
    identity = server.plug.device.identity
    logins = {identity.mac: identity.password("meross")}
    listener = right_with_logins(folder / "tls", logins)
    async with Mosquitto(folder / "mosquitto", listeners=(listener,)):
        yield f"127.0.0.1:{listener.port}"


@pytest.mark.skipif(OLDEST is None, reason="the system has no python3.11")
@pytest.mark.parametrize("model", MODELS)
async def test_a_plug_connects_to_the_broker(server: HttpServer, broker: str) -> None:
    oldest, plug = str(OLDEST), server.plug
    # --read shows what it is and its login before anything is written.
    shown = await run(oldest, server, "--read")
    assert plug.model.type.upper() in shown
    login = re.findall(r"^  (?:user|password) +(\S+)$", shown, re.MULTILINE)
    assert login == [plug.mac, plug.device.identity.password("meross")]

    typed = f"2\n{PASSWORD}\n"
    assert PASSWORD not in await run(oldest, server, "--broker", broker, typed=typed)

    assert server.provisioning.password == PASSWORD.encode()
    await until(lambda: server.provisioning.joined and plug.is_connected)
    assert server.provisioning.ssid == HOME.ssid
    host, _, port = broker.partition(":")
    assert plug.gateway == Gateway.twice(host, int(port))
    assert plug.key == "meross"
    assert plug.device.timezone == "Europe/Rome"


async def test_a_wrong_password_leaves_the_plug_in_pairing_mode(
    server: HttpServer,
) -> None:
    arguments = (sys.executable, server, "--broker", "127.0.0.1", "--ssid", HOME.ssid)
    wrong = await run(*arguments, MEROSS_WIFI_PASSWORD="oops")
    assert "password is wrong" in wrong
    await until(lambda: server.plug.boots == 2)
    assert not server.provisioning.joined

    await run(*arguments, MEROSS_WIFI_PASSWORD=PASSWORD)
    await until(lambda: server.provisioning.joined)


async def test_a_password_is_not_echoed(server: HttpServer) -> None:
    ours, theirs = os.openpty()
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


async def test_names_that_cannot_be_printed(server: HttpServer) -> None:
    # A terminal of ASCII alone.
    done = await run(
        *(sys.executable, server, "--broker", "127.0.0.1"),
        typed="2\n" + PASSWORD,
        options=("-X", "utf8=0"),
        LC_ALL="C",
    )
    assert "H?me" in done
    await until(lambda: server.provisioning.joined)
