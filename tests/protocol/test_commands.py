"""Queries and commands have the forms that every firmware accepts."""

import pytest

from custom_components.meross_local.meross.commands import (
    QUERIES,
    gateway_payload,
    switch_payload,
)
from custom_components.meross_local.meross.fields import Json
from custom_components.meross_local.meross.model import Gateway
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
def test_switch_commands(
    toggle: Namespace,
    channel: int,
    on: bool,  # noqa: FBT001
    payload: Json,
) -> None:
    command = switch_payload(toggle, channel, on=on)
    assert command == payload
    # true and 1 are not the same for a plug.
    (item,) = command.values()
    assert isinstance(item, dict)
    assert type(item["onoff"]) is int


def test_queries() -> None:
    assert QUERIES[Namespace.ALL] == {"all": {}}
    assert QUERIES[Namespace.ABILITY] == {}
    assert QUERIES[Namespace.TOGGLE_X] == {"togglex": []}
    assert QUERIES[Namespace.TOGGLE] == {"toggle": {}}


def test_command_to_use_a_broker() -> None:
    """The payload is that of docs/protocol.md 7."""
    gateway = Gateway("iot.meross.com", 2001, "smart.meross.com", 443)
    assert gateway_payload("k", 46884, gateway) == {
        "key": {
            "userId": "46884",
            "key": "k",
            "gateway": {
                "host": "iot.meross.com",
                "port": 2001,
                "secondHost": "smart.meross.com",
                "secondPort": 443,
                "redirect": 1,
            },
        }
    }
