"""What a plug is, from System.All and Ability."""

from dataclasses import replace

import pytest

from custom_components.meross_local.meross.errors import DecodeError
from custom_components.meross_local.meross.identity import (
    OTHER_NAMESPACES,
    Identity,
    Role,
    is_plug,
    may_be_plug,
)
from custom_components.meross_local.meross.model import (
    SystemAll,
    parse_abilities,
    parse_all,
)
from custom_components.meross_local.meross.namespaces import Namespace
from tests.fixtures import load
from tests.tools import program


def system_all(name: str) -> SystemAll:
    """Return System.All of a plug."""
    return parse_all(load(name)["all"])


def identified(name: str) -> Identity:
    """Return the identity of a plug."""
    parsed = system_all(name)
    abilities = parse_abilities(load(name)["ability"])
    return Identity.of(parsed.hardware.uuid, parsed, abilities)


def strip(model: str, channels: int) -> Identity:
    """Return a plug with so many channels."""
    hardware = replace(system_all("mss425e_2.1.2").hardware, model=model)
    parsed = replace(
        system_all("mss425e_2.1.2"), hardware=hardware, channels=tuple(range(channels))
    )
    return Identity.of(hardware.uuid, parsed, frozenset({Namespace.TOGGLE_X}))


# The only channel is the plug itself.
SINGLE = [Role.SINGLE]
STRIP = [Role.MASTER, *[Role.OUTLET] * 3, Role.USB]


def test_all_members() -> None:
    assert identified("mss310_2.1.17") == Identity(
        uuid="2104217560388336081848e1e95a37bd",
        mac="48:e1:e9:5a:37:bd",
        model="mss310",
        hardware="2.0.0",
        firmware="2.1.17",
        abilities=parse_abilities(load("mss310_2.1.17")["ability"]),
        channels=(0,),
        user_id=0,
    )


@pytest.mark.parametrize(
    ("name", "called", "toggle", "roles"),
    [
        ("mss210_1.1.12", "MSS210 c0a7", Namespace.TOGGLE, SINGLE),
        ("mss310_2.1.17", "MSS310 37bd", Namespace.TOGGLE_X, SINGLE),
        ("mss305_8.3.15", "MSS305 f06c", Namespace.TOGGLE_X, SINGLE),
        ("mss425e_2.1.2", "MSS425E 52ae", Namespace.TOGGLE_X, STRIP),
    ],
)
def test_name_toggle_and_roles(
    name: str, called: str, toggle: Namespace, roles: list[Role]
) -> None:
    identity = identified(name)
    assert (identity.name, identity.toggle) == (called, toggle)
    assert identity.channels == tuple(range(len(roles)))
    assert [identity.role(channel) for channel in identity.channels] == roles


@pytest.mark.parametrize(
    ("model", "roles"),
    [
        ("mss425f", [Role.MASTER, *[Role.OUTLET] * 4, Role.USB]),
        ("mss425fc", [Role.MASTER, *[Role.OUTLET] * 4, Role.USB]),
        ("mss620", [Role.MASTER, Role.OUTLET, Role.OUTLET]),
        ("mop320", [Role.MASTER, Role.OUTLET, Role.OUTLET]),
        ("mss426", [Role.MASTER, *[Role.OUTLET] * 6, Role.USB]),
        ("msp844", [Role.MASTER, *[Role.OUTLET] * 4, Role.USB]),
        ("msp843p", [Role.MASTER, *[Role.OUTLET] * 4, Role.USB]),
        ("sp425ew", [Role.MASTER, *[Role.OUTLET] * 3, Role.USB]),
        ("wp110b", [Role.SINGLE]),
        ("r10", [Role.SINGLE]),
    ],
)
def test_the_channels_of_a_strip(model: str, roles: list[Role]) -> None:
    identity = strip(model, len(roles))
    assert [identity.role(channel) for channel in identity.channels] == roles


def test_channels_are_in_order_and_once() -> None:
    parsed = system_all("mss425e_2.1.2")
    twice = replace(parsed, channels=(*reversed(parsed.channels), *parsed.channels))
    identity = Identity.of(parsed.hardware.uuid, twice, frozenset({Namespace.TOGGLE_X}))
    assert identity.channels == (0, 1, 2, 3, 4)


MSS310 = system_all("mss310_2.1.17")
TOGGLE_X = frozenset({Namespace.TOGGLE_X})


@pytest.mark.parametrize(
    ("abilities", "parsed", "reason"),
    [
        (frozenset(), MSS310, "not a plug"),
        (frozenset({Namespace.ELECTRICITY}), MSS310, "not a plug"),
        (TOGGLE_X | {"Appliance.Control.Light"}, MSS310, "not a plug"),
        (TOGGLE_X, replace(MSS310, channels=()), "not a plug"),
        (
            TOGGLE_X,
            replace(MSS310, hardware=replace(MSS310.hardware, uuid="0" * 32)),
            "another plug",
        ),
    ],
    ids=["no ability", "no toggle", "another family", "no outlet", "another UUID"],
)
def test_what_is_no_plug_or_another_one_is_rejected(
    abilities: frozenset[str], parsed: SystemAll, reason: str
) -> None:
    with pytest.raises(DecodeError, match=reason):
        Identity.of(MSS310.hardware.uuid, parsed, abilities)


@pytest.mark.parametrize("member", ["uuid", "model"])
def test_no_plug_is_updated_from_another_one(member: str) -> None:
    other = replace(MSS310.hardware, **{member: "0" * 32})
    with pytest.raises(DecodeError, match="another plug"):
        identified("mss310_2.1.17").updated_from(replace(MSS310, hardware=other))


def test_versions_that_are_left_out_stay_what_they_were() -> None:
    identity = identified("mss310_2.1.17")
    hardware = replace(MSS310.hardware, version="")
    parsed = replace(MSS310, hardware=hardware, firmware="", user_id=7)
    assert identity.updated_from(parsed) == replace(identity, user_id=7)


def test_a_login_without_a_mac_has_the_one_of_the_uuid() -> None:
    identity = replace(identified("mss310_2.1.17"), mac=None)
    assert identity.credentials("").mac == "48:e1:e9:5a:37:bd"


@pytest.mark.parametrize(
    "other",
    [
        *("Control.Light", "Control.Light.Effect", "GarageDoor.State", "Control.Fan"),
        *("Control.Spray", "Control.Diffuser.Spray", "Hub.ToggleX", "Control.TempUnit"),
        *("RollerShutter.State", "Control.Thermostat.Mode", "Control.Presence.Config"),
    ],
)
def test_a_plug_has_no_namespace_of_another_family(other: str) -> None:
    assert is_plug(TOGGLE_X)
    assert is_plug(frozenset({Namespace.TOGGLE, "Appliance.Control.ElectricityX"}))
    assert not is_plug(TOGGLE_X | {f"Appliance.{other}"})


@pytest.mark.parametrize(
    ("model", "may_be_one"),
    [
        *((m, True) for m in ("mss110", "msp844", "mop320", "wp110b", "r10")),
        *((m, False) for m in ("msl120", "msh300", "mts100", "em06", "ms130")),
    ],
)
def test_a_model_may_be_a_plug(
    model: str,
    may_be_one: bool,  # noqa: FBT001 (a parameter of the test)
) -> None:
    assert may_be_plug(model) is may_be_one


def test_scripts_pair_knows_the_same_families() -> None:
    assert set(program.load().OTHER_NAMESPACES) == set(OTHER_NAMESPACES)
