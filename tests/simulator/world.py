"""What a plug needs around it: a connection, timers and a thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

type Action = Callable[[], None]


class World(Protocol):
    """The surroundings of one plug; the fleet gives them, or a test."""

    @property
    def server(self) -> tuple[str, int]:
        """Host and port of the broker."""

    def now(self) -> float:
        """Monotonic seconds."""

    def later(self, delay: float, action: Action) -> None:
        """Do something later on the plug's thread."""

    def post(self, action: Action) -> None:
        """Do something now on the plug's thread, before it hears anything more."""

    def connect(self) -> None:
        """Begin to connect; `connected` or `disconnected` of the plug follows."""

    def disconnect(self) -> None:
        """Say what is queued, then DISCONNECT; `disconnected` follows."""

    def sever(self) -> None:
        """Close the connection, if there is one, without a word or a callback."""

    def publish(self, topic: str, payload: bytes) -> None:
        """Publish at QoS 1, not retained."""
