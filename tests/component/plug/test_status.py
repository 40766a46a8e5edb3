"""One status at a time: what changes it, and to which."""

import pytest

from custom_components.meross_local.plug.status import Event, Status, next_status

ABSENT = [Status.UNAVAILABLE, Status.WRONG_KEY, Status.RESET, Status.MISSING]


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (Event.STATE_RECEIVED, Status.AVAILABLE),
        (Event.REPLY_REJECTED, Status.WRONG_KEY),
        (Event.UNBOUND, Status.RESET),
    ],
)
def test_what_a_plug_sends_counts_always(
    status: Status, event: Event, expected: Status
) -> None:
    assert next_status(status, event) is expected


@pytest.mark.parametrize("event", [Event.NO_REPLY, Event.BROKER_LOST])
def test_silence_explains_nothing_that_is_known_better(event: Event) -> None:
    assert next_status(Status.AVAILABLE, event) is Status.UNAVAILABLE
    assert next_status(Status.UNKNOWN, event) is Status.UNAVAILABLE
    assert [next_status(status, event) for status in ABSENT] == ABSENT


def test_only_an_absence_without_a_reason_is_reported() -> None:
    after = [next_status(status, Event.LONG_ABSENT) for status in ABSENT]
    assert after == [Status.MISSING, Status.WRONG_KEY, Status.RESET, Status.MISSING]
    assert next_status(Status.UNKNOWN, Event.LONG_ABSENT) is Status.MISSING
    assert next_status(Status.AVAILABLE, Event.LONG_ABSENT) is Status.AVAILABLE
