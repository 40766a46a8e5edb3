"""Faults of the simulated plug and its connection, and plugs that nobody expects."""

import json

import pytest

from tests.simulator import ODD_NAMES, OTHER_FAMILIES

from .bench import BIND, CLOCK, NOW, TOGGLE_X, Bench, kind, kinds, ready

ABILITY = "Appliance.System.Ability"
ALL = "Appliance.System.All"
ELECTRICITY = "Appliance.Control.Electricity"
ACK, PUSH = ("ToggleX", "SETACK"), ("ToggleX", "PUSH")


@pytest.fixture
def bench() -> Bench:
    return ready("mss210")


def entries(bench: Bench) -> list[tuple[int, int]]:
    """Return channel and state of each entry of System.All."""
    (reply,) = bench.receive(ALL)
    relays = reply.message.payload["all"]["digest"]["togglex"]
    return [(relay["channel"], relay["onoff"]) for relay in relays]


# The clock.


@pytest.mark.parametrize("seconds", [30, -30])
def test_clock_steps_without_a_message(bench: Bench, seconds: int) -> None:
    bench.plug.step_clock(seconds)
    assert bench.take() == []
    _, push = bench.switch(0, 1)
    assert push.message.timestamp == NOW + 20 + seconds
    assert push.message.payload["togglex"][0]["lmTime"] == NOW + 20 + seconds


@pytest.mark.parametrize("seconds", [7200, -7200])
def test_nothing_is_consumed_by_a_step(seconds: int) -> None:
    bench = ready("mss310")
    bench.switch(0, 1)
    bench.plug.step_clock(seconds)
    assert bench.plug.device.measure().days() == []
    bench.wait(3600)
    (day,) = bench.plug.device.measure().days()
    assert day["value"] == 60


def test_milliseconds_may_be_absurd(bench: Bench) -> None:
    bench.plug.faults.timestamp_ms = 59_000
    bench.plug.press()
    (raw,) = bench.raw
    assert json.loads(raw)["header"]["timestampMs"] == 59_000


@pytest.mark.parametrize(("lag", "behind"), [(2.2, 3), (0.2, 1), (0, 0)])
def test_change_is_stamped_late(bench: Bench, lag: float, behind: int) -> None:
    bench.plug.device.change_lag = lag
    _, push = bench.switch(0, 1)
    assert push.message.payload["togglex"][0]["lmTime"] == NOW + 20 - behind


# The connection.


def test_messages_of_a_plug_are_lost(bench: Bench) -> None:
    bench.plug.faults.lose_sent = 1
    assert kinds(bench.switch(0, 1)) == [PUSH]
    assert bench.plug.onoff() == 1
    bench.plug.faults.loses = lambda message: message.method == "PUSH"
    assert kinds(bench.switch(0, 0)) == [ACK]


def test_messages_to_a_plug_are_lost(bench: Bench) -> None:
    bench.plug.faults.lose_received = 1
    assert bench.switch(0, 1) == []
    assert bench.plug.onoff() == 0
    bench.plug.faults.loses = lambda message: message.method == "GET"
    assert bench.receive(ALL) == []
    assert kinds(bench.switch(0, 1)) == [ACK, PUSH]


def test_messages_arrive_twice(bench: Bench) -> None:
    bench.plug.faults.double_sent = 1
    first, second, push = bench.switch(0, 1)
    assert first.message == second.message
    assert kind(push) == PUSH


def test_a_push_is_late(bench: Bench) -> None:
    bench.plug.faults.hold_next_push = 30
    assert kinds(bench.switch(0, 1)) == [ACK]
    (push,) = bench.wait(30)
    assert push.message.timestamp == NOW + 20


# Commands.


def test_no_push_follows_a_command_but_the_button(bench: Bench) -> None:
    bench.plug.faults.omits_push = True
    assert kinds(bench.switch(0, 1)) == [ACK]
    bench.plug.press()
    assert kinds(bench.take()) == [PUSH]


def test_push_precedes_its_acknowledgement(bench: Bench) -> None:
    bench.plug.faults.push_first_by = 1
    assert kinds(bench.switch(0, 1)) == [PUSH]
    (ack,) = bench.wait(1)
    assert (kind(ack), ack.message.timestamp) == (ACK, NOW + 21)


