"""The blueprints are valid, documented, and do what they promise."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
import re
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.automation import DOMAIN as AUTOMATION
from homeassistant.components.automation.config import (
    AUTOMATION_BLUEPRINT_SCHEMA,
    async_validate_config_item,
)
from homeassistant.components.blueprint.models import Blueprint, BlueprintInputs
from homeassistant.components.blueprint.schemas import BLUEPRINT_SCHEMA
from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers.selector import selector
from homeassistant.setup import async_setup_component
from homeassistant.util import yaml as yaml_util
import pytest
from pytest_homeassistant_custom_component.common import (
    async_fire_time_changed,
    async_mock_service,
)

from custom_components.meross_local.const import DOMAIN

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "blueprints" / AUTOMATION / DOMAIN
DOCS = (ROOT / "docs" / "blueprints.md").read_text()
REPOSITORY = "https://github.com/meross-local/meross_local"
FILES = sorted(FOLDER.glob("*.yaml"))

PLUG = "switch.plug"
POWER = "sensor.plug_power"
# The inputs without a default, by blueprint.
REQUIRED: dict[str, dict[str, Any]] = {
    "appliance_finished": {"power_sensor": POWER},
    "standby_cut": {"plug": PLUG, "power_sensor": POWER},
    "light_follows_button": {"plug": PLUG, "followers": ["light.lamp"]},
    "freezer_alert": {"plug": PLUG},
}

every_file = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)


def blueprint_of(file: Path) -> Blueprint:
    """Read a blueprint as Home Assistant does."""
    return Blueprint(
        yaml_util.load_yaml_dict(file),
        expected_domain=AUTOMATION,
        path=f"{DOMAIN}/{file.name}",
        schema=AUTOMATION_BLUEPRINT_SCHEMA,
    )


def defaults_of(blueprint: Blueprint) -> dict[str, Any]:
    """Return the default values of the inputs."""
    return {
        name: one["default"]
        for name, one in blueprint.inputs.items()
        if "default" in one
    }


def test_there_are_four() -> None:
    assert {file.stem for file in FILES} == set(REQUIRED)


def substituted(name: str, **chosen: object) -> dict[str, Any]:
    """Return the automation of a blueprint with these inputs."""
    inputs = BlueprintInputs(
        blueprint_of(FOLDER / f"{name}.yaml"),
        {
            "alias": name,
            "use_blueprint": {
                "path": f"{DOMAIN}/{name}.yaml",
                "input": REQUIRED[name] | chosen,
            },
        },
    )
    inputs.validate()
    automation: dict[str, Any] = inputs.async_substitute()
    return automation


async def settled() -> None:
    """Let callbacks run, without waiting for automations that wait themselves."""
    for _ in range(50):
        await asyncio.sleep(0)


async def use(hass: HomeAssistant, name: str, **chosen: object) -> None:
    """Set up an automation of a blueprint."""
    assert await async_setup_component(
        hass, AUTOMATION, {AUTOMATION: [substituted(name, **chosen)]}
    )
    # Fired whenever an automation was saved.
    hass.bus.async_fire("automation_reloaded")
    await settled()


async def show(hass: HomeAssistant, plug: str, power: str) -> None:
    """Set the states of the plug and of its power sensor."""
    hass.states.async_set(PLUG, plug)
    hass.states.async_set(POWER, power)
    await settled()


class Time:
    """Moves the clock of Home Assistant."""

    def __init__(self, hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
        """Initialize a clock that stands at the present time."""
        self._hass = hass
        self._freezer = freezer

    async def passes(self, **duration: float) -> None:
        """Advance by a duration and a second more."""
        self._freezer.tick(timedelta(**duration) + timedelta(seconds=1))
        async_fire_time_changed(self._hass)
        await settled()


@pytest.fixture
async def time(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory
) -> AsyncIterator[Time]:
    """Return a clock; stop at the end the automations that still wait."""
    yield Time(hass, freezer)
    await hass.services.async_call(
        AUTOMATION, "turn_off", {"entity_id": "all"}, blocking=True
    )


@every_file
def test_it_is_a_valid_blueprint(file: Path) -> None:
    blueprint = blueprint_of(file)
    # The schema of imported and saved blueprints.
    BLUEPRINT_SCHEMA(yaml_util.load_yaml_dict(file))

    assert blueprint.validate() is None
    assert blueprint.metadata["homeassistant"]["min_version"] == "2026.3.0"
    assert (
        blueprint.metadata["source_url"]
        == f"{REPOSITORY}/blob/main/{file.relative_to(ROOT)}"
    )


@every_file
def test_it_reads_the_same_once_home_assistant_has_saved_it(file: Path) -> None:
    blueprint = blueprint_of(file)
    again = yaml_util.parse_yaml(blueprint.yaml())
    assert again == blueprint.data


@every_file
def test_every_input_is_named_used_and_has_a_selector(file: Path) -> None:
    blueprint = blueprint_of(file)
    used = yaml_util.extract_inputs(
        {key: part for key, part in blueprint.data.items() if key != "blueprint"}
    )

    assert used == set(blueprint.inputs)
    assert all(one["name"] for one in blueprint.inputs.values())
    assert blueprint.inputs.keys() - defaults_of(blueprint) == set(REQUIRED[file.stem])


@every_file
def test_inputs_offer_entities_of_this_integration_only(file: Path) -> None:
    inputs = blueprint_of(file).inputs
    offered = [name for name in inputs if name == "plug" or name.endswith("_sensor")]
    assert offered
    for name in offered:
        (chosen,) = inputs[name]["selector"]["entity"]["filter"]
        assert chosen["integration"] == DOMAIN


@every_file
def test_every_default_is_one_that_could_be_chosen(file: Path) -> None:
    blueprint = blueprint_of(file)
    for name, default in defaults_of(blueprint).items():
        chosen = blueprint.inputs[name]["selector"]
        # Nothing, where an entity may be left out.
        if not (default == "" and "entity" in chosen):
            validator: Any = selector(chosen)
            validator(default)


@every_file
@pytest.mark.parametrize("bare", [False, True], ids=["defaults", "without actions"])
async def test_an_automation_can_be_made_of_it(
    hass: HomeAssistant, file: Path, *, bare: bool
) -> None:
    assert await async_setup_component(hass, AUTOMATION, {})
    nothing: dict[str, list[object]] = {
        name: [] for name in blueprint_of(file).inputs if name.endswith("_actions")
    }

    # It raises for what is not valid.
    config = await async_validate_config_item(
        hass, file.stem, substituted(file.stem, **(nothing if bare else {}))
    )

    assert config is not None
    assert config.validation_error is None
    assert config["triggers"]
    assert config["actions"]


@every_file
def test_the_documentation_offers_it(file: Path) -> None:
    address = f"{REPOSITORY}/blob/main/{file.relative_to(ROOT)}"
    quoted = re.sub("[:/]", lambda found: f"%{ord(found[0]):02X}", address)
    assert (
        f"https://my.home-assistant.io/redirect/blueprint_import/?blueprint_url={quoted}"
        in DOCS
    )
    for one in blueprint_of(file).inputs.values():
        assert re.search(rf"^\|.*\b{one['name']}\b.*\|.*\|.*\|$", DOCS, re.MULTILINE)


async def test_standby_is_cut_only_while_it_is_known(
    hass: HomeAssistant, time: Time
) -> None:
    cut = async_mock_service(hass, "switch", "turn_off")
    # A window that has no end.
    await use(
        hass,
        "standby_cut",
        grace={"minutes": 0},
        only_at_times=True,
        window_from="00:00:00",
        window_until="24:00:00",
    )
    await show(hass, "on", "100")
    await time.passes(minutes=20)
    assert not cut
    for unknown in ("unavailable", "unknown"):
        await show(hass, "on", "1.0")
        await time.passes(minutes=9)
        await show(hass, "on", unknown)
        await time.passes(minutes=11)
    assert not cut

    await show(hass, "on", "1.0")
    await time.passes(minutes=9)
    await show(hass, "on", "1.2")
    assert not cut
    await time.passes(minutes=1)
    assert [call.data["entity_id"] for call in cut] == [[PLUG]]


async def test_a_pause_is_not_the_end_and_the_unknown_is_none(
    hass: HomeAssistant, time: Time
) -> None:
    finished = async_mock_service(hass, "test", "finished")
    await use(
        hass,
        "appliance_finished",
        appliance_name="Washer",
        finished_actions=[
            {
                "action": "test.finished",
                "data": {"name": "{{ name }}", "energy": "{{ energy }}"},
            }
        ],
    )
    # Shorter than a run.
    await show(hass, "on", "2000")
    await time.passes(seconds=30)
    await show(hass, "on", "0.5")
    await time.passes(minutes=10)
    assert not finished

    await show(hass, "on", "2000")
    await time.passes(minutes=1)
    for pause in ("2.0", "unavailable", "unknown"):
        await show(hass, "on", "2.0")
        await time.passes(minutes=2)
        await show(hass, "on", pause)
        await show(hass, "on", "2000" if pause == "2.0" else pause)
        await time.passes(minutes=10)
    assert not finished

    await show(hass, "on", "2.0")
    await time.passes(minutes=3)
    assert [call.data for call in finished] == [{"name": "Washer", "energy": None}]


async def test_a_freezer_that_was_off_before_is_an_alarm_until_it_is_on(
    hass: HomeAssistant, time: Time
) -> None:
    alarms = async_mock_service(hass, "test", "alarm")
    well = async_mock_service(hass, "test", "well")
    await show(hass, "off", "0")
    await use(
        hass,
        "freezer_alert",
        power_sensor=POWER,
        alert_actions=[
            {
                "action": "test.alarm",
                "data": {"trouble": "{{ trouble }}", "count": "{{ count }}"},
            }
        ],
        well_actions=[{"action": "test.well"}],
    )
    assert [call.data for call in alarms] == [{"trouble": "off", "count": 1}]
    await time.passes(minutes=30)
    await show(hass, "unavailable", "unavailable")
    await time.passes(minutes=30)
    assert [call.data["trouble"] for call in alarms] == ["off", "off", "gone"]
    assert not well

    # It may pause between two coolings.
    await show(hass, "on", "0.5")
    assert len(well) == 1
    await time.passes(hours=1)
    await show(hass, "on", "80")
    await show(hass, "on", "0.5")
    await time.passes(hours=2.5)
    await show(hass, "unavailable", "unavailable")
    await time.passes(minutes=4)
    await show(hass, "on", "0.5")
    await time.passes(hours=2.5)
    assert len(alarms) == 3

    await time.passes(hours=0.5)
    assert alarms[-1].data == {"trouble": "idle", "count": 1}
    # That the plug comes back does not mean that it cools.
    await show(hass, "unavailable", "unavailable")
    await show(hass, "on", "0.5")
    assert len(well) == 1
    await show(hass, "on", "80")
    assert len(well) == 2
    await time.passes(hours=1)
    assert len(alarms) == 4


@pytest.mark.parametrize(
    ("context", "toggle", "only_presses", "action"),
    [
        (Context(), False, True, "turn_on"),
        (Context(), True, True, "toggle"),
        (Context(user_id="somebody"), False, True, None),
        (Context(parent_id="something"), False, True, None),
        (Context(user_id="somebody"), False, False, "turn_on"),
        (Context(parent_id="something"), True, False, "toggle"),
    ],
)
async def test_what_follows_a_button(
    hass: HomeAssistant,
    context: Context,
    *,
    toggle: bool,
    only_presses: bool,
    action: str | None,
) -> None:
    calls = {
        name: async_mock_service(hass, "homeassistant", name)
        for name in ("turn_on", "turn_off", "toggle")
    }
    await use(hass, "light_follows_button", toggle=toggle, only_presses=only_presses)
    for state in ("off", "unavailable", "on", "unavailable", "off"):
        hass.states.async_set(PLUG, state)
    await settled()
    assert not any(calls.values())

    hass.states.async_set(PLUG, "on", context=context)
    await settled()

    assert {name for name, found in calls.items() if found} == {action} - {None}


async def test_an_automation_that_began_by_itself_is_no_press(
    hass: HomeAssistant,
) -> None:
    calls = async_mock_service(hass, "homeassistant", "turn_on")
    await use(hass, "light_follows_button")
    # It shares its context, which has neither user nor parent, with what it does.
    context = Context()
    hass.states.async_set("automation.clockwork", "on", context=context)
    hass.states.async_set(PLUG, "off")

    hass.states.async_set(PLUG, "on", context=context)
    await settled()

    assert not calls
