"""Queries are due in their intervals, one at a time."""

from collections import Counter
from itertools import pairwise

from hypothesis import given, strategies as st
import pytest

from custom_components.meross_local.meross.namespaces import Namespace
from custom_components.meross_local.plug.scheduler import (
    MAX_UNANSWERED,
    MIN_QUERY_INTERVAL,
    REPLY_TIMEOUT,
    STATE_INTERVAL,
    Scheduler,
)

ABILITY = Namespace.ABILITY
ALL = Namespace.ALL
DAYS = Namespace.CONSUMPTION_X
POWER = Namespace.ELECTRICITY
LIGHT = Namespace.DND_MODE
STATE = Namespace.TOGGLE_X


def available(*polls: Namespace, state: Namespace = STATE) -> Scheduler:
    """Return the scheduler of a plug that became available at second 0."""
    scheduler = Scheduler(state, spread=1)
    for namespace in polls:
        scheduler.add_poll(namespace)
    scheduler.query_sent(ALL, 0)
    scheduler.reply_received(ALL, 0)
    scheduler.start(0)
    return scheduler


def queries(
    scheduler: Scheduler, seconds: int, *, start: int = 1, replies: bool = True
) -> list[tuple[int, Namespace]]:
    """Return the queries of each second of a plug that replies at once, or never."""
    sent, stopped = [], scheduler.unanswered >= MAX_UNANSWERED
    for now in range(start, start + seconds):
        scheduler.missing_reply(now)
        if scheduler.unanswered == MAX_UNANSWERED and not stopped:
            stopped = True
            scheduler.stop(now)
        if (namespace := scheduler.next_query(now)) is not None:
            sent.append((now, namespace))
            if replies:
                scheduler.message_received()
                scheduler.reply_received(namespace, now)
    return sent


def count(scheduler: Scheduler, seconds: int) -> Counter[Namespace]:
    """Count the queries of a plug that replies at once."""
    return Counter(namespace for _, namespace in queries(scheduler, seconds))


@pytest.mark.parametrize(
    ("namespace", "interval"),
    [(DAYS, 60), (POWER, 10), (LIGHT, 300), (Namespace.RUNTIME, 300), (ABILITY, 60)],
)
def test_each_namespace_has_its_interval(namespace: Namespace, interval: int) -> None:
    counted = count(available(namespace), 6000)
    assert 6000 / interval <= counted[namespace] <= 6000 / interval + 1


