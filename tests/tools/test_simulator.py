"""The simulated plug follows docs/protocol.md, without a broker."""

import json
import re
from typing import Any

from hypothesis import given, strategies as st
import pytest

from tests.simulator import MODELS, SimulatedPlug, sign

from .bench import (
    BIND,
    CLOCK,
    KEY,
    NOW,
    REPLY_TOPIC,
    REQUEST_ID,
    TOGGLE_X,
    Bench,
    kind,
    kinds,
    ready,
    request,
)

ALL = "Appliance.System.All"
ELECTRICITY = "Appliance.Control.Electricity"
TIME = "Appliance.System.Time"
NOT_UNDERSTOOD = {"error": {"code": 5000}}
SIGN_ERROR = {"error": {"code": 5001, "detail": "sign error"}}


@pytest.fixture(params=MODELS)
def any_plug(request: pytest.FixtureRequest) -> Bench:
    return ready(request.param)


def test_names_are_well_formed_and_reproducible() -> None:
    plugs = [SimulatedPlug("mss210", number) for number in range(1, 1001)]
    assert len({plug.uuid for plug in plugs}) == 1000
    assert any("h" in plug.uuid for plug in plugs)
    for plug in plugs:
        assert re.fullmatch("[0-9a-z]{20}[0-9a-f]{12}", plug.uuid)
        assert plug.uuid.endswith(plug.mac.replace(":", ""))
    assert SimulatedPlug("mss310", 7).uuid == plugs[6].uuid


def test_messages_are_signed_and_well_formed(any_plug: Bench) -> None:
    is_modern = any_plug.plug.model.generation >= 6
    any_plug.plug.press()
    any_plug.plug.received(request(ALL), 0)
    assert len(any_plug.raw) == 2
    for raw in any_plug.raw:
        header = json.loads(raw)["header"]
        signature = sign(header["messageId"], KEY, header["timestamp"])
        assert header["sign"] == signature
        assert re.fullmatch("[0-9a-f]{32}", header["messageId"])
        assert header["from"] == f"/appliance/{any_plug.plug.uuid}/publish"
        assert header["timestamp"] == NOW + 20
        assert ("uuid" in header) is is_modern
        assert "triggerSrc" not in header


# Connecting.


def test_bind_set_is_repeated_then_the_plug_disconnects_and_reconnects() -> None:
    bench = Bench("mss210")
    published = bench.wait(26)
    assert [(one.at - 1000, *kind(one)) for one in published] == [
        (0, "Report", "PUSH"),
        (0, "Bind", "SET"),
        (5, "Bind", "SET"),
        (10, "Bind", "SET"),
        (25, "Report", "PUSH"),
        (25, "Bind", "SET"),
    ]
    expected = [(1000, "connect"), (1015, "disconnect"), (1025, "connect")]
    assert bench.events[1:] == expected


def test_bind_set_describes_the_plug() -> None:
    bench = Bench("mss305")
    _, bind = bench.take()
    plug, message = bench.plug, bind.message
    assert bind.topic == f"/appliance/{plug.uuid}/publish"
    assert message.reply_to == f"/appliance/{plug.uuid}/subscribe"
    assert (message.trigger, message.timestamp) == ("DevBoot", 4)
    body = message.payload["bind"]
    assert set(body) == {"bindTime", "time", "hardware", "firmware"}
    hardware, firmware = body["hardware"], body["firmware"]
    assert (hardware["type"], hardware["macAddress"]) == ("mss305", plug.mac)
    assert (firmware["server"], firmware["port"]) == bench.server


@pytest.mark.parametrize(
    ("model", "names"),
    [
        ("mss210", ["Report", "Time", "Clock"]),
        ("mss305", ["Report", "Time", "ConsumptionConfig", "Clock"]),
    ],
)
def test_setack_ends_the_binding(model: str, names: list[str]) -> None:
    bench = Bench(model)
    published = bench.receive(BIND, "SETACK", {"bind": "any"}, timestamp=str(NOW))
    assert kinds(published) == [(name, "PUSH") for name in names]
    assert bench.receive(BIND, "SETACK") == []
    assert bench.wait(60) == []


def test_badly_signed_setack_is_rejected() -> None:
    bench = Bench("mss210")
    (error,) = bench.receive(BIND, "SETACK", key="wrong")
    assert (kind(error), error.message.payload) == (("Bind", "ERROR"), SIGN_ERROR)
    assert not bench.plug.is_bound


def test_unbound_plug_is_inert() -> None:
    bench = Bench("mss210")
    bench.take()
    bench.plug.press()
    assert bench.plug.onoff() == 1
    assert bench.take() == []
    assert bench.switch(0, 0) == []
    assert bench.plug.onoff() == 1
    assert kinds(bench.receive(ALL)) == [("All", "GETACK")]


