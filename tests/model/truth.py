"""What must hold whatever is played, checked without the integration's own code."""

import asyncio
from collections import deque
from dataclasses import dataclass, field
import logging
from typing import Final, override

from homeassistant.const import STATE_UNAVAILABLE

from tests.simulator import SimulatedPlug

from .stage import Stage

# Seconds after the last cause of doubt in which a switch may be wrong: a minute of
# silence, two questions of 5 s each, and checks once a second.
CALM: Final = 76.0
# Seconds for which a message of less than a minute ago may be shown: until the plug
# has replied, which after a message of its reset is queried for in five.
DOUBT: Final = 7.0
# Seconds after a lost message in which a query may still be open.
_OPEN: Final = 15.0
_WINDOW: Final = 10.0
_MAX_QUERIES: Final = 10

_OURS: Final = "custom_components.meross_local"
# A custom integration, and a call for an entity that is being added: not our lines.
_OTHERS: Final = {"homeassistant.loader", "homeassistant.helpers.service"}


class Log(logging.Handler):
    """Collect warnings and errors."""

    def __init__(self) -> None:
        """Begin to collect."""
        super().__init__(logging.WARNING)
        self.wrong: list[str] = []
        logging.getLogger().addHandler(self)
        # Formatting what nobody reads takes time.
        logging.getLogger("homeassistant").setLevel(logging.WARNING)
        logging.getLogger(_OURS).setLevel(logging.WARNING)

    def end(self) -> None:
        """Collect no more."""
        logging.getLogger().removeHandler(self)

    @override
    def emit(self, record: logging.LogRecord) -> None:
        """Collect all but what Home Assistant writes about people's doings."""
        if record.name in _OTHERS:
            return
        line = f"{record.levelname} {record.name} {record.getMessage()}"
        if record.exc_info:
            line += "\n" + logging.Formatter().formatException(record.exc_info)
        self.wrong.append(line)


@dataclass(frozen=True)
class Command:
    """A service call of one switch, and when it was called."""

    task: asyncio.Task[bool]
    plug: SimulatedPlug
    channel: int
    on: bool
    counts: bool
    """Whether the switch was available: Home Assistant skips those that are not."""
    touches: int
    """How often the plug had been switched when the call began, this one included."""


@dataclass
class Watch:
    """What is known of one plug."""

    trouble: float
    """Until then, something happened that causes doubt."""
    open_until: float = 0
    """Until then, queries may have no reply."""
    is_connected: bool = True
    loses: bool = False
    """Whether messages were about to be lost at the last check."""
    touches: int = 0
    relays: dict[int, tuple[str, float]] = field(default_factory=dict)
    """What is to be shown of each channel, and since when."""
    queried: deque[float] = field(default_factory=deque)


