"""What a plug is, from System.All and Ability."""

from dataclasses import replace

import pytest

from custom_components.meross_local.meross.errors import DecodeError
from custom_components.meross_local.meross.identity import Identity, Role, is_plug
from custom_components.meross_local.meross.model import (
    OutletState,
    SystemAll,
    parse_abilities,
    parse_all,
)
from custom_components.meross_local.meross.namespaces import Namespace
from tests.fixtures import load


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
    outlets = tuple(OutletState(n, on=False, changed=0) for n in range(channels))
    parsed = SystemAll(hardware, "2.1.6", None, 0, None, outlets)
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
        ("mss620", [Role.MASTER, Role.OUTLET, Role.OUTLET]),
        # Seven outlets: which of them is a USB group is not known.
        ("mss426", [Role.MASTER, *[Role.OUTLET] * 7]),
    ],
)
def test_the_channels_of_a_strip(model: str, roles: list[Role]) -> None:
    identity = strip(model, len(roles))
    assert [identity.role(channel) for channel in identity.channels] == roles


def test_channels_are_in_order_and_once() -> None:
    parsed = system_all("mss425e_2.1.2")
    twice = replace(parsed, outlets=(*reversed(parsed.outlets), *parsed.outlets))
    identity = Identity.of(parsed.hardware.uuid, twice, frozenset({Namespace.TOGGLE_X}))
    assert identity.channels == (0, 1, 2, 3, 4)


MSS310 = system_all("mss310_2.1.17")
TOGGLE_X = frozenset({Namespace.TOGGLE_X})


@pytest.mark.parametrize(
    ("abilities", "parsed", "reason"),
    [
        (frozenset(), MSS310, "without an outlet"),
        (frozenset({Namespace.ELECTRICITY}), MSS310, "without an outlet"),
        (TOGGLE_X, replace(MSS310, outlets=()), "without an outlet"),
        (
            TOGGLE_X,
            replace(MSS310, hardware=replace(MSS310.hardware, model="msl120")),
            "not a plug, or another one",
        ),
        (
            TOGGLE_X,
            replace(MSS310, hardware=replace(MSS310.hardware, uuid="0" * 32)),
            "not a plug, or another one",
        ),
    ],
    ids=["no ability", "no toggle", "no outlet", "another kind", "another UUID"],
)
def test_what_is_no_plug_or_another_one_is_rejected(
    abilities: frozenset[str], parsed: SystemAll, reason: str
) -> None:
    with pytest.raises(DecodeError, match=reason):
        Identity.of(MSS310.hardware.uuid, parsed, abilities)


@pytest.mark.parametrize(
    ("model", "is_one"),
    [
        *((model, True) for model in ("mss110", "mss310r", "mss425e", "mss620")),
        *((model, False) for model in ("msl120", "msh300", "mts100", "", "xmss")),
    ],
)
def test_a_plug_is_known_by_its_model(model: str, is_one: bool) -> None:  # noqa: FBT001
    assert is_plug(model) is is_one
