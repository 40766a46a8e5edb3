"""Takes the pictures of docs/images: screenshots.py python_of_home_assistant folder."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from io import BytesIO
from pathlib import Path
import sys
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from PIL import Image
from playwright.async_api import FloatRect, Locator, Page

from tests.end_to_end.environment import DOMAIN, Environment, start_environment, until
from tests.harness import listeners
from tests.harness.browser import PHONE, Browser
from tests.harness.energy import remember_a_day
from tests.harness.process import is_free
from tests.simulator import CLOUD, CLOUD_USER, HttpServer, SimulatedPlug

HUB = f"/config/integrations/integration/{DOMAIN}"
DASHBOARD = "house-plugs"
ZONE = ZoneInfo("Europe/Berlin")  # where the house of the harness is
SCALE = 2
PORT = 8883
# What the wizard's pictures show instead of an address of this machine.
BROKER = "192.168.1.10"
HERE = "127.0.0.2"

# What the plugs are called.
NAMES = {"mss310": "Washing machine", "mss305": "Fridge", "mss425e": "TV corner"}
ICONS = ("mdi:washing-machine", "mdi:fridge-outline", "mdi:television")
OUTLETS = ("TV", "Console", "Lamp", "USB")
# What the first two take in milliwatts, and took in Wh, by the hour of today.
LOADS = (2_050_000, 84_000)
WASHED = {9: 350, 10: 720, 11: 180, 17: 410, 18: 630}
COOLED = dict.fromkeys(range(24), 40)

type Card = dict[str, object]


@dataclass
class Camera:
    """Takes pictures of a page, small ones."""

    page: Page
    folder: Path

    async def take(
        self, name: str, of: Locator | None = None, height: int | None = None
    ) -> None:
        """Take the page, or down to a height, or a part of it and a bit around it."""
        # Nothing is to look as if it were pointed at, or still loading.
        await self.page.mouse.move(0, 0)
        await self.page.wait_for_load_state("networkidle")
        size = self.page.viewport_size
        if size is None:
            raise ValueError("the page has no size")
        clip = FloatRect(x=0, y=0, width=size["width"], height=height or size["height"])
        if of is not None:
            clip = await _around(of)
        data = await self.page.screenshot(
            clip=clip, animations="disabled", caret="hide", type="png"
        )
        picture = Image.open(BytesIO(data)).convert("RGB")
        picture = picture.quantize(dither=Image.Dither.NONE)
        picture.save(self.folder / f"{name}.png", optimize=True)
        print(f"{name}.png", flush=True)


async def _around(of: Locator, margin: int = 7) -> FloatRect:
    box = await of.bounding_box()
    if box is None:
        raise ValueError(f"{of} is not to be seen")
    return FloatRect(
        x=box["x"] - margin,
        y=box["y"] - margin,
        width=box["width"] + 2 * margin,
        height=box["height"] + 2 * margin,
    )


async def take_all(python: str, folder: Path) -> None:
    """Live through what the pictures show, in the order that it happens."""
    with TemporaryDirectory() as name:
        wrong = replace(listeners.without_tls(), port=PORT)
        if not is_free(PORT):
            raise SystemExit(f"Port {PORT} is taken: the pictures show it.")
        opening = start_environment(python, Path(name), listeners=[wrong])
        async with opening as house, Browser() as browser:
            async with browser.visit(house.hass, scale=SCALE) as page:
                camera = Camera(page, folder)
                await _find(house, camera)
                await _furnish(house)
                await _show(house, camera)
                await _add(house, camera)
                await _repair(house, camera)
            async with browser.visit(house.hass, PHONE, scale=SCALE) as page:
                camera = Camera(page, folder)
                await _show(house, camera, "phone-")
                await _add(house, camera, "phone-")


async def _find(house: Environment, camera: Camera) -> None:
    plugs = [SimulatedPlug(model, number) for number, model in enumerate(NAMES, 1)]
    for plug, load in zip(plugs, LOADS, strict=False):
        plug.device.measure().load = load
    house.fleet.add(*plugs)
    await house.card(len(NAMES))
    # Who knows the time can tell what was consumed today.
    await until(lambda: all(plug.is_bound for plug in plugs))
    for plug, used in zip(plugs, (WASHED, COOLED), strict=False):
        plug.consume(sum(used.values()))
    page = camera.page
    await page.goto("/config/integrations/dashboard")
    card = page.locator("ha-config-flow-card")
    await card.get_by_text("Plugs found").wait_for()
    await camera.take("found", card)
    await page.get_by_role("button", name="Add", exact=True).click()
    await page.get_by_role("button", name="Submit").click()
    await house.expect_in_sync(within=10)
    await page.get_by_role("button", name="Skip and finish").click()


async def _furnish(house: Environment) -> None:
    """Give names, switch things on, and let there be a day of measurements."""
    client = house.client
    for device in await _devices(house):
        name = NAMES[device["model"].lower()]
        await client.command(
            "config/device_registry/update", device_id=device["id"], name_by_user=name
        )
    strip = house.fleet.plugs[2]
    switches = await house.switches()
    for channel, name in enumerate(OUTLETS, 1):
        await client.command(
            "config/entity_registry/update",
            entity_id=switches[strip.uuid, channel],
            name=name,
        )
    for plug, channel in ((0, 0), (1, 0), (2, 1), (2, 3)):
        await house.turn((house.fleet.plugs[plug].uuid, channel), "on")
    await _remember_a_day(house)
    await _make_dashboard(house)


async def _devices(house: Environment) -> list[dict[str, str]]:
    listed = await house.client.command("config/device_registry/list")
    return [
        device
        for device in listed
        if any(domain == DOMAIN for domain, *_ in device["identifiers"])
    ]


async def _entities(house: Environment, plug: SimulatedPlug) -> dict[str, str]:
    """Return a plug's entities by what follows its uuid in their unique ids."""
    return {
        entity["unique_id"].partition("_")[2]: entity["entity_id"]
        for entity in await house.client.command("config/entity_registry/list")
        if entity["unique_id"].startswith(plug.uuid)
    }


