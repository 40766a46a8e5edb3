"""Plugs with keys that are not known, forged words, and the repairs that help."""

import asyncio
from time import monotonic

import orjson
import pytest
import pytest_asyncio

from tests.simulator import SimulatedPlug, sign

from .house import DOMAIN, House, said, until

pytestmark = pytest.mark.usefixtures("plug")

KEY = "a key of its own"
TOGGLE = "Appliance.Control.ToggleX"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def plug(house: House) -> SimulatedPlug:
    """Set up a plug with an ordinary key."""
    plug = SimulatedPlug("mss210", 1, reconnect_delay=0.2)
    await house.adopt(plug)
    return plug


async def test_forged_words_change_nothing_and_are_counted(
    house: House, plug: SimulatedPlug
) -> None:
    before = await house.shown()
    for namespace, payload in (
        (TOGGLE, {"togglex": [{"channel": 0, "onoff": 1, "lmTime": 2_000_000_000}]}),
        ("Appliance.Control.Unbind", {}),
    ):
        await _forge(house, plug, namespace, payload)
    await asyncio.sleep(0.5)

    assert await house.shown() == before
    (entry,) = await house.client.entries(DOMAIN)
    report = await house.client.get(f"diagnostics/config_entry/{entry['entry_id']}")
    assert report["data"]["plugs"][0]["counters"]["rejected"] == 2
    for secret in (plug.uuid, plug.mac, plug.mac.replace(":", ""), plug.key):
        assert secret not in orjson.dumps(report["data"]).decode()


async def test_a_new_plug_with_its_own_key_is_kept_and_asked_for_its_key(
    house: House,
) -> None:
    locked = SimulatedPlug("mss210", 2, key=KEY, reconnect_delay=0.2)
    house.fleet.add(locked)
    await until(lambda: locked.is_bound)
    assert said(locked, "Appliance.Control.Bind", "ERROR") == []

    await _repair(house, "unknown_key")
    await house.expect_truth(within=2)


async def test_a_plug_that_was_given_another_key_works_again_with_it(
    house: House, plug: SimulatedPlug
) -> None:
    plug.power_off()
    plug.key = "another key"
    plug.power_on()
    # It is kept on the broker, but nothing that it says is believed.
    await until(lambda: plug.is_bound, 10)
    plug.press()

    await _repair(house, "wrong_key", "another key", within=80)
    await house.expect_truth(within=2)


async def _forge(
    house: House, plug: SimulatedPlug, namespace: str, payload: object
) -> None:
    header = {
        "messageId": "0" * 32,
        "namespace": namespace,
        "method": "PUSH",
        "payloadVersion": 1,
        "from": f"/appliance/{plug.uuid}/publish",
        "timestamp": 2_000_000_000,
        "sign": sign("0" * 32, "not its key", 2_000_000_000),
    }
    await house.client.act(
        "mqtt.publish",
        topic=f"/appliance/{plug.uuid}/publish",
        payload=orjson.dumps({"header": header, "payload": payload}).decode(),
    )


async def _repair(house: House, issue: str, key: str = KEY, within: float = 3) -> None:
    """Wait for the repair, try a wrong key and then the right one."""
    end = monotonic() + within
    while issue not in (issues := await house.issues()):
        assert monotonic() < end
        await asyncio.sleep(0.1)
    form = await house.client.post(
        "repairs/issues/fix", handler=DOMAIN, issue_id=issues[issue]
    )
    path = f"repairs/issues/fix/{form['flow_id']}"

    step = await house.client.post(path, key="no plug's key")
    assert (step["type"], step["errors"]) == ("form", {"key": "wrong_key"})
    step = await house.client.post(path, key=key)
    assert step["type"] == "create_entry"
    assert issue not in await house.issues()
