"""Polls are due in their intervals, one query at a time."""

from collections import Counter

from homeassistant.core import CALLBACK_TYPE
from hypothesis import given, strategies as st
import pytest

from custom_components.meross_local.meross.namespaces import Namespace
from custom_components.meross_local.plug.poll_scheduler import PollScheduler

ALL = Namespace.ALL
DAYS = Namespace.CONSUMPTION_X
POWER = Namespace.ELECTRICITY
LIGHT = Namespace.DND_MODE


def polled(*namespaces: Namespace) -> PollScheduler:
    """Return a scheduler all of whose polls had a reply at second 0."""
    scheduler = PollScheduler()
    for namespace in namespaces:
        scheduler.async_add_poll(namespace)
    assert set(polls_at(scheduler, 0)) == {ALL, *namespaces}
    return scheduler


def polls_at(scheduler: PollScheduler, now: float) -> list[Namespace]:
    """Return the polls of a plug that replies at once."""
    polls = []
    while (namespace := scheduler.next_poll(now)) is not None:
        polls.append(namespace)
        scheduler.reply_received(namespace)
    return polls


def count_polls(scheduler: PollScheduler, seconds: int) -> Counter[Namespace]:
    """Count the polls of a plug that replies at once, after second 0."""
    return Counter(
        namespace
        for now in range(1, seconds + 1)
        for namespace in polls_at(scheduler, float(now))
    )


def test_system_all_alone_is_polled_four_times_a_day() -> None:
    assert count_polls(polled(), 24 * 3600) == {ALL: 4}


@pytest.mark.parametrize(
    ("namespace", "interval"),
    [
        (DAYS, 60),
        (POWER, 10),
        (LIGHT, 300),
        (Namespace.OVER_TEMP, 300),
        (Namespace.RUNTIME, 300),
    ],
)
def test_each_namespace_has_its_interval(namespace: Namespace, interval: int) -> None:
    assert count_polls(polled(DAYS, namespace), 3600)[namespace] == 3600 // interval


@pytest.mark.parametrize("interval", [5, 10, 300])
def test_interval_of_power_can_be_set(interval: int) -> None:
    scheduler = PollScheduler()
    scheduler.power_interval = interval
    scheduler.async_add_poll(POWER)
    polls_at(scheduler, 0)
    assert count_polls(scheduler, 3000) == {POWER: 3000 // interval}


def test_poll_of_a_setting_waits_for_the_keepalive_of_a_silent_plug() -> None:
    scheduler = polled(LIGHT)
    assert polls_at(scheduler, 1000) == []
    assert scheduler.due_as_keepalive(1000) is LIGHT
    assert scheduler.due_as_keepalive(1010) is None


def test_one_query_is_open_at_a_time() -> None:
    scheduler = PollScheduler()
    for namespace in (POWER, DAYS, LIGHT):
        scheduler.async_add_poll(namespace)
    first = scheduler.next_poll(0)
    assert first is not None
    assert [scheduler.next_poll(now) for now in (0, 1, 4.9)] == [None] * 3
    scheduler.reply_received("Appliance.System.Report")
    assert scheduler.next_poll(4.9) is None
    scheduler.reply_received(first)
    assert scheduler.next_poll(4.9) not in (None, first)


def test_query_without_a_reply_is_given_up_after_five_seconds() -> None:
    scheduler = polled(POWER)
    assert scheduler.next_poll(10) is POWER
    scheduler.async_add_poll(LIGHT)
    assert scheduler.next_poll(14.9) is None
    assert scheduler.next_poll(15) is LIGHT


def test_poll_starts_at_once_is_shared_and_ends_with_its_last_user() -> None:
    scheduler = polled(DAYS)
    scheduler.request_at(POWER, 0)
    assert polls_at(scheduler, 1) == []
    removers = [scheduler.async_add_poll(POWER), scheduler.async_add_poll(POWER)]
    assert polls_at(scheduler, 1) == [POWER]
    removers.pop()()
    assert polls_at(scheduler, 11) == [POWER]
    removers.pop()()
    scheduler.request_at(POWER, 12)
    assert count_polls(scheduler, 59) == {}


def test_requests_are_polls_after_which_the_interval_starts_anew() -> None:
    scheduler = polled(POWER)
    scheduler.request_at(POWER, 3)
    scheduler.request_at(POWER, 8)
    polls = [bool(polls_at(scheduler, now)) for now in (2, 3, 8, 13, 18)]
    assert polls == [False, True, True, False, True]


def test_two_requests_are_two_polls_though_another_query_is_open() -> None:
    scheduler = polled(POWER, DAYS)
    scheduler.async_add_poll(LIGHT)
    assert scheduler.next_poll(1) is LIGHT
    scheduler.request_at(POWER, 1)  # right after the switch …
    scheduler.request_at(POWER, 3)  # … and when the power has settled
    scheduler.reply_received(LIGHT)
    assert polls_at(scheduler, 1) == [POWER]
    assert polls_at(scheduler, 3) == [POWER]


def test_after_a_reset_all_but_system_all_are_polled() -> None:
    scheduler = polled(POWER, DAYS)
    assert scheduler.next_poll(10) is POWER
    scheduler.reset(10.5)
    assert set(polls_at(scheduler, 10.5)) == {POWER, DAYS}
    # The poll that waits longest is next.
    assert polls_at(scheduler, 71) == [POWER, DAYS]


@given(
    st.lists(
        st.tuples(
            st.sampled_from([POWER, DAYS, LIGHT]),
            st.sampled_from(["add", "remove", "request", "reply", "reset", "next"]),
            st.floats(0, 20),
        ),
        max_size=60,
    )
)
def test_no_poll_without_a_user_nor_while_another_query_is_open(
    steps: list[tuple[Namespace, str, float]],
) -> None:
    scheduler = PollScheduler()
    removers: dict[Namespace, list[CALLBACK_TYPE]] = {POWER: [], DAYS: [], LIGHT: []}
    now = open_until = 0.0
    for namespace, step, passed in steps:
        now += passed
        match step:
            case "add":
                removers[namespace].append(scheduler.async_add_poll(namespace))
            case "remove" if removers[namespace]:
                removers[namespace].pop()()
            case "request":
                scheduler.request_at(namespace, now)
            case "reply":
                scheduler.reply_received(namespace)
                open_until = 0.0
            case "reset":
                scheduler.reset(now)
                open_until = 0.0
            case _:
                poll = scheduler.next_poll(now)
                if poll is not None:
                    assert poll is ALL or removers[poll]
                    assert now >= open_until
                    open_until = now + 5
