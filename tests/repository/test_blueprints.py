"""The blueprints are valid, documented, and do what they promise."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
import re
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.automation import DOMAIN as AUTOMATION
from homeassistant.components.automation.config import AUTOMATION_BLUEPRINT_SCHEMA
from homeassistant.components.blueprint.models import Blueprint
from homeassistant.components.blueprint.schemas import BLUEPRINT_SCHEMA
from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers.selector import selector
from homeassistant.setup import async_setup_component
from homeassistant.util import yaml as yaml_util
import pytest
from pytest_homeassistant_custom_component.common import async_mock_service

from tests.support.clock import SteppedClock

from . import COMPONENT, ROOT

DOMAIN = COMPONENT.name
FOLDER = ROOT / "blueprints" / AUTOMATION / DOMAIN
ADDRESS = (
    f"https://github.com/meross-local/{DOMAIN}/blob/main/{FOLDER.relative_to(ROOT)}"
)
IMPORT = "https://my.home-assistant.io/redirect/blueprint_import/"

PLUG = "switch.plug"
POWER = "sensor.plug_power"
# The inputs without a default, by blueprint.
REQUIRED: dict[str, dict[str, Any]] = {
    "appliance_finished": {"power_sensor": POWER},
    "standby_cut": {"plug": PLUG, "power_sensor": POWER},
    "light_follows_button": {"plug": PLUG, "followers": ["light.lamp"]},
    "freezer_alert": {"plug": PLUG},
}


@pytest.fixture(params=REQUIRED)
def name(request: pytest.FixtureRequest) -> str:
    """Return the name of each blueprint."""
    name: str = request.param
    return name


@pytest.fixture
def blueprint(name: str) -> Blueprint:
    """Load a blueprint as Home Assistant does."""
    return Blueprint(
        yaml_util.load_yaml_dict(FOLDER / f"{name}.yaml"),
        expected_domain=AUTOMATION,
        schema=AUTOMATION_BLUEPRINT_SCHEMA,
    )


@dataclass
class Home:
    """Home Assistant with an automation, and a clock that stands still."""

    hass: HomeAssistant
    clock: SteppedClock

    async def use(self, name: str, **chosen: object) -> None:
        """Set up an automation of a blueprint."""
        path, inputs = f"{DOMAIN}/{name}.yaml", REQUIRED[name] | chosen
        automation = {"alias": name, "use_blueprint": {"path": path, "input": inputs}}
        config = {AUTOMATION: [automation]}
        assert await async_setup_component(self.hass, AUTOMATION, config)
        # Fired whenever an automation was saved.
        self.hass.bus.async_fire("automation_reloaded")
        await self.clock.settle()

    async def show(self, plug: str, power: str) -> None:
        """Set the states of the plug and of its power sensor."""
        self.hass.states.async_set(PLUG, plug)
        self.hass.states.async_set(POWER, power)
        await self.clock.settle()

    async def wait(self, minutes: float) -> None:
        """Advance the clock by some minutes and a second more."""
        await self.clock.advance(minutes * 60 + 1)


@pytest.fixture
async def home(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, tmp_path: Path
) -> AsyncIterator[Home]:
    """Yield one with the blueprints; stop the automations that still wait."""
    (tmp_path / "blueprints").symlink_to(ROOT / "blueprints")
    hass.config.config_dir = str(tmp_path)
    hass.loop.set_debug(False)
    yield Home(hass, SteppedClock(hass, freezer))
    everything = {"entity_id": "all"}
    await hass.services.async_call(AUTOMATION, "turn_off", everything, blocking=True)


def action(name: str, *variables: str) -> list[dict[str, object]]:
    """Return an action that shows variables of the automation."""
    data = {variable: f"{{{{ {variable} }}}}" for variable in variables}
    return [{"action": f"test.{name}", "data": data}]


def test_there_are_four() -> None:
    assert {file.stem for file in FOLDER.glob("*.yaml")} == set(REQUIRED)


def test_it_is_a_valid_blueprint(blueprint: Blueprint, name: str) -> None:
    # The schema of imported and saved blueprints.
    BLUEPRINT_SCHEMA(blueprint.data)
    assert yaml_util.parse_yaml(blueprint.yaml()) == blueprint.data
    assert blueprint.validate() is None
    assert blueprint.metadata["homeassistant"]["min_version"] == "2026.3.0"
    assert blueprint.metadata["source_url"] == f"{ADDRESS}/{name}.yaml"


def test_inputs_are_used_and_offer_what_fits(blueprint: Blueprint, name: str) -> None:
    automation = {
        key: blueprint.data[key] for key in blueprint.data.keys() - {"blueprint"}
    }
    assert yaml_util.extract_inputs(automation) == set(blueprint.inputs)
    required = set()
    for key, one in blueprint.inputs.items():
        assert one["name"]
        if "default" not in one:
            required.add(key)
        # Nothing, where an entity may be left out.
        elif one["default"] or "entity" not in one["selector"]:
            validator: Any = selector(one["selector"])
            validator(one["default"])
        if key == "plug" or key.endswith("_sensor"):
            (offered,) = one["selector"]["entity"]["filter"]
            assert offered["integration"] == DOMAIN
    assert required == set(REQUIRED[name])


@pytest.mark.parametrize("bare", [False, True], ids=["defaults", "without actions"])
async def test_an_automation_can_be_made_of_it(
    home: Home, blueprint: Blueprint, name: str, *, bare: bool
) -> None:
    nothing: dict[str, list[object]] = {
        key: [] for key in blueprint.inputs if key.endswith("_actions")
    }
    await home.use(name, **(nothing if bare else {}))
    # One that is not valid is unavailable.
    state = home.hass.states.get(f"automation.{name}")
    assert state is not None
    assert state.state == "on"


def test_the_documentation_offers_it(blueprint: Blueprint, name: str) -> None:
    page = (ROOT / "docs" / "blueprints.md").read_text("utf-8")
    address = f"{ADDRESS}/{name}.yaml".replace(":", "%3A").replace("/", "%2F")
    assert f"{IMPORT}?blueprint_url={address}" in page
    for one in blueprint.inputs.values():
        assert re.search(rf"^\|.*\b{one['name']}\b.*\|.*\|.*\|$", page, re.MULTILINE)


async def test_standby_is_cut_only_while_it_is_known(home: Home) -> None:
    cut = async_mock_service(home.hass, "switch", "turn_off")
    # A window that has no end.
    await home.use(
        "standby_cut",
        grace={"minutes": 0},
        only_at_times=True,
        window_from="00:00:00",
        window_until="24:00:00",
    )
    await home.show("on", "100")
    await home.wait(20)
    assert not cut
    for unknown in ("unavailable", "unknown"):
        await home.show("on", "1.0")
        await home.wait(9)
        await home.show("on", unknown)
        await home.wait(11)
    assert not cut

    await home.show("on", "1.0")
    await home.wait(9)
    await home.show("on", "1.2")
    assert not cut
    await home.wait(1)
    assert [call.data["entity_id"] for call in cut] == [[PLUG]]


async def test_a_pause_is_not_the_end_and_the_unknown_is_none(home: Home) -> None:
    finished = async_mock_service(home.hass, "test", "finished")
    await home.use(
        "appliance_finished",
        appliance_name="Washer",
        finished_actions=action("finished", "name", "duration", "energy"),
    )
    # Shorter than a run.
    await home.show("on", "2000")
    await home.wait(0.5)
    await home.show("on", "0.5")
    await home.wait(10)
    assert not finished

    await home.show("on", "2000")
    await home.wait(1)
    for pause in ("2.0", "unavailable", "unknown"):
        await home.show("on", "2.0")
        await home.wait(2)
        await home.show("on", pause)
        await home.show("on", "2000" if pause == "2.0" else pause)
        await home.wait(10)
    assert not finished

    await home.show("on", "2.0")
    await home.wait(3)
    (call,) = finished
    assert call.data == {"name": "Washer", "duration": 37, "energy": None}


async def test_a_freezer_that_was_off_before_is_an_alarm_until_it_is_on(
    home: Home,
) -> None:
    alarms = async_mock_service(home.hass, "test", "alarm")
    well = async_mock_service(home.hass, "test", "well")
    await home.show("off", "0")
    await home.use(
        "freezer_alert",
        freezer_name="Freezer",
        power_sensor=POWER,
        alert_actions=action("alarm", "trouble", "count", "message"),
        well_actions=action("well", "name", "trouble"),
    )
    message = "The plug of Freezer is off."
    (alarm,) = alarms
    assert alarm.data == {"trouble": "off", "count": 1, "message": message}
    await home.wait(30)
    await home.show("unavailable", "unavailable")
    await home.wait(30)
    assert [call.data["trouble"] for call in alarms] == ["off", "off", "gone"]
    message = "The plug of Freezer is unavailable: it may be without power."
    assert alarms[-1].data["message"] == message
    assert not well

    # It may pause between two coolings.
    await home.show("on", "0.5")
    assert [call.data for call in well] == [{"name": "Freezer", "trouble": "gone"}]
    await home.wait(60)
    await home.show("on", "80")
    await home.show("on", "0.5")
    await home.wait(150)
    await home.show("unavailable", "unavailable")
    await home.wait(4)
    await home.show("on", "0.5")
    await home.wait(150)
    assert len(alarms) == 3

    await home.wait(30)
    message = "Freezer has drawn no power for a long time."
    assert alarms[-1].data == {"trouble": "idle", "count": 1, "message": message}
    # That the plug comes back does not mean that it cools.
    await home.show("unavailable", "unavailable")
    await home.show("on", "0.5")
    assert len(well) == 1
    await home.show("on", "80")
    assert len(well) == 2
    await home.wait(60)
    assert len(alarms) == 4


# Of an automation that began by itself, and of its actions: no user and no parent.
CLOCKWORK = Context()


@pytest.mark.parametrize(
    ("context", "toggle", "only_presses", "action"),
    [
        (Context(), False, True, "turn_on"),
        (Context(), True, True, "toggle"),
        (Context(user_id="somebody"), False, True, None),
        (Context(parent_id="something"), False, True, None),
        (Context(user_id="somebody"), False, False, "turn_on"),
        (Context(parent_id="something"), True, False, "toggle"),
        (CLOCKWORK, False, True, None),
    ],
)
async def test_what_follows_a_button(
    home: Home,
    context: Context,
    *,
    toggle: bool,
    only_presses: bool,
    action: str | None,
) -> None:
    calls = {
        name: async_mock_service(home.hass, "homeassistant", name)
        for name in ("turn_on", "turn_off", "toggle")
    }
    await home.use("light_follows_button", toggle=toggle, only_presses=only_presses)
    home.hass.states.async_set("automation.clockwork", "on", context=CLOCKWORK)
    for state in ("off", "unavailable", "on", "unavailable", "off"):
        home.hass.states.async_set(PLUG, state)
    await home.clock.settle()
    assert not any(calls.values())

    home.hass.states.async_set(PLUG, "on", context=context)
    await home.clock.settle()

    assert {name for name, found in calls.items() if found} == {action} - {None}