@pytest.mark.parametrize(
    ("model", "toggle", "metering"),
    [
        ("mss310", "ToggleX", ["ConsumptionConfig"]),
        ("mss425e", "ToggleX", []),
        ("mss210v1", "Toggle", []),
    ],
)
def test_older_firmware_requests_the_time_first(
    model: str, toggle: str, metering: list[str]
) -> None:
    bench = Bench(model)
    published = bench.wait(4.5)
    assert kinds(published) == [("Clock", "PUSH")] * 3
    assert [one.message.timestamp for one in published] == [4, 6, 8]
    published = bench.receive(CLOCK, "PUSH", {"clock": {"timestamp": NOW}})
    names = ["Bind", "Report", *metering, toggle]
    assert kinds(published) == [(name, "PUSH") for name in names]
    assert {one.message.timestamp for one in published} == {NOW}
    assert bench.wait(60) == []


def test_first_generation_gives_up_without_the_time() -> None:
    bench = Bench("mss210v1")
    assert kinds(bench.wait(100)) == [("Clock", "PUSH")] * 10
    assert bench.events[-1] == (1020, "disconnect")


def test_clock_without_a_time_is_a_question(any_plug: Bench) -> None:
    (answer,) = any_plug.receive(CLOCK, "PUSH")
    assert kind(answer) == ("Clock", "PUSH")
    assert answer.message.payload == {"clock": {"timestamp": NOW + 20}}


def test_loss_of_power_takes_the_clock_but_not_the_state(any_plug: Bench) -> None:
    plug = any_plug.plug
    plug.press()
    plug.power_off()
    any_plug.take()
    assert any_plug.wait(60) == []
    plug.power_on()
    assert any_plug.take()[0].message.timestamp == 4
    assert plug.onoff() == 1
    assert not plug.is_bound


def test_loss_of_the_network_or_the_broker_leaves_the_clock(any_plug: Bench) -> None:
    any_plug.plug.cut()
    assert any_plug.wait(60) == []
    any_plug.plug.power_on()
    assert any_plug.take()[0].message.timestamp == NOW + 80
    any_plug.plug.disconnected()
    published = any_plug.wait(10)
    assert published[0].message.timestamp == NOW + 90
    names = [name for name, _ in kinds(published)]
    assert ("Bind", "PUSH") in kinds(published) or names[1] == "Bind"


# Requests.


def test_reply_goes_to_the_topic_that_the_request_names(any_plug: Bench) -> None:
    (reply,) = any_plug.receive(ALL, reply_to="/x", triggerSrc="APP")
    assert (reply.topic, reply.message.message_id) == ("/x", REQUEST_ID)
    generation = any_plug.plug.model.generation
    assert reply.message.trigger == ("APP" if generation >= 6 else None)
    # The first generation cuts long topics.
    (reply,) = any_plug.receive(ALL, reply_to="/" + "x" * 80)
    assert reply.topic == "/" + "x" * (61 if generation == 1 else 80)


@pytest.mark.parametrize(
    "change",
    [
        {"message_id": "0123456789abcdef"},
        {"message_id": REQUEST_ID.upper()},
        {"payload": []},
        {"timestamp": None},
        {"reply_to": "/appliance/+/publish"},
        {"namespace": "Appliance.Control.Unknown"},
        {"namespace": ELECTRICITY},
        {"method": "GETACK"},
        {"method": "ERROR"},
    ],
)
def test_ignored(change: dict[str, Any]) -> None:
    assert ready("mss210").receive(**({"namespace": ALL} | change)) == []


def test_wrong_key_is_rejected(any_plug: Bench) -> None:
    (error,) = any_plug.receive(ALL, key="")
    assert (kind(error), error.topic) == (("All", "ERROR"), REPLY_TOPIC)
    assert error.message.payload == SIGN_ERROR


NO_TOGGLES: list[object] = [
    [{"channel": 0, "onoff": 1}],
    {"channel": 0},
    *({"channel": 0, "onoff": onoff} for onoff in (2, True, "1")),
    *({"channel": channel, "onoff": 1} for channel in (1, False)),
    {"onoff": 1},
    None,
]
NO_TIMES: list[object] = [
    *(None, {"timezone": 1}, {"timeRule": [[1, 2]]}, {"timestamp": "now"}),
]


@pytest.mark.parametrize(
    ("namespace", "payload"),
    [
        *((TOGGLE_X, {"togglex": wanted}) for wanted in NO_TOGGLES),
        *((TIME, {"time": wanted}) for wanted in NO_TIMES),
    ],
)
def test_other_forms_are_rejected(namespace: str, payload: dict[str, object]) -> None:
    bench = ready("mss210")
    (error,) = bench.receive(namespace, "SET", payload)
    assert error.message.payload == NOT_UNDERSTOOD
    assert bench.plug.onoff() == 0


