"""The state of outlets, in the order in which it arrives."""

from custom_components.meross_local.meross.model import OutletState
from custom_components.meross_local.meross.outlets import Outlets


def states(**outlets: int) -> list[OutletState]:
    """Return states, by channels such as _1."""
    return [OutletState(int(name[1:]), on=bool(on)) for name, on in outlets.items()]


def test_every_state_counts_in_the_order_of_arrival() -> None:
    outlets = Outlets((0,))
    assert outlets.is_on(0) is None
    assert not outlets.known
    assert outlets.update(states(_0=1))
    assert not outlets.update(states(_0=1))
    assert outlets.update(states(_0=0))
    assert outlets.is_on(0) is False
    assert outlets.known
    outlets.clear()
    assert outlets.is_on(0) is None


def test_unknown_channels_are_ignored() -> None:
    outlets = Outlets((0,))
    assert not outlets.update(states(_3=1))
    assert outlets.is_on(3) is None


def test_master_is_on_while_any_outlet_is() -> None:
    outlets = Outlets((0, 1, 2))
    # Its own entry may be outdated.
    outlets.update(states(_0=1, _1=0))
    assert outlets.is_on(0) is None
    outlets.update(states(_2=0))
    assert outlets.is_on(0) is False
    outlets.update(states(_2=1))
    assert outlets.is_on(0) is True


def test_acknowledgement_counts_where_nothing_was_reported_since() -> None:
    outlets = Outlets((0, 1, 2))
    outlets.update(states(_1=0, _2=0))
    reports = outlets.reports(0)
    outlets.update(states(_2=0))
    assert outlets.unreported(reports) == [1]
    assert outlets.acknowledge(reports, on=True)
    assert [outlets.is_on(n) for n in (1, 2)] == [True, False]
    assert not outlets.acknowledge(reports, on=True)
    outlets.update(states(_1=1))
    assert outlets.unreported(reports) == []


def test_channels_follow_a_firmware_update() -> None:
    outlets = Outlets((0,))
    outlets.update(states(_0=1))
    outlets.set_channels((0, 1))
    assert outlets.is_on(1) is None
    assert outlets.update(states(_1=0))
    outlets.set_channels((0,))
    assert not outlets.update(states(_1=1))
    assert outlets.is_on(0) is True
