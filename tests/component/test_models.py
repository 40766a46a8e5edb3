"""Every simulated model is set up, and diagnostics of a plug make a new model."""

import json
from pathlib import Path
import subprocess
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest

from scripts.lib.new_model import NewModelError, record, write
from tests.simulator import MODELS, Model, SimulatedPlug
from tests.simulator.models import model_of, recorded
from tests.simulator.namespaces import ALL
from tests.support.entities import turn_on
from tests.support.entries import device_of, set_up
from tests.support.mqtt import MqttBroker

from .conftest import Download

ROOT = Path(__file__).parents[2]


def entities_of(
    hass: HomeAssistant, entry_id: str, plug: SimulatedPlug
) -> dict[str, str]:
    """Return the domains and names of a plug's entities."""
    device = device_of(hass, entry_id, plug)
    found = er.async_entries_for_device(
        er.async_get(hass), device.id, include_disabled_entities=True
    )
    return {
        one.unique_id.removeprefix(plug.uuid): one.domain + str(one.original_name)
        for one in found
    }


@pytest.mark.parametrize("name", MODELS)
async def test_every_model_is_set_up_and_switched(
    broker: MqttBroker, name: str
) -> None:
    plug = SimulatedPlug(name)
    entry = await set_up(broker, plug)
    device = device_of(broker.hass, entry.entry_id, plug)
    assert device.model == plug.model.type.upper()
    registry = er.async_get(broker.hass)
    for channel in range(len(plug.model.outlets)):
        outlet = registry.async_get_entity_id(
            "switch", "meross_local", f"{plug.uuid}_{channel}"
        )
        assert outlet is not None
        await turn_on(broker, outlet)
        assert plug.onoff(channel) == 1


async def diagnostics(
    broker: MqttBroker, download: Download, plug: SimulatedPlug
) -> tuple[dict[str, str], dict[str, Any]]:
    """Return a plug's entities and its diagnostics, right after a reload."""
    entry = await set_up(broker, plug)
    assert await broker.hass.config_entries.async_reload(entry.entry_id)
    await broker.advance(1)
    text = await download(plug)
    return entities_of(broker.hass, entry.entry_id, plug), json.loads(text)


@pytest.mark.parametrize("name", MODELS)
async def test_diagnostics_make_a_simulated_model(
    broker: MqttBroker, download: Download, name: str, tmp_path: Path
) -> None:
    plug = SimulatedPlug(name, 1, user_id=463_184)
    entities, downloaded = await diagnostics(broker, download, plug)
    file = tmp_path / "diagnostics.json"
    file.write_text(json.dumps(downloaded))

    written = write(file, tmp_path / "models")

    assert list(written.values()) == [False]
    (model,) = recorded(tmp_path / "models").items()
    assert model[0] == f"{plug.model.type}_{plug.model.firmware}"
    assert facts(model[1]) == facts(plug.model)
    again = SimulatedPlug(model[1], 2)
    broker.connect(again)
    await broker.advance(1)
    await broker.block_till_done()
    (entry,) = broker.hass.config_entries.async_entries("meross_local")
    assert entities_of(broker.hass, entry.entry_id, again) == entities
    # It is published with the code.
    (text,) = [path.read_text() for path in written]
    for secret in (plug.uuid, plug.mac, "463184", "REDACTED"):
        assert secret not in text


def facts(model: Model) -> dict[str, object]:
    """Return what diagnostics hold of a model: no limits of abilities, no USB."""
    return {
        name: getattr(model, name)
        for name in ("type", "sub_type", "hardware", "chip", "firmware", "compiled")
    } | {
        "abilities": set(model.ability),
        "outlets": len(model.outlets),
        "toggle": model.toggle,
        "measures": model.calibration is not None,
    }


@pytest.mark.parametrize("name", MODELS)
async def test_model_without_a_system_all_in_the_messages_is_sketched(
    broker: MqttBroker, download: Download, name: str
) -> None:
    plug = SimulatedPlug(name)
    _, downloaded = await diagnostics(broker, download, plug)
    (data,) = downloaded["data"]["plugs"]
    data["messages"] = [
        one for one in data["messages"] if one["message"]["header"]["namespace"] != ALL
    ]
    unknown = {"sub_type": "un", "chip": "unknown", "compiled": "unknown"}
    assert facts(model_of(record(data))) == facts(plug.model) | unknown


@pytest.mark.parametrize(
    "text",
    [
        *("", "[]", "{}", '{"data": {"loaded": false}}', '{"data": {"plugs": [{}]}}'),
        '{"data": {"plugs": [{"identity": {"model": "../x", "firmware": "1"}}]}}',
        '{"data": {"plugs": [{"identity": {"model": "mss1", "firmware": "1"}}]}}',
        '{"data": {"plugs": ["mss310"]}}',
    ],
)
def test_file_without_a_plug_is_rejected(text: str, tmp_path: Path) -> None:
    file = tmp_path / "diagnostics.json"
    file.write_text(text)
    with pytest.raises(NewModelError):
        write(file, tmp_path / "models")
    assert not (tmp_path / "models").exists()


def test_command_explains_the_error(tmp_path: Path) -> None:
    result = subprocess.run(  # noqa: S603 (ours)
        [ROOT / "scripts/new_model", tmp_path / "missing.json"],
        capture_output=True,
        check=False,
        text=True,
    )
    assert result.returncode == 1
    assert "missing.json cannot be read" in result.stderr
