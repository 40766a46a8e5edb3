"""A plug that is set up connects again, and is unbound."""

from tests.simulator import SimulatedPlug
from tests.support.entities import state_of
from tests.support.mqtt import MqttBroker


async def test_plug_that_connects_again_is_queried(
    broker: MqttBroker, plug: SimulatedPlug
) -> None:
    plug.cut()
    plug.press()
    broker.sent.clear()
    broker.connect(plug)
    await broker.advance(1)
    assert broker.sent_to(plug, "GET", "All")
    assert state_of(broker, plug) == "on"


async def test_reset_plug_is_unavailable_at_once(
    broker: MqttBroker, plug: SimulatedPlug
) -> None:
    plug.reset()
    await broker.settle()
    assert state_of(broker, plug) == "unavailable"
