"""Automations of the blueprints, with real plugs, contexts, outages and restarts.

The tests build on each other.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
from time import monotonic
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio

from tests.simulator import SimulatedPlug

from .environment import (
    DOMAIN,
    MQTT_RECONNECT_INTERVAL,
    Environment,
    Options,
    press,
    until,
)
from .flow import OPTIONS, Flow
from .test_broker import EXPECTED_IN_LOG as _BROKER_KILLED

EXPECTED_IN_LOG = _BROKER_KILLED

FOLDER = Path(__file__).parents[2] / "blueprints" / "automation" / DOMAIN

# What the automations need or act upon.
CONFIGURATION = """
automation: !include automations.yaml
input_boolean:
  lamp:
  toggled:
  mirror:
input_text:
  memory:
counter:
  alarms:
"""
LAMP = "input_boolean.lamp"
TOGGLED = "input_boolean.toggled"
MIRROR = "input_boolean.mirror"
MEMORY = "input_text.memory"
ALARMS = "counter.alarms"

# Milliwatts.
STANDBY = 1_000
WORK = 100_000

# Seconds between two polls of the power: the minimum of the option.
POWER_INTERVAL = 5


def notify(name: str, message: str) -> dict[str, Any]:
    """Return an action that creates a notification."""
    return {
        "action": "persistent_notification.create",
        "data": {"notification_id": name, "message": message},
    }


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

    def switch(self, plug: SimulatedPlug) -> str:
        """Return the entity id of a plug's switch."""
        return self.entities[f"{plug.uuid}_0"]

    def sensor(self, plug: SimulatedPlug, key: str) -> str:
        """Return the entity id of a plug's sensor."""
        return self.entities[f"{plug.uuid}_{key}"]

    async def use(self, blueprint: str, name: str, **inputs: object) -> None:
        """Save an automation of a blueprint, as the editor does."""
        client = self.environment.client
        used = {"path": f"{DOMAIN}/{blueprint}.yaml", "input": inputs}
        path = f"config/automation/config/{name}"
        saved = await client.post(path, alias=name, use_blueprint=used)
        assert saved == {"result": "ok"}
        await client.wait_for_state(f"automation.{name}", "on")

    async def notifications(self) -> dict[str, str]:
        """Return the messages of all notifications."""
        found = await self.environment.client.command("persistent_notification/get")
        return {one["notification_id"]: one["message"] for one in found}

    async def notification(self, name: str, within: float) -> str:
        """Wait for a notification, return its message and dismiss it."""
        async with asyncio.timeout(within):
            while name not in (found := await self.notifications()):
                await asyncio.sleep(0.05)
        await self.environment.client.act(
            "persistent_notification.dismiss", notification_id=name
        )
        return found[name]

    async def wait_for(
        self, entity_id: str, condition: Callable[[str], bool], within: float
    ) -> None:
        """Wait until the state of an entity meets a condition."""
        async with asyncio.timeout(within):
            while not condition(await self.state(entity_id)):
                await asyncio.sleep(0.05)

    async def state(self, entity_id: str) -> str:
        """Return the state of an entity."""
        return await self.environment.client.state(entity_id) or ""

    async def set_load(self, milliwatts: int, *plugs: SimulatedPlug) -> None:
        """Change the loads of plugs, and wait until their power is shown."""
        client, state = self.environment.client, str(milliwatts / 1000)
        for plug in plugs:
            plug.device.meter.load = milliwatts
        for plug in plugs:
            power = self.sensor(plug, "power")
            await client.wait_for_state(power, state, 2 * POWER_INTERVAL)


def the_hour_after_next() -> tuple[str, str]:
    """Return when it starts and ends, in Home Assistant's time zone."""
    now = datetime.now(UTC).astimezone(ZoneInfo("Europe/Berlin"))
    start, end = (now + timedelta(hours=hours) for hours in (1, 2))
    return start.strftime("%H:%M:%S"), end.strftime("%H:%M:%S")


@pytest.fixture(scope="module")
def options() -> Options:
    """Add automations and helpers to the configuration, and reconnect sooner."""

    def prepare(folder: Path) -> None:
        (folder / "automations.yaml").write_text("[]")
        with (folder / "configuration.yaml").open("a") as file:
            file.write(CONFIGURATION)

    return {"prepare": prepare, "constants": {MQTT_RECONNECT_INTERVAL: 1}}


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
    return Home(environment, washer, television, printer, freezer, button, entities)


async def test_lights_follow_a_button(home: Home) -> None:
    for name, choices in {
        "lamp": {},
        "toggled": {"toggle": True},
        "mirror": {"only_presses": False},
    }.items():
        await home.use(
            "light_follows_button",
            name,
            plug=home.switch(home.button),
            followers=[f"input_boolean.{name}"],
            **choices,
        )
    client = home.environment.client
    await client.act("input_boolean.turn_on", entity_id=TOGGLED)

    for state, toggled in (("on", "off"), ("off", "on")):
        home.button.press()
        await client.wait_for_state(LAMP, state, 2)
        await client.wait_for_state(MIRROR, state, 2)
        await client.wait_for_state(TOGGLED, toggled, 2)


