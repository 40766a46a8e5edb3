"""The demo's dashboard: a column for each plug, a tile for each of its entities."""

from typing import Any

from tests.support.processes.client import Client

from .plugs import MODELS

PATH = "meross-plugs"
DOMAIN = "meross_local"
ICON = "mdi:power-socket-de"

type Card = dict[str, Any]


async def devices_of_demo(client: Client) -> list[Card]:
    """Return the plugs' devices, in their order at the terminal."""
    devices = [
        device
        for device in await client.command("config/device_registry/list")
        if any(domain == DOMAIN for domain, *_ in device["identifiers"])
        and str(device["model"]).lower() in MODELS
    ]
    return sorted(devices, key=_number)


async def make_dashboard(client: Client) -> None:
    """Create the dashboard, and make it the default."""
    look = {"title": "Plugs", "icon": ICON}
    await client.command("lovelace/dashboards/create", url_path=PATH, **look)
    entities = await client.command("config/entity_registry/list")
    text = (
        "# Meross plugs\nNo cloud: these plugs use a broker on this computer."
        " Click here, or press a plug's button at the terminal."
    )
    view = {
        "type": "sections",
        "title": "Plugs",
        "max_columns": len(MODELS),
        "header": {
            "layout": "center",
            "card": {"type": "markdown", "text_only": True, "content": text},
        },
        "sections": [_section(it, entities) for it in await devices_of_demo(client)],
    }
    config = {"title": "Plugs", "views": [view]}
    await client.command("lovelace/config/save", url_path=PATH, config=config)
    panel = {"default_panel": PATH}
    await client.command("frontend/set_system_data", key="core", value=panel)


def _number(device: Card) -> int:
    """Return the plug's number at the terminal."""
    return MODELS.index(str(device["model"]).lower()) + 1


def _section(device: Card, entities: list[Card]) -> Card:
    heading = {
        "type": "heading",
        "heading": f"{_number(device)} · {device['model']}",
        "icon": ICON,
    }
    firmware = {
        "type": "heading",
        "heading": f"Firmware {device['sw_version']}",
        "heading_style": "subtitle",
    }
    own = [
        entity
        for entity in entities
        if entity["device_id"] == device["id"]
        and entity["disabled_by"] is None
        and entity["entity_category"] is None
    ]
    # Outlets first, in their own order; readings after them.
    own.sort(key=lambda entity: (not _is_outlet(entity), entity["unique_id"]))
    tiles = [_tile(device, entity) for entity in own]
    return {"type": "grid", "cards": [heading, firmware, *tiles]}


def _is_outlet(entity: Card) -> bool:
    return bool(entity["entity_id"].startswith("switch."))


def _tile(device: Card, entity: Card) -> Card:
    tile: Card = {
        "type": "tile",
        "entity": entity["entity_id"],
        # The heading names the plug; the only outlet of a plug has the plug's name.
        "name": entity["name"] or entity["original_name"] or device["name"],
    }
    if _is_outlet(entity):
        tile["tap_action"] = {"action": "toggle"}
        tile["features"] = [{"type": "toggle"}]
        tile["features_position"] = "inline"
        tile["grid_options"] = {"columns": "full"}
    return tile
