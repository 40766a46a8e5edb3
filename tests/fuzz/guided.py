"""A run that atheris guides: inputs that reach new code are mutated further."""

import asyncio
import hashlib
from importlib import import_module
import os
from pathlib import Path
import pkgutil
from random import Random
import shutil
import sys
import traceback

import atheris

with atheris.instrument_imports(include=["custom_components.meross_local"]):
    import custom_components.meross_local as package

    for _module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        import_module(_module.name)
    from .target import Target, target

from .mutate import mutate
from .script import Step, decode, encode
from .seeds import seeds

# A reset reloads the entry, which takes as long as thirty messages.
_SCRIPTS_PER_RESET = 8


def fuzz(seconds: int, seed: int, crashes: Path) -> None:
    """Fuzz for that long, then end the process; an input that fails is kept."""
    corpus = crashes / "corpus"
    shutil.rmtree(corpus, ignore_errors=True)
    corpus.mkdir(parents=True)
    for number, steps in enumerate(seeds()):
        (corpus / f"seed-{number}").write_bytes(encode(steps))
    options = {
        "max_total_time": seconds,
        "seed": seed,
        "max_len": 64_000,
        "len_control": 0,
        "artifact_prefix": f"{crashes}/",
        "timeout": 10,
        "rss_limit_mb": 2048,
        "print_final_stats": 1,
        "verbosity": 0,
    }
    arguments = [f"-{name}={value}" for name, value in options.items()]
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    context = target()
    session = _Session(loop.run_until_complete(context.__aenter__()), crashes)
    atheris.Setup(
        ["fuzz", *arguments, str(corpus)],
        lambda data: loop.run_until_complete(session.play(decode(data))),
        custom_mutator=_mutate,
    )
    atheris.Fuzz()


class _Session:
    """Play scripts; what was played since the last reset is kept where one fails."""

    def __init__(self, subject: Target, crashes: Path) -> None:
        self._subject = subject
        self._crashes = crashes
        self._scripts: list[list[Step]] = []

    async def play(self, script: list[Step]) -> None:
        if len(self._scripts) == _SCRIPTS_PER_RESET:
            self._scripts.clear()
            await self._subject.reset()
        self._scripts.append(script)
        try:
            await self._subject.play(script)
        except Exception:  # noqa: BLE001 (whatever it was)
            traceback.print_exc()
            data = encode(step for script in self._scripts for step in script)
            file = self._crashes / f"crash-{hashlib.sha256(data).hexdigest()[:16]}"
            file.write_bytes(data)
            print(
                f"\npython -m tests.fuzz --replay {file}", file=sys.stderr, flush=True
            )
            # The threads of Home Assistant would not let the process end.
            os._exit(1)


def _mutate(data: bytes, max_size: int, seed: int) -> bytes:
    def mutate_bytes(part: bytes) -> bytes:
        return atheris.Mutate(part, len(part) + 16)

    random = Random(seed)  # noqa: S311 (no secret)
    return encode(mutate(decode(data), random, mutate_bytes))[:max_size]
