"""Home Assistant's own Marketplace takes, installs and removes the release.

Nothing is asked of the network: GitHub and the catalog are a server of ours. The tests
build on each other.
"""

import asyncio
from collections.abc import AsyncIterator
import json
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
import pytest_asyncio

from tests.harness.client import CallError
from tests.harness.hass import HomeAssistant
from tests.harness.mosquitto import Mosquitto
from tests.harness.process import Process
from tests.harness.storage import USER_ID, Broker
from tests.simulator import Fleet, SimulatedPlug

from .environment import DOMAIN, Environment as House
from .github import FULL_NAME, REPOSITORY_ID, GitHub
from .log import find_problems

ROOT = Path(__file__).parents[2]
WITH_MIRROR = Path(__file__).parent / "with_mirror.py"
MANIFEST = json.loads(
    (ROOT / "custom_components" / DOMAIN / "manifest.json").read_text()
)
TAG = f"v{MANIFEST['version']}"
ID = str(REPOSITORY_ID)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the release as the workflow does."""
    path = tmp_path_factory.mktemp("release") / "meross_local.zip"
    script = await asyncio.create_subprocess_exec(ROOT / "scripts/release", TAG, path)
    assert await script.wait() == 0
    return path


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def github(release: Path) -> AsyncIterator[GitHub]:
    """Publish it."""
    async with GitHub(ROOT, TAG, release) as github:
        yield github


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def house(
    python: str, github: GitHub, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[House]:
    """Start a Home Assistant without any custom integration."""
    folder = tmp_path_factory.mktemp("house")
    mosquitto = Mosquitto(folder / "mosquitto")
    hass = HomeAssistant(python, folder / "hass", Broker(port=mosquitto.port))
    _make_empty(hass.folder)
    _connect_github(hass.folder)
    hass.process = Process(
        [
            *(python, "-P", str(WITH_MIRROR), github.url),
            *("--config", str(hass.folder), "--skip-pip"),
        ],
        log=hass.process.log,
        cwd=hass.folder,
    )
    fleet = Fleet("127.0.0.1", mosquitto.port)
    async with mosquitto, hass:
        await hass.client.mqtt_is_ready()
        with fleet:
            yield House(mosquitto, hass, fleet)
    assert find_problems(hass.log()) == []


def _make_empty(folder: Path) -> None:
    components = folder / "custom_components"
    (components / DOMAIN).unlink()
    components.rmdir()


def _connect_github(folder: Path) -> None:
    """Do what a person does once: connect GitHub, accept the first warning."""
    path = folder / ".storage" / "core.config_entries"
    stored = json.loads(path.read_text())
    mqtt = stored["data"]["entries"][0]
    accepted = {"version": 1, "accepted_at": mqtt["created_at"]}
    entry = {
        "domain": "marketplace",
        "entry_id": "marketplace",
        "title": "",
        "version": 1,
        "minor_version": 1,
        "source": "system",
        "data": {"token": "none", "warning_accepted": {USER_ID: accepted}},
    }
    stored["data"]["entries"].append({**mqtt, **entry})
    path.write_text(json.dumps(stored))


async def about(house: House) -> dict[str, Any]:
    """Return what the Marketplace's page of the repository shows."""
    page: dict[str, Any] = await house.client.command(
        "marketplace/repository/info", repository_id=ID
    )
    return page


def installed(house: House) -> dict[str, bytes]:
    """Return the files of the integration in the configuration."""
    folder = house.hass.folder / "custom_components" / DOMAIN
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def contained(release: Path) -> dict[str, bytes]:
    """Return the files in the release."""
    with ZipFile(release) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


async def test_it_is_taken_as_a_custom_repository(house: House) -> None:
    await house.client.command(
        "marketplace/repositories/add", repository=FULL_NAME, category="integration"
    )

    page = await about(house)

    wanted = {
        "name": "Meross Local",
        "domain": DOMAIN,
        "config_flow": True,
        "available_version": TAG,
        "can_install": True,
        "custom": True,
        "homeassistant": json.loads((ROOT / "hacs.json").read_text())["homeassistant"],
        "replaces_built_in": False,
        "hide_default_branch": True,
        "additional_info": (ROOT / "README.md").read_text(),
    }
    assert {name: page[name] for name in wanted} == wanted


async def test_what_it_installs_is_the_release(house: House, release: Path) -> None:
    assert not (house.hass.folder / "custom_components").exists()

    await house.client.command("marketplace/repository/install", repository=ID)

    assert installed(house) == contained(release)
    page = await about(house)
    assert page["installed_version"] == TAG
    # Neither new, nor waiting for an update or a restart.
    assert page["status"] == "installed"


async def test_it_works_without_a_restart(house: House) -> None:
    form = await house.client.start_flow(DOMAIN)
    step = await house.client.answer_flow(form["flow_id"])
    assert step["type"] == "create_entry"
    await house.client.mqtt_is_ready()

    plug = SimulatedPlug("mss210")
    house.fleet.add(plug)

    await house.expect_in_sync(within=5)
    await house.turn((plug.uuid, 0), "on")
    assert plug.onoff() == 1
    (entry,) = await house.client.entries(DOMAIN)
    assert entry["state"] == "loaded"


async def test_it_is_not_uninstalled_while_it_is_used(house: House) -> None:
    with pytest.raises(CallError, match="repository_in_use"):
        await house.client.command("marketplace/repository/uninstall", repository=ID)
    assert installed(house)


async def test_uninstalled_it_leaves_nothing(house: House) -> None:
    (entry,) = await house.client.entries(DOMAIN)
    await house.client.delete(f"config/config_entries/entry/{entry['entry_id']}")

    await house.client.command("marketplace/repository/uninstall", repository=ID)

    assert not (house.hass.folder / "custom_components" / DOMAIN).exists()
    assert await house.switches() == {}


async def test_from_the_catalog_it_is_installed_without_a_github_account(
    house: House, github: GitHub, release: Path
) -> None:
    await house.client.command("marketplace/repositories/remove", repository=ID)
    github.in_catalog = True
    await house.client.post("config/config_entries/entry/marketplace/reload")
    async with asyncio.timeout(10):
        while not await _is_in_catalog(house):
            await asyncio.sleep(0.1)
    github.asked.clear()

    await house.client.command("marketplace/repository/install", repository=ID)

    assert installed(house) == contained(release)
    assert [path for path in github.asked if path.startswith("/api/repos/")] == []


async def _is_in_catalog(house: House) -> bool:
    listed = await house.client.command("marketplace/repositories/list")
    return any(one["id"] == ID and not one["custom"] for one in listed)
