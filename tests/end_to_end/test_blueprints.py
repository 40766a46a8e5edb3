"""The blueprints, imported and used as a person does, with plugs that do their part.

The tests build on each other: what one has prepared, another may find.
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

import pytest_asyncio

from tests.simulator import SimulatedPlug

from .house import DOMAIN, House, until
from .test_broker import EXPECTED_IN_LOG as _OF_A_DYING_BROKER

EXPECTED_IN_LOG = _OF_A_DYING_BROKER

FOLDER = Path(__file__).parents[2] / "blueprints" / "automation" / DOMAIN
NAMES = (
    "appliance_finished",
    "freezer_alert",
    "light_follows_button",
    "standby_cut",
)

# What the blueprints need beside the harness's configuration, and what is acted upon.
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
NOTHING = 0
STANDBY = 1_000
WORK = 100_000

# Seconds between two questions for the power, the fewest that can be chosen.
INTERVAL = 5
# Until a changed load is shown.
READ = 2 * INTERVAL

# A context lasts for so long: a press within it is taken for Home Assistant's doing.
RECENT = 5


def seconds(number: int) -> dict[str, int]:
    """Return a duration as its selector does."""
    return {"hours": 0, "minutes": 0, "seconds": number}


def note(name: str, message: str) -> dict[str, Any]:
    """Return an action that leaves a notification."""
    return {
        "action": "persistent_notification.create",
        "data": {"notification_id": name, "message": message},
    }


@dataclass(frozen=True, slots=True)
class Home:
    """A house with blueprints, and a plug for each of them."""

    house: House
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
        """Make an automation of a blueprint, as the editor does."""
        await self.make(
            name,
            use_blueprint={"path": f"{DOMAIN}/{blueprint}.yaml", "input": inputs},
        )

    async def make(self, name: str, **configuration: object) -> None:
        """Save an automation, as the editor does."""
        client = self.house.client
        answer = await client.post(
            f"config/automation/config/{name}", alias=name, **configuration
        )
        assert answer == {"result": "ok"}
        await client.wait_for_state(f"automation.{name}", "on")

    async def drop(self, name: str) -> None:
        """Delete an automation."""
        await self.house.client.delete(f"config/automation/config/{name}")

    async def notes(self) -> dict[str, str]:
        """Return the messages of all notifications."""
        found = await self.house.client.command("persistent_notification/get")
        return {one["notification_id"]: one["message"] for one in found}

    async def note(self, name: str, within: float) -> str:
        """Wait for a notification, return its message and dismiss it."""
        async with asyncio.timeout(within):
            while name not in (found := await self.notes()):
                await asyncio.sleep(0.05)
        await self.house.client.act(
            "persistent_notification.dismiss", notification_id=name
        )
        return found[name]

    async def shows(
        self, entity_id: str, judge: Callable[[str], bool], within: float
    ) -> None:
        """Wait until an entity's state is as it should be."""
        async with asyncio.timeout(within):
            while not judge(await self.house.client.state(entity_id) or ""):
                await asyncio.sleep(0.05)

    async def draws(self, plug: SimulatedPlug, milliwatts: int) -> None:
        """Change what a plug feeds, and wait until that is shown."""
        plug.device.meter.load = milliwatts
        await self.shows(
            self.sensor(plug, "power"),
            lambda state: state == str(milliwatts / 1000),
            READ,
        )


