"""A plug is identified by its replies, in either order, or without its abilities."""

from itertools import permutations

import pytest

from custom_components.meross_local.meross.errors import DecodeError
from custom_components.meross_local.meross.interview import Interview
from custom_components.meross_local.meross.model import parse_all
from custom_components.meross_local.meross.namespaces import Namespace
from tests.fixtures import load

MSS310 = load("mss310_2.1.17")
UUID = parse_all(MSS310["all"]).hardware.uuid
REPLIES = {Namespace.ALL: MSS310["all"], Namespace.ABILITY: MSS310["ability"]}


@pytest.mark.parametrize("order", permutations(REPLIES), ids=str)
@pytest.mark.parametrize("uuid", [UUID, None])
def test_replies_in_either_order(
    order: tuple[Namespace, ...], uuid: str | None
) -> None:
    interview = Interview(uuid)
    assert interview.next_query is Namespace.ALL
    interview.reply_received(order[0], REPLIES[order[0]])
    assert interview.is_plug is None
    assert interview.next_query is order[1]
    interview.reply_received(order[1], REPLIES[order[1]])
    assert interview.is_plug
    assert interview.next_query is None
    assert interview.result is not None
    assert interview.result.name == "MSS310 37bd"


def test_a_reply_of_another_plug_is_rejected() -> None:
    with pytest.raises(DecodeError, match="another plug"):
        Interview("0" * 32).reply_received(Namespace.ALL, MSS310["all"])


def test_a_reply_about_something_else_changes_nothing() -> None:
    interview = Interview(UUID)
    interview.reply_received(Namespace.RUNTIME, {})
    assert interview.next_query is Namespace.ALL


@pytest.mark.parametrize("order", permutations(REPLIES), ids=str)
def test_another_family_is_no_plug(order: tuple[Namespace, ...]) -> None:
    interview = Interview(UUID)
    light: dict[str, dict[str, object]] = {
        "ability": {Namespace.TOGGLE_X: {}, "Appliance.Control.Light": {}}
    }
    for namespace in order:
        interview.reply_received(
            namespace, {**REPLIES, Namespace.ABILITY: light}[namespace]
        )
    assert interview.is_plug is False
    assert interview.next_query is None
    assert interview.result is None


@pytest.mark.parametrize(
    ("name", "toggle"),
    [("mss310_2.1.17", Namespace.TOGGLE_X), ("mss210_1.1.12", Namespace.TOGGLE)],
)
def test_what_shows_outlets_needs_no_abilities(name: str, toggle: Namespace) -> None:
    interview = Interview(None)
    interview.no_reply()
    interview.reply_received(Namespace.ALL, load(name)["all"])
    for _ in range(3):
        assert interview.next_query is Namespace.ABILITY
        interview.no_reply()
    assert interview.result is not None
    assert interview.result.abilities == {toggle}
    interview.no_reply()
    assert interview.is_plug


@pytest.mark.parametrize("part", ["type", "digest"])
def test_another_model_or_none_with_outlets_is_left_alone(part: str) -> None:
    system_all = load("mss310_2.1.17")["all"]
    system_all["all"]["system"]["hardware"]["type"] = "msl120"
    if part == "digest":
        del system_all["all"]["digest"]
    interview = Interview(None, parse_all(system_all))
    for _ in range(3):
        interview.no_reply()
    assert interview.is_plug is False


def test_previous_abilities_are_kept_where_there_is_no_reply() -> None:
    abilities = frozenset({Namespace.TOGGLE_X, Namespace.ELECTRICITY})
    interview = Interview(UUID, parse_all(MSS310["all"]), abilities)
    for _ in range(3):
        interview.no_reply()
    assert interview.result is not None
    assert interview.result.abilities == abilities
