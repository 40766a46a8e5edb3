"""Home Assistant's own Marketplace installs and removes a tag of the repository.

No network is needed: GitHub and the catalog are a local server. The tests build on each
other.
"""

import asyncio
from collections.abc import AsyncIterator
import json
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from tests.simulator import SimulatedPlug
from tests.support.processes.client import CallError
from tests.support.processes.storage import THEN, USER_ID

from .environment import DOMAIN, Environment, Options
from .github import FULL_NAME, REPOSITORY_ID, GitHub

ROOT = Path(__file__).parents[2]
MANIFEST = json.loads(
    (ROOT / "custom_components" / DOMAIN / "manifest.json").read_text()
)
TAG = f"v{MANIFEST['version']}"
ID = str(REPOSITORY_ID)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def github() -> AsyncIterator[GitHub]:
    """Publish the repository as a release."""
    github = GitHub(ROOT, TAG)
    async with github:
        yield github


@pytest.fixture(scope="module")
def options(github: GitHub) -> Options:
    """Start without any custom integration, and with that server for GitHub."""

    def prepare(folder: Path) -> None:
        components = folder / "custom_components"
        (components / DOMAIN).unlink()
        components.rmdir()
        _connect_github(folder)

    url = f"http://127.0.0.1:{github.port}"
    profile = "homeassistant.components.marketplace.profiles:GITHUB"
    mirrors = {
        f"{profile}.{kind}": [f"{url}/{kind}"] for kind in ("catalog", "github", "raw")
    }
    return {
        "prepare": prepare,
        "constants": {f"{profile}.api": f"{url}/api", **mirrors},
    }


def _connect_github(folder: Path) -> None:
    """Connect GitHub and accept the warning of the first use."""
    path = folder / ".storage" / "core.config_entries"
    stored = json.loads(path.read_text())
    accepted = {"version": 1, "accepted_at": THEN}
    entry = {
        "domain": "marketplace",
        "entry_id": "marketplace",
        "title": "",
        "version": 1,
        "source": "system",
        "data": {"token": "none", "warning_accepted": {USER_ID: accepted}},
    }
    stored["data"]["entries"].append(entry)
    path.write_text(json.dumps(stored))


async def repository_info(environment: Environment) -> dict[str, Any]:
    """Return the page of the repository in the Marketplace."""
    page: dict[str, Any] = await environment.client.command(
        "marketplace/repository/info", repository_id=ID
    )
    return page


def expect_installed(environment: Environment, github: GitHub) -> None:
    """Check that the files of the tag are installed, and nothing else."""
    folder = environment.hass.folder
    installed = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in (folder / "custom_components").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert installed == {
        name: content
        for name, content in github.files.items()
        if name.startswith(f"custom_components/{DOMAIN}/")
    }


async def test_it_is_added_as_a_custom_repository(environment: Environment) -> None:
    await environment.client.command(
        "marketplace/repositories/add", repository=FULL_NAME, category="integration"
    )

    page = await repository_info(environment)

    expected = {
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
    assert {name: page[name] for name in expected} == expected


async def test_the_installed_files_are_those_of_the_tag(
    environment: Environment, github: GitHub
) -> None:
    assert not (environment.hass.folder / "custom_components").exists()

    await environment.client.command("marketplace/repository/install", repository=ID)

    expect_installed(environment, github)
    page = await repository_info(environment)
    assert page["installed_version"] == TAG
    # Neither new, nor waiting for an update or a restart.
    assert page["status"] == "installed"


async def test_it_works_without_a_restart(environment: Environment) -> None:
    form = await environment.client.start_flow(DOMAIN)
    step = await environment.client.answer_flow(form["flow_id"])
    assert step["type"] == "create_entry"
    await environment.client.mqtt_is_ready()

    plug = SimulatedPlug("mss210")
    environment.fleet.add(plug)

    await environment.expect_in_sync(within=5)
    await environment.turn((plug.uuid, 0), "on")
    assert plug.onoff() == 1
    (entry,) = await environment.client.entries(DOMAIN)
    assert entry["state"] == "loaded"


async def test_it_is_not_uninstalled_while_it_is_used(
    environment: Environment, github: GitHub
) -> None:
    with pytest.raises(CallError, match="repository_in_use"):
        await environment.client.command(
            "marketplace/repository/uninstall", repository=ID
        )
    expect_installed(environment, github)


async def test_uninstalled_it_leaves_nothing(environment: Environment) -> None:
    (entry,) = await environment.client.entries(DOMAIN)
    await environment.client.delete(f"config/config_entries/entry/{entry['entry_id']}")

    await environment.client.command("marketplace/repository/uninstall", repository=ID)

    assert not (environment.hass.folder / "custom_components" / DOMAIN).exists()
    assert await environment.switches() == {}


async def test_from_the_catalog_it_is_installed_without_a_github_account(
    environment: Environment, github: GitHub
) -> None:
    await environment.client.command("marketplace/repositories/remove", repository=ID)
    github.add_to_catalog()
    await environment.client.post("config/config_entries/entry/marketplace/reload")
    async with asyncio.timeout(10):
        while not await _is_in_catalog(environment):
            await asyncio.sleep(0.1)
    github.requested.clear()

    await environment.client.command("marketplace/repository/install", repository=ID)

    expect_installed(environment, github)
    assert [path for path in github.requested if path.startswith("/api/repos/")] == []


async def _is_in_catalog(environment: Environment) -> bool:
    listed = await environment.client.command("marketplace/repositories/list")
    return any(one["id"] == ID and not one["custom"] for one in listed)
