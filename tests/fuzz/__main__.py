"""Run the fuzzer: python -m tests.fuzz --seconds 20, or --replay an input."""

import argparse
import asyncio
from pathlib import Path

from .script import decode

_CRASHES = Path(".cache/fuzz")


def _main() -> None:
    parser = argparse.ArgumentParser(prog="tests.fuzz", description=__doc__)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--seconds", type=int, help="guided by atheris, for so long")
    what.add_argument("--replay", type=Path, help="an input that broke a promise")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    # Each way imports the integration, atheris with its own instruments.
    if options.seconds is not None:
        from .guided import fuzz  # noqa: PLC0415

        fuzz(options.seconds, options.seed, _CRASHES)
    else:
        asyncio.run(_replay(options.replay.read_bytes()))


async def _replay(data: bytes) -> None:
    from .target import target  # noqa: PLC0415

    steps = decode(data, max_steps=None)
    for step in steps:
        print(step)
    async with target() as subject:
        await subject.play(steps)


_main()
