"""What is needed is asked, in time and one question after the other."""

from collections import Counter

from hypothesis import HealthCheck, given, settings, strategies as st
import pytest

from custom_components.meross_local.meross.namespaces import Namespace
from custom_components.meross_local.plug.poll_scheduler import PollScheduler

# This machine may be busy with others.
AT_LEISURE = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

ALL = Namespace.ALL
DAYS = Namespace.CONSUMPTION_X
POWER = Namespace.ELECTRICITY
LIGHT = Namespace.DND_MODE


def rested(*needs: Namespace) -> Polling:
    """Return a polling that has asked all that it needs, at second 0."""
    polling = PollScheduler()
    for namespace in needs:
        polling.async_add_poll(namespace)
    assert set(spoken(polling, 0)) == {ALL, *needs}
    return polling


def spoken(polling: Polling, now: float) -> list[Namespace]:
    """Return what is asked at a moment by a plug that answers at once."""
    asked = []
    while (namespace := polling.next_poll(now)) is not None:
        asked.append(namespace)
        polling.reply_received(namespace)
    return asked


def counted(polling: Polling, seconds: int) -> Counter[Namespace]:
    """Count what is asked of a plug that answers at once, after second 0."""
    return Counter(
        namespace
        for now in range(1, seconds + 1)
        for namespace in spoken(polling, float(now))
    )


def test_without_needs_the_whole_is_asked_four_times_a_day() -> None:
    polling = PollScheduler()
    assert spoken(polling, 0) == [ALL]
    assert counted(polling, 24 * 3600) == {ALL: 4}


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
def test_each_is_asked_in_its_interval(namespace: Namespace, interval: int) -> None:
    asked = counted(rested(DAYS, namespace), 3600)
    assert asked[namespace] == 3600 // interval


def test_a_setting_waits_until_a_silent_plug_is_to_be_asked_anyway() -> None:
    polling = rested(LIGHT)
    assert spoken(polling, 1000) == []
    assert polling.due_as_keepalive(1000) is LIGHT
    assert polling.due_as_keepalive(1010) is None


@pytest.mark.parametrize("interval", [5, 10, 300])
def test_the_interval_of_power_can_be_chosen(interval: int) -> None:
    polling = PollScheduler()
    polling.power_interval = interval
    polling.async_add_poll(POWER)
    spoken(polling, 0)
    assert counted(polling, 3000) == {POWER: 3000 // interval}


def test_a_new_need_is_asked_at_once() -> None:
    polling = rested(POWER)
    polling.async_add_poll(LIGHT)
    assert spoken(polling, 1) == [LIGHT]


def test_one_question_is_open_at_a_time() -> None:
    polling = PollScheduler()
    for namespace in (POWER, DAYS, LIGHT):
        polling.async_add_poll(namespace)
    first = polling.next_poll(0)
    assert first is not None
    assert [polling.next_poll(now) for now in (0, 1, 4.9)] == [None] * 3
    polling.reply_received("Appliance.System.Report")
    assert polling.next_poll(4.9) is None
    polling.reply_received(first)
    second = polling.next_poll(4.9)
    assert second not in (None, first)


def test_a_question_without_an_answer_is_given_up_after_five_seconds() -> None:
    polling = rested(POWER)
    assert polling.next_poll(10) is POWER
    polling.async_add_poll(LIGHT)
    assert polling.next_poll(14.9) is None
    assert polling.next_poll(15) is LIGHT


def test_whoever_waits_longest_is_next() -> None:
    polling = rested(POWER, DAYS)
    assert spoken(polling, 61) == [POWER, DAYS]


def test_what_is_no_longer_needed_is_not_asked() -> None:
    polling = PollScheduler()
    end = polling.async_add_poll(POWER)
    spoken(polling, 0)
    end()
    polling.request_at(POWER, 1)
    assert counted(polling, 60) == {}


def test_what_two_need_is_asked_once_and_as_long_as_one_needs_it() -> None:
    polling = PollScheduler()
    ends = [polling.async_add_poll(POWER), polling.async_add_poll(POWER)]
    spoken(polling, 0)
    assert spoken(polling, 10) == [POWER]
    ends.pop()()
    assert spoken(polling, 20) == [POWER]
    ends.pop()()
    assert spoken(polling, 30) == []


def test_each_hurry_is_a_question_after_which_the_interval_begins_anew() -> None:
    polling = rested(POWER)
    polling.request_at(POWER, 3)
    polling.request_at(POWER, 8)
    assert [spoken(polling, now) for now in (2.0, 3.0, 8.0, 13.0, 18.0)] == [
        [],
        [POWER],
        [POWER],
        [],
        [POWER],
    ]


def test_hurry_does_not_make_a_need() -> None:
    polling = rested()
    polling.request_at(POWER, 0)
    assert spoken(polling, 100) == []


def test_a_plug_that_has_come_back_is_asked_all_but_what_it_just_told() -> None:
    polling = rested(POWER, DAYS)
    assert polling.next_poll(10) is POWER
    polling.reset(10.5)
    assert set(spoken(polling, 10.5)) == {POWER, DAYS}
    assert spoken(polling, 10.5) == []


_STEPS = st.lists(
    st.tuples(
        st.sampled_from([POWER, DAYS, LIGHT]),
        st.sampled_from(["need", "end", "hurry", "answered", "renew", "next"]),
        st.floats(0, 20),
    ),
    max_size=60,
)


@AT_LEISURE
@given(_STEPS)
def test_nothing_is_asked_that_nobody_needs_nor_while_another_is_open(
    steps: list[tuple[Namespace, str, float]],
) -> None:
    polling = PollScheduler()
    ends: dict[Namespace, list[object]] = {POWER: [], DAYS: [], LIGHT: []}
    now = 0.0
    open_until = 0.0
    for namespace, step, passed in steps:
        now += passed
        match step:
            case "need":
                ends[namespace].append(polling.async_add_poll(namespace))
            case "end" if ends[namespace]:
                end = ends[namespace].pop()
                assert callable(end)
                end()
            case "hurry":
                polling.request_at(namespace, now)
            case "answered":
                polling.reply_received(namespace)
                open_until = 0.0
            case "renew":
                polling.reset(now)
                open_until = 0.0
            case _:
                asked = polling.next_poll(now)
                if asked is not None:
                    assert asked is ALL or ends[asked]
                    assert now >= open_until
                    open_until = now + 5


def test_two_hurries_are_two_questions_though_another_one_is_open() -> None:
    polling = rested(POWER, DAYS)
    polling.async_add_poll(LIGHT)
    assert polling.next_poll(1) is LIGHT
    polling.request_at(POWER, 1)  # right after the switch …
    polling.request_at(POWER, 3)  # … and when it has settled
    polling.reply_received(LIGHT)
    assert spoken(polling, 1) == [POWER]
    assert spoken(polling, 3) == [POWER]
