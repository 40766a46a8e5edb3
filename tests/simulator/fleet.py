"""Many plugs on one broker: one thread, one selector, one heap of timers."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future
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

_PATIENCE = 30.0


class Fleet:
    """Runs plugs. All methods may be called from any thread."""

    def __init__(
        self,
        host: str = "",
        port: int = 1883,
        *,
        protocol: Protocol = "3.1",
        tls: bool = False,
    ) -> None:
        """Prepare for a broker; without one, plugs know those of their own alone."""
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
        """Start."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self.stop()

    def add(self, *plugs: SimulatedPlug) -> None:
        """Put plugs on the broker: at once when started, else at `start`."""
        uuids = {plug.uuid for plug in self.plugs}
        for plug in plugs:
            if plug.uuid in uuids:
                raise ValueError(f"two plugs with number {plug.number}")
            uuids.add(plug.uuid)
            plug.enter(Link(plug, self._engine))
            self.plugs.append(plug)
        if self._running:
            _power_on(plugs)

    def start(self) -> None:
        """Begin to run, and switch on the power of every plug."""
        self._running = True
        self._thread.start()
        _power_on(self.plugs)

    def stop(self) -> None:
        """Pull every plug and end; raises what went wrong inside, if anything did."""
        if self._running:
            for plug in self.plugs:
                plug.power_off()
            self.post(self._end)
            self._thread.join(_PATIENCE)
        self._selector.close()
        self._wake_in.close()
        self._wake_out.close()
        if self._error is not None:
            raise self._error

    def post(self, action: Action) -> None:
        """Do something on the fleet's thread, before any plug hears anything more."""
        self._posted.append(action)
        if get_ident() != self._thread.ident:
            self._wake()

    def call[Result](self, function: Callable[[], Result]) -> Result:
        """Do something on the fleet's thread and wait for its result."""
        if get_ident() == self._thread.ident:
            return function()
        future: Future[Result] = Future()

        def fulfil() -> None:
            try:
                future.set_result(function())
            except Exception as error:  # noqa: BLE001
                future.set_exception(error)

        self.post(fulfil)
        return future.result(_PATIENCE)

    def _run(self) -> None:
        while self._running:
            waiting = 0.0 if self._posted else self._timers.until_next()
            events = self._selector.select(waiting)
            # First what was posted: whoever pressed a button, or pulled a plug,
            # before sending a command, did so before the command is heard.
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
        """Keep the other plugs running; `stop` tells of the first error."""
        try:
            action()
            while self._engine.unsent:
                self._engine.unsent.pop().flush()
        except Exception as error:  # noqa: BLE001
            self._error = self._error or error

    def _end(self) -> None:
        self._running = False

    def _wake(self) -> None:
        # When no more fits in, it is awake already.
        with suppress(BlockingIOError):
            self._wake_in.send(b"\0")


def _power_on(plugs: Iterable[SimulatedPlug]) -> None:
    for plug in plugs:
        plug.power_on()
