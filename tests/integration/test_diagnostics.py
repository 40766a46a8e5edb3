"""What a sniffer was needed for, as a download without secrets."""

from http import HTTPStatus
import json
import re
import time
from typing import Any

from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator
from syrupy.assertion import SnapshotAssertion

from tests.simulator import SimulatedPlug
from tests.simulator.namespaces import REPORT, TOGGLE_X
from tests.support.entities import entity_id_of, turn_off, turn_on
from tests.support.entries import device_names, device_of, names_of, set_up
from tests.support.messages import build_message
from tests.support.mqtt import MqttBroker

HUB_KEY = "the hub's key"
PLUG_KEY = "a key of its own"


async def download(
    broker: MqttBroker,
    client: ClientSessionGenerator,
    entry: MockConfigEntry,
    plug: SimulatedPlug | None = None,
) -> str:
    """Return the whole file that a person downloads from the page of entry or plug."""
    assert await async_setup_component(broker.hass, "diagnostics", {})
    await broker.block_till_done()
    url = f"/api/diagnostics/config_entry/{entry.entry_id}"
    if plug is not None:
        url += f"/device/{device_of(broker.hass, entry.entry_id, plug).id}"
    response = await (await client()).get(url)
    assert response.status == HTTPStatus.OK
    text: str = await response.text()
    return text


def data_of(text: str) -> dict[str, Any]:
    """Return our part of the file."""
    data: dict[str, Any] = json.loads(text)["data"]
    return data


def secrets_of(plug: SimulatedPlug) -> dict[str, str]:
    """Return what of a plug nobody should read, and what it is."""
    mac = plug.mac
    return {
        "its key": plug.key,
        "the hub's key": HUB_KEY,
        "its uuid": plug.uuid,
        "its MAC": mac,
        "its MAC without colons": mac.replace(":", ""),
        "its MAC with dashes": mac.replace(":", "-"),
        "its MAC in capitals": mac.upper(),
        "the router's MAC": "02:00:5e:00:53:01",
        "its address": "192.0.2.177",
        "the broker's address": "198.51.100.23",
    }


# Known by their names alone.
NAMED: dict[str, object] = {
    "activeServer": "broker-one.example",
    "bindId": "ibg9bS2LxStM3zo7",
    "bssid": "02005e005301",
    "gatewayMac": "02005e005302",
    "host": "broker-two.example",
    "innerIp": "fd00::17",
    "key": "a third key",
    "latitude": 52_516_275,
    "longitude": 13_377_704,
    "mac": "0123456789ab",
    "macAddress": "ab0123456789",
    "mainServer": "broker-three.example",
    "password": "YSBwYXNzd29yZA==",
    "secondHost": "broker-four.example",
    "secondServer": "broker-five.example",
    "server": "broker-six.example",
    "ssid": "The Smiths",
    "userId": 463_184,
    "uuid": "f" * 32,
    "wifiMac": "02005e005303",
}


def everything(plug: SimulatedPlug) -> dict[str, Any]:
    """Return a payload with every secret: named, unnamed, in texts and as names."""
    secrets = list(secrets_of(plug).values())
    return {
        **NAMED,
        "nested": [{"deeper": [dict(NAMED), [dict(NAMED)]]}],
        "unusual": {f"name{n}": secret for n, secret in enumerate(secrets)},
        "listed": secrets,
        "in a text": f"at {' and '.join(secrets)}.",
        "in a topic": f"/appliance/{plug.uuid}/publish",
        "in an address": "mqtts://198.51.100.23:8883/x",
        "as names": dict.fromkeys(secrets, 1),
    }


async def talked(broker: MqttBroker) -> tuple[MockConfigEntry, SimulatedPlug]:
    """Return an entry and its plug, which has told all that must not be told on."""
    plug = SimulatedPlug("mss305", key=PLUG_KEY, user_id=463_184)
    entry = await set_up(broker, plug, key=HUB_KEY)
    await type_key(broker, entry, PLUG_KEY)
    broker.publish_as(plug, build_message(plug, REPORT, "PUSH", everything(plug)))
    broker.publish_as(
        plug, build_message(plug, REPORT, "PUSH", everything(plug), key="forged")
    )
    await turn_on(broker, entity_id_of(plug))
    await broker.advance(1)
    return entry, plug


