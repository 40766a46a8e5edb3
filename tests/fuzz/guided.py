"""A run that atheris guides: inputs that reach new code are kept and changed on."""

import hashlib
import os
from pathlib import Path
from random import Random
import sys
import traceback

import atheris

with atheris.instrument_imports(include=["custom_components.meross_local"]):
    from . import everything  # noqa: F401
    from .house import House

from .mutate import mutate
from .script import read, write
from .seeds import seeds


def fuzz(
    seconds: int, seed: int, *, corpus: Path, crashes: Path, is_chatty: bool
) -> None:
    """Fuzz for that long, then end the process; what breaks a promise is kept."""
    corpus.mkdir(parents=True, exist_ok=True)
    crashes.mkdir(parents=True, exist_ok=True)
    for number, steps in enumerate(seeds()):
        (corpus / f"seed-{number}").write_bytes(write(steps))
    house = House()
    options = {
        "max_total_time": seconds,
        "seed": seed,
        "max_len": 64_000,
        "len_control": 0,
        "artifact_prefix": f"{crashes}/",
        "timeout": 10,
        "rss_limit_mb": 2048,
        "print_final_stats": 1,
        "verbosity": int(is_chatty),
    }
    arguments = [f"-{name}={value}" for name, value in options.items()]
    atheris.Setup(
        ["fuzz", *arguments, str(corpus)],
        lambda data: _play(house, data, crashes),
        custom_mutator=_mutate,
    )
    atheris.Fuzz()


def _play(house: House, data: bytes, crashes: Path) -> None:
    try:
        house.play(read(data))
    except Exception:  # noqa: BLE001 (whatever it was)
        traceback.print_exc()
        file = crashes / f"crash-{hashlib.sha256(data).hexdigest()[:16]}"
        file.write_bytes(data)
        print(f"\npython -m tests.fuzz --replay {file}", file=sys.stderr, flush=True)
        # Home Assistant's threads would not let it end.
        os._exit(1)


def _mutate(data: bytes, max_size: int, seed: int) -> bytes:
    def mutate_bytes(part: bytes) -> bytes:
        return atheris.Mutate(part, len(part) + 16)

    random = Random(seed)  # noqa: S311 (no secret)
    return write(mutate(read(data), random, mutate_bytes))[:max_size]
