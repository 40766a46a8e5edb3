"""ToggleX and Toggle, in every form that firmware sends (docs/protocol.md 4)."""

import pytest

from custom_components.meross_local.meross.errors import DecodeError
from custom_components.meross_local.meross.fields import Json
from custom_components.meross_local.meross.model import OutletState, parse_outlets

ON = {"channel": 0, "onoff": 1, "lmTime": 1594369210}


FORMS: dict[str, Json] = {
    "PUSH: a list": {"togglex": [ON]},
    "GETACK of 2.x: an object": {"channel": 0, "togglex": ON},
    "GETACK of 7.x and 8.x: a list beside a sentinel": {
        "channel": 4294967295,
        "togglex": [ON],
    },
    "GETACK of a strip: a list beside another sentinel": {
        "channel": 65535,
        "togglex": [ON],
    },
    "unknown members, in any order": {
        "togglex": [{"lmTime": 1594369210, "entity": 1, "onoff": 1, "channel": 0}]
    },
    "Toggle: no channel": {"toggle": {"onoff": 1, "lmTime": 1594369210}},
    "Toggle with a channel beside it": {
        "channel": 0,
        "toggle": {"onoff": 1, "lmTime": 1594369210},
    },
    "control of System.All": {
        "toggle": {"onoff": 1, "lmTime": 1594369210},
        "trigger": [],
        "timer": [],
    },
}


@pytest.mark.parametrize("payload", FORMS.values(), ids=FORMS)
def test_reads_every_form(payload: Json) -> None:
    assert parse_outlets(payload) == (OutletState(0, on=True),)


def test_reads_several_channels() -> None:
    payload: Json = {
        "togglex": [{"channel": 2, "onoff": 1}, {"channel": 1, "onoff": 0}]
    }
    assert parse_outlets(payload) == (
        OutletState(2, on=True),
        OutletState(1, on=False),
    )


def test_no_channels_are_none() -> None:
    assert parse_outlets({"togglex": []}) == ()


def test_togglex_counts_where_both_are() -> None:
    both: Json = {"toggle": {"onoff": 0}, "togglex": [{"channel": 0, "onoff": 1}]}
    assert parse_outlets(both)[0].on


@pytest.mark.parametrize(
    "entry",
    [
        *(None, 1, {}, {"channel": 0}, {"channel": 0, "onoff": 2}),
        *({"channel": 0, "onoff": True}, {"channel": 0, "onoff": "1"}),
        *({"channel": -1, "onoff": 1}, {"channel": 16, "onoff": 1}),
        *({"channel": 65535, "onoff": 1}, {"channel": "0", "onoff": 1}),
    ],
    ids=str,
)
def test_an_entry_of_no_known_form_is_left_out_alone(entry: object) -> None:
    skipped: list[str] = []
    states = parse_outlets({"togglex": [entry, ON]}, skipped)
    assert states == (OutletState(0, on=True),)
    assert len(skipped) == 1
    assert parse_outlets({"togglex": entry}) == ()


@pytest.mark.parametrize(
    "entry",
    [
        {"onoff": 1},
        {"channel": None, "onoff": 1, "lmTime": None},
        {"channel": 0.0, "onoff": 1.0, "lmTime": "now"},
    ],
    ids=str,
)
def test_optional_members_and_whole_floats(entry: Json) -> None:
    skipped: list[str] = []
    assert parse_outlets({"togglex": entry}, skipped) == (OutletState(0, on=True),)
    assert not skipped


def test_rejects_what_is_no_toggle() -> None:
    with pytest.raises(DecodeError):
        parse_outlets({})