async def type_key(broker: MqttBroker, entry: MockConfigEntry, key: str) -> None:
    """Give the hub a key to try, as a repair does."""
    entry.runtime_data.async_try_key(key)
    await broker.advance(1)
    await broker.block_till_done()


@pytest.mark.parametrize("of_plug", [False, True], ids=["entry", "device"])
async def test_no_secret_is_told(
    broker: MqttBroker,
    hass_client: ClientSessionGenerator,
    of_plug: bool,  # noqa: FBT001
) -> None:
    entry, plug = await talked(broker)
    text = await download(broker, hass_client, entry, plug if of_plug else None)
    # What was fed is there, secrets apart.
    assert text.count('"in an address"') == 2
    secrets = secrets_of(plug)
    if of_plug:
        # A plug's own file says nothing of the hub: only a plug could have, and
        # none is told the hub's key but those that have it.
        del secrets["the hub's key"]
    found = [name for name, secret in secrets.items() if secret in text]
    assert not found
    named = [name for name, secret in NAMED.items() if str(secret) in text]
    assert not named
    # Neither in other forms than those that were fed.
    assert not re.search(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}", text, re.IGNORECASE)
    assert plug.uuid.lower() not in text.lower()


@pytest.mark.parametrize("of_plug", [False, True], ids=["entry", "device"])
async def test_a_repair_in_the_file_does_not_tell_either(
    broker: MqttBroker,
    hass_client: ClientSessionGenerator,
    of_plug: bool,  # noqa: FBT001
) -> None:
    """Home Assistant adds the issues, and keeps all of those that outlive a restart."""
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    plug.reset()
    await broker.advance(1)
    text = await download(broker, hass_client, entry, plug if of_plug else None)
    assert json.loads(text)["issues"]
    assert plug.uuid not in text


@pytest.mark.parametrize("key", ["abc", "{", "own key", "true", "1795", 'a "quote"'])
async def test_whatever_the_key_is_it_is_not_told_and_the_rest_is(
    broker: MqttBroker, hass_client: ClientSessionGenerator, key: str
) -> None:
    """A key may look like the JSON that it is looked for in."""
    plug = SimulatedPlug("mss210", key=key)
    entry = await set_up(broker, plug, key=key)
    assert device_names(broker.hass, entry.entry_id) == names_of(plug)
    broker.publish_as(
        plug, build_message(plug, REPORT, "PUSH", {"secretly": f"it is {key}."})
    )
    await broker.advance(1)
    (described,) = data_of(await download(broker, hass_client, entry))["plugs"]
    (told,) = [
        one["message"]["payload"]["secretly"]
        for one in described["messages"]
        if "secretly" in one["message"]["payload"]
    ]
    assert told == ("it is **REDACTED**." if len(key) >= 4 else f"it is {key}.")
    assert described["key"] == "**REDACTED**"
    assert described["available"] is True


@pytest.mark.parametrize("of_plug", [False, True], ids=["entry", "device"])
async def test_the_shape(
    broker: MqttBroker,
    hass_client: ClientSessionGenerator,
    snapshot: SnapshotAssertion,
    of_plug: bool,  # noqa: FBT001
) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    broker.publish_as(plug, build_message(plug, TOGGLE_X, "PUSH", {}))
    broker.publish_as(plug, build_message(plug, TOGGLE_X, "PUSH", {}, key="forged"))
    plug.faults.drop_replies = 1
    await turn_on(broker, entity_id_of(plug))
    text = await download(broker, hass_client, entry, plug if of_plug else None)
    data = data_of(text)
    (described,) = data["plugs"]
    messages = described.pop("messages")
    for change in described["availability"]:
        change["at"] = "whenever"
    for count in ("heard", "sent"):
        assert described["counters"].pop(count) >= 5
    assert of_plug or data.pop("messages_per_minute") >= 5
    assert data == snapshot
    message = messages[0]
    assert message["direction"] == "in"
    assert message["message"]["header"].keys() >= {"namespace", "method", "timestamp"}


