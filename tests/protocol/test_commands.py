"""What plugs are asked and told."""

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


def test_a_broker_is_told_in_the_form_that_every_firmware_takes() -> None:
    """As in protocol.md 7, word for word."""
    gateway = Gateway("192.168.1.10", 8883, "192.168.1.10", 8883)
    assert gateway_payload("meross", 0, gateway) == {
        "key": {
            "userId": "0",
            "key": "meross",
            "gateway": {
                "host": "192.168.1.10",
                "port": 8883,
                "secondHost": "192.168.1.10",
                "secondPort": 8883,
                "redirect": 1,
            },
        }
    }


def test_two_brokers_and_an_account_are_told_as_they_were() -> None:
    gateway = Gateway("iot.meross.com", 2001, "smart.meross.com", 443)
    told = gateway_payload("k", 46884, gateway)["key"]
    assert told == {
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
