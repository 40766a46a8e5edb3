"""System.All in both shapes, Ability, Bind and ERROR, as real plugs send them."""

from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from custom_components.meross_local.meross.errors import DecodeError
from custom_components.meross_local.meross.fields import Json
from custom_components.meross_local.meross.model import (
    Gateway,
    Hardware,
    OutletState,
    PlugTime,
    SystemAll,
    parse_abilities,
    parse_all,
    parse_bind,
    parse_error,
)
from tests.fixtures import load

# Named twice, or once: then the second one is the first.
LOCAL = Gateway("192.0.2.1", 8883, "192.0.2.1", 8883)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "mss210_1.1.12",
            SystemAll(
                Hardware(
                    model="mss210",
                    version="1.0.0",
                    uuid="1902173846120890815634298f14c0a7",
                    mac="34:29:8f:14:c0:a7",
                ),
                firmware="1.1.12",
                gateway=LOCAL,
                user_id=0,
                time=PlugTime(
                    1645391266,
                    "Europe/Madrid",
                    ((1553994000, 7200, 1), (1572138000, 3600, 0)),
                ),
                outlets=(OutletState(0, on=False, changed=1645391086),),
            ),
        ),
        (
            "mss310_2.1.17",
            SystemAll(
                Hardware(
                    model="mss310",
                    version="2.0.0",
                    uuid="2104217560388336081848e1e95a37bd",
                    mac="48:e1:e9:5a:37:bd",
                ),
                firmware="2.1.17",
                gateway=LOCAL,
                user_id=0,
                time=PlugTime(
                    1681841111,
                    "Europe/London",
                    ((1648342800, 3600, 1), (1667091600, 0, 0)),
                ),
                outlets=(OutletState(0, on=False, changed=1681840534),),
            ),
        ),
        (
            "mss305_8.3.15",
            SystemAll(
                Hardware(
                    model="mss305",
                    version="8.0.0",
                    uuid="24071926381554h4250448e1e9b2f06c",
                    mac="48:e1:e9:b2:f0:6c",
                ),
                firmware="8.3.15",
                gateway=LOCAL,
                user_id=0,
                time=PlugTime(
                    1739780217,
                    "Europe/London",
                    ((1711846800, 3600, 1), (1729990800, 0, 0)),
                ),
                outlets=(OutletState(0, on=True, changed=1739780127),),
            ),
        ),
        (
            "mss425e_2.1.2",
            SystemAll(
                Hardware(
                    model="mss425e",
                    version="2.0.0",
                    uuid="1909065148329125183448e1e90c52ae",
                    mac="48:e1:e9:0c:52:ae",
                ),
                firmware="2.1.2",
                gateway=LOCAL,
                user_id=0,
                time=PlugTime(1700000000, "", ()),
                outlets=tuple(
                    OutletState(channel, channel in (0, 2), 1699999000 + channel)
                    for channel in range(5)
                ),
            ),
        ),
    ],
)
def test_reads_system_all(name: str, said: SystemAll) -> None:
    assert parse_all(load(name)["all"]) == said


@pytest.mark.parametrize("missing", ["type", "version", "uuid", "macAddress"])
def test_refuses_system_all_with_incomplete_hardware(missing: str) -> None:
    payload = deepcopy(load("mss310_2.1.17")["all"])
    del payload["all"]["system"]["hardware"][missing]
    with pytest.raises(DecodeError, match=f"{missing} is not a string"):
        parse_all(payload)


@pytest.mark.parametrize("missing", ["hardware", "firmware"])
def test_refuses_system_all_without_a_part_of_the_system(missing: str) -> None:
    payload = deepcopy(load("mss310_2.1.17")["all"])
    del payload["all"]["system"][missing]
    with pytest.raises(DecodeError, match=f"{missing} is not an object"):
        parse_all(payload)


@pytest.mark.parametrize(
    "payload", [{}, {"all": []}, {"all": {}}, {"all": {"system": {}}}], ids=str
)
def test_refuses_system_all_without_system_or_state(payload: Json) -> None:
    with pytest.raises(DecodeError):
        parse_all(payload)


def with_time(time: object) -> Json:
    """Return a System.All with another time; None leaves it out."""
    payload: dict[str, Any] = deepcopy(load("mss310_2.1.17")["all"])
    payload["all"]["system"]["time"] = time
    if time is None:
        del payload["all"]["system"]["time"]
    return payload


