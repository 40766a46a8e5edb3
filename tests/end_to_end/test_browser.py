"""A newcomer's first evening in the front end itself, at a desk and on a phone.

The tests build on each other, as such an evening does.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
import json
from pathlib import Path
import re
from zoneinfo import ZoneInfo

from playwright.async_api import Page, ViewportSize, expect
import pytest
import pytest_asyncio

from demo.dashboard import PATH, make_dashboard
from tests.simulator import CLOUD, CLOUD_USER, Lan, SimulatedPlug
from tests.support.processes import listeners
from tests.support.processes.browser import DESKTOP, PHONE, Browser, find_chromium
from tests.support.processes.energy import remember_a_day
from tests.support.processes.listeners import Listener

from .house import DOMAIN, House, open_house, until
from .journal import complaints

pytestmark = pytest.mark.skipif(
    find_chromium() is None, reason="chromium is not installed"
)

# Any address of the loopback network is this machine, but only the first is refused.
HOST = "127.0.0.2"
OWN_KEY = "a key of its own"
OURS = f"/config/integrations/integration/{DOMAIN}"

# What Home Assistant says of a tab that is closed while it is told something.
EXPECTED_IN_LOG = (
    r"\[homeassistant\] Error doing job: .* Cannot write to closing transport$",
)

# Assertions look again and again for so many milliseconds.
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
    """Return a listener that takes plugs, and one that they cannot use."""
    folder = tmp_path_factory.mktemp("listeners")
    kinds = (listeners.right, listeners.ecdsa)
    return {kind.__name__: kind(folder / kind.__name__) for kind in kinds}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def house(
    python: str,
    brokers: dict[str, Listener],
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[House]:
    """Start a house with three plugs that nobody has set up yet."""
    folder = tmp_path_factory.mktemp("house")
    async with open_house(python, folder, listeners=brokers.values()) as house:
        models = ("mss310", "mss210", "mss425e")
        house.fleet.add(*(SimulatedPlug(model, n) for n, model in enumerate(models, 1)))
        await house.card(len(models))
        yield house
    assert complaints(house.hass.log(), EXPECTED_IN_LOG) == []


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def screen(house: House, size: ViewportSize) -> AsyncIterator[Page]:
    """Open Chromium before that house."""
    async with Browser() as browser, browser.visit(house.hass, size) as page:
        yield page


@pytest_asyncio.fixture(loop_scope="session")
async def page(
    screen: Page, request: pytest.FixtureRequest, tmp_path: Path
) -> AsyncIterator[Page]:
    """Give a tab of its own; a test that fails leaves a picture of it."""
    # A dialog that is closed goes back in its tab's history, also from the next page.
    page = await screen.context.new_page()
    failed = request.session.testsfailed
    yield page
    if request.session.testsfailed > failed:
        await page.screenshot(path=tmp_path / "failed.png")
    await page.close()


async def press(page: Page, name: str) -> None:
    """Press the button that is called so."""
    await page.get_by_role("button", name=name, exact=True).click()


async def see(page: Page, words: str) -> None:
    """Wait for words."""
    await expect(page.get_by_text(words).first).to_be_visible()


async def choose(page: Page, words: str) -> None:
    """Choose from a list or a menu."""
    await page.get_by_text(words, exact=True).click()


async def becomes(plug: SimulatedPlug, onoff: int) -> None:
    """Wait for a plug: the front end shows what was clicked before it is done."""
    await until(lambda: plug.onoff() == onoff)


async def flip(page: Page, name: str) -> None:
    """Flip the switch of a device's page that is off."""
    switch = page.get_by_role("switch", name=f"Toggle {name}", exact=True)
    await expect(switch).not_to_be_checked()
    # What one sees of it lies over the input.
    await switch.locator("..").click()
    await expect(switch).to_be_checked()


async def open_menu(page: Page) -> None:
    """Open the menu of the hub."""
    await page.goto(OURS)
    await page.locator("ha-config-entry-row").get_by_label("Menu").first.click()


async def test_the_found_card_is_confirmed(page: Page, house: House) -> None:
    await page.goto("/config/integrations/dashboard")
    await see(page, "Plugs found (3)")
    await press(page, "Add")
    await see(page, "These plugs talk to your broker")
    await press(page, "Submit")
    await press(page, "Skip and finish")

    await house.expect_truth(within=10)


async def test_the_devices_page_shows_and_switches_the_plug(
    page: Page, house: House
) -> None:
    plug = house.fleet.plugs[0]
    name = f"MSS310 {plug.uuid[-4:]}"
    await page.goto(OURS)
    await page.get_by_text(name).last.click()
    for words in ("by Meross", "Firmware: 2.1.17", "Energy today", "Status light"):
        await see(page, words)
    await flip(page, name)
    await becomes(plug, 1)