def the_hour_after_next() -> tuple[str, str]:
    """Return when it begins and ends, in the house's time."""
    now = datetime.now(UTC).astimezone(ZoneInfo("Europe/Berlin"))
    begin, end = (now + timedelta(hours=hours) for hours in (1, 2))
    return begin.strftime("%H:%M:%S"), end.strftime("%H:%M:%S")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def home(house: House) -> Home:
    """Set up five plugs that are on, and the blueprints."""
    button = SimulatedPlug("mss210", 1, reconnect_delay=0.2)
    metering = [
        SimulatedPlug("mss310", number, reconnect_delay=0.2) for number in range(2, 6)
    ]
    for plug in metering:
        plug.device.meter.load = WORK
    await house.adopt(button, *metering)
    for plug in metering:
        await house.turn((plug.uuid, 0), "on")

    (entry,) = await house.client.entries(DOMAIN)
    flows = "config/config_entries/options/flow"
    form = await house.client.post(flows, handler=entry["entry_id"])
    await house.client.post(f"{flows}/{form['flow_id']}", power_interval=INTERVAL)

    (house.hass.folder / "automations.yaml").write_text("[]")
    with (house.hass.folder / "configuration.yaml").open("a") as file:
        file.write(CONFIGURATION)
    await house.hass.restart()
    await house.expect_truth(within=5)
    for name in NAMES:
        saved = await house.client.command(
            "blueprint/save",
            domain="automation",
            path=f"{DOMAIN}/{name}",
            yaml=(FOLDER / f"{name}.yaml").read_text(),
        )
        assert saved == {"overrides_existing": False}
    entities = {
        one["unique_id"]: one["entity_id"]
        for one in await house.client.command("config/entity_registry/list")
        if one["platform"] == DOMAIN
    }
    washer, television, printer, freezer = metering
    return Home(house, washer, television, printer, freezer, button, entities)


async def test_home_assistant_lists_them(home: Home) -> None:
    listed = await home.house.client.command("blueprint/list", domain="automation")

    for name in NAMES:
        blueprint = listed[f"{DOMAIN}/{name}.yaml"]
        assert blueprint["metadata"]["author"] == "Meross Local"
        assert blueprint["metadata"]["source_url"].endswith(f"/{DOMAIN}/{name}.yaml")


async def test_lights_follow_a_button(home: Home) -> None:
    plug = home.switch(home.button)
    await home.use("light_follows_button", "lamp", plug=plug, followers=[LAMP])
    await home.use(
        "light_follows_button",
        "toggled",
        plug=plug,
        followers=[TOGGLED],
        toggle=True,
    )
    await home.use(
        "light_follows_button",
        "mirror",
        plug=plug,
        followers=[MIRROR],
        only_presses=False,
    )
    await home.house.client.act("input_boolean.turn_on", entity_id=TOGGLED)

    for state, toggled in (("on", "off"), ("off", "on")):
        home.button.press()
        await home.house.client.wait_for_state(LAMP, state, 2)
        await home.house.client.wait_for_state(MIRROR, state, 2)
        await home.house.client.wait_for_state(TOGGLED, toggled, 2)


async def test_they_do_not_follow_a_click(home: Home) -> None:
    for action in ("on", "off"):
        await home.house.turn((home.button.uuid, 0), action)
        await home.house.client.wait_for_state(MIRROR, action, 2)
        assert await home.house.client.state(LAMP) == "off"
        assert await home.house.client.state(TOGGLED) == "on"


async def test_nor_an_automation_that_begins_by_itself(home: Home) -> None:
    # It has neither a user nor something that came before it.
    await home.make(
        "clockwork",
        triggers=[{"trigger": "time_pattern", "seconds": "/1"}],
        actions=[
            {
                "action": "switch.turn_on",
                "target": {"entity_id": home.switch(home.button)},
            }
        ],
    )

    await home.house.client.wait_for_state(MIRROR, "on", 4)
    await home.drop("clockwork")
    assert home.button.onoff() == 1
    assert await home.house.client.state(LAMP) == "off"
    assert await home.house.client.state(TOGGLED) == "on"


async def test_a_run_that_goes_on_already_is_seen(home: Home) -> None:
    await home.use(
        "appliance_finished",
        "washer",
        power_sensor=home.sensor(home.washer, "power"),
        appliance_name="Washer",
        energy_sensor=home.sensor(home.washer, "energy"),
        memory=MEMORY,
        start_for=seconds(1),
        end_for=seconds(1),
        finished_actions=[
            note("finished", "{{ [name, duration, energy] | to_json }}"),
        ],
    )

    await home.shows(MEMORY, lambda state: ";" in state, 4)


