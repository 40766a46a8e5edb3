"""What plugs are asked and told."""

import pytest

from custom_components.meross_local.meross.commands import QUERIES, switch_payload
from custom_components.meross_local.meross.fields import Json
from custom_components.meross_local.meross.namespaces import Namespace


@pytest.mark.parametrize(
    ("toggle", "channel", "on", "payload"),
    [
        (Namespace.TOGGLE_X, 0, True, {"togglex": {"channel": 0, "onoff": 1}}),
        (Namespace.TOGGLE_X, 3, False, {"togglex": {"channel": 3, "onoff": 0}}),
        (Namespace.TOGGLE, 0, True, {"toggle": {"onoff": 1}}),
        (Namespace.TOGGLE, 0, False, {"toggle": {"onoff": 0}}),
    ],
)
def test_a_switch_is_set_in_the_form_that_every_firmware_takes(
    toggle: Namespace,
    channel: int,
    on: bool,  # noqa: FBT001
    payload: Json,
) -> None:
    told = switch_payload(toggle, channel, on=on)
    assert told == payload
    # JSON has true beside 1, and to a plug they are not the same.
    (item,) = told.values()
    assert isinstance(item, dict)
    assert type(item["onoff"]) is int


def test_questions_are_asked_in_the_proven_forms() -> None:
    assert QUERIES[Namespace.ALL] == {"all": {}}
    assert QUERIES[Namespace.ABILITY] == {}
    assert QUERIES[Namespace.TOGGLE_X] == {"togglex": []}
    assert QUERIES[Namespace.TOGGLE] == {"toggle": {}}