@pytest.mark.parametrize(
    "time",
    [
        None,
        [],
        {},
        {"timestamp": 5},
        {"timestamp": "5", "timezone": ""},
        {"timestamp": 5, "timezone": None},
        {"timestamp": 5, "timezone": "", "timeRule": [[1, 2]]},
        {"timestamp": 5, "timezone": "", "timeRule": [{}]},
        {"timestamp": 5, "timezone": "", "timeRule": [[1, 2, "0"]]},
    ],
    ids=str,
)
def test_a_time_of_no_known_form_is_none_and_the_rest_is_read(time: object) -> None:
    told = parse_all(with_time(time))
    assert told.time is None
    assert told.outlets == parse_all(load("mss310_2.1.17")["all"]).outlets


@pytest.mark.parametrize("rules", [None, {}, 0, []], ids=str)
def test_a_time_without_rules_is_read(rules: object) -> None:
    time = {"timestamp": 5, "timezone": "UTC", "timeRule": rules}
    assert parse_all(with_time(time)).time == PlugTime(5, "UTC", ())


def with_firmware(**members: object) -> Json:
    """Return a System.All with other members of the firmware; None leaves one out."""
    payload: dict[str, Any] = deepcopy(load("mss310_2.1.17")["all"])
    firmware = payload["all"]["system"]["firmware"] | members
    left = {name: value for name, value in firmware.items() if value is not None}
    payload["all"]["system"]["firmware"] = left
    return payload


def test_reads_two_brokers_and_the_account() -> None:
    said = parse_all(
        with_firmware(
            server="iot.meross.com",
            port=2001,
            secondServer="smart.meross.com",
            secondPort=443,
            userId=46884,
        )
    )
    assert said.gateway == Gateway("iot.meross.com", 2001, "smart.meross.com", 443)
    assert said.user_id == 46884


@pytest.mark.parametrize(
    "members",
    [
        {"server": None},
        {"server": 1},
        {"port": None},
        {"port": "8883"},
        {"port": True},
        {"secondServer": 7},
        {"secondPort": []},
        {"secondPort": 1.5},
    ],
    ids=str,
)
def test_a_broker_of_no_known_form_is_none_and_the_rest_is_read(
    members: dict[str, object],
) -> None:
    said = parse_all(with_firmware(**members))
    assert said == replace(parse_all(load("mss310_2.1.17")["all"]), gateway=None)


@pytest.mark.parametrize("user_id", [None, "46884", True, 1.5, []], ids=str)
def test_an_account_of_no_known_form_is_none_and_the_rest_is_read(
    user_id: object,
) -> None:
    said = parse_all(with_firmware(userId=user_id))
    assert said == parse_all(load("mss310_2.1.17")["all"])
    assert said.user_id == 0


def test_names_and_addresses_are_lower_case() -> None:
    hardware = {
        "type": "MSS310R",
        "version": "2.0.0",
        "uuid": "u",
        "macAddress": "AB:CD",
    }
    parsed = parse_bind({"bind": {"hardware": hardware}})
    assert (parsed.model, parsed.mac) == ("mss310r", "ab:cd")


def test_reads_a_real_bind() -> None:
    assert parse_bind(load("bind_mss210_7.2.15")["payload"]) == Hardware(
        model="mss210",
        version="7.0.0",
        uuid="2111185763029415h03348e1e9d1459b",
        mac="48:e1:e9:d1:45:9b",
    )


@pytest.mark.parametrize(
    "payload", [{}, {"bind": 1}, {"bind": {}}, {"bind": {"hardware": {}}}], ids=str
)
def test_refuses_a_bind_without_hardware(payload: Json) -> None:
    with pytest.raises(DecodeError):
        parse_bind(payload)


@pytest.mark.parametrize(
    ("name", "has", "has_not"),
    [
        ("mss210_1.1.12", "Appliance.Control.Toggle", "Appliance.Control.ToggleX"),
        ("mss310_2.1.17", "Appliance.Control.ToggleX", "Appliance.Control.Toggle"),
        ("mss305_8.3.15", "Appliance.Config.StandbyKiller", "Appliance.Control.Toggle"),
    ],
)
def test_reads_abilities(name: str, has: str, has_not: str) -> None:
    abilities = parse_abilities(load(name)["ability"])
    assert has in abilities
    assert has_not not in abilities


@pytest.mark.parametrize("payload", [{}, {"ability": []}, {"ability": None}], ids=str)
def test_refuses_abilities_that_are_no_object(payload: Json) -> None:
    with pytest.raises(DecodeError):
        parse_abilities(payload)


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({"error": {"code": 5001, "detail": "sign error"}}, 5001),
        ({"error": {"code": 5000}}, 5000),
        ({"error": {"code": "5000"}}, None),
        ({"error": {}}, None),
        ({"error": 5000}, None),
        ({}, None),
    ],
    ids=str,
)
def test_reads_the_code_of_an_error(payload: Json, code: int | None) -> None:
    assert parse_error(payload) == code
