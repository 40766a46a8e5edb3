"""Automations of the blueprints, with real plugs, contexts and a restart.

The logic of each is tested on a stepped clock, in tests/repository/test_blueprints.py.
The tests build on each other.
"""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
import re
from time import monotonic
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio

from tests.simulator import SimulatedPlug

from .environment import DOMAIN, Environment, Options, press, until
from .flow import OPTIONS, Flow

FOLDER = Path(__file__).parents[2] / "blueprints" / "automation" / DOMAIN

# What the automations need or act upon.
CONFIGURATION = """
automation: !include automations.yaml
input_boolean:
  lamp:
  mirror:
input_text:
  memory:
"""
LAMP = "input_boolean.lamp"
MIRROR = "input_boolean.mirror"
MEMORY = "input_text.memory"

# Milliwatts.
STANDBY = 1_000
WORK = 100_000

# Seconds between two polls of the power: the minimum of the option.
POWER_INTERVAL = 5
SECOND = {"seconds": 1}


def notify(message: str) -> list[dict[str, object]]:
    """Return an action that creates a notification."""
    return [{"action": "persistent_notification.create", "data": {"message": message}}]


@dataclass(frozen=True, slots=True)
class Home:
    """An environment with blueprints, and a plug for each of them."""

    environment: Environment
    washer: SimulatedPlug
    television: SimulatedPlug
    printer: SimulatedPlug
    freezer: SimulatedPlug
    button: SimulatedPlug
    entities: dict[str, str]
    """Entity ids by unique ids."""

    def entity(self, plug: SimulatedPlug, key: str = "0") -> str:
        """Return the entity id of a plug's switch, or of a sensor."""
        return self.entities[f"{plug.uuid}_{key}"]

    async def use(self, blueprint: str, name: str, **inputs: object) -> None:
        """Save an automation of a blueprint, as the editor does."""
        client = self.environment.client
        used = {"path": f"{DOMAIN}/{blueprint}.yaml", "input": inputs}
        path = f"config/automation/config/{name}"
        saved = await client.post(path, alias=name, use_blueprint=used)
        assert saved == {"result": "ok"}
        await client.wait_for_state(f"automation.{name}", "on")

    async def notification(self, beginning: str, within: float) -> str:
        """Wait for a notification that begins so, and return the rest of it."""
        client = self.environment.client
        async with asyncio.timeout(within):
            while True:
                for one in await client.command("persistent_notification/get"):
                    message: str = one["message"]
                    if message.startswith(beginning):
                        return message.removeprefix(beginning)
                await asyncio.sleep(0.05)


def the_hour_after_next() -> tuple[str, str]:
    """Return when it starts and ends, in Home Assistant's time zone."""
    now = datetime.now(UTC).astimezone(ZoneInfo("Europe/Berlin"))
    start, end = (now + timedelta(hours=hours) for hours in (1, 2))
    return start.strftime("%H:%M:%S"), end.strftime("%H:%M:%S")


@pytest.fixture(scope="module")
def options() -> Options:
    """Add automations and helpers to the configuration."""

    def prepare(folder: Path) -> None:
        (folder / "automations.yaml").write_text("[]")
        with (folder / "configuration.yaml").open("a") as file:
            file.write(CONFIGURATION)

    return {"prepare": prepare}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def home(environment: Environment) -> Home:
    """Set up five plugs that are on, and save the blueprints."""
    button, *metering = plugs = [
        SimulatedPlug("mss310" if number else "mss210", number, reconnect_delay=0.2)
        for number in range(5)
    ]
    for plug in metering:
        plug.device.meter.load = WORK
    await environment.set_up(*plugs)
    for plug in metering:
        await environment.turn((plug.uuid, 0), "on")

    options = Flow(environment.client, OPTIONS)
    await options.start(handler=await environment.entry_id())
    await options.submit(power_interval=POWER_INTERVAL)

    for path in FOLDER.glob("*.yaml"):
        saved = await environment.client.command(
            "blueprint/save",
            domain="automation",
            path=f"{DOMAIN}/{path.stem}",
            yaml=path.read_text(),
        )
        assert saved == {"overrides_existing": False}
    washer, television, printer, freezer = metering
    entities = await environment.entity_ids()
    # What runs before its energy is known ends without one.
    async with asyncio.timeout(15):
        for plug in metering:
            energy = entities[f"{plug.uuid}_energy"]
            while await environment.client.state(energy) in {"unknown", "unavailable"}:
                await asyncio.sleep(0.1)
    return Home(environment, washer, television, printer, freezer, button, entities)