async def _remember_a_day(house: Environment) -> None:
    """Tell the Energy dashboard of today, whatever time it is."""
    midnight = datetime.now(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    sensors = [
        (await _entities(house, plug))["energy"] for plug in house.fleet.plugs[:2]
    ]
    used = dict(zip(sensors, (WASHED, COOLED), strict=True))
    await remember_a_day(house.client, midnight, used)


async def _make_dashboard(house: Environment) -> None:
    cards = [
        await _cards(house, plug, icon)
        for plug, icon in zip(house.fleet.plugs, ICONS, strict=True)
    ]
    sections = [
        {"type": "grid", "cards": [*cards[0], *cards[1]]},
        {"type": "grid", "cards": cards[2]},
    ]
    client = house.client
    await client.command(
        "lovelace/dashboards/create",
        url_path=DASHBOARD,
        title="Plugs",
        icon="mdi:power-socket-de",
        mode="storage",
        show_in_sidebar=True,
        require_admin=False,
    )
    view = {"type": "sections", "max_columns": 2, "sections": sections}
    config = {"title": "Plugs", "views": [view]}
    await client.command("lovelace/config/save", url_path=DASHBOARD, config=config)


async def _cards(house: Environment, plug: SimulatedPlug, icon: str) -> list[Card]:
    name = NAMES[plug.model.type]
    entities = await _entities(house, plug)
    heading: Card = {"type": "heading", "heading": name, "icon": icon}
    channels = len(plug.model.outlets)
    names = (name if channels == 1 else "All outlets", *OUTLETS)
    switches: list[Card] = [
        {
            "type": "tile",
            "entity": entities[str(channel)],
            "name": names[channel],
            "features": [{"type": "toggle"}],
            "features_position": "inline",
            "grid_options": {"columns": "full"},
        }
        for channel in range(channels)
    ]
    meters: list[Card] = [
        {"type": "tile", "entity": entities[key], "name": label}
        for key, label in (("power", "Power"), ("energy_today", "Energy today"))
        if key in entities
    ]
    return [heading, *switches, *meters]


async def _show(house: Environment, camera: Camera, prefix: str = "") -> None:
    """Take the dashboard, the Energy dashboard and the page of a device."""
    page = camera.page
    await page.goto(f"/{DASHBOARD}")
    await page.get_by_text("All outlets").wait_for()
    await camera.take(f"{prefix}dashboard", height=None if prefix else 480)
    if not prefix:
        await page.goto("/energy/electricity")
        graph = page.locator("hui-energy-devices-detail-graph-card")
        await graph.get_by_text("Washing machine").wait_for()
        await camera.take("energy", graph)
    (device,) = [
        device["id"] for device in await _devices(house) if device["model"] == "MSS310"
    ]
    await page.goto(f"/config/devices/device/{device}")
    await page.get_by_text("Energy today").first.wait_for()
    await camera.take(f"{prefix}device")


@asynccontextmanager
async def _adding(page: Page) -> AsyncIterator[Locator]:
    await page.goto(HUB)
    await page.get_by_role("button", name="Add plug").click()
    await page.get_by_text("It is on my Wi-Fi").wait_for()
    yield page.get_by_role("dialog")


async def _add(house: Environment, camera: Camera, prefix: str = "") -> None:
    """Take the wizard's first steps; in the end, it has an objection."""
    page, phone = camera.page, bool(prefix)
    cloud = SimulatedPlug("mss310", 12 + phone, gateway=CLOUD, user_id=CLOUD_USER)
    house.fleet.add(cloud)
    with HttpServer(cloud) as lan:
        async with _adding(page) as dialog:
            part = None if phone else dialog
            await camera.take(f"{prefix}wizard-menu", part)
            await page.get_by_text("It is on my Wi-Fi").click()
            await page.get_by_role("textbox", name="Address").fill(lan.address)
            await page.get_by_role("button", name="Submit").click()
            host = page.get_by_role("textbox", name="Broker")
            await host.fill(BROKER)
            await host.blur()
            await camera.take(f"{prefix}wizard-move", part)
            await host.fill(HERE)
            await page.get_by_role("button", name="Check and move").click()
            await page.get_by_text("but not with TLS").wait_for()
            await host.fill(BROKER)
            await host.blur()
            await camera.take(f"{prefix}wizard-problem", part)


async def _repair(house: Environment, camera: Camera) -> None:
    house.fleet.add(SimulatedPlug("mss210", 14, key="a key of its own"))
    page = camera.page
    await page.goto("/config/repairs")
    await page.locator("ha-config-repairs").get_by_text("MSS210").click()
    await page.get_by_role("textbox", name="Key").fill("another key")
    await page.get_by_role("button", name="Submit").click()
    await page.get_by_text("does not sign with this key").wait_for()
    await camera.take("repair", page.get_by_role("dialog"))


if __name__ == "__main__":
    asyncio.run(take_all(sys.argv[1], Path(sys.argv[2])))