async def test_messages_of_both_directions_are_in_order_with_their_times(
    broker: MqttBroker, hass_client: ClientSessionGenerator
) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    plug.faults.reply_delay = 0.25
    plug.faults.hold_next_push = 0.5
    await broker.advance(10)
    began = time.time()
    await turn_on(broker, entity_id_of(plug))
    await broker.advance(2)
    pressed = time.time()
    plug.press()
    await broker.advance(1)
    data = data_of(await download(broker, hass_client, entry))
    (described,) = data["plugs"]
    messages = described["messages"]
    times = [one["at"] for one in messages]
    assert times == sorted(times)
    assert [
        (one["direction"], one["message"]["header"]["method"])
        for one in messages
        if one["at"] >= stamp(began)
        and one["message"]["header"]["namespace"] == TOGGLE_X
    ] == [("out", "SET"), ("in", "SETACK"), ("in", "PUSH"), ("in", "PUSH")]
    assert messages[-1]["at"] == stamp(pressed)


def stamp(at: float) -> str:
    """Return a time in the form of the file."""
    base = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at))
    return f"{base}.{int(at * 1000) % 1000:03d}+00:00"


async def test_the_last_fifty_messages_of_each_direction_are_kept(
    broker: MqttBroker, hass_client: ClientSessionGenerator
) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    for _ in range(30):
        await turn_on(broker, entity_id_of(plug))
        await turn_off(broker, entity_id_of(plug))
    data = data_of(await download(broker, hass_client, entry))
    (described,) = data["plugs"]
    directions = [one["direction"] for one in described["messages"]]
    assert (directions.count("in"), directions.count("out")) == (50, 50)
    # Counted are all.
    assert described["counters"]["sent"] >= 60
    assert described["counters"]["heard"] >= 120


async def test_comings_and_goings_are_kept(
    broker: MqttBroker, hass_client: ClientSessionGenerator
) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    plug.freeze()
    await broker.advance(76)
    data = data_of(await download(broker, hass_client, entry))
    (described,) = data["plugs"]
    history = [change["available"] for change in described["availability"]]
    assert history == [True, False]
    assert described["available"] is False
    # None is known of what is not there.
    assert described["outlets"] == {"0": None}


async def test_a_device_tells_of_its_own_plug_only(
    broker: MqttBroker, hass_client: ClientSessionGenerator
) -> None:
    plug, other = SimulatedPlug("mss210", 1), SimulatedPlug("mss310", 2)
    entry = await set_up(broker, plug, other)
    data = data_of(await download(broker, hass_client, entry, plug))
    assert {described["name"] for described in data["plugs"]} == names_of(plug)
    data = data_of(await download(broker, hass_client, entry))
    assert {described["name"] for described in data["plugs"]} == names_of(plug, other)


async def test_a_plug_that_was_never_heard_is_described(
    broker: MqttBroker, hass_client: ClientSessionGenerator
) -> None:
    plug = SimulatedPlug("mss310")
    entry = await set_up(broker, plug)
    plug.freeze()
    assert await broker.hass.config_entries.async_reload(entry.entry_id)
    await broker.advance(1)
    data = data_of(await download(broker, hass_client, entry, plug))
    (described,) = data["plugs"]
    assert described["identity"]["model"] == "mss310"
    assert described["availability"] == []
    assert described["counters"]["heard"] == 0
    assert {one["direction"] for one in described["messages"]} == {"out"}


@pytest.mark.parametrize("of_plug", [False, True], ids=["entry", "device"])
async def test_an_unloaded_entry_has_a_file_too(
    broker: MqttBroker,
    hass_client: ClientSessionGenerator,
    of_plug: bool,  # noqa: FBT001
) -> None:
    plug = SimulatedPlug("mss210")
    entry = await set_up(broker, plug)
    assert await broker.hass.config_entries.async_unload(entry.entry_id)
    text = await download(broker, hass_client, entry, plug if of_plug else None)
    assert plug.uuid not in text
