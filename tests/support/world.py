"""What surrounds a simulated plug in tests."""

from collections.abc import Callable
from dataclasses import dataclass
import time
from typing import Final

from tests.simulator import SimulatedPlug
from tests.simulator.timers import Timers
from tests.simulator.world import Action

SERVER: Final = ("192.0.2.1", 8883)
"""Host and port of the broker; plugs with another gateway do not connect to it."""


@dataclass
class World:
    """Connect a simulated plug to a function, without sockets or threads."""

    plug: SimulatedPlug
    timers: Timers
    publish: Callable[[str, bytes], None]
    is_reachable: Callable[[], bool] = lambda: True
    server: tuple[str, int] = SERVER

    def now(self) -> float:
        """Return monotonic seconds."""
        return time.monotonic()

    def later(self, delay: float, action: Action) -> None:
        """Run an action after a delay."""
        self.timers.later(delay, action)

    def post(self, action: Action) -> None:
        """Run an action at once."""
        action()

    def connect(self) -> None:
        """Connect the plug if this is its broker."""
        gateway = self.plug.device.gateway
        if self.is_reachable() and (gateway.host, gateway.port) == self.server:
            self.plug.connected()

    def disconnect(self) -> None:
        """Disconnect the plug."""
        self.plug.disconnected()

    def sever(self) -> None:
        """Do nothing: there is no socket to close."""
