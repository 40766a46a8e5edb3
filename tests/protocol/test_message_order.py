"""Which messages of a plug count, by the order in which they arrive."""

from dataclasses import replace

from hypothesis import given, strategies as st
import pytest

from custom_components.meross_local.meross.message import Header
from custom_components.meross_local.meross.message_order import (
    MAX_DEVIATION,
    MAX_KNOWN_IDS,
    MAX_STEP_BACK,
    MessageOrder,
    Order,
)
from custom_components.meross_local.meross.namespaces import (
    CLOCK_CHANGES,
    Method,
    Namespace,
)

NOW = 1_774_436_400


def header(message_id: str, at: int, namespace: str = Namespace.TOGGLE_X) -> Header:
    """Return the header of a PUSH with this time of the plug's clock."""
    return Header(message_id, namespace, Method.PUSH, at, sign="")


def order_at(at: int) -> MessageOrder:
    """Return the order of a plug that replied at this time of its clock."""
    order = MessageOrder()
    order.answer_received(header("reply", at), 0)
    return order


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (86_400 * 400, Order.DOUBTFUL),
        (2, Order.DOUBTFUL),
        (1, Order.CURRENT),
        (0, Order.CURRENT),
        (-1, Order.DOUBTFUL),
        (-30, Order.DOUBTFUL),
        (-MAX_STEP_BACK, Order.DOUBTFUL),
        (-MAX_STEP_BACK - 1, Order.OUTDATED),
        (-NOW, Order.OUTDATED),
    ],
)
def test_a_message_counts_unless_it_is_much_older(
    seconds: int, expected: Order
) -> None:
    assert order_at(NOW).message_received(header("a", NOW + seconds), 0) is expected


@pytest.mark.parametrize(
    ("seconds", "elapsed", "expected"),
    [
        (20, 20, Order.CURRENT),
        (20, 20 - MAX_DEVIATION, Order.CURRENT),
        (20, 20 + MAX_DEVIATION, Order.CURRENT),
        # It was held up, or its clock stepped back.
        (20, 22, Order.DOUBTFUL),
        (0, 20, Order.DOUBTFUL),
        # Its clock stepped forward, or it was captured before that stepped back.
        (20, 18, Order.DOUBTFUL),
    ],
)
def test_a_message_is_doubtful_whose_clock_goes_otherwise_than_ours(
    seconds: int, elapsed: float, expected: Order
) -> None:
    assert (
        order_at(NOW).message_received(header("a", NOW + seconds), elapsed) is expected
    )


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (200, 200, Order.CURRENT),
        (200, 201, Order.CURRENT),
        (200, 199, Order.DOUBTFUL),
        (59_000, 59_000, Order.DOUBTFUL),
        (-1, 200, Order.CURRENT),
        (200, 2**40, Order.DOUBTFUL),
    ],
)
def test_within_a_second_the_milliseconds_decide(
    before: int, after: int, expected: Order
) -> None:
    order = MessageOrder()
    order.message_received(replace(header("a", NOW), timestamp_ms=before), 0)
    second = replace(header("b", NOW), timestamp_ms=after)
    assert order.message_received(second, 0.5) is expected
    # Whatever they are, the next second is newer.
    assert order.message_received(header("c", NOW + 1), 1) is Order.CURRENT


def test_a_message_is_outdated_the_second_time() -> None:
    order = order_at(NOW)
    assert order.message_received(header("a", NOW), 0) is Order.CURRENT
    for number in range(MAX_KNOWN_IDS - 1):
        order.message_received(header(f"other {number}", NOW), 0)
    assert order.message_received(header("a", NOW + 5), 5) is Order.OUTDATED


def test_a_reply_is_outdated_the_second_time() -> None:
    assert order_at(NOW).message_received(header("reply", NOW), 0) is Order.OUTDATED


def test_a_reply_sets_the_time_back() -> None:
    order = order_at(NOW)
    assert order.message_received(header("a", NOW - 3600), 0) is Order.OUTDATED
    order.answer_received(header("reply", NOW - 3600), 0)
    assert order.message_received(header("b", NOW - 3600), 0) is Order.CURRENT
    assert order.message_received(header("c", NOW - 3601), 0) is Order.DOUBTFUL


@pytest.mark.parametrize("namespace", sorted(CLOCK_CHANGES))
def test_after_a_greeting_the_clock_may_show_any_time(namespace: Namespace) -> None:
    order = order_at(NOW)
    # The plug is queried all the same: a greeting may be a repetition.
    assert order.message_received(header("a", 4, namespace), 0) is Order.DOUBTFUL
    assert order.message_received(header("b", NOW - 9), 1) is Order.DOUBTFUL
    assert order.message_received(header("c", NOW - 8), 2) is Order.CURRENT
    assert order.message_received(header("d", 7), 3) is Order.OUTDATED


def test_seconds_since_boot_order_nothing() -> None:
    """A message of an earlier boot has the same ones: it may be a captured one."""
    order = order_at(4)
    assert order.message_received(header("a", 4), 0) is Order.DOUBTFUL
    assert order.message_received(header("b", 5), 1) is Order.DOUBTFUL


def test_the_first_message_counts_until_the_plug_has_replied() -> None:
    assert MessageOrder().message_received(header("a", 0), 1e6) is Order.DOUBTFUL


@given(st.lists(st.integers(0, 2**63), max_size=30))
def test_whatever_the_clock_shows_the_next_push_after_a_reply_counts(
    times: list[int],
) -> None:
    order = MessageOrder()
    for number, at in enumerate(times):
        order.message_received(header(f"push {number}", at), number)
    order.answer_received(header("reply", NOW), 30)
    assert order.message_received(header("next", NOW - 5), 30) is not Order.OUTDATED
