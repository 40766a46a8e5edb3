"""Who writes where (protocol.md 1)."""

import pytest

from custom_components.meross_local.meross.topics import (
    UUID_PATTERN,
    uuid_from_topic,
    publish_topic,
    reply_topic,
    request_topic,
)

# Not hexadecimal: a real one (protocol.md 0.7).
REAL = "20091131118061251h5748e1e9334e2b"


@pytest.mark.parametrize("end", ["publish", "reply"])
def test_the_uuid_is_in_the_topic(end: str) -> None:
    assert uuid_from_topic(f"/appliance/{REAL}/{end}") == REAL


@pytest.mark.parametrize(
    "topic",
    [
        "",
        f"/appliance/{REAL}/subscribe",
        f"appliance/{REAL}/publish",
        f"/appliance/{REAL}/publish/",
        f"/appliance/{REAL}/publish\n",
        f"x/appliance/{REAL}/publish",
        f"/appliance/{REAL}0/publish",
        f"/appliance/{REAL[1:]}/publish",
        f"/appliance/{REAL.upper()}/publish",
        f"/appliance/{REAL[:-1]}٣/publish",
        "/appliance/meross_lan/publish",
        "/appliance//publish",
    ],
)
def test_other_topics_are_no_plugs(topic: str) -> None:
    assert uuid_from_topic(topic) is None


def test_topics_are_where_plugs_listen_and_speak() -> None:
    assert request_topic(REAL) == f"/appliance/{REAL}/subscribe"
    assert publish_topic(REAL) == f"/appliance/{REAL}/publish"
    assert reply_topic(REAL) == f"/appliance/{REAL}/reply"


def test_the_reply_topic_is_short_enough_for_old_firmware() -> None:
    # It cuts what is longer (protocol.md 1.1).
    assert len(reply_topic(REAL)) <= 60


@pytest.mark.parametrize("text", ["", "a" * 31, "a" * 33, "A" * 32, "a" * 32 + "\n"])
def test_what_is_no_uuid(text: str) -> None:
    assert not UUID_PATTERN.fullmatch(text)
