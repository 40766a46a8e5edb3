"""The simulated plug keeps to protocol.md, without a broker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import md5
import json
import re
from typing import Any

from hypothesis import given, strategies as st
import pytest

from tests.simulator import MODELS, SimulatedPlug, sign
from tests.simulator.timers import Timers

KEY = "meross"
NOW = 1_700_000_000
REPLIES = "/appliance/somebody/reply"
REQUEST_ID = "0123456789abcdef0123456789abcdef"

TOGGLE_X = "Appliance.Control.ToggleX"
BIND = "Appliance.Control.Bind"
CLOCK = "Appliance.System.Clock"


@dataclass
class Published:
    """A message as it left the plug."""

    at: float
    topic: str
    raw: bytes

    @property
    def header(self) -> dict[str, Any]:
        """The header; its signature has been checked."""
        return dict(json.loads(self.raw)["header"])

    @property
    def payload(self) -> dict[str, Any]:
        """The payload."""
        return dict(json.loads(self.raw)["payload"])

    @property
    def words(self) -> tuple[str, str]:
        """Short namespace and method."""
        return self.header["namespace"].split(".")[2], self.header["method"]


@dataclass
class Bench:
    """A world in which time passes only on request."""

    plug: SimulatedPlug
    clock: list[float]
    server: tuple[str, int] = ("192.0.2.1", 8883)
    out: list[Published] = field(default_factory=list)
    events: list[tuple[float, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Let the plug in."""
        self._timers = Timers(self.now)
        self.plug.enter(self)

    def now(self) -> float:
        """Tell the time."""
        return self.clock[0]

    def later(self, delay: float, action: Callable[[], None]) -> None:
        """Remember to do something."""
        self._timers.later(delay, action)

    def post(self, action: Callable[[], None]) -> None:
        """Do it at once."""
        action()

    def connect(self) -> None:
        """Connect at once."""
        self.events.append((self.now(), "connect"))
        self.plug.connected()

    def disconnect(self) -> None:
        """Disconnect at once."""
        self.events.append((self.now(), "disconnect"))
        self.plug.disconnected()

    def sever(self) -> None:
        """Forget the plug."""
        self.events.append((self.now(), "sever"))

    def publish(self, topic: str, payload: bytes) -> None:
        """Keep a message."""
        self.out.append(Published(self.now(), topic, payload))

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        end = self.clock[0] + seconds
        while (rest := self._timers.until_next()) is not None:
            if self.clock[0] + rest > end:
                break
            self.clock[0] += rest
            for action in self._timers.due():
                action()
        self.clock[0] = end

    def hear(  # noqa: PLR0913
        self,
        namespace: str,
        method: str,
        payload: Any,  # noqa: ANN401
        *,
        key: str = KEY,
        reply_to: str = REPLIES,
        message_id: str = REQUEST_ID,
        timestamp: int | str = NOW,
        **header: object,
    ) -> list[Published]:
        """Send a message to the plug; returns what it says at once."""
        signature = md5(f"{message_id}{key}{timestamp}".encode()).hexdigest()  # noqa: S324
        message = {
            "header": {
                "messageId": message_id,
                "namespace": namespace,
                "method": method,
                "payloadVersion": 1,
                "from": reply_to,
                "timestamp": timestamp,
                "sign": signature,
                **header,
            },
            "payload": payload,
        }
        self.out.clear()
        self.plug.received(json.dumps(message).encode(), self.now())
        return self.said()

    def said(self) -> list[Published]:
        """Take what the plug has published."""
        out = list(self.out)
        self.out.clear()
        return out

    def words(self) -> list[tuple[str, str]]:
        """Take it, in short."""
        return [message.words for message in self.said()]

    def switch(self, channel: int, onoff: int) -> list[Published]:
        """Send the one form of SET that is evidenced."""
        wanted = {"togglex": {"channel": channel, "onoff": onoff}}
        return self.hear(TOGGLE_X, "SET", wanted)


def bench(model: str, number: int = 1, *, ready: bool = True, **options: Any) -> Bench:  # noqa: ANN401
    """Put a plug on the bench: connected, with the time, at rest."""
    clock = [1000.0]
    plug = SimulatedPlug(model, number, key=KEY, now=lambda: clock[0], **options)
    bench = Bench(plug, clock)
    plug.power_on()
    if ready:
        bench.hear(BIND, "SETACK", {})
        bench.hear(CLOCK, "PUSH", {"clock": {"timestamp": NOW}})
        assert plug.is_bound
        bench.wait(20)
        bench.said()
    return bench


