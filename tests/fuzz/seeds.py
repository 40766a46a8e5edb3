"""What the fuzzer starts from: what simulated plugs say, each a script."""

from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import cycle
import time
from typing import Final

from tests.simulator import MODELS, Message, SimulatedPlug, sign
from tests.simulator.namespaces import BIND, CLOCK

from .cast import SPEAKERS
from .script import Kind, Mode, Step

_MINUTE: Final = Step(Kind.TIME, 5)
_DOWNLOAD: Final = Step(Kind.PERSON, 0)
_CLICK: Final = Step(Kind.CLICK, 0b100000)


class _World:
    """Surroundings of a plug in which no time passes and nobody listens."""

    server = ("192.0.2.1", 8883)

    def __init__(self, plug: SimulatedPlug) -> None:
        self.said: list[bytes] = []
        self._plug = plug

    def now(self) -> float:
        return time.monotonic()

    def later(self, delay: float, action: Callable[[], None]) -> None:
        pass

    def post(self, action: Callable[[], None]) -> None:
        action()

    def connect(self) -> None:
        self._plug.connected()

    def disconnect(self) -> None:
        self._plug.disconnected()

    def sever(self) -> None:
        pass

    def publish(self, _topic: str, payload: bytes) -> None:
        self.said.append(payload)


@cache
def seeds() -> tuple[tuple[Step, ...], ...]:
    """Return a script for each speaker as each model."""
    scripts = [
        _script(index, model) for index in range(len(SPEAKERS)) for model in MODELS
    ]
    doubted = [tuple(_with_forgeries(script)) for script in scripts]
    return (*scripts, *doubted, (*_topics(scripts[0]), _DOWNLOAD))


def _script(index: int, model: str) -> tuple[Step, ...]:
    said = _all_that_it_says(SPEAKERS[index].number, model)
    steps = [Step(index, Mode.OWN_KEY, payload) for payload in said]
    clicked = [_CLICK, Step(index, Mode.OWN_KEY | Mode.ANSWER | Mode.REPLY, said[-2])]
    return (*steps[:-1], *clicked, _MINUTE, steps[0], steps[-1])


def _with_forgeries(script: Iterable[Step]) -> Iterator[Step]:
    """Let somebody else say each message before the plug does."""
    for step in script:
        if step.kind is Kind.SPEAKER:
            yield Step(step.number, Mode.OTHER_KEY, step.payload)
        yield step


def _topics(script: Iterable[Step]) -> tuple[Step, ...]:
    """Return messages on topics that are and are not a plug's."""
    uuid = SPEAKERS[0].uuid
    ends = ("publish", "reply", "subscribe", "publish/", "")
    uuids = (uuid, uuid.upper(), uuid[:-1], f"{uuid}0", "+", "meross_lan", "é" * 32)
    topics = [f"/appliance/{one}/{end}" for one in uuids for end in ends]
    return tuple(
        Step(Kind.ANY_TOPIC, 0, f"{topic}\n".encode() + step.payload)
        for topic, step in zip(topics, cycle(script), strict=False)
    )


def _all_that_it_says(number: int, model: str) -> list[bytes]:
    """Return a life: it greets, answers, is switched, refuses, and is reset."""
    plug = SimulatedPlug(model, number)
    world = _World(plug)
    plug.attach(world)
    plug.power_on()
    _tell(plug, BIND, "SETACK", {})
    _tell(plug, CLOCK, "PUSH", {"clock": {"timestamp": 1_700_000_000}})
    for namespace in plug.model.ability:
        _tell(plug, namespace, "GET", {})
    plug.press(0)
    plug.press(len(plug.model.outlets) - 1)
    toggle = plug.model.toggle.rpartition(".")[2].lower()
    _tell(plug, plug.model.toggle, "SET", {toggle: {"onoff": 7, "channel": 0}})
    _tell(plug, plug.model.toggle, "SET", {toggle: {"onoff": 1, "channel": 0}})
    said = world.said.copy()
    plug.reset()
    return [*said, world.said[-1]]


def _tell(
    plug: SimulatedPlug, namespace: str, method: str, payload: dict[str, object]
) -> None:
    uuid = plug.uuid
    message_id = f"{len(namespace):032x}"
    message = Message(
        namespace=namespace,
        method=method,
        payload=payload,
        message_id=message_id,
        reply_to=f"/appliance/{uuid}/publish",
        timestamp=1_700_000_000,
        signature=sign(message_id, plug.key, 1_700_000_000),
    )
    plug.received(message.encode(), time.monotonic())
