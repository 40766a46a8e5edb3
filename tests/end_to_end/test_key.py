"""A plug that was given a key of its own when it was set up."""

import pytest
import pytest_asyncio

from tests.simulator import SimulatedPlug

from .house import DOMAIN, House, heard, said, until

pytestmark = pytest.mark.usefixtures("locked")

BIND = "Appliance.Control.Bind"
KEY = "a key of its own"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def locked(house: House) -> SimulatedPlug:
    """Bring a plug with a key that is not known, beside one with an ordinary key."""
    locked = SimulatedPlug("mss210", 1, key=KEY)
    house.fleet.add(locked, SimulatedPlug("mss210", 2))
    return locked


async def test_its_first_bind_is_answered_without_the_key(
    house: House, locked: SimulatedPlug
) -> None:
    await until(lambda: all(plug.is_bound for plug in house.fleet.plugs))

    assert await house.client.entries(DOMAIN) == []
    assert len(said(locked, BIND, "SET")) == len(heard(locked, BIND, "SETACK")) == 1
    # A plug that does not believe an answer says so.
    assert said(locked, BIND, "ERROR") == []


async def test_the_card_asks_for_the_key(house: House) -> None:
    card = await house.card(2)
    form = await house.client.get(f"config/config_entries/flow/{card['flow_id']}")

    assert [field["name"] for field in form["data_schema"]] == ["key"]


@pytest.mark.parametrize("wrong", ["", "another key"])
async def test_a_wrong_key_is_called_wrong(house: House, wrong: str) -> None:
    card = await house.card(2)

    step = await house.client.answer_flow(card["flow_id"], key=wrong)

    assert (step["type"], step["errors"]) == ("form", {"key": "wrong_key"})
    assert await house.client.entries(DOMAIN) == []


async def test_the_right_key_makes_the_switch(
    house: House, locked: SimulatedPlug
) -> None:
    card = await house.card(2)

    step = await house.client.answer_flow(card["flow_id"], key=KEY)

    assert step["type"] == "create_entry"
    await house.expect_truth(within=6)
    for action in ("on", "off"):
        await house.turn((locked.uuid, 0), action)
        assert locked.onoff() == (action == "on")


async def test_a_later_plug_with_the_same_key_needs_no_click(house: House) -> None:
    house.fleet.add(SimulatedPlug("mss310", 3, key=KEY))

    await house.expect_truth(within=3)
