"""A plug under test: without a broker, and time passes only on request."""

from collections.abc import Callable
from hashlib import md5
import json
from typing import Any

from tests.simulator import Model, PublishedMessage, SimulatedPlug
from tests.simulator.timers import Timers

KEY = "meross"
NOW = 1_700_000_000
REPLY_TOPIC = "/appliance/somebody/reply"
REQUEST_ID = "0123456789abcdef0123456789abcdef"

BIND = "Appliance.Control.Bind"
CLOCK = "Appliance.System.Clock"
TOGGLE_X = "Appliance.Control.ToggleX"


def request(  # noqa: PLR0913
    namespace: str,
    method: str = "GET",
    payload: object = None,
    *,
    key: str = KEY,
    reply_to: str = REPLY_TOPIC,
    message_id: str = REQUEST_ID,
    timestamp: int | str | None = NOW,
    **header: object,
) -> bytes:
    """Build a message as an app does, without the simulator's code."""
    signature = md5(f"{message_id}{key}{timestamp}".encode()).hexdigest()  # noqa: S324
    header |= {
        "messageId": message_id,
        "namespace": namespace,
        "method": method,
        "payloadVersion": 1,
        "from": reply_to,
        "timestamp": timestamp,
        "sign": signature,
    }
    payload = {} if payload is None else payload
    return json.dumps({"header": header, "payload": payload}).encode()


class Bench:
    """Run one plug, and record what it does."""

    server = ("192.0.2.1", 8883)

    def __init__(self, model: Model | str, number: int = 1, **options: Any) -> None:  # noqa: ANN401
        """Power on a plug, which connects at once."""
        self.time = 1000.0
        self.events: list[tuple[float, str]] = []
        self.raw: list[bytes] = []
        self._timers = Timers(self.now)
        self.plug = SimulatedPlug(model, number, key=KEY, now=self.now, **options)
        self.plug.attach(self)
        self.plug.power_on()

    def now(self) -> float:
        """Return the time."""
        return self.time

    def later(self, delay: float, action: Callable[[], None]) -> None:
        """Schedule an action."""
        self._timers.later(delay, action)

    def post(self, action: Callable[[], None]) -> None:
        """Run an action at once."""
        action()

    def connect(self) -> None:
        """Connect at once."""
        self.events.append((self.time, "connect"))
        self.plug.connected()

    def disconnect(self) -> None:
        """Disconnect at once."""
        self.events.append((self.time, "disconnect"))
        self.plug.disconnected()

    def sever(self) -> None:
        """Record that the connection is cut."""
        self.events.append((self.time, "sever"))

    def publish(self, _topic: str, payload: bytes) -> None:
        """Record a published message."""
        self.raw.append(payload)

    def wait(self, seconds: float) -> list[PublishedMessage]:
        """Let time pass; return what the plug has published by then."""
        end = self.time + seconds
        while (rest := self._timers.until_next()) is not None:
            if self.time + rest > end:
                break
            self.time += rest
            for action in self._timers.due():
                action()
        self.time = end
        return self.take()

    def take(self) -> list[PublishedMessage]:
        """Return what the plug has published since the last time."""
        published = list(self.plug.outbox)
        assert len(self.raw) == len(published)
        self.plug.outbox.clear()
        self.raw.clear()
        return published

    def receive(self, *fields: Any, **options: Any) -> list[PublishedMessage]:  # noqa: ANN401
        """Send a message to the plug; return what it publishes at once."""
        self.take()
        self.plug.received(request(*fields, **options), self.time)
        return self.take()

    def switch(self, channel: int, onoff: int) -> list[PublishedMessage]:
        """Send the one form of SET that is evidenced."""
        wanted = {"togglex": {"channel": channel, "onoff": onoff}}
        return self.receive(TOGGLE_X, "SET", wanted)


def ready(model: Model | str, **options: Any) -> Bench:  # noqa: ANN401
    """Return a plug that is connected, has the time, and is at rest."""
    bench = Bench(model, **options)
    bench.receive(BIND, "SETACK")
    bench.receive(CLOCK, "PUSH", {"clock": {"timestamp": NOW}})
    assert bench.plug.is_bound
    bench.wait(20)
    return bench


def kind(published: PublishedMessage) -> tuple[str, str]:
    """Return the short name of the namespace, and the method."""
    message = published.message
    return message.namespace.split(".")[2], message.method


def kinds(published: list[PublishedMessage]) -> list[tuple[str, str]]:
    """Return all of them."""
    return [kind(one) for one in published]
