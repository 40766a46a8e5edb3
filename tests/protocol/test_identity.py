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

MODELS = ["mss210_1.1.12", "mss310_2.1.17", "mss305_8.3.15", "mss425e_2.1.2"]


def said(name: str) -> SystemAll:
    """Return what a plug said of itself."""
    return parse_all(load(name)["all"])


def identified(name: str) -> Identity:
    """Return what a plug is."""
    told = said(name)
    abilities = parse_abilities(load(name)["ability"])
    return Identity.of(told.hardware.uuid, told, abilities)


def strip(model: str, channels: int) -> Identity:
    """Return a plug with so many channels."""
    hardware = replace(said("mss425e_2.1.2").hardware, model=model)
    outlets = tuple(OutletState(n, on=False, changed=0) for n in range(channels))
    told = SystemAll(hardware, "2.1.6", None, 0, None, outlets)
    return Identity.of(hardware.uuid, told, frozenset({Namespace.TOGGLE_X}))


def test_is_what_it_said() -> None:
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
    ("name", "called"),
    zip(
        MODELS,
        ["MSS210 c0a7", "MSS310 37bd", "MSS305 f06c", "MSS425E 52ae"],
        strict=True,
    ),
)
def test_is_called_by_model_and_mac(name: str, called: str) -> None:
    assert identified(name).name == called


@pytest.mark.parametrize(
    ("name", "toggle"),
    zip(MODELS, [Namespace.TOGGLE, *[Namespace.TOGGLE_X] * 3], strict=True),
)
def test_is_switched_with_what_it_can(name: str, toggle: Namespace) -> None:
    assert identified(name).toggle is toggle


@pytest.mark.parametrize("name", MODELS[:3])
def test_the_only_channel_is_the_plug_itself(name: str) -> None:
    identity = identified(name)
    assert identity.channels == (0,)
    assert identity.role(0) is Role.SINGLE


@pytest.mark.parametrize(
    ("model", "roles"),
    [
        ("mss425e", [Role.MASTER, *[Role.OUTLET] * 3, Role.USB]),
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
    told = said("mss425e_2.1.2")
    twice = replace(told, outlets=(*reversed(told.outlets), *told.outlets))
    identity = Identity.of(told.hardware.uuid, twice, frozenset({Namespace.TOGGLE_X}))
    assert identity.channels == (0, 1, 2, 3, 4)


@pytest.mark.parametrize("abilities", [set(), {"Appliance.Control.Electricity"}])
def test_without_a_toggle_it_is_no_plug(abilities: set[str]) -> None:
    told = said("mss310_2.1.17")
    with pytest.raises(DecodeError, match="without an outlet"):
        Identity.of(told.hardware.uuid, told, frozenset(abilities))


def test_without_an_outlet_it_is_no_plug() -> None:
    told = replace(said("mss310_2.1.17"), outlets=())
    with pytest.raises(DecodeError, match="without an outlet"):
        Identity.of(told.hardware.uuid, told, frozenset({Namespace.TOGGLE_X}))


def test_another_uuid_than_the_topics_is_not_believed() -> None:
    with pytest.raises(DecodeError, match="not a plug, or another one"):
        Identity.of("0" * 32, said("mss310_2.1.17"), frozenset({Namespace.TOGGLE_X}))


def test_another_meross_device_is_no_plug() -> None:
    told = said("mss310_2.1.17")
    bulb = replace(told, hardware=replace(told.hardware, model="msl120"))
    with pytest.raises(DecodeError, match="not a plug, or another one"):
        Identity.of(told.hardware.uuid, bulb, frozenset({Namespace.TOGGLE_X}))


@pytest.mark.parametrize(
    ("model", "is_one"),
    [
        *((model, True) for model in ("mss110", "mss310r", "mss425e", "mss620")),
        *((model, False) for model in ("msl120", "msh300", "mts100", "", "xmss")),
    ],
)
def test_a_plug_is_known_by_its_model(model: str, is_one: bool) -> None:  # noqa: FBT001
    assert is_plug(model) is is_one
