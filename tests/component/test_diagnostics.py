"""Diagnostics are complete, and hold no secrets."""

import json
import re
import time
from typing import Any

import pytest

from tests.simulator import SimulatedPlug
from tests.simulator.namespaces import REPORT, TOGGLE_X
from tests.support.entities import entity_id_of, turn_off, turn_on
from tests.support.entries import (
    device_names,
    names_of,
    reload_entry,
    set_up,
)
from tests.support.messages import build_message
from tests.support.mqtt import MqttBroker

from .conftest import Download

HUB_KEY = "the hub's key"
PLUG_KEY = "a key of its own"


async def described(download: Download) -> dict[str, Any]:
    """Return what the file describes of the only plug."""
    plug: dict[str, Any]
    (plug,) = data_of(await download())["plugs"]
    return plug


def data_of(text: str) -> dict[str, Any]:
    """Return the integration's part of the file."""
    data: dict[str, Any] = json.loads(text)["data"]
    return data


def secrets_of(plug: SimulatedPlug) -> dict[str, str]:
    """Return the secrets of a plug by what they are."""
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


# Secrets that are known by their names alone.
NAMED: dict[str, object] = {
    "activeServer": "broker-one.example",
    "bindId": "ibg9bS2LxStM3zo7",
    "bssid": "02005e005301",
    "gatewayMac": "02005e005302",
    "host": "broker-two.example",
    "info": "HOMEKIT-1234",
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


def payload_with_secrets(plug: SimulatedPlug) -> dict[str, Any]:
    """Return a payload with every secret: by name, unnamed, in texts and as names."""
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


async def test_no_secret_is_left(broker: MqttBroker, download: Download) -> None:
    plug = SimulatedPlug("mss305", key=PLUG_KEY, user_id=463_184)
    entry = await set_up(broker, plug, key=HUB_KEY)
    entry.runtime_data.async_try_key(PLUG_KEY)
    await broker.advance(1)
    await broker.block_till_done()
    for key in (None, "forged"):
        payload = payload_with_secrets(plug)
        broker.publish_as(plug, build_message(plug, REPORT, "PUSH", payload, key=key))
    await turn_on(broker, entity_id_of(plug))
    await broker.advance(1)
    of_entry, of_plug = await download(), await download(plug)
    secrets = secrets_of(plug)
    assert not [name for name, secret in secrets.items() if secret in of_entry]
    # The file of a plug holds nothing of the hub, whose key is sent to no plug but
    # those that have it.
    del secrets["the hub's key"]
    assert not [name for name, secret in secrets.items() if secret in of_plug]
    for text in (of_entry, of_plug):
        # What was accepted is there, secrets apart.
        assert text.count('"in an address"') == 1
        assert not [name for name, secret in NAMED.items() if str(secret) in text]
        # Neither in other forms than those that were sent.
        assert not re.search(r"[0-9a-f]{2}(:[0-9a-f]{2}){5}", text, re.IGNORECASE)
        assert plug.uuid.lower() not in text.lower()


async def test_repair_issues_in_the_file_hold_no_uuid(
    broker: MqttBroker, download: Download, plug: SimulatedPlug
) -> None:
    """Home Assistant adds the issues, and stores all of those that are persistent."""
    plug.reset()
    await broker.advance(1)
    for text in (await download(), await download(plug)):
        assert json.loads(text)["issues"]
        assert plug.uuid not in text


@pytest.mark.parametrize("key", ["abc", "{", "own key", "true", "1795", 'a "quote"'])
async def test_any_key_is_redacted_and_nothing_else(
    broker: MqttBroker, download: Download, key: str
) -> None:
    """A key may look like the JSON around it."""
    plug = SimulatedPlug("mss210", key=key)
    entry = await set_up(broker, plug, key=key)
    assert device_names(broker.hass, entry.entry_id) == names_of(plug)
    broker.publish_as(
        plug, build_message(plug, REPORT, "PUSH", {"text": f"it is {key}."})
    )
    await broker.advance(1)
    data = await described(download)
    (text,) = [
        one["message"]["payload"]["text"]
        for one in data["messages"]
        if "text" in one["message"]["payload"]
    ]
    assert text == ("it is **REDACTED**." if len(key) >= 4 else f"it is {key}.")
    assert data["key"] == "**REDACTED**"
    assert data["status"] == "available"


async def test_form_of_the_file(
    broker: MqttBroker, download: Download, plug: SimulatedPlug
) -> None:
    broker.publish_as(plug, build_message(plug, TOGGLE_X, "PUSH", {}))
    broker.publish_as(plug, build_message(plug, TOGGLE_X, "PUSH", {}, key="forged"))
    plug.faults.drop_replies = 1
    await turn_on(broker, entity_id_of(plug))
    of_entry, of_plug = data_of(await download()), data_of(await download(plug))
    assert of_plug == {"plugs": of_entry["plugs"]}
    (data,) = of_entry.pop("plugs")
    assert of_entry.pop("messages_per_minute") >= 5
    assert of_entry == {
        "entry": {"data": {}, "plugs": 1},
        "discovered": 0,
        "rejected": 1,
    }
    message = data.pop("messages")[0]
    assert message["direction"] == "in"
    assert message["message"]["header"].keys() >= {"namespace", "method", "timestamp"}
    for count in ("received", "sent"):
        assert data["counters"].pop(count) >= 5
    (change,) = data.pop("availability")
    assert change.keys() == {"at", "available"}
    assert change["available"] is True
    assert data == {
        "status": "available",
        "counters": {
            "decode_errors": 1,
            "outdated": 0,
            "rejected": 1,
            "retries": 1,
            "skipped": 0,
            "timeouts": 1,
        },
        "identity": {
            "abilities": sorted(plug.model.ability),
            "channels": [0],
            "firmware": "7.2.15",
            "hardware": "7.0.0",
            "mac": "**REDACTED**",
            "model": "mss210",
            "user_id": "**REDACTED**",
            "uuid": "**REDACTED**",
        },
        "key": "**REDACTED**",
        "name": "MSS210 79b1",
        "outlets": {"0": True},
    }


async def test_messages_of_both_directions_are_in_order_with_their_times(
    broker: MqttBroker, download: Download, plug: SimulatedPlug
) -> None:
    plug.faults.reply_delay = 0.25
    plug.faults.hold_next_push = 0.5
    await broker.advance(10)
    started = time.time()
    await turn_on(broker, entity_id_of(plug))
    await broker.advance(2)
    pressed = time.time()
    plug.press()
    await broker.advance(1)
    messages = (await described(download))["messages"]
    times = [one["at"] for one in messages]
    assert times == sorted(times)
    assert [
        (one["direction"], one["message"]["header"]["method"])
        for one in messages
        if one["at"] >= text_of(started)
        and one["message"]["header"]["namespace"] == TOGGLE_X
    ] == [("out", "SET"), ("in", "SETACK"), ("in", "PUSH"), ("in", "PUSH")]
    assert messages[-1]["at"] == text_of(pressed)


def text_of(at: float) -> str:
    """Return a time in the form of the file."""
    base = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(at))
    return f"{base}.{int(at * 1000) % 1000:03d}+00:00"