async def test_lights_follow_a_button(home: Home) -> None:
    for name, only_presses in (("lamp", True), ("mirror", False)):
        await home.use(
            "light_follows_button",
            name,
            plug=home.entity(home.button),
            followers=[f"input_boolean.{name}"],
            only_presses=only_presses,
        )
    for state in ("on", "off"):
        home.button.press()
        for light in (LAMP, MIRROR):
            await home.environment.client.wait_for_state(light, state, 2)


async def test_they_do_not_follow_a_command(home: Home) -> None:
    for action in ("on", "off"):
        await home.environment.turn((home.button.uuid, 0), action)
        await home.environment.client.wait_for_state(MIRROR, action, 2)
        assert await home.environment.client.state(LAMP) == "off"


async def test_a_run_that_has_started_before_is_noticed(home: Home) -> None:
    await home.use(
        "appliance_finished",
        "washer",
        power_sensor=home.entity(home.washer, "power"),
        energy_sensor=home.entity(home.washer, "energy"),
        memory=MEMORY,
        start_for=SECOND,
        end_for=SECOND,
    )

    client = home.environment.client
    async with asyncio.timeout(4):
        while ";" not in str(await client.state(MEMORY)):
            await asyncio.sleep(0.05)


async def test_standby_is_cut_after_the_grace_time_and_in_its_window(
    home: Home,
) -> None:
    grace = 5
    start, end = the_hour_after_next()
    window = {"only_at_times": True, "window_from": start, "window_until": end}
    home.television.device.meter.load = home.printer.device.meter.load = STANDBY
    power = home.entity(home.printer, "power")
    await home.environment.client.wait_for_state(power, "1.0", 2 * POWER_INTERVAL)
    await home.environment.turn((home.television.uuid, 0), "off")
    for name, plug, inputs in (
        ("television", home.television, {"grace": {"seconds": grace}}),
        ("printer", home.printer, {"grace": {"seconds": 0}, **window}),
    ):
        await home.use(
            "standby_cut",
            name,
            plug=home.entity(plug),
            power_sensor=home.entity(plug, "power"),
            standby_for=SECOND,
            **inputs,
        )
    await home.environment.turn((home.television.uuid, 0), "on")
    since = monotonic()

    await until(lambda: home.television.onoff() == 0, grace + 2)

    assert monotonic() - since > grace - 1
    assert home.printer.onoff() == 1


async def test_a_press_counts_again_some_time_after_a_command(home: Home) -> None:
    # The last command of the button was in another test.
    state = "off" if home.button.onoff() else "on"
    await home.environment.client.act("input_boolean.turn_on", entity_id=LAMP)
    await press(home.button)
    await home.environment.client.wait_for_state(LAMP, state, 2)


async def test_changes_during_a_restart_are_noticed(home: Home) -> None:
    await home.use(
        "freezer_alert",
        "freezer",
        plug=home.entity(home.freezer),
        freezer_name="Freezer",
        alert_actions=notify("{{ trouble }}: {{ message }}"),
        well_actions=notify("well: {{ name }}, {{ trouble }}"),
    )
    await home.environment.hass.stop()
    home.washer.device.meter.load = 0
    home.washer.consume(500)
    home.freezer.press()
    await home.environment.hass.start()

    assert await home.notification("off: ", 5) == "The plug of Freezer is off."
    # Without actions of its own, and with the name of the device.
    beginning = f"MSS310 {home.washer.uuid[-4:]} has finished. It took "
    finished = await home.notification(beginning, 10)
    assert re.fullmatch(r"[01] minutes and 0\.50 kWh\.", finished)
    assert await home.environment.client.state(MEMORY) == ""
    home.freezer.press()
    assert await home.notification("well: ", 5) == "Freezer, off"