class Truth:
    """Compare what is shown with what plugs do."""

    def __init__(self, stage: Stage) -> None:
        """Begin with plugs that have just been set up."""
        self.stage = stage
        self.forgot_at = self.now
        """When Home Assistant last forgot which messages it had received."""
        self._watches = {plug.uuid: Watch(self.now) for plug in stage.plugs}
        self._commands: list[Command] = []

    @property
    def now(self) -> float:
        """Return monotonic seconds."""
        return self.stage.sim.clock.now

    def trouble(self, plug: SimulatedPlug, seconds: float = 0) -> None:
        """Allow doubt about a plug until so many seconds from now have passed."""
        watch = self._watches[plug.uuid]
        watch.trouble = max(watch.trouble, self.now + seconds)

    def touched(self, plug: SimulatedPlug) -> None:
        """Count a switching of the plug by whomever: older commands are outdated."""
        self._watches[plug.uuid].touches += 1

    def forgot_messages(self) -> None:
        """Expect none of the messages until now to be recognized."""
        self.forgot_at = self.now

    def loaded(self) -> None:
        """Begin anew with a core that has just been loaded."""
        self.forgot_messages()
        for plug in self.stage.plugs:
            self.trouble(plug)
            self.touched(plug)
            self._watches[plug.uuid].queried.clear()
        self.stage.sim.broker.sent.clear()

    def command(self, *states: tuple[SimulatedPlug, int, bool]) -> None:
        """Call services, and check later that their success was one."""
        counts = [self.stage.is_available(plug) for plug, _, _ in states]
        for plug, _, _ in states:
            self.touched(plug)
        task = self.stage.call(*states)
        self._commands += [
            Command(task, *state, available, self._watches[state[0].uuid].touches)
            for state, available in zip(states, counts, strict=True)
        ]

    @property
    def has_open_commands(self) -> bool:
        """Return whether a service call has not ended."""
        return any(not command.task.done() for command in self._commands)

    def expected(self, plug: SimulatedPlug, channel: int) -> str:
        """Return what is to be shown of a connected plug."""
        channels = [channel]
        if plug.model.is_strip and channel == 0:
            channels = [*range(1, len(plug.model.outlets))]
        return "on" if any(map(plug.onoff, channels)) else "off"

    def is_right(self, plug: SimulatedPlug) -> bool:
        """Return whether all switches of a plug show its relays."""
        return all(
            self.stage.shown(plug, channel) == self.expected(plug, channel)
            for channel in range(len(plug.model.outlets))
        )

    def is_settled(self, plug: SimulatedPlug) -> bool:
        """Return whether a plug is connected, shown right and without a fault."""
        watch = self._watches[plug.uuid]
        return (
            max(watch.trouble, watch.open_until) <= self.now
            and self.stage.is_connected(plug)
            and plug.is_bound
            and not (plug.faults.lose_sent or plug.faults.lose_received)
            and not self.has_open_commands
            and self.is_right(plug)
        )

    def check(self) -> None:
        """Check everything that must hold at any time."""
        for plug in self.stage.plugs:
            self._check_states(plug, self._watches[plug.uuid])
        self._check_queries()
        self._check_commands()

    def _check_states(self, plug: SimulatedPlug, watch: Watch) -> None:
        now, is_connected = self.now, self.stage.is_connected(plug)
        loses = bool(plug.faults.lose_sent or plug.faults.lose_received)
        # The last one may have been lost at any time since the last check.
        if loses or watch.loses:
            self.trouble(plug)
            watch.open_until = now + _OPEN
        watch.loses = loses
        if is_connected is not watch.is_connected:
            watch.is_connected = is_connected
            self.trouble(plug)
        for channel in range(len(plug.model.outlets)):
            state = self.expected(plug, channel)
            if (known := watch.relays.get(channel)) is None or known[0] != state:
                watch.relays[channel] = state, now
            since = max(watch.trouble, watch.relays[channel][1])
            if now - since > CALM:
                expected = state if is_connected else STATE_UNAVAILABLE
                shown = self.stage.shown(plug, channel)
                what = f"{plug.model.type} channel {channel}, {now - since:.0f} s"
                assert (what, shown) == (what, expected)

    def _check_queries(self) -> None:
        sent = self.stage.sim.broker.sent
        for one in sent:
            watch = self._watches.get(one.topic.split("/")[2])
            if watch is None or one.kind[0] != "GET":
                continue
            watch.queried.append(one.at)
            while watch.queried[0] < one.at - _WINDOW:
                watch.queried.popleft()
            assert len(watch.queried) <= _MAX_QUERIES, "too many queries"
        sent.clear()

    def _check_commands(self) -> None:
        done = [command for command in self._commands if command.task.done()]
        self._commands = [one for one in self._commands if one not in done]
        for command in done:
            plug = command.plug
            is_last = self._watches[plug.uuid].touches == command.touches
            if not (command.task.result() and command.counts and is_last):
                continue
            channels = {command.channel}
            if plug.model.is_strip and command.channel == 0:
                channels = {*range(1, len(plug.model.outlets))}
                channels -= plug.device.relays.disobedient
            undone = [n for n in channels if plug.onoff(n) != command.on]
            assert undone == [], "a command that succeeded was not carried out"
