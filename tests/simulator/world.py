"""The surroundings of a plug: a connection, timers and a thread."""

from collections.abc import Callable
from typing import Protocol

type Action = Callable[[], None]


class World(Protocol):
    """The surroundings of one plug, provided by the fleet or a test."""

    @property
    def server(self) -> tuple[str, int]:
        """Host and port of the broker."""

    def now(self) -> float:
        """Return monotonic seconds."""

    def later(self, delay: float, action: Action) -> None:
        """Run an action later on the plug's thread."""

    def post(self, action: Action) -> None:
        """Run an action now on the plug's thread, before any further message."""

    def connect(self) -> None:
        """Begin to connect; `connected` or `disconnected` of the plug follows."""

    def disconnect(self) -> None:
        """Send what is queued, then DISCONNECT; `disconnected` follows."""

    def sever(self) -> None:
        """Close the connection, if there is one, without DISCONNECT or a callback."""

    def publish(self, topic: str, payload: bytes) -> None:
        """Publish at QoS 1, not retained."""
