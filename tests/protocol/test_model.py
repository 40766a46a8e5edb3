"""System.All in both shapes, Ability, Bind and ERROR, as real plugs send them."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
import re
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


SUMMER_2019 = ((1553994000, 7200, 1), (1572138000, 3600, 0))
SUMMER_2022 = ((1648342800, 3600, 1), (1667091600, 0, 0))
SUMMER_2024 = ((1711846800, 3600, 1), (1729990800, 0, 0))


@pytest.mark.parametrize(
    ("name", "version", "uuid", "time", "outlets"),
    [
        (
            "mss210_1.1.12",
            "1.0.0",
            "1902173846120890815634298f14c0a7",
            PlugTime(1645391266, "Europe/Madrid", SUMMER_2019),
            (OutletState(0, on=False, changed=1645391086),),
        ),
        (
            "mss310_2.1.17",
            "2.0.0",
            "2104217560388336081848e1e95a37bd",
            PlugTime(1681841111, "Europe/London", SUMMER_2022),
            (OutletState(0, on=False, changed=1681840534),),
        ),
        (
            "mss305_8.3.15",
            "8.0.0",
            "24071926381554h4250448e1e9b2f06c",
            PlugTime(1739780217, "Europe/London", SUMMER_2024),
            (OutletState(0, on=True, changed=1739780127),),
        ),
        (
            "mss425e_2.1.2",
            "2.0.0",
            "1909065148329125183448e1e90c52ae",
            PlugTime(1700000000, "", ()),
            tuple(OutletState(n, n in (0, 2), 1699999000 + n) for n in range(5)),
        ),
    ],
)
def test_reads_system_all(
    name: str,
    version: str,
    uuid: str,
    time: PlugTime,
    outlets: tuple[OutletState, ...],
) -> None:
    model, firmware = name.split("_")
    mac = ":".join(re.findall("..", uuid[20:]))
    hardware = Hardware(model, version, uuid, mac)
    expected = SystemAll(hardware, firmware, LOCAL, 0, time, outlets)
    assert parse_all(load(name)["all"]) == expected


def changed(part: str | None, **members: object) -> Json:
    """Return a System.All with other members in a part; None leaves one out."""
    payload: dict[str, Any] = deepcopy(load("mss310_2.1.17")["all"])
    system = payload["all"]["system"]
    target = system[part] if part else system
    for name, value in members.items():
        target[name] = value
        if value is None:
            del target[name]
    return payload


MSS310 = parse_all(load("mss310_2.1.17")["all"])


@pytest.mark.parametrize(
    ("part", "missing"),
    [
        *(("hardware", name) for name in ("type", "version", "uuid", "macAddress")),
        *((None, name) for name in ("hardware", "firmware")),
    ],
)
def test_rejects_an_incomplete_system_all(part: str | None, missing: str) -> None:
    kind = "a string" if part else "an object"
    with pytest.raises(DecodeError, match=f"{missing} is not {kind}"):
        parse_all(changed(part, **{missing: None}))


@pytest.mark.parametrize(
    ("parse", "payload"),
    [
        (parse_all, {}),
        (parse_all, {"all": []}),
        (parse_all, {"all": {}}),
        (parse_bind, {}),
        (parse_bind, {"bind": 1}),
        (parse_bind, {"bind": {}}),
        (parse_bind, {"bind": {"hardware": {}}}),
        (parse_abilities, {}),
        (parse_abilities, {"ability": []}),
    ],
)
def test_rejects_payloads_without_what_they_are_for(
    parse: Callable[[Json], object], payload: Json
) -> None:
    with pytest.raises(DecodeError):
        parse(payload)


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
    parsed = parse_all(changed(None, time=time))
    assert parsed.time is None
    assert parsed.outlets == MSS310.outlets


@pytest.mark.parametrize("rules", [None, {}, 0, []], ids=str)
def test_a_time_without_rules_is_read(rules: object) -> None:
    time = {"timestamp": 5, "timezone": "UTC", "timeRule": rules}
    assert parse_all(changed(None, time=time)).time == PlugTime(5, "UTC", ())


def test_reads_two_brokers_and_the_account() -> None:
    parsed = parse_all(
        changed(
            "firmware",
            server="iot.meross.com",
            port=2001,
            secondServer="smart.meross.com",
            secondPort=443,
            userId=46884,
        )
    )
    assert parsed.gateway == Gateway("iot.meross.com", 2001, "smart.meross.com", 443)
    assert parsed.user_id == 46884


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
    parsed = parse_all(changed("firmware", **members))
    assert parsed == replace(MSS310, gateway=None)


@pytest.mark.parametrize("user_id", [None, "46884", True, 1.5, []], ids=str)
def test_an_account_of_no_known_form_is_none_and_the_rest_is_read(
    user_id: object,
) -> None:
    parsed = parse_all(changed("firmware", userId=user_id))
    assert parsed == MSS310
    assert parsed.user_id == 0


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


@pytest.mark.parametrize("name", ["mss210_1.1.12", "mss310_2.1.17", "mss305_8.3.15"])
def test_reads_abilities(name: str) -> None:
    payload = load(name)["ability"]
    assert parse_abilities(payload) == payload["ability"].keys()


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
