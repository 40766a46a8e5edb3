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
from custom_components.meross_local.meross.namespaces import Namespace
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
            (OutletState(0, on=False),),
        ),
        (
            "mss310_2.1.17",
            "2.0.0",
            "2104217560388336081848e1e95a37bd",
            PlugTime(1681841111, "Europe/London", SUMMER_2022),
            (OutletState(0, on=False),),
        ),
        (
            "mss305_8.3.15",
            "8.0.0",
            "24071926381554h4250448e1e9b2f06c",
            PlugTime(1739780217, "Europe/London", SUMMER_2024),
            (OutletState(0, on=True),),
        ),
        (
            "mss425e_2.1.2",
            "2.0.0",
            "1909065148329125183448e1e90c52ae",
            PlugTime(1700000000, "", ()),
            tuple(OutletState(n, n in (0, 2)) for n in range(5)),
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
    toggle = Namespace.TOGGLE if model == "mss210" else Namespace.TOGGLE_X
    channels = tuple(outlet.channel for outlet in outlets)
    skipped: list[str] = []
    assert parse_all(load(name)["all"], skipped) == SystemAll(
        hardware, firmware, LOCAL, 0, time, toggle, channels, outlets
    )
    assert not skipped


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
        *(("hardware", name) for name in ("type", "uuid")),
        (None, "hardware"),
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
        {"timestamp": "5", "timezone": ""},
    ],
    ids=str,
)
def test_a_time_of_no_known_form_is_none_and_the_rest_is_read(time: object) -> None:
    parsed = parse_all(changed(None, time=time))
    assert parsed.time is None
    assert parsed.outlets == MSS310.outlets


@pytest.mark.parametrize("rule", [None, 1, [1, 2], {}, [1, 2, "0"], "123"], ids=str)
def test_a_rule_of_no_known_form_is_left_out_alone(rule: object) -> None:
    time = {"timestamp": 5.0, "timezone": None, "timeRule": [rule, [1, 2, 0.0]]}
    skipped: list[str] = []
    parsed = parse_all(changed(None, time=time), skipped)
    assert parsed.time == PlugTime(5, "", ((1, 2, 0),))
    assert skipped == ["timeRule is not a rule"]


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
        {"server": "[x](http://evil)"},
        {"port": 0},
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


@pytest.mark.parametrize(
    "members",
    [{"secondServer": 7}, {"secondPort": []}, {"secondPort": 1.5}, {"secondPort": 0}],
    ids=str,
)
def test_a_second_broker_of_no_known_form_is_the_first(
    members: dict[str, object],
) -> None:
    parsed = parse_all(changed("firmware", **members))
    assert parsed == MSS310


def test_a_system_all_is_read_without_firmware_and_state() -> None:
    payload = changed(None, firmware=None)
    del payload["all"]["digest"]  # type: ignore[attr-defined]
    skipped: list[str] = []
    assert parse_all(payload, skipped) == replace(
        MSS310, firmware="", gateway=None, toggle=None, channels=(), outlets=()
    )
    assert skipped == ["control is not an object", "firmware is not an object"]


def test_an_ability_of_no_known_form_is_left_out() -> None:
    skipped: list[str] = []
    payload: Json = {"ability": {"Appliance.X": {}, "[x](http://evil)": {}}}
    assert parse_abilities(payload, skipped) == {"Appliance.X"}
    assert len(skipped) == 1


UUID = "2104217560388336081848e1e95a37bd"
PLAIN = {
    "type": "MSS310R",
    "version": "2.0.0",
    "uuid": UUID,
    "macAddress": "48:E1:E9:5A:37:BD",
}


def test_names_and_addresses_are_lower_case() -> None:
    parsed = parse_bind({"bind": {"hardware": PLAIN}})
    assert (parsed.model, parsed.mac) == ("mss310r", "48:e1:e9:5a:37:bd")


@pytest.mark.parametrize(
    "members",
    [
        *({"type": text} for text in ("", "m", "[x](http://evil)", "mss" * 6, "m s")),
        *({"uuid": text} for text in ("", "+", "../../x", UUID.upper(), "0" * 9_000)),
    ],
    ids=lambda members: str(members)[:30],
)
def test_rejects_a_hardware_that_names_no_plug(members: dict[str, str]) -> None:
    with pytest.raises(DecodeError, match="of no known form"):
        parse_bind({"bind": {"hardware": PLAIN | members}})


@pytest.mark.parametrize(
    "mac",
    ["[x](http://evil)", "48:e1:e9:5a:37:be", "48e1e95a37bd", "", None, 7],
    ids=str,
)
def test_a_mac_is_the_one_that_the_uuid_ends_with(mac: object) -> None:
    hardware = PLAIN | {"macAddress": mac, "version": "![x](http://evil)"}
    parsed = parse_bind({"bind": {"hardware": hardware}})
    assert (parsed.mac, parsed.version) == (None, "")


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
