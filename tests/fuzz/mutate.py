"""Changes to a script: to its steps, to the JSON of a message, to plain bytes."""

from collections.abc import Callable
import json
from random import Random
from typing import Any, Final

from tests.simulator import namespaces

from .script import Kind, Step
from .seeds import seeds

type Bytes = Callable[[bytes], bytes]

_NAMESPACES: Final = [
    value for name, value in vars(namespaces).items() if name.isupper()
]
_METHODS: Final = ["GET", "GETACK", "SET", "SETACK", "PUSH", "ERROR"]
_ODD: Final[list[Any]] = [
    None, True, False, 0, 1, -1, 2, 16, 0xFFFF, 2**31, 2**53, 2**63, 2**64 - 1, 2**64,
    0.5, 1e308, -0.0, "", "0", "1", "\0", "é", "mss", "x" * 300, "x" * 17_000,
    [], {}, [{}],
]  # fmt: skip
_NESTED: Final = (40, 240, 256, 500, 990)


def mutate(steps: list[Step], random: Random, mutate_bytes: Bytes) -> list[Step]:
    """Return the script with one to four changes."""
    steps = steps or [*random.choice(seeds())]
    for _ in range(random.randint(1, 4)):
        at = random.randrange(len(steps))
        change = random.randrange(12)
        if change == 0 and len(steps) > 1:
            del steps[at]
        elif change == 1:
            steps.insert(at, random.choice(steps))
        elif change == 2:
            steps.insert(at, random.choice(random.choice(seeds())))
        elif change == 3:
            steps.insert(
                at, Step(random.randrange(Kind.TIME, 16), random.randrange(64))
            )
        elif change == 4:
            number = random.randrange(16)
            steps[at] = Step(number, steps[at].mode, steps[at].payload)
        elif change == 5:
            mode = steps[at].mode ^ (1 << random.randrange(5))
            steps[at] = Step(steps[at].number, mode, steps[at].payload)
        else:
            change_payload = _changed_json if change < 10 else _changed_bytes
            payload = change_payload(steps[at].payload, random, mutate_bytes)
            steps[at] = Step(steps[at].number, steps[at].mode, payload)
    return steps


def flip(random: Random) -> Bytes:
    """Return a plain mutation of bytes, for runs without atheris."""

    def flipped(data: bytes) -> bytes:
        changed = bytearray(data)
        for _ in range(random.randint(1, 4)):
            at = random.randrange(len(changed) + 1)
            changed[at : at + random.randrange(4)] = random.randbytes(
                random.randrange(4)
            )
        return bytes(changed)

    return flipped


def _changed_bytes(payload: bytes, _random: Random, mutate_bytes: Bytes) -> bytes:
    return mutate_bytes(payload)


def _changed_json(payload: bytes, random: Random, mutate_bytes: Bytes) -> bytes:
    """Change one value anywhere in the message."""
    try:
        message = json.loads(payload)
    except ValueError, RecursionError:
        return mutate_bytes(payload)
    if not isinstance(message, dict) or not message:
        return mutate_bytes(payload)
    parent, name = _place(message, random)
    old = parent[name]
    if name == "namespace":
        parent[name] = random.choice(_NAMESPACES)
    elif name == "method":
        parent[name] = random.choice(_METHODS)
    elif type(old) is int and random.random() < 0.5:
        parent[name] = old + random.choice((-61, -60, -2, -1, 1, 2, 60, 61))
    elif type(old) is str and random.random() < 0.3:
        parent[name] = mutate_bytes(old.encode()).decode("latin-1")
    else:
        _change_value(message, parent, name, random)
    try:
        return json.dumps(message, separators=(",", ":")).encode()
    except ValueError, RecursionError:
        return payload


def _change_value(message: Any, parent: Any, name: Any, random: Random) -> None:  # noqa: ANN401
    change = random.randrange(7)
    if change == 0:
        del parent[name]
    elif change == 1:
        other, other_name = _place(message, random)
        parent[name] = json.loads(json.dumps(other[other_name]))
    elif change == 2:
        parent[name] = [parent[name]]
    elif change == 3 and isinstance(parent, list):
        parent.extend(parent[:8])
    elif change == 4:
        for _ in range(random.choice(_NESTED)):
            parent[name] = [parent[name]]
    else:
        parent[name] = random.choice(_ODD)


def _place(message: Any, random: Random) -> tuple[Any, Any]:  # noqa: ANN401 (JSON)
    """Return any value inside, as its parent and its name there."""
    parent = message
    while True:
        name = random.choice(
            list(parent) if isinstance(parent, dict) else range(len(parent))
        )
        value = parent[name]
        if not isinstance(value, (dict, list)) or not value or random.random() < 0.2:
            return parent, name
        parent = value