async def test_last_fifty_messages_of_each_direction_are_kept(
    broker: MqttBroker, download: Download, plug: SimulatedPlug
) -> None:
    for _ in range(30):
        await turn_on(broker, entity_id_of(plug))
        await turn_off(broker, entity_id_of(plug))
    data = await described(download)
    directions = [one["direction"] for one in data["messages"]]
    assert (directions.count("in"), directions.count("out")) == (50, 50)
    # All are counted.
    assert data["counters"]["sent"] >= 60
    assert data["counters"]["received"] >= 120


async def test_plug_that_became_unavailable_or_never_sent_anything_is_described(
    broker: MqttBroker, download: Download
) -> None:
    plug = SimulatedPlug("mss310")
    entry = await set_up(broker, plug)
    plug.freeze()
    await broker.advance(76)
    data = await described(download)
    assert [one["available"] for one in data["availability"]] == [True, False]
    assert data["status"] == "unavailable"
    assert data["outlets"] == {"0": None}
    await reload_entry(broker, entry)
    data = await described(download)
    assert data["identity"]["model"] == "mss310"
    assert data["availability"] == []
    assert data["counters"]["received"] == 0
    assert {one["direction"] for one in data["messages"]} == {"out"}


async def test_file_of_a_device_describes_its_plug_and_nothing_when_unloaded(
    broker: MqttBroker, download: Download
) -> None:
    plug, other = SimulatedPlug("mss210", 1), SimulatedPlug("mss310", 2)
    entry = await set_up(broker, plug, other)
    names = [
        {one["name"] for one in data_of(text)["plugs"]}
        for text in (await download(), await download(plug))
    ]
    assert names == [names_of(plug, other), names_of(plug)]
    assert await broker.hass.config_entries.async_unload(entry.entry_id)
    for text in (await download(), await download(plug)):
        assert data_of(text) == {"loaded": False}
        assert plug.uuid not in text
