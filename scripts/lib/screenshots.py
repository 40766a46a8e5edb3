"""Take the screenshots of docs/images: screenshots.py PYTHON_OF_HASS FOLDER."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime
from io import BytesIO
from pathlib import Path
import sys
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from PIL import Image
from playwright.async_api import FloatRect, Locator, Page

from tests.end_to_end.environment import (
    DOMAIN,
    Environment,
    start_environment,
    until,
)
from tests.simulator import CLOUD, CLOUD_USER, HttpServer, SimulatedPlug
from tests.support.processes import listeners
from tests.support.processes.browser import Browser
from tests.support.processes.client import Client
from tests.support.processes.energy import import_day
from tests.support.processes.process import is_free

HUB = f"/config/integrations/integration/{DOMAIN}"
DASHBOARD = "meross-plugs"
ZONE = ZoneInfo("Europe/Berlin")  # that of the harness
SCALE = 2
PORT = 8883
# Shown in the screenshots of the flow instead of an address of this machine.
BROKER_SHOWN = "192.168.1.10"
BROKER_TESTED = "127.0.0.2"

NAMES = {"mss310": "Washing machine", "mss305": "Fridge", "mss425e": "TV corner"}
ICONS = ("mdi:washing-machine", "mdi:fridge-outline", "mdi:television")
OUTLETS = ("TV", "Console", "Lamp", "USB")
# Of the first two plugs: milliwatts now, and Wh by the hour of today.
LOADS = (2_050_000, 84_000)
WASHING_ENERGY = {9: 350, 10: 720, 11: 180, 17: 410, 18: 630}
FRIDGE_ENERGY = dict.fromkeys(range(24), 40)

type Card = dict[str, object]


@dataclass
class Camera:
    """Take screenshots of a page, as small files."""

    page: Page
    folder: Path

    async def take(
        self, name: str, of: Locator | None = None, height: int | None = None
    ) -> None:
        """Take the page, or its top, or one part with a margin."""
        # No element is shown as hovered or still loading.
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
        image = Image.open(BytesIO(data)).convert("RGB")
        image = image.quantize(dither=Image.Dither.NONE)
        image.save(self.folder / f"{name}.png", optimize=True)
        print(f"{name}.png", flush=True)


async def _around(of: Locator, margin: int = 7) -> FloatRect:
    box = await of.bounding_box()
    if box is None:
        raise ValueError(f"{of} is not visible")
    return FloatRect(
        x=box["x"] - margin,
        y=box["y"] - margin,
        width=box["width"] + 2 * margin,
        height=box["height"] + 2 * margin,
    )


async def take_all(python: str, folder: Path) -> None:
    """Set everything up and take the screenshots on the way."""
    with TemporaryDirectory() as name:
        wrong = replace(listeners.without_tls(), port=PORT)
        if not is_free(PORT):
            raise SystemExit(f"Port {PORT} is in use, but the screenshots show it.")
        opening = start_environment(python, Path(name), listeners=[wrong])
        async with (
            opening as environment,
            Browser() as browser,
            browser.visit(environment.hass, scale=SCALE) as page,
        ):
            camera = Camera(page, folder)
            await _add_discovered(environment, camera)
            await _prepare(environment)
            await _show(environment, camera)
            await _add(environment, camera)


async def _add_discovered(environment: Environment, camera: Camera) -> None:
    plugs = [SimulatedPlug(model, number) for number, model in enumerate(NAMES, 1)]
    for plug, load in zip(plugs, LOADS, strict=False):
        plug.device.measure().load = load
    environment.fleet.add(*plugs)
    await environment.card(len(NAMES))
    # A plug counts today's energy once it knows the time.
    await until(lambda: all(plug.is_bound for plug in plugs))
    for plug, used in zip(plugs, (WASHING_ENERGY, FRIDGE_ENERGY), strict=False):
        plug.consume(sum(used.values()))
    page = camera.page
    await page.goto("/config/integrations/dashboard")
    card = page.locator("ha-config-flow-card")
    await card.get_by_text("Plugs found").wait_for()
    await camera.take("found", card)
    await page.get_by_role("button", name="Add", exact=True).click()
    await page.get_by_role("button", name="Submit").click()
    await environment.expect_in_sync(within=10)
    await page.get_by_role("button", name="Skip and finish").click()


async def _prepare(environment: Environment) -> None:
    """Name and switch on outlets, import a day of statistics, add a dashboard."""
    client, plugs = environment.client, environment.fleet.plugs
    for device in await _devices(environment.client):
        name = NAMES[device["model"].lower()]
        await client.command(
            "config/device_registry/update", device_id=device["id"], name_by_user=name
        )
    entities = await environment.entity_ids()
    for channel, name in enumerate(OUTLETS, 1):
        await client.command(
            "config/entity_registry/update",
            entity_id=entities[f"{plugs[2].uuid}_{channel}"],
            name=name,
        )
    for plug, channel in ((0, 0), (1, 0), (2, 1), (2, 3)):
        await environment.turn((plugs[plug].uuid, channel), "on")
    # Of the whole of today, whatever time it is.
    midnight = datetime.now(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    sensors = [entities[f"{plug.uuid}_energy"] for plug in plugs[:2]]
    used = dict(zip(sensors, (WASHING_ENERGY, FRIDGE_ENERGY), strict=True))
    await import_day(client, midnight, used)
    await _make_dashboard(environment)


async def _devices(client: Client) -> list[dict[str, str]]:
    listed = await client.command("config/device_registry/list")
    return [
        device
        for device in listed
        if any(domain == DOMAIN for domain, *_ in device["identifiers"])
    ]


async def _make_dashboard(environment: Environment) -> None:
    client, entities = environment.client, await environment.entity_ids()
    cards = [
        _cards(entities, plug, icon)
        for plug, icon in zip(environment.fleet.plugs, ICONS, strict=True)
    ]
    sections = [
        {"type": "grid", "cards": [*cards[0], *cards[1]]},
        {"type": "grid", "cards": cards[2]},
    ]
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


def _cards(entities: dict[str, str], plug: SimulatedPlug, icon: str) -> list[Card]:
    name = NAMES[plug.model.type]
    heading: Card = {"type": "heading", "heading": name, "icon": icon}
    channels = len(plug.model.outlets)
    names = (name if channels == 1 else "All outlets", *OUTLETS)
    switches: list[Card] = [
        {
            "type": "tile",
            "entity": entities[f"{plug.uuid}_{channel}"],
            "name": names[channel],
            "features": [{"type": "toggle"}],
            "features_position": "inline",
            "grid_options": {"columns": "full"},
        }
        for channel in range(channels)
    ]
    meters: list[Card] = [
        {"type": "tile", "entity": entities[f"{plug.uuid}_{key}"], "name": label}
        for key, label in (("power", "Power"), ("energy_today", "Energy today"))
        if f"{plug.uuid}_{key}" in entities
    ]
    return [heading, *switches, *meters]


async def _show(environment: Environment, camera: Camera) -> None:
    """Take the dashboard, the Energy dashboard and a device page."""
    page = camera.page
    await page.goto(f"/{DASHBOARD}")
    await page.get_by_text("All outlets").wait_for()
    await camera.take("dashboard", height=480)
    await page.goto("/energy/electricity")
    graph = page.locator("hui-energy-devices-detail-graph-card")
    await graph.get_by_text("Washing machine").wait_for()
    await camera.take("energy", graph)
    (device,) = [
        device["id"]
        for device in await _devices(environment.client)
        if device["model"] == "MSS310"
    ]
    await page.goto(f"/config/devices/device/{device}")
    await page.get_by_text("Energy today").first.wait_for()
    await camera.take("device")


async def _add(environment: Environment, camera: Camera) -> None:
    """Take the first steps of adding a plug, up to a failed broker check."""
    page = camera.page
    cloud = SimulatedPlug("mss310", 12, gateway=CLOUD, user_id=CLOUD_USER)
    environment.fleet.add(cloud)
    with HttpServer(cloud) as lan:
        await page.goto(HUB)
        await page.get_by_role("button", name="Add plug").click()
        await page.get_by_text("It is on my Wi-Fi").wait_for()
        dialog = page.get_by_role("dialog")
        await camera.take("wizard-menu", dialog)
        await page.get_by_text("It is on my Wi-Fi").click()
        await page.get_by_role("textbox", name="Address").fill(lan.address)
        await page.get_by_role("button", name="Submit").click()
        host = page.get_by_role("textbox", name="Broker")
        await host.fill(BROKER_SHOWN)
        await host.blur()
        await camera.take("wizard-move", dialog)
        await host.fill(BROKER_TESTED)
        await page.get_by_role("button", name="Check and move").click()
        await page.get_by_text("does not use TLS").wait_for()
        await host.fill(BROKER_SHOWN)
        await host.blur()
        await camera.take("wizard-problem", dialog)


if __name__ == "__main__":
    asyncio.run(take_all(sys.argv[1], Path(sys.argv[2])))