async def test_they_do_not_follow_a_command(home: Home) -> None:
    for action in ("on", "off"):
        await home.environment.turn((home.button.uuid, 0), action)
        await home.environment.client.wait_for_state(MIRROR, action, 2)
        assert await home.state(LAMP) == "off"
        assert await home.state(TOGGLED) == "on"


async def test_a_run_that_has_started_before_is_noticed(home: Home) -> None:
    await home.use(
        "appliance_finished",
        "washer",
        power_sensor=home.sensor(home.washer, "power"),
        appliance_name="Washer",
        energy_sensor=home.sensor(home.washer, "energy"),
        memory=MEMORY,
        start_for={"seconds": 1},
        end_for={"seconds": 1},
        finished_actions=[
            notify("finished", "{{ [name, duration, energy] | to_json }}"),
        ],
    )

    await home.wait_for(MEMORY, lambda state: ";" in state, 4)


async def test_without_the_broker_only_the_freezer_has_an_alarm(home: Home) -> None:
    await home.use(
        "freezer_alert",
        "freezer",
        plug=home.switch(home.freezer),
        freezer_name="Freezer",
        gone_for={"seconds": 1},
        repeat_every={"seconds": 1},
        alert_actions=[
            notify("alarm", "{{ trouble }}: {{ message }}"),
            {"action": "counter.increment", "target": {"entity_id": ALARMS}},
        ],
        well_actions=[notify("well", "{{ name }}, {{ trouble }}")],
    )
    await home.set_load(STANDBY, home.television, home.printer)
    assert "alarm" not in await home.notifications()
    await _cut_standby(
        home, "television", standby_for={"seconds": 4}, grace={"seconds": 0}
    )
    start, end = the_hour_after_next()
    await _cut_standby(
        home,
        "printer",
        standby_for={"seconds": 1},
        grace={"seconds": 0},
        only_at_times=True,
        window_from=start,
        window_until=end,
    )

    await home.environment.mosquitto.kill()
    # After a second, and then every second.
    await home.wait_for(ALARMS, lambda state: int(state) >= 5, 8)
    alarm = await home.notification("alarm", 1)
    assert alarm.startswith("gone: The plug of Freezer is ")
    await home.environment.mosquitto.start()

    assert await home.notification("well", 20) == "Freezer, gone"
    since = monotonic()
    await home.environment.expect_in_sync(within=5)
    # An unavailable sensor is neither standby nor the end of a run.
    assert home.television.onoff() == 1
    assert "finished" not in await home.notifications()
    assert ";" in await home.state(MEMORY)
    await until(lambda: home.television.onoff() == 0, 8)
    assert monotonic() - since > 3
    assert home.printer.onoff() == 1


async def _cut_standby(home: Home, name: str, **inputs: object) -> None:
    """Use the blueprint for one of the plugs."""
    plug: SimulatedPlug = getattr(home, name)
    await home.use(
        "standby_cut",
        name,
        plug=home.switch(plug),
        power_sensor=home.sensor(plug, "power"),
        **inputs,
    )


async def test_a_plug_stays_on_for_its_grace_time(home: Home) -> None:
    grace = 5
    await _cut_standby(
        home, "television", standby_for={"seconds": 1}, grace={"seconds": grace}
    )
    await home.environment.turn((home.television.uuid, 0), "on")
    power = home.sensor(home.television, "power")
    await home.environment.client.wait_for_state(power, "1.0", 3)
    since = monotonic()

    await until(lambda: home.television.onoff() == 0, grace + 2)

    assert monotonic() - since > grace - 2


async def test_a_press_counts_again_some_time_after_a_command(home: Home) -> None:
    # The last command of the button was in another test.
    state = "off" if home.button.onoff() else "on"
    await home.environment.client.act("input_boolean.turn_on", entity_id=LAMP)
    await press(home.button)
    await home.environment.client.wait_for_state(LAMP, state, 2)


async def test_changes_during_a_restart_are_noticed(home: Home) -> None:
    await home.environment.hass.stop()
    home.washer.device.meter.load = 0
    home.washer.consume(500)
    home.freezer.press()
    await home.environment.hass.start()

    assert await home.notification("alarm", 5) == "off: The plug of Freezer is off."
    name, duration, energy = json.loads(await home.notification("finished", 10))
    assert name == "Washer"
    assert duration <= 1
    assert 0.5 <= energy < 0.51
    assert await home.state(MEMORY) == ""
    home.freezer.press()
    assert await home.notification("well", 5) == "Freezer, off"


async def test_a_finished_run_creates_a_notification_by_default(home: Home) -> None:
    await home.use(
        "appliance_finished",
        "by_default",
        power_sensor=home.sensor(home.washer, "power"),
        start_for={"seconds": 1},
        end_for={"seconds": 1},
    )
    await home.set_load(WORK, home.washer)
    # Longer than start_for.
    await asyncio.sleep(1.5)
    assert "finished" not in await home.notifications()

    await home.set_load(0, home.washer)

    assert json.loads(await home.notification("finished", 4))[1] <= 1
    device = f"MSS310 {home.washer.uuid[-4:]}"
    assert any(
        message.startswith(f"{device} has finished. It took ")
        for message in (await home.notifications()).values()
    )
