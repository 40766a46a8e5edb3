"""Make models for the simulator from a plug's diagnostics. Any Python 3 can run it.

Diagnostics hold no secrets; redacted values are replaced by invented ones, and so is
all private data, in case that an older version did not redact it.
"""

import json
from pathlib import Path
import re
import sys
from typing import Any
from zlib import crc32

FOLDER = Path(__file__).parents[2] / "tests" / "fixtures" / "models"
ALL = "Appliance.System.All"
ABILITY = "Appliance.System.Ability"
ELECTRICITY = "Appliance.Control.Electricity"
CONSUMPTION_CONFIG = "Appliance.Control.ConsumptionConfig"
TOGGLE_X = "Appliance.Control.ToggleX"

# Data about a home or an account, and the replacements.
INVENTED: dict[str, object] = {
    **dict.fromkeys(("port", "secondPort"), 8883),
    **dict.fromkeys(("server", "secondServer"), "192.0.2.1"),
    **{key: [] for key in ("timeRule", "timer", "timerx", "trigger", "triggerx")},
    "bindId": "ibg9bS2LxStM3zo7",
    "innerIp": "192.0.2.17",
    "timezone": "",
    "userId": 0,
    "wifiMac": "02:00:5e:00:53:01",
}
REDACTED = "**REDACTED**"
# Of a plug that measures, but whose calibration is unknown.
CALIBRATION = {"voltageRatio": 188, "electricityRatio": 100}


class NewModelError(Exception):
    """No model can be made; the reason is printed."""


def described(download: object) -> list[dict[str, Any]]:
    """Return the plugs in a download."""
    data = download.get("data", download) if isinstance(download, dict) else None
    plugs = data.get("plugs") if isinstance(data, dict) else None
    if not plugs:
        raise NewModelError(
            "The file describes no plug. Download the diagnostics of a plug's device "
            "while Meross Local is loaded."
        )
    return list(plugs)


def record(plug: dict[str, Any]) -> dict[str, Any]:
    """Return the plug's description, in the form of tests/fixtures."""
    identity = plug["identity"]
    system_all = _last(plug, ALL) or _sketch(identity)
    ability = _last(plug, ABILITY) or {
        "payloadVersion": 1,
        "ability": {name: {} for name in identity["abilities"]},
    }
    made = {"all": system_all, "ability": ability}
    if ELECTRICITY in ability["ability"]:
        payload = _last(plug, CONSUMPTION_CONFIG) or _last(plug, ELECTRICITY) or {}
        payload = payload.get("electricity", payload)
        made["calibration"] = dict(payload.get("config") or CALIBRATION)
    # An invented address, the same one every time.
    tail = f"{crc32(name_of(plug).encode()) % 2**24:06x}"
    mac = ":".join(["48", "e1", "e9", tail[:2], tail[2:4], tail[4:]])
    uuid = "20000000000000000000" + mac.replace(":", "")
    cleaned: dict[str, Any] = _clean(made, INVENTED | {"macAddress": mac, "uuid": uuid})
    return cleaned


def name_of(plug: dict[str, Any]) -> str:
    """Return the name of the model and its file: type and firmware."""
    identity = plug["identity"]
    name = f"{identity['model']}_{identity['firmware']}"
    # A download must not choose where the file is written.
    if not re.fullmatch(r"[a-z0-9]+_[0-9]+(\.[0-9]+)*", name):
        raise NewModelError(f"{name!r} is not a model and firmware.")
    return name


def _last(plug: dict[str, Any], namespace: str) -> dict[str, Any] | None:
    """Return the last payload of a namespace that the plug sent."""
    for entry in reversed(plug["messages"]):
        header = entry["message"]["header"]
        if (entry["direction"], header["namespace"]) == ("in", namespace) and header[
            "method"
        ] in ("GETACK", "PUSH"):
            payload: dict[str, Any] = entry["message"]["payload"]
            return payload
    return None


def _sketch(identity: dict[str, Any]) -> dict[str, Any]:
    """Return a description from Home Assistant's data about the plug."""
    hardware = {
        "type": identity["model"],
        "subType": "un",
        "version": identity["hardware"],
        "chipType": "unknown",
        "uuid": "",
        "macAddress": "",
    }
    firmware = {"version": identity["firmware"], "compileTime": "unknown"}
    state: dict[str, Any] = {"control": {"toggle": {"onoff": 0, "lmTime": 0}}}
    if TOGGLE_X in identity["abilities"]:
        channels = identity["channels"]
        togglex = [{"channel": n, "onoff": 0, "lmTime": 0} for n in channels]
        state = {"digest": {"togglex": togglex}}
    return {"all": {"system": {"hardware": hardware, "firmware": firmware}, **state}}


def _clean(value: Any, invented: dict[str, object]) -> Any:  # noqa: ANN401 (JSON)
    if isinstance(value, dict):
        return {
            name: invented[name] if name in invented else _clean(inner, invented)
            for name, inner in value.items()
        }
    if isinstance(value, list):
        return [_clean(inner, invented) for inner in value]
    return "" if isinstance(value, str) and REDACTED in value else value


def write(path: Path, folder: Path = FOLDER) -> dict[Path, bool]:
    """Write a file for each plug; return them, and whether each is only a sketch."""
    try:
        plugs = described(json.loads(path.read_text("utf-8")))
        sketches = {name_of(plug): _last(plug, ALL) is None for plug in plugs}
        records = {name_of(plug): record(plug) for plug in plugs}
    except (OSError, ValueError) as error:
        raise NewModelError(f"{path} cannot be read as JSON: {error}") from error
    except (AttributeError, KeyError, TypeError) as error:
        raise NewModelError(
            f"{path} does not hold diagnostics of a plug: {error!r}"
        ) from error
    folder.mkdir(parents=True, exist_ok=True)
    written = {}
    for name, content in records.items():
        target = folder / f"{name}.json"
        target.write_text(json.dumps(content, indent=2) + "\n", "utf-8")
        written[target] = sketches[name]
    return written


def main(path: Path) -> None:
    """Write the files and print the next steps."""
    for target, is_sketch_only in write(path).items():
        print(target)
        if is_sketch_only:
            print(
                "  Its own description is no longer in its messages: sub-type, chip\n"
                "  and the firmware's date are unknown. Reload Meross Local, and\n"
                "  download the diagnostics right after that, to include them."
            )
        run = f".venv/run/bin/python -m tests.simulator {target.stem}"
        print(f"  To connect one to a broker: {run}")
    print("To test all models: scripts/test tests/component/test_models.py")


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]))
    except NewModelError as error:
        sys.exit(f"Error: {error}")