async def test_a_dashboard_switches_the_plug(page: Page, house: House) -> None:
    await make_dashboard(house.client)
    plug = house.fleet.plugs[1]
    await page.goto(f"/{PATH}")
    tile = page.locator("hui-tile-card").filter(has_text=f"MSS210 {plug.uuid[-4:]}")
    for state, action in ((1, "On"), (0, "Off")):
        await tile.get_by_role("switch").click()
        await expect(tile).to_contain_text(action)
        await becomes(plug, state)
    plug.press()
    await expect(tile).to_contain_text("On")


async def test_the_energy_dashboard_shows_what_the_plug_used(
    page: Page, house: House
) -> None:
    name = f"MSS310 {house.fleet.plugs[0].uuid[-4:]}"
    (sensor,) = [
        entity["entity_id"]
        for entity in await house.client.command("config/entity_registry/list")
        if entity["unique_id"] == f"{house.fleet.plugs[0].uuid}_energy"
    ]
    now = datetime.now(ZoneInfo("Europe/Berlin"))
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    await remember_a_day(house.client, midnight, {sensor: {1: 250, 2: 500}})
    await page.goto("/energy/electricity")
    graph = page.locator("hui-energy-devices-detail-graph-card")
    await expect(graph).to_contain_text(name)
    await expect(graph).to_contain_text("0.75 kWh")


async def test_a_plug_on_the_wifi_is_led_to_the_broker(
    page: Page, house: House, brokers: dict[str, Listener]
) -> None:
    plug = SimulatedPlug(
        "mss310", 10, gateway=CLOUD, user_id=CLOUD_USER, reboot_delay=0.2
    )
    house.fleet.add(plug)
    await page.goto(OURS)
    with Lan(plug) as lan:
        await press(page, "Add plug")
        await choose(page, "It is on my Wi-Fi")
        address = page.get_by_role("textbox", name="Address of the plug")
        await address.fill("not an address")
        await press(page, "Submit")
        await see(page, "Enter an address such as")
        await address.fill(lan.address)
        await press(page, "Submit")

        await see(page, "It reports to iot.meross.com:443")
        await page.get_by_role("textbox", name="Broker").fill(HOST)
        port = page.get_by_role("spinbutton", name="Port")
        await port.fill(str(brokers["ecdsa"].port))
        await press(page, "Check and move")
        await see(page, "The certificate of the broker has no RSA key")
        assert plug.gateway == CLOUD

        await port.fill(str(brokers["right"].port))
        await press(page, "Check and move")
        name = f"MSS310 {plug.uuid[-4:]}"
        await see(page, f"{name} was added")
        await page.locator("ha-dialog-footer").get_by_text("Close").click()

    await page.get_by_text(name).last.click()
    await flip(page, name)
    await becomes(plug, 1)


async def test_a_new_plug_gets_its_command(
    page: Page, brokers: dict[str, Listener]
) -> None:
    await page.goto(OURS)
    await press(page, "Add plug")
    await choose(page, "It is new, or was reset")
    await page.get_by_role("textbox", name="Broker").fill(HOST)
    port = brokers["right"].port
    await page.get_by_role("spinbutton", name="Port").fill(str(port))
    await press(page, "Check")
    await see(page, f"python3 pair --broker {HOST}:{port}")
    await press(page, "Wait for the plug")
    await see(page, "Waiting for the plug, which")


async def test_a_repair_takes_the_right_key_alone(page: Page, house: House) -> None:
    plug = SimulatedPlug("mss210", 11, key=OWN_KEY)
    house.fleet.add(plug)
    await page.goto("/config/repairs")
    await page.locator("ha-config-repairs").get_by_text(f"…{plug.uuid[-4:]}").click()
    key = page.get_by_role("textbox", name="Key")
    await key.fill("no plug's key")
    await press(page, "Submit")
    await see(page, "does not sign with this key")
    await key.fill(OWN_KEY)
    await press(page, "Submit")
    await see(page, "The issue is repaired!")
    await press(page, "Finish")
    await see(page, "There are currently no repairs pending")
    await house.expect_truth(within=5)


async def test_diagnostics_are_downloaded(page: Page, house: House) -> None:
    await open_menu(page)
    async with page.expect_download() as waiting:
        await page.get_by_role("menuitem", name="Download diagnostics").click()
    download = await waiting.value
    assert re.match(r"config_entry-meross_local-\w+\.json", download.suggested_filename)
    text = await asyncio.to_thread((await download.path()).read_text)
    assert len(json.loads(text)["data"]["plugs"]) == len(house.fleet.plugs)
    for plug in house.fleet.plugs:
        for secret in (plug.uuid, plug.mac, OWN_KEY):
            assert secret not in text


async def test_the_hub_is_deleted(page: Page, house: House) -> None:
    await open_menu(page)
    await page.get_by_role("menuitem", name="Delete").click()
    await page.locator("ha-dialog-footer").get_by_text("Delete").click()
    await see(page, "No entries")
    # Its plugs are found anew.
    await see(page, "Plugs found (1)")
    registry = await house.client.command("config/entity_registry/list")
    assert [entity for entity in registry if entity["platform"] == DOMAIN] == []
