"""The front end itself, on a desktop and on a phone, from discovery to deletion.

The tests build on each other.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
import json
from pathlib import Path
import re
from typing import Literal
from zoneinfo import ZoneInfo

from playwright.async_api import Page, ViewportSize, expect
import pytest
import pytest_asyncio

from demo.dashboard import PATH, make_dashboard
from tests.simulator import CLOUD, CLOUD_USER, HttpServer, SimulatedPlug
from tests.support.processes import listeners
from tests.support.processes.browser import DESKTOP, PHONE, Browser, find_chromium
from tests.support.processes.energy import import_day
from tests.support.processes.listeners import Listener

from .environment import DOMAIN, Environment, Options, until
from .texts import beginning, text

pytestmark = pytest.mark.skipif(
    find_chromium() is None, reason="chromium is not installed"
)

# The whole loopback network is this machine, but 127.0.0.1 is not a plug's broker.
HOST = "127.0.0.2"
OWN_KEY = "a key of its own"
HUB = f"/config/integrations/integration/{DOMAIN}"
ADD_PLUG = "config_subentries.plug"

type Field = Literal["textbox", "spinbutton"]

# Home Assistant logs it for a tab that is closed while it gets an update.
EXPECTED_IN_LOG = (
    r"\[homeassistant\] Error doing job: .* Cannot write to closing transport$",
)

# Milliseconds for which assertions are repeated.
expect.set_options(timeout=15_000)


@pytest.fixture(scope="module", params=[DESKTOP, PHONE], ids=["desktop", "phone"])
def size(request: pytest.FixtureRequest) -> ViewportSize:
    """Return the size of the screen."""
    size: ViewportSize = request.param
    return size


@pytest.fixture(scope="module")
def brokers(
    size: ViewportSize,  # noqa: ARG001 (new ones for each)
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, Listener]:
    """Return a listener for plugs, and one that they cannot use."""
    folder = tmp_path_factory.mktemp("listeners")
    kinds = (listeners.right, listeners.ecdsa)
    return {kind.__name__: kind(folder / kind.__name__) for kind in kinds}


@pytest.fixture(scope="module")
def options(brokers: dict[str, Listener]) -> Options:
    """Add the listeners to the broker."""
    return {"listeners": brokers.values()}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def screen(environment: Environment, size: ViewportSize) -> AsyncIterator[Page]:
    """Connect three plugs, and open Chromium."""
    models = ("mss310", "mss210", "mss425e")
    environment.fleet.add(
        *(SimulatedPlug(model, number) for number, model in enumerate(models, 1))
    )
    async with Browser() as browser, browser.visit(environment.hass, size) as page:
        await environment.card(len(models))
        yield page


@pytest_asyncio.fixture(loop_scope="session")
async def page(
    screen: Page, request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[Page]:
    """Open a tab; take a screenshot where the test fails."""
    # A dialog that is closed goes back in its tab's history, also from the next page.
    page = await screen.context.new_page()
    failed = request.session.testsfailed
    yield page
    if request.session.testsfailed > failed:
        await page.screenshot(path=tmp_path / "failed.png")
    await page.close()


async def click(page: Page, button: str) -> None:
    """Click a button by its name."""
    await page.get_by_role("button", name=button, exact=True).click()


async def see(page: Page, words: str) -> None:
    """Wait for a text."""
    await expect(page.get_by_text(words).first).to_be_visible()


async def becomes(plug: SimulatedPlug, onoff: int) -> None:
    """Wait for a plug: the front end shows a state before the command has ended."""
    await until(lambda: plug.onoff() == onoff)


async def turn_on(page: Page, plug: SimulatedPlug) -> None:
    """Turn on the switch of a plug's page that is off."""
    name = f"{plug.model.type.upper()} {plug.uuid[-4:]}"
    switch = page.get_by_role("switch", name=f"Toggle {name}", exact=True)
    await expect(switch).not_to_be_checked()
    # Its visible part covers the input.
    await switch.locator("..").click()
    await expect(switch).to_be_checked()
    await becomes(plug, 1)


async def open_menu(page: Page) -> None:
    """Open the menu of the hub."""
    await page.goto(HUB)
    await page.locator("ha-config-entry-row").get_by_label("Menu").first.click()


async def start_add_plug(page: Page, option: str) -> None:
    """Select Add plug, and choose an option from its menu."""
    await page.goto(HUB)
    await click(page, text(f"{ADD_PLUG}.initiate_flow.user"))
    label = text(f"{ADD_PLUG}.step.user.menu_options.{option}")
    item = page.get_by_text(label, exact=True)
    await item.click()
    try:
        await expect(item).to_be_hidden()
    except AssertionError:
        # It may have been missed by a dialog that was still opening.
        await item.click()


async def fill(page: Page, label: str, value: str, role: Field = "textbox") -> None:
    """Fill in a field; where there is none, the error shows the page."""
    field = page.get_by_role(role, name=label)
    await expect(field).to_be_visible()
    await field.fill(value)


async def fill_broker(page: Page, port: int) -> None:
    """Fill in the form that requests a broker."""
    labels = f"{ADD_PLUG}.step.move.data"
    await fill(page, text(f"{labels}.host"), HOST)
    await fill(page, text(f"{labels}.port"), str(port), "spinbutton")


async def test_the_discovery_card_is_confirmed(
    page: Page, environment: Environment
) -> None:
    await page.goto("/config/integrations/dashboard")
    await see(page, beginning("config.flow_title", count="3"))
    await click(page, "Add")
    await see(page, beginning("config.step.confirm.description"))
    await click(page, "Submit")
    await click(page, "Skip and finish")

    await environment.expect_in_sync(within=10)


