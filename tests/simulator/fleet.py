"""Many plugs on one broker: one thread, one selector, one heap of timers."""

from collections import deque
from contextlib import suppress
from selectors import EVENT_READ, DefaultSelector
import socket
from threading import Thread, get_ident
from typing import Self

from .gateway import plug_tls
from .link import Broker, Engine, Link, Protocol
from .plug import SimulatedPlug
from .timers import Timers
from .world import Action

_STOP_TIMEOUT = 30.0


class Fleet:
    """Run plugs. All methods may be called from any thread."""

    def __init__(
        self,
        host: str = "",
        port: int = 1883,
        *,
        protocol: Protocol = "3.1",
        tls: bool = False,
    ) -> None:
        """Prepare for a broker; without one, plugs need gateways of their own."""
        context = plug_tls() if tls else None
        broker = Broker(host=host, port=port, protocol=protocol, tls=context)
        self._selector = DefaultSelector()
        self._timers = Timers()
        self._posted: deque[Action] = deque()
        self._wake_in, self._wake_out = socket.socketpair()
        self._wake_out.setblocking(False)  # noqa: FBT003
        self._wake_in.setblocking(False)  # noqa: FBT003
        self._selector.register(self._wake_out, EVENT_READ)
        self._thread = Thread(target=self._run, name="simulated-plugs", daemon=True)
        self._running = False
        self._error: Exception | None = None
        self._engine = Engine(
            broker=broker if host else None,
            selector=self._selector,
            timers=self._timers,
            post=self.post,
        )
        self.plugs: list[SimulatedPlug] = []

    def __enter__(self) -> Self:
        """Start to run, and switch on the power of every plug."""
        self._running = True
        self._thread.start()
        for plug in self.plugs:
            plug.power_on()
        return self

    def __exit__(self, *_: object) -> None:
        """Unplug every plug and stop; raise the first error of the thread."""
        if self._running:
            for plug in self.plugs:
                plug.power_off()
            self.post(self._end)
            self._thread.join(_STOP_TIMEOUT)
        self._selector.close()
        self._wake_in.close()
        self._wake_out.close()
        if self._error is not None:
            raise self._error

    def add(self, *plugs: SimulatedPlug) -> None:
        """Connect plugs to the broker: at once where the fleet runs."""
        uuids = {plug.uuid for plug in self.plugs}
        for plug in plugs:
            if plug.uuid in uuids:
                raise ValueError(f"two plugs with number {plug.number}")
            uuids.add(plug.uuid)
            plug.attach(Link(plug, self._engine))
            self.plugs.append(plug)
        for plug in plugs if self._running else ():
            plug.power_on()

    def post(self, action: Action) -> None:
        """Run an action on the fleet's thread, before any further message."""
        self._posted.append(action)
        if get_ident() != self._thread.ident:
            # When no more fits in, it is awake already.
            with suppress(BlockingIOError):
                self._wake_in.send(b"\0")

    def _run(self) -> None:
        while self._running:
            waiting = 0.0 if self._posted else self._timers.until_next()
            events = self._selector.select(waiting)
            # Posted actions first: a test that presses a button, or unplugs a plug,
            # before it sends a command, did so before the command arrives.
            while self._posted:
                self._attempt(self._posted.popleft())
            for key, mask in events:
                if isinstance(key.data, Link):
                    link, sock = key.data, key.fileobj
                    self._attempt(lambda: link.ready(sock, mask))  # noqa: B023
                else:
                    self._wake_out.recv(4096)
            for action in self._timers.due():
                self._attempt(action)

    def _attempt(self, action: Action) -> None:
        """Keep the other plugs running; `__exit__` raises the first error."""
        try:
            action()
            while self._engine.unsent:
                self._engine.unsent.pop().flush()
        except Exception as error:  # noqa: BLE001
            self._error = self._error or error

    def _end(self) -> None:
        self._running = False