@pytest.mark.parametrize("model", ["mss210", "mss310", "mss305"])
def test_set_is_acknowledged_then_pushed_as_a_list(model: str) -> None:
    ack, push = ready(model).switch(0, 1)
    assert (kind(ack), ack.topic) == (("ToggleX", "SETACK"), REPLY_TOPIC)
    assert ack.message.payload == {}
    assert kind(push) == ("ToggleX", "PUSH")
    relay = {"channel": 0, "onoff": 1, "lmTime": NOW + 20}
    assert push.message.payload == {"togglex": [relay]}


def test_first_generation_toggles_without_a_channel() -> None:
    bench = ready("mss210v1")
    wanted = {"toggle": {"onoff": 1}}
    ack, push = bench.receive("Appliance.Control.Toggle", "SET", wanted)
    assert ack.message.payload == {}
    assert push.message.payload == {"toggle": {"onoff": 1, "lmTime": NOW + 20}}
    (reply,) = bench.receive(ALL)
    assert reply.message.payload["all"]["control"]["toggle"]["onoff"] == 1
    assert bench.switch(0, 0) == []


@pytest.mark.parametrize(("pushes_master", "pushed"), [(False, [2]), (True, [0, 2])])
def test_strip_and_its_master(*, pushes_master: bool, pushed: list[int]) -> None:
    bench = ready("mss425e", pushes_master=pushes_master)
    _, push = bench.switch(2, 1)
    assert [relay["channel"] for relay in push.message.payload["togglex"]] == pushed
    assert [bench.plug.onoff(channel) for channel in range(5)] == [1, 0, 1, 0, 0]
    _, push = bench.switch(0, 0)
    relays = push.message.payload["togglex"]
    assert {relay["onoff"] for relay in relays} == {0}
    assert len({relay["lmTime"] for relay in relays}) == 1
    assert len(relays) == 5


@pytest.mark.parametrize(
    ("model", "channel", "shape"),
    [
        ("mss210", 4294967295, list),
        ("mss305", 4294967295, list),
        ("mss310", 0, dict),
        ("mss425e", 65535, list),
    ],
)
@pytest.mark.parametrize(
    "asked", [{"togglex": []}, {"togglex": {"channel": 65535}}, {}]
)
def test_shape_of_togglex(
    model: str, channel: int, shape: type, asked: dict[str, Any]
) -> None:
    (reply,) = ready(model).receive(TOGGLE_X, "GET", asked)
    assert reply.message.payload["channel"] == channel
    assert isinstance(reply.message.payload["togglex"], shape)


def test_one_channel_of_a_strip() -> None:
    bench = ready("mss425e")
    (reply,) = bench.receive(TOGGLE_X, "GET", {"togglex": {"channel": 3}})
    relay = {"channel": 3, "onoff": 0, "lmTime": 0}
    assert reply.message.payload["togglex"] == relay
    (error,) = bench.receive(TOGGLE_X, "GET", {"togglex": {"channel": 5}})
    assert error.message.payload == NOT_UNDERSTOOD


@pytest.mark.parametrize("name", ["Ability", "All", "Runtime", "DNDMode", "Time"])
def test_gets_of_every_model_are_answered(any_plug: Bench, name: str) -> None:
    replies = any_plug.receive(f"Appliance.System.{name}")
    assert kinds(replies) == [(name, "GETACK")]


def test_meter_reads_nothing_before_it_has_the_time() -> None:
    bench = Bench("mss305")
    bench.receive(BIND, "SETACK")
    bench.switch(0, 1)
    (reply,) = bench.receive(ELECTRICITY)
    assert reply.message.payload["electricity"]["voltage"] == 0
    bench.receive(CLOCK, "PUSH", {"clock": {"timestamp": NOW}})
    (reply,) = bench.receive(ELECTRICITY)
    reading = reply.message.payload["electricity"]
    values = [reading[name] for name in ("power", "voltage", "current")]
    assert values == [60_000, 2331, 257]


@given(raw=st.binary() | st.text().map(str.encode))
def test_garbage_is_ignored(raw: bytes) -> None:
    bench = ready("mss210")
    bench.plug.received(raw, 0.0)
    assert bench.take() == []


@pytest.mark.parametrize("by_button", [True, False])
def test_reset(any_plug: Bench, *, by_button: bool) -> None:
    if by_button:
        any_plug.plug.reset()
    else:
        any_plug.plug.received(request("Appliance.Control.Unbind", "PUSH"), 0.0)
    assert kinds(any_plug.wait(60)) == [("Unbind", "PUSH")]
    assert any_plug.events[-1][1] == "disconnect"
    assert not any_plug.plug.is_connected


def test_records_are_bounded() -> None:
    plug = ready("mss210").plug
    for _ in range(2000):
        plug.press()
    assert 0 < len(plug.outbox) <= 400
    assert plug.outbox[-1].message.payload["togglex"][0]["onoff"] == 0
