"""What the fuzzer starts from: the messages of simulated plugs, as scripts."""

from collections.abc import Iterable, Iterator
from functools import cache
from itertools import cycle
import time
from typing import Final

from tests.simulator import MODELS, SimulatedPlug
from tests.simulator.namespaces import BIND, CLOCK
from tests.simulator.timers import Timers
from tests.support.messages import build_message
from tests.support.simulation import START
from tests.support.world import World

from .script import Kind, Mode, Step
from .senders import SENDERS

_NOW: Final = int(START.timestamp())
_MINUTE: Final = Step(Kind.TIME, 5)
_DIAGNOSTICS: Final = Step(Kind.USER, 0)
_SWITCH: Final = Step(Kind.SWITCH, 0b100000)


@cache
def seeds() -> tuple[tuple[Step, ...], ...]:
    """Return a script for each sender as each model."""
    scripts = [
        _script(number, model) for number in range(len(SENDERS)) for model in MODELS
    ]
    forged = [tuple(_with_forgeries(script)) for script in scripts]
    return (*scripts, *forged, (*_topics(scripts[0]), _DIAGNOSTICS))


def _script(number: int, model: str) -> tuple[Step, ...]:
    sent = _all_messages(SENDERS[number].plug(model))
    steps = [Step(number, Mode.OWN_KEY, payload) for payload in sent]
    response = Step(number, Mode.OWN_KEY | Mode.RESPONSE | Mode.REPLY, sent[-2])
    return (*steps[:-1], _SWITCH, response, _MINUTE, steps[0], steps[-1])


def _with_forgeries(script: Iterable[Step]) -> Iterator[Step]:
    """Publish each message with another key before the plug does."""
    for step in script:
        if step.kind is Kind.SENDER:
            yield Step(step.number, Mode.OTHER_KEY, step.payload)
        yield step


def _topics(script: Iterable[Step]) -> tuple[Step, ...]:
    """Return messages on topics that are and are not a plug's."""
    uuid = SENDERS[0].uuid
    ends = ("publish", "reply", "subscribe", "publish/", "")
    uuids = (uuid, uuid.upper(), uuid[:-1], f"{uuid}0", "+", "meross_lan", "é" * 32)
    topics = [f"/appliance/{one}/{end}" for one in uuids for end in ends]
    return tuple(
        Step(Kind.ANY_TOPIC, 0, f"{topic}\n".encode() + step.payload)
        for topic, step in zip(topics, cycle(script), strict=False)
    )


def _all_messages(plug: SimulatedPlug) -> list[bytes]:
    """Return the messages of a life: greeting, responses, switching, errors, reset."""
    sent: list[bytes] = []
    plug.enter(World(plug, Timers(), lambda _topic, payload: sent.append(payload)))
    plug.power_on()
    _send(plug, BIND, "SETACK", {})
    _send(plug, CLOCK, "PUSH", {"clock": {"timestamp": _NOW}})
    for namespace in plug.model.ability:
        _send(plug, namespace, "GET", {})
    plug.press(0)
    plug.press(len(plug.model.outlets) - 1)
    toggle = plug.model.toggle.rpartition(".")[2].lower()
    _send(plug, plug.model.toggle, "SET", {toggle: {"onoff": 7, "channel": 0}})
    _send(plug, plug.model.toggle, "SET", {toggle: {"onoff": 1, "channel": 0}})
    messages = sent.copy()
    plug.reset()
    return [*messages, sent[-1]]


def _send(
    plug: SimulatedPlug, namespace: str, method: str, payload: dict[str, object]
) -> None:
    # The same ID each time: scripts must not differ from run to run.
    message_id = f"{len(namespace):032x}"
    raw = build_message(
        plug, namespace, method, payload, at=_NOW, message_id=message_id
    )
    plug.received(raw, time.monotonic())