async def test_without_the_broker_only_the_freezer_is_of_concern(home: Home) -> None:
    await home.use(
        "freezer_alert",
        "freezer",
        plug=home.switch(home.freezer),
        freezer_name="Freezer",
        gone_for=seconds(1),
        repeat_every=seconds(1),
        power_sensor=home.sensor(home.freezer, "power"),
        idle_for=seconds(2),
        alert_actions=[
            note("alarm", "{{ trouble }}: {{ message }}"),
            {"action": "counter.increment", "target": {"entity_id": ALARMS}},
        ],
        well_actions=[note("well", "{{ name }}, {{ trouble }}")],
    )
    await asyncio.gather(
        home.draws(home.television, STANDBY), home.draws(home.printer, STANDBY)
    )
    assert "alarm" not in await home.notes()
    await home.use(
        "standby_cut",
        "television",
        plug=home.switch(home.television),
        power_sensor=home.sensor(home.television, "power"),
        standby_for=seconds(4),
        grace=seconds(0),
    )
    begin, end = the_hour_after_next()
    await home.use(
        "standby_cut",
        "printer",
        plug=home.switch(home.printer),
        power_sensor=home.sensor(home.printer, "power"),
        standby_for=seconds(1),
        grace=seconds(0),
        only_at_times=True,
        window_from=begin,
        window_until=end,
    )

    await home.house.mosquitto.kill()
    # After one second, and after each second more.
    await home.shows(ALARMS, lambda state: int(state) >= 5, 8)
    assert (await home.note("alarm", 1)).startswith("gone: The plug of Freezer is gone")
    await home.house.mosquitto.start()

    assert await home.note("well", 20) == "Freezer, gone"
    back = monotonic()
    await home.house.expect_truth(within=5)
    # Neither the standby nor the end of the washing was seen in what was not known.
    assert home.television.onoff() == 1
    assert "finished" not in await home.notes()
    assert ";" in (await home.house.client.state(MEMORY) or "")
    await until(lambda: home.television.onoff() == 0, 8)
    assert monotonic() - back > 3
    assert home.printer.onoff() == 1


async def test_a_plug_stays_on_for_its_grace_time(home: Home) -> None:
    await home.use(
        "standby_cut",
        "television",
        plug=home.switch(home.television),
        power_sensor=home.sensor(home.television, "power"),
        standby_for=seconds(1),
        grace=seconds(RECENT),
    )
    await home.house.turn((home.television.uuid, 0), "on")
    await home.shows(
        home.sensor(home.television, "power"), lambda state: state == "1.0", 3
    )
    on = monotonic()

    await until(lambda: home.television.onoff() == 0, RECENT + 2)

    assert monotonic() - on > RECENT - 2


async def test_a_press_counts_again_after_a_click(home: Home) -> None:
    # The context of what Home Assistant did is over.
    await home.house.client.act("input_boolean.turn_on", entity_id=LAMP)
    before = home.button.onoff()
    home.button.press()
    await until(lambda: home.button.onoff() != before)
    await home.house.client.wait_for_state(LAMP, "off" if before else "on", 2)


async def test_what_happens_during_a_restart_is_told(home: Home) -> None:
    await home.house.hass.stop()
    home.washer.device.meter.load = NOTHING
    home.washer.consume(500)
    home.freezer.press()
    await home.house.hass.start()

    assert await home.note("alarm", 5) == "off: The plug of Freezer is off."
    name, duration, energy = json.loads(await home.note("finished", 10))
    assert name == "Washer"
    assert duration <= 1
    assert 0.5 <= energy < 0.51
    assert await home.house.client.state(MEMORY) == ""
    home.freezer.press()
    assert await home.note("well", 5) == "Freezer, off"


async def test_a_run_and_an_idle_freezer(home: Home) -> None:
    await home.use(
        "appliance_finished",
        "by_default",
        power_sensor=home.sensor(home.washer, "power"),
        start_for=seconds(1),
        end_for=seconds(1),
    )
    await asyncio.gather(
        home.draws(home.washer, WORK), home.draws(home.freezer, NOTHING)
    )
    alarm = await home.note("alarm", 4)
    assert alarm == "idle: Freezer has drawn no power for a long time."
    assert home.freezer.onoff() == 1
    assert "finished" not in await home.notes()
    assert "well" not in await home.notes()

    await asyncio.gather(
        home.draws(home.washer, NOTHING), home.draws(home.freezer, WORK)
    )

    assert await home.note("well", 3) == "Freezer, idle"
    assert json.loads(await home.note("finished", 4))[1] <= 1
    device = f"MSS310 {home.washer.uuid[-4:]}"
    assert any(
        message.startswith(f"{device} has finished. It took ")
        for message in (await home.notes()).values()
    )