@pytest.fixture(params=MODELS)
def any_plug(request: pytest.FixtureRequest) -> Bench:
    return bench(request.param)


# Signatures and names.


@pytest.mark.parametrize(
    ("message_id", "timestamp", "key", "signature"),
    [
        (
            "61c2c80bc240c7531079e6c4cb994fc9",
            1594369211,
            "",
            "69fd2b2ffe7b132779b3b304453e1ad5",
        ),
        (
            "9cc3684e5904691c265df07d072557e3",
            1668549141,
            "meross",
            "89055f54860226797ab3f35184655d39",
        ),
    ],
)
def test_signs_as_real_plugs_did(
    message_id: str, timestamp: int, key: str, signature: str
) -> None:
    assert sign(message_id, key, timestamp) == signature


def test_names_are_well_formed_and_reproducible() -> None:
    plugs = [SimulatedPlug("mss210", number) for number in range(1, 1001)]
    assert len({plug.uuid for plug in plugs}) == 1000
    assert any("h" in plug.uuid for plug in plugs)
    for plug in plugs:
        assert re.fullmatch("[0-9a-z]{20}[0-9a-f]{12}", plug.uuid)
        assert plug.uuid.endswith(plug.mac.replace(":", ""))
    assert SimulatedPlug("mss310", 7).uuid == plugs[6].uuid


def test_logs_in_as_firmware_does() -> None:
    names = SimulatedPlug("mss210", user_id=46884).device.identity
    first, second = names.client_id(), names.client_id()
    assert first != second
    assert re.fullmatch(f"fmware:{names.uuid}_[0-9A-Za-z]{{16}}", first)
    digest = md5(f"{names.mac}abc".encode()).hexdigest()  # noqa: S324
    assert names.password("abc") == f"46884_{digest}"


def test_everything_said_is_signed_and_formed(any_plug: Bench) -> None:
    modern = any_plug.plug.model.generation >= 6
    any_plug.plug.press()
    out = any_plug.said() + any_plug.hear("Appliance.System.All", "GET", {})
    assert len(out) == 2
    for message in out:
        header = message.header
        signature = sign(header["messageId"], KEY, header["timestamp"])
        assert header["sign"] == signature
        assert re.fullmatch("[0-9a-f]{32}", header["messageId"])
        assert header["from"] == f"/appliance/{any_plug.plug.uuid}/publish"
        assert header["timestamp"] == NOW + 20
        assert ("uuid" in header) is modern
        assert "triggerSrc" not in header


# Connecting.


def test_bind_set_is_repeated_then_the_plug_leaves_and_returns() -> None:
    plug = bench("mss210", ready=False)
    plug.wait(26)
    assert [(message.at - 1000, *message.words) for message in plug.said()] == [
        (0, "Report", "PUSH"),
        (0, "Bind", "SET"),
        (5, "Bind", "SET"),
        (10, "Bind", "SET"),
        (25, "Report", "PUSH"),
        (25, "Bind", "SET"),
    ]
    assert plug.events[1:] == [
        (1000, "connect"),
        (1015, "disconnect"),
        (1025, "connect"),
    ]


def test_bind_set_says_who_is_there() -> None:
    plug = bench("mss305", ready=False)
    _, bind = plug.said()
    assert bind.topic == f"/appliance/{plug.plug.uuid}/publish"
    assert bind.header["from"] == f"/appliance/{plug.plug.uuid}/subscribe"
    assert bind.header["triggerSrc"] == "DevBoot"
    assert bind.header["timestamp"] == 4
    body = bind.payload["bind"]
    assert set(body) == {"bindTime", "time", "hardware", "firmware"}
    assert body["hardware"]["type"] == "mss305"
    assert body["hardware"]["macAddress"] == plug.plug.mac
    assert (body["firmware"]["server"], body["firmware"]["port"]) == plug.server


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("mss210", ["Report", "Time", "Clock"]),
        ("mss305", ["Report", "Time", "ConsumptionConfig", "Clock"]),
    ],
)
def test_setack_ends_the_binding(model: str, words: list[str]) -> None:
    plug = bench(model, ready=False)
    said = plug.hear(BIND, "SETACK", {"bind": "whatever"}, timestamp=str(NOW))
    assert [message.words for message in said] == [(word, "PUSH") for word in words]
    assert plug.hear(BIND, "SETACK", {}) == []
    plug.wait(60)
    assert plug.words() == []


def test_badly_signed_setack_is_refused() -> None:
    plug = bench("mss210", ready=False)
    (error,) = plug.hear(BIND, "SETACK", {}, key="wrong")
    assert error.words == ("Bind", "ERROR")
    assert error.payload == {"error": {"code": 5001, "detail": "sign error"}}
    assert not plug.plug.is_bound