async def test_the_device_page_shows_and_switches_the_plug(
    page: Page, environment: Environment
) -> None:
    plug = environment.fleet.plugs[0]
    name = f"MSS310 {plug.uuid[-4:]}"
    await page.goto(HUB)
    await page.get_by_text(name).last.click()
    for words in (
        "by Meross",
        "Firmware: 2.1.17",
        text("entity.sensor.energy_today.name"),
        text("entity.switch.status_light.name"),
    ):
        await see(page, words)
    await turn_on(page, plug)


async def test_a_dashboard_switches_the_plug(
    page: Page, environment: Environment
) -> None:
    await make_dashboard(environment.client)
    plug = environment.fleet.plugs[1]
    await page.goto(f"/{PATH}")
    tile = page.locator("hui-tile-card").filter(has_text=f"MSS210 {plug.uuid[-4:]}")
    for state, action in ((1, "On"), (0, "Off")):
        await tile.get_by_role("switch").click()
        await expect(tile).to_contain_text(action)
        await becomes(plug, state)
    plug.press()
    await expect(tile).to_contain_text("On")


async def test_the_energy_dashboard_shows_the_energy_of_the_plug(
    page: Page, environment: Environment
) -> None:
    plug = environment.fleet.plugs[0]
    sensor = (await environment.entity_ids())[f"{plug.uuid}_energy"]
    # In its first hour a day is not shown, but the one before.
    shown = datetime.now(ZoneInfo("Europe/Berlin")) - timedelta(hours=1)
    midnight = shown.replace(hour=0, minute=0, second=0, microsecond=0)
    await import_day(environment.client, midnight, {sensor: {-1: 250, 0: 750}})
    await page.goto("/energy/electricity")
    graph = page.locator("hui-energy-devices-detail-graph-card")
    await expect(graph).to_contain_text(f"MSS310 {plug.uuid[-4:]}")
    await expect(graph).to_contain_text("0.75 kWh")


async def test_a_plug_on_the_wifi_is_moved_to_the_broker(
    page: Page, environment: Environment, brokers: dict[str, Listener]
) -> None:
    plug = SimulatedPlug(
        "mss310", 10, gateway=CLOUD, user_id=CLOUD_USER, reboot_delay=0.2
    )
    name = f"MSS310 {plug.uuid[-4:]}"
    environment.fleet.add(plug)
    with HttpServer(plug) as server:
        await start_add_plug(page, "on_wifi")
        await fill(page, text(f"{ADD_PLUG}.step.on_wifi.data.address"), server.address)
        await click(page, "Submit")

        await see(page, "iot.meross.com:443")
        submit = text(f"{ADD_PLUG}.step.move.submit")
        await fill_broker(page, brokers["ecdsa"].port)
        await click(page, submit)
        await see(page, beginning(f"{ADD_PLUG}.error.not_rsa"))
        assert plug.gateway == CLOUD

        await fill_broker(page, brokers["right"].port)
        await click(page, submit)
        await see(page, text(f"{ADD_PLUG}.abort.plug_added", plug=name))
        await page.locator("ha-dialog-footer").get_by_text("Close").click()

    await page.get_by_text(name).last.click()
    await turn_on(page, plug)


async def test_the_command_for_a_new_plug_is_shown(
    page: Page, brokers: dict[str, Listener]
) -> None:
    port = brokers["right"].port
    await start_add_plug(page, "new")
    await fill_broker(page, port)
    await click(page, text(f"{ADD_PLUG}.step.prepare.submit"))
    await see(page, f"python3 pair --broker {HOST}:{port}")
    await click(page, text(f"{ADD_PLUG}.step.command.submit"))
    await see(page, beginning(f"{ADD_PLUG}.progress.pair"))


async def test_a_repair_accepts_only_the_right_key(
    page: Page, environment: Environment
) -> None:
    plug = SimulatedPlug("mss210", 11, key=OWN_KEY)
    environment.fleet.add(plug)
    await page.goto("/config/repairs")
    await page.locator("ha-config-repairs").get_by_text(f"…{plug.uuid[-4:]}").click()
    repair = "issues.unknown_key.fix_flow"
    label = text(f"{repair}.step.key.data.key")
    await fill(page, label, "not its key")
    await click(page, "Submit")
    await see(page, beginning(f"{repair}.error.wrong_key"))
    await fill(page, label, OWN_KEY)
    await click(page, "Submit")
    await see(page, "The issue is repaired!")
    await click(page, "Finish")
    await see(page, "There are currently no repairs pending")
    await environment.expect_in_sync(within=5)


async def test_diagnostics_are_downloaded(page: Page, environment: Environment) -> None:
    await open_menu(page)
    async with page.expect_download() as waiting:
        await page.get_by_role("menuitem", name="Download diagnostics").click()
    download = await waiting.value
    assert re.match(r"config_entry-meross_local-\w+\.json", download.suggested_filename)
    report = await asyncio.to_thread((await download.path()).read_text)
    assert len(json.loads(report)["data"]["plugs"]) == len(environment.fleet.plugs)


async def test_the_hub_is_deleted(page: Page, environment: Environment) -> None:
    await open_menu(page)
    await page.get_by_role("menuitem", name="Delete").click()
    await page.locator("ha-dialog-footer").get_by_text("Delete").click()
    await see(page, "No entries")
    # While plugs are silent, Home Assistant rediscovers only the one whose message
    # started the previous flow.
    await see(page, beginning("config.flow_title", count="1"))
    assert await environment.entity_ids() == {}
