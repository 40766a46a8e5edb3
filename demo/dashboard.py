"""The demo's dashboard: a column for each plug, a tile for each of its entities."""

from typing import Any

from tests.support.processes.client import Client

from .plugs import MODELS

PATH = "meross-plugs"
DOMAIN = "meross_local"

type Card = dict[str, Any]


async def make_dashboard(client: Client) -> None:
    """Make the dashboard and have it open by itself."""
    await client.command(
        "lovelace/dashboards/create",
        url_path=PATH,
        title="Plugs",
        icon="mdi:power-socket-de",
        mode="storage",
        show_in_sidebar=True,
        require_admin=False,
    )
    await client.command(
        "lovelace/config/save", url_path=PATH, config=await _config(client)
    )
    await client.command(
        "frontend/set_system_data", key="core", value={"default_panel": PATH}
    )


async def _config(client: Client) -> Card:
    devices = [
        device
        for device in await client.command("config/device_registry/list")
        if any(domain == DOMAIN for domain, *_ in device["identifiers"])
        and _number(device)
    ]
    entities = await client.command("config/entity_registry/list")
    view = {
        "type": "sections",
        "title": "Plugs",
        "path": "plugs",
        "max_columns": len(MODELS),
        "header": {
            "layout": "center",
            "card": {
                "type": "markdown",
                "text_only": True,
                "content": "# Meross plugs\nNo cloud: these talk to the broker of this"
                " house. Click here, or press a plug's button at the terminal.",
            },
        },
        "sections": [
            _section(device, entities) for device in sorted(devices, key=_number)
        ],
    }
    return {"title": "Plugs", "views": [view]}


def _number(device: Card) -> int:
    """Return the plug's number at the terminal, 0 where it is none of the demo's."""
    model = str(device["model"] or "").lower()
    return MODELS.index(model) + 1 if model in MODELS else 0


def _section(device: Card, entities: list[Card]) -> Card:
    heading = {
        "type": "heading",
        "heading": f"{_number(device)} · {device['model']}",
        "icon": "mdi:power-socket-de",
        "badges": [],
    }
    own = [
        entity
        for entity in entities
        if entity["device_id"] == device["id"]
        and entity["disabled_by"] is None
        and entity["entity_category"] is None
    ]
    # Outlets first, in their own order; what a plug merely tells of comes after.
    own.sort(key=lambda entity: (_rank(entity), entity["unique_id"]))
    firmware = {
        "type": "heading",
        "heading": f"Firmware {device['sw_version']}",
        "heading_style": "subtitle",
    }
    tiles = [_tile(device, entity) for entity in own]
    return {"type": "grid", "cards": [heading, firmware, *tiles]}


def _rank(entity: Card) -> int:
    is_outlet = entity["entity_id"].startswith("switch.")
    return 0 if is_outlet else 1


def _tile(device: Card, entity: Card) -> Card:
    tile: Card = {
        "type": "tile",
        "entity": entity["entity_id"],
        # The heading says whose it is; the only outlet of a plug has the plug's name.
        "name": entity["name"] or entity["original_name"] or device["name"],
    }
    if _rank(entity) == 0:
        tile["tap_action"] = {"action": "toggle"}
        tile["features"] = [{"type": "toggle"}]
        tile["features_position"] = "inline"
        tile["grid_options"] = {"columns": "full"}
    return tile