def test_unbound_plug_is_inert() -> None:
    plug = bench("mss210", ready=False)
    plug.said()
    plug.plug.press()
    assert plug.plug.onoff() == 1
    assert plug.said() == []
    assert plug.switch(0, 0) == []
    assert plug.plug.onoff() == 1
    (all_,) = plug.hear("Appliance.System.All", "GET", {})
    assert all_.words == ("All", "GETACK")


@pytest.mark.parametrize(
    ("model", "toggle", "metering"),
    [
        ("mss310", "ToggleX", ["ConsumptionConfig"]),
        ("mss425e", "ToggleX", []),
        ("mss210v1", "Toggle", []),
    ],
)
def test_older_firmware_asks_for_the_time_first(
    model: str, toggle: str, metering: list[str]
) -> None:
    plug = bench(model, ready=False)
    plug.wait(4.5)
    asked = plug.said()
    assert [message.words for message in asked] == [("Clock", "PUSH")] * 3
    assert [message.header["timestamp"] for message in asked] == [4, 6, 8]
    said = plug.hear(CLOCK, "PUSH", {"clock": {"timestamp": NOW}})
    words = ["Bind", "Report", *metering, toggle]
    assert [message.words for message in said] == [(word, "PUSH") for word in words]
    assert {message.header["timestamp"] for message in said} == {NOW}
    plug.wait(60)
    assert plug.said() == []


def test_first_generation_gives_up_without_the_time() -> None:
    plug = bench("mss210v1", ready=False)
    plug.wait(100)
    assert plug.words() == [("Clock", "PUSH")] * 10
    assert plug.events[-1] == (1020, "disconnect")


def test_clock_without_a_time_is_a_question(any_plug: Bench) -> None:
    (said,) = any_plug.hear(CLOCK, "PUSH", {})
    assert said.words == ("Clock", "PUSH")
    assert said.payload == {"clock": {"timestamp": NOW + 20}}


def test_loss_of_power_takes_the_clock_but_not_the_state(any_plug: Bench) -> None:
    any_plug.plug.press()
    any_plug.plug.power_off()
    any_plug.said()
    any_plug.wait(60)
    assert any_plug.said() == []
    any_plug.plug.power_on()
    assert any_plug.said()[0].header["timestamp"] == 4
    assert any_plug.plug.onoff() == 1
    assert not any_plug.plug.is_bound


def test_loss_of_the_network_leaves_the_clock(any_plug: Bench) -> None:
    any_plug.plug.cut()
    any_plug.wait(60)
    assert any_plug.said() == []
    any_plug.plug.power_on()
    assert any_plug.said()[0].header["timestamp"] == NOW + 80


def test_loss_of_the_broker_repeats_the_sequence_with_the_time(any_plug: Bench) -> None:
    any_plug.plug.disconnected()
    any_plug.wait(10)
    said = any_plug.said()
    assert said[0].header["timestamp"] == NOW + 30
    assert ("Bind", "PUSH") in [m.words for m in said] or said[1].words[0] == "Bind"


# Requests.


def test_reply_goes_where_the_request_says(any_plug: Bench) -> None:
    (reply,) = any_plug.hear(
        "Appliance.System.All", "GET", {}, reply_to="/x", triggerSrc="APP"
    )
    assert reply.topic == "/x"
    assert reply.header["messageId"] == REQUEST_ID
    modern = any_plug.plug.model.generation >= 6
    assert reply.header.get("triggerSrc") == ("APP" if modern else None)


def test_first_generation_cuts_long_topics() -> None:
    (reply,) = bench("mss210v1").hear(
        "Appliance.System.All", "GET", {}, reply_to="/" + "x" * 80
    )
    assert reply.topic == "/" + "x" * 61


@pytest.mark.parametrize(
    "change",
    [
        {"message_id": "0123456789abcdef"},
        {"message_id": REQUEST_ID.upper()},
        {"payload": []},
        {"timestamp": None},
        {"reply_to": "/appliance/+/publish"},
        {"namespace": "Appliance.Control.Unheard"},
        {"namespace": "Appliance.Control.Electricity"},
        {"method": "GETACK"},
        {"method": "ERROR"},
    ],
)
def test_says_nothing_to(change: dict[str, Any]) -> None:
    request = {"namespace": "Appliance.System.All", "method": "GET", "payload": {}}
    assert bench("mss210").hear(**(request | change)) == []


