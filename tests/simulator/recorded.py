"""Models from files that scripts/new_model made of real plugs' diagnostics."""

import json
from pathlib import Path
from typing import Any

from .models import Model

_FOLDER = Path(__file__).parents[1] / "fixtures" / "models"


def recorded(folder: Path = _FOLDER) -> dict[str, Model]:
    """Return the model of each file by the file's name, such as mss315_9.5.39."""
    return {
        path.stem: model_of(json.loads(path.read_text("utf-8")))
        for path in sorted(folder.glob("*.json"))
    }


def model_of(record: dict[str, Any]) -> Model:
    """Return the model of a plug by its System.All and System.Ability."""
    system_all = record["all"]["all"]
    hardware, firmware = (system_all["system"][it] for it in ("hardware", "firmware"))
    count = len(system_all.get("digest", {}).get("togglex", []))
    outlets = ("all outlets", *(f"outlet {number}" for number in range(1, count)))
    return Model(
        type=hardware["type"],
        sub_type=hardware["subType"],
        hardware=hardware["version"],
        chip=hardware["chipType"],
        firmware=firmware["version"],
        compiled=firmware["compileTime"],
        ability=record["ability"]["ability"],
        outlets=outlets if count > 1 else ("",),
        calibration=record.get("calibration"),
    )
