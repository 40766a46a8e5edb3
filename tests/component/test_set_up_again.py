"""Plugs that are reset and set up again, and plugs that stay away together."""

import pytest

from tests.simulator import SimulatedPlug
from tests.support.clock import DAY
from tests.support.entities import state_of
from tests.support.entries import active_issues, keys_of, set_up
from tests.support.mqtt import MqttBroker


@pytest.mark.parametrize("model", ["mss210", "mss310", "mss425e", "mss210v1"])
@pytest.mark.parametrize("is_reset", [True, False])
async def test_plug_with_the_well_known_key_in_place_of_another_is_taken_at_once(
    broker: MqttBroker, model: str, *, is_reset: bool
) -> None:
    plug = SimulatedPlug(model, key="secret")
    entry = await set_up(broker, plug, key="secret")
    outlet = "all_outlets" if plug.model.is_strip else ""
    await broker.advance(20)
    if is_reset:
        plug.reset()
        await broker.advance(30)
    plug.set_up_again("meross")
    await broker.advance(7)
    await broker.block_till_done()
    assert state_of(broker, plug, outlet) == "off"
    assert active_issues(broker.hass) == {}
    assert keys_of(entry) == {plug.uuid: "meross"}
    plug.press()
    await broker.settle()
    assert state_of(broker, plug, outlet) == "on"


@pytest.mark.parametrize("another_works", [False, True])
async def test_plugs_that_stay_away_together_are_one_issue(
    broker: MqttBroker, *, another_works: bool
) -> None:
    plugs = [SimulatedPlug("mss210", number) for number in (1, 2, 3)]
    away = plugs[1:] if another_works else plugs
    await set_up(broker, *plugs)
    for plug in away:
        plug.power_off()
    await broker.leap(DAY + 600, step=30)
    assert len(active_issues(broker.hass)) == 1
    for plug in away:
        plug.power_on()
    await broker.advance(20)
    await broker.block_till_done()
    assert active_issues(broker.hass) == {}