def test_wrong_key_is_refused(any_plug: Bench) -> None:
    (error,) = any_plug.hear("Appliance.System.All", "GET", {}, key="")
    assert error.words == ("All", "ERROR")
    assert error.topic == REPLIES
    assert error.payload["error"]["code"] == 5001


@pytest.mark.parametrize(
    "wanted",
    [
        [{"channel": 0, "onoff": 1}],
        {"channel": 0},
        {"channel": 0, "onoff": 2},
        {"channel": 0, "onoff": True},
        {"channel": 0, "onoff": "1"},
        {"channel": 1, "onoff": 1},
        {"channel": False, "onoff": 1},
        {"onoff": 1},
        None,
    ],
)
def test_refuses_other_forms_of_togglex(wanted: object) -> None:
    plug = bench("mss210")
    (error,) = plug.hear(TOGGLE_X, "SET", {"togglex": wanted})
    assert error.payload == {"error": {"code": 5000}}
    assert plug.plug.onoff() == 0


@pytest.mark.parametrize("model", ["mss210", "mss310", "mss305"])
def test_set_is_acknowledged_then_pushed_as_a_list(model: str) -> None:
    ack, push = bench(model).switch(0, 1)
    assert (ack.words, ack.topic, ack.payload) == (("ToggleX", "SETACK"), REPLIES, {})
    assert push.words == ("ToggleX", "PUSH")
    assert push.payload == {"togglex": [{"channel": 0, "onoff": 1, "lmTime": NOW + 20}]}


def test_first_generation_toggles_without_a_channel() -> None:
    plug = bench("mss210v1")
    ack, push = plug.hear("Appliance.Control.Toggle", "SET", {"toggle": {"onoff": 1}})
    assert ack.payload == {}
    assert push.payload == {"toggle": {"onoff": 1, "lmTime": NOW + 20}}
    (all_,) = plug.hear("Appliance.System.All", "GET", {})
    assert all_.payload["all"]["control"]["toggle"]["onoff"] == 1
    assert plug.switch(0, 0) == []


def test_strip_and_its_master() -> None:
    plug = bench("mss425e")
    _, push = plug.switch(2, 1)
    assert [relay["channel"] for relay in push.payload["togglex"]] == [2]
    assert [plug.plug.onoff(channel) for channel in range(5)] == [1, 0, 1, 0, 0]
    _, push = plug.switch(0, 0)
    assert {relay["onoff"] for relay in push.payload["togglex"]} == {0}
    assert len({relay["lmTime"] for relay in push.payload["togglex"]}) == 1
    assert len(push.payload["togglex"]) == 5


def test_strip_may_push_its_master_too() -> None:
    _, push = bench("mss425e", pushes_master=True).switch(4, 1)
    assert [relay["channel"] for relay in push.payload["togglex"]] == [0, 4]


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
    (reply,) = bench(model).hear(TOGGLE_X, "GET", asked)
    assert reply.payload["channel"] == channel
    assert isinstance(reply.payload["togglex"], shape)


def test_one_channel_of_a_strip() -> None:
    plug = bench("mss425e")
    (reply,) = plug.hear(TOGGLE_X, "GET", {"togglex": {"channel": 3}})
    assert reply.payload["togglex"] == {"channel": 3, "onoff": 0, "lmTime": 0}
    (error,) = plug.hear(TOGGLE_X, "GET", {"togglex": {"channel": 5}})
    assert error.payload["error"]["code"] == 5000


def test_all_of_its_gets_are_answered(any_plug: Bench) -> None:
    (reply,) = any_plug.hear("Appliance.System.Ability", "GET", {})
    for name in "Runtime Debug DNDMode Time Hardware Firmware Online Position".split():  # noqa: SIM905
        (reply,) = any_plug.hear(f"Appliance.System.{name}", "GET", {})
        assert reply.words == (name, "GETACK")


def test_meter_reads_nothing_before_it_has_the_time() -> None:
    plug = bench("mss305", ready=False)
    plug.hear(BIND, "SETACK", {})
    plug.switch(0, 1)
    electricity = "Appliance.Control.Electricity"
    (reply,) = plug.hear(electricity, "GET", {})
    assert reply.payload["electricity"]["voltage"] == 0
    plug.hear(CLOCK, "PUSH", {"clock": {"timestamp": NOW}})
    (reply,) = plug.hear(electricity, "GET", {})
    reading = reply.payload["electricity"]
    assert (reading["power"], reading["voltage"], reading["current"]) == (
        60_000,
        2331,
        257,
    )