def test_state_is_queried_every_minute_and_everything_every_six_hours() -> None:
    day = 24 * 3600
    # System.All has the state in its reply.
    assert count(available(), day) == {STATE: day // 60 - 4, ALL: 4}
    assert count(available(POWER, DAYS, LIGHT), day)[STATE] >= day // 60 - 6
    assert count(available(state=ALL), day) == {ALL: day // 60}


@pytest.mark.parametrize("interval", [5, 10, 300])
def test_interval_of_power_can_be_set(interval: int) -> None:
    scheduler = available(POWER)
    scheduler.set_power_interval(interval)
    scheduler.set_power_interval(interval)
    assert count(scheduler, 3000)[POWER] == pytest.approx(3000 / interval, abs=1)


def test_plugs_that_connect_together_are_queried_at_different_times() -> None:
    first = []
    for spread in (0, 0.5, 1):
        scheduler = Scheduler(STATE, spread)
        scheduler.start(0)
        first.append(queries(scheduler, 61)[0][0])
    assert first == [1, 30, 60]


def test_a_poll_ends_with_its_last_user() -> None:
    scheduler = available(LIGHT, LIGHT)
    scheduler.remove_poll(LIGHT)
    assert count(scheduler, 400)[LIGHT] == 2
    scheduler.remove_poll(LIGHT)
    assert LIGHT not in count(scheduler, 400)


def test_a_request_replaces_the_next_poll() -> None:
    scheduler = available(POWER)
    queries(scheduler, 9)
    scheduler.request(POWER, 10.5)
    scheduler.request(POWER, 11)
    assert queries(scheduler, 12, start=10) == [(11, POWER), (21, POWER)]


def test_nothing_is_requested_that_no_entity_needs() -> None:
    scheduler = available()
    scheduler.request(POWER, 1)
    assert queries(scheduler, 50) == []


def test_plug_that_does_not_reply_is_silent_after_two_queries() -> None:
    scheduler = available()
    assert queries(scheduler, 70, replies=False) == [(60, STATE), (65, STATE)]
    assert scheduler.unanswered == 2
    assert scheduler.is_silent
    again = queries(scheduler, 200, start=71, replies=False)
    assert again == [(75, ALL), (100, ALL), (145, ALL), (210, ALL)]


def test_poll_without_a_reply_is_followed_by_a_query_for_the_state() -> None:
    scheduler = available(LIGHT)
    assert queries(scheduler, 3, replies=False) == [(2, LIGHT)]
    assert queries(scheduler, 6, start=4) == [(7, STATE)]
    assert not scheduler.unanswered


def test_plug_that_replies_to_no_poll_but_for_its_state_stays_available() -> None:
    scheduler = available(POWER, DAYS, LIGHT)
    now = 0.0
    for _ in range(500):
        now += 1
        scheduler.missing_reply(now)
        assert not scheduler.is_silent
        if (namespace := scheduler.next_query(now)) in {STATE, ALL}:
            scheduler.message_received()
            scheduler.reply_received(str(namespace), now)


def test_unanswered_command_counts_as_an_unanswered_query() -> None:
    scheduler = available()
    scheduler.command_unanswered(10)
    assert queries(scheduler, 6, start=10, replies=False) == [(10, STATE)]
    assert scheduler.is_silent


def test_first_query_is_repeated_ever_more_seldom() -> None:
    scheduler = Scheduler(STATE, spread=1)
    assert scheduler.due == float("inf")
    scheduler.query_sent(ALL, 0)
    sent = queries(scheduler, 140, replies=False)
    assert sent == [(5, ALL), (15, ALL), (40, ALL), (85, ALL)]


def test_without_a_broker_nothing_is_queried() -> None:
    scheduler = available(POWER)
    scheduler.pause()
    assert queries(scheduler, 500) == []
    scheduler.request_all(501)
    assert queries(scheduler, 1, start=501) == [(501, ALL)]


def test_plug_that_is_back_is_queried_though_a_query_is_open() -> None:
    scheduler = available()
    scheduler.stop(0)
    assert queries(scheduler, 20, replies=False)[-1] == (20, ALL)
    scheduler.message_received()
    scheduler.request_state(22.5)
    assert scheduler.next_query(22.5) is ALL


def test_plug_that_sends_something_else_than_its_reply_is_queried_again() -> None:
    scheduler = Scheduler(STATE, 0)
    scheduler.query_sent(ALL, 0)
    scheduler.message_received()
    assert queries(scheduler, 20, replies=False)[0] == (5, ALL)


def test_plug_that_connects_is_queried_at_once_but_once_in_five_seconds() -> None:
    scheduler = available()
    assert queries(scheduler, 60, replies=False) == [(60, STATE)]
    scheduler.connected(60.5)
    assert scheduler.next_query(60.5) is ALL
    scheduler.connected(60.6)
    assert scheduler.next_query(60.6) is None


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["state", "all", "power", "reply", "message", "command"]),
            st.floats(0, 3),
        ),
        max_size=300,
    )
)
def test_queries_are_bounded_whatever_happens(events: list[tuple[str, float]]) -> None:
    scheduler = available(POWER, DAYS, LIGHT)
    now, last = 0.0, Namespace.ALL
    sent = [0.0]
    for event, seconds in events:
        now += seconds
        match event:
            case "state":
                scheduler.request_state(now)
            case "all":
                scheduler.request_all(now)
            case "power":
                scheduler.request(POWER, now + 1)
            case "reply":
                scheduler.reply_received(last, now)
            case "message":
                scheduler.message_received()
            case _:
                scheduler.command_unanswered(now)
        scheduler.missing_reply(now)
        if now >= scheduler.due and (namespace := scheduler.next_query(now)):
            last = namespace
            sent.append(now)
    assert all(after - before >= MIN_QUERY_INTERVAL for before, after in pairwise(sent))


def test_limits_make_a_plug_unavailable_within_75_seconds() -> None:
    assert STATE_INTERVAL + 2 * (REPLY_TIMEOUT + 1) <= 75