def test_one_outlet_does_not_follow_all_outlets() -> None:
    bench = ready("mss425e")
    bench.plug.device.relays.disobedient = {3}
    _, push = bench.switch(0, 1)
    pushed = [relay["channel"] for relay in push.message.payload["togglex"]]
    assert pushed == [0, 1, 2, 4]
    assert entries(bench) == [(0, 1), (1, 1), (2, 1), (3, 0), (4, 1)]
    bench.switch(3, 1)
    assert bench.plug.onoff(3) == 1


def test_entry_of_the_master_goes_stale() -> None:
    bench = ready("mss425e")
    bench.plug.device.relays.updates_master = False
    _, push = bench.switch(2, 1)
    assert [relay["channel"] for relay in push.message.payload["togglex"]] == [2]
    assert entries(bench)[:3] == [(0, 0), (1, 0), (2, 1)]


# What people do to a plug.


@pytest.mark.parametrize("keeps_relays", [True, False])
def test_reboot_loses_the_time_and_maybe_the_state(*, keeps_relays: bool) -> None:
    bench = ready("mss210")
    bench.switch(0, 1)
    bench.plug.reboot(keeps_relays=keeps_relays)
    assert bench.plug.onoff() == int(keeps_relays)
    assert not bench.plug.device.clock.is_set
    assert ("Bind", "SET") in kinds(bench.take())


def test_firmware_brings_namespaces_and_outlets(bench: Bench) -> None:
    bench.plug.update("7.9.0", abilities=[ELECTRICITY], outlets=2)
    bench.receive(BIND, "SETACK")
    bench.receive(CLOCK, "PUSH", {"clock": {"timestamp": NOW}})
    (reply,) = bench.receive(ALL)
    system = reply.message.payload["all"]["system"]
    assert system["firmware"]["version"] == "7.9.0"
    assert [channel for channel, _ in entries(bench)] == [0, 1, 2]
    (reply,) = bench.receive(ABILITY)
    assert ELECTRICITY in reply.message.payload["ability"]
    assert kinds(bench.receive(ELECTRICITY)) == [("Electricity", "GETACK")]
    assert bench.plug.model.is_strip


def test_set_up_again_after_a_reset_with_another_key(bench: Bench) -> None:
    bench.plug.reset()
    assert bench.wait(60)[-1].message.namespace.endswith("Unbind")
    bench.plug.set_up_again("another")
    bind = bench.wait(1)[-1].message
    assert (bind.method, bind.is_signed_with("another")) == ("SET", True)
    assert kinds(bench.receive(BIND, "SETACK")) == [("Bind", "ERROR")]


def test_an_ability_that_is_never_answered(bench: Bench) -> None:
    bench.plug.faults.unanswered = {ABILITY}
    assert bench.receive(ABILITY) == []
    assert kinds(bench.receive(ALL)) == [("All", "GETACK")]


# Other names and families.


@pytest.mark.parametrize("name", ODD_NAMES)
def test_plugs_by_other_names_are_switched(name: str) -> None:
    bench = ready(ODD_NAMES[name])
    last = len(bench.plug.model.outlets) - 1
    ack, push = bench.switch(last, 1)
    assert (kind(ack), kind(push)) == (ACK, PUSH)
    assert entries(bench)[last] == (last, 1)
    (reply,) = bench.receive(ALL)
    system = reply.message.payload["all"]["system"]
    assert system["hardware"]["type"] == name


def test_electricity_of_several_outlets_has_millivolts() -> None:
    bench = ready(ODD_NAMES["mop320"])
    assert bench.receive(ELECTRICITY) == []
    (reply,) = bench.receive(f"{ELECTRICITY}X")
    (reading,) = reply.message.payload["electricity"]
    assert reading["voltage"] == 233_100


@pytest.mark.parametrize("name", OTHER_FAMILIES)
def test_other_families_have_namespaces_of_their_own(name: str) -> None:
    bench = ready(OTHER_FAMILIES[name])
    (reply,) = bench.receive(ABILITY)
    names = reply.message.payload["ability"]
    own = ("Light", "GarageDoor", "Thermostat", "Spray", "Hub")
    assert any(part in one for one in names for part in own)
    (reply,) = bench.receive(ALL)
    digest = reply.message.payload["all"]["digest"]
    assert ("togglex" in digest) is (TOGGLE_X in names)