def test_energy_belongs_to_the_local_day() -> None:
    plug = bench("mss310")
    rules = [[0, 7200, 0], [NOW + 10**6, 3600, 0]]
    zone = {"time": {"timezone": "Europe/Rome", "timeRule": rules}}
    (ack,) = plug.hear("Appliance.System.Time", "SET", zone)
    assert ack.words == ("Time", "SETACK")
    assert plug.plug.device.utc_offset == 7200
    plug.plug.consume(3)
    plug.plug.consume(4)
    plug.plug.consume(9, seconds_ago=86400)
    (reply,) = plug.hear("Appliance.Control.ConsumptionX", "GET", {})
    days = {day["date"]: day["value"] for day in reply.payload["consumptionx"]}
    # 22:13:40 UTC is past midnight in Rome.
    assert days == {"2023-11-15": 7, "2023-11-14": 9}


@pytest.mark.parametrize(
    "wanted", [None, {"timezone": 1}, {"timeRule": [[1, 2]]}, {"timestamp": "now"}]
)
def test_refuses_a_malformed_time(wanted: object) -> None:
    (error,) = bench("mss310").hear("Appliance.System.Time", "SET", {"time": wanted})
    assert error.payload == {"error": {"code": 5000}}


@given(raw=st.binary() | st.text().map(str.encode))
def test_garbage_is_ignored(raw: bytes) -> None:
    plug = bench("mss210")
    plug.plug.received(raw, 0.0)
    assert plug.said() == []


# Faults.


def test_frozen_plug_is_mute_but_clicks() -> None:
    plug = bench("mss310")
    plug.plug.freeze()
    plug.plug.press()
    assert plug.switch(0, 0) == []
    assert plug.plug.onoff() == 1
    plug.plug.thaw()
    assert len(plug.switch(0, 0)) == 2


def test_faults_of_replies() -> None:
    plug = bench("mss210")
    faults = plug.plug.faults
    faults.drop_replies = 1
    assert [message.words[1] for message in plug.switch(0, 1)] == ["PUSH"]
    faults.reply_delay = 2
    assert [message.words[1] for message in plug.switch(0, 1)] == ["PUSH"]
    plug.wait(2)
    assert plug.words() == [("ToggleX", "SETACK")]
    faults.reply_delay = 0
    faults.hold_next_push = 3
    assert [message.words[1] for message in plug.switch(0, 0)] == ["SETACK"]
    assert [message.words[1] for message in plug.switch(0, 1)] == ["SETACK", "PUSH"]
    plug.wait(3)
    (late,) = plug.said()
    assert late.payload["togglex"][0]["onoff"] == 0
    faults.ignore_from = True
    faults.refuse_with = 5000
    (error,) = plug.switch(0, 0)
    assert (error.topic, error.words[1]) == (
        f"/appliance/{plug.plug.uuid}/publish",
        "ERROR",
    )
    faults.refuse_with = 0
    faults.truncate_replies = True
    (cut,) = plug.hear("Appliance.System.All", "GET", {})
    with pytest.raises(json.JSONDecodeError):
        json.loads(cut.raw)
    plug.plug.babble()
    assert plug.said()[0].raw == b'\xff{"header":'


def test_reset_says_unbind_and_stays_away(any_plug: Bench) -> None:
    any_plug.plug.reset()
    any_plug.wait(60)
    assert any_plug.words() == [("Unbind", "PUSH")]
    assert any_plug.events[-1][1] == "disconnect"


def test_is_reset_by_an_unbind(any_plug: Bench) -> None:
    said = any_plug.hear("Appliance.Control.Unbind", "PUSH", {})
    assert [message.words for message in said] == [("Unbind", "PUSH")]
    assert not any_plug.plug.is_connected


# What tests see of it.


def test_tells_what_it_heard_and_switched() -> None:
    plug = bench("mss425e")
    heard: list[str] = []
    switched: list[tuple[int, int]] = []
    plug.plug.on_heard = lambda _, message: heard.append(message.method)
    plug.plug.on_switched = lambda _, channel, onoff: switched.append((channel, onoff))
    plug.switch(2, 1)
    plug.plug.press(2)
    assert heard == ["SET"]
    assert switched == [(2, 1), (2, 0)]
    assert plug.plug.heard[-1].at == plug.now()
    with pytest.raises(ValueError, match="7"):
        plug.plug.press(7)


def test_records_are_bounded() -> None:
    plug = bench("mss210")
    for _ in range(2000):
        plug.plug.press()
    assert 0 < len(plug.plug.said) <= 400
    assert plug.plug.said[-1].message.payload["togglex"][0]["onoff"] == 0
