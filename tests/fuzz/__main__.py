"""Run the fuzzer: python -m tests.fuzz --seconds 20, or --messages 50000."""

import argparse
import asyncio
from pathlib import Path
from tempfile import TemporaryDirectory

from .script import decode

_CRASHES = Path(".cache/fuzz")


def _main() -> None:
    parser = argparse.ArgumentParser(prog="tests.fuzz", description=__doc__)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--seconds", type=int, help="guided by atheris, for so long")
    what.add_argument("--messages", type=int, help="a short soak")
    what.add_argument("--replay", type=Path, help="an input that broke a promise")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--corpus", type=Path, help="where to keep inputs that reach new code"
    )
    options = parser.parse_args()
    # Each way imports the integration, atheris with its own instruments.
    if options.seconds is not None:
        from .guided import fuzz  # noqa: PLC0415

        with TemporaryDirectory() as empty:
            fuzz(
                options.seconds,
                options.seed,
                corpus=options.corpus or Path(empty),
                crashes=_CRASHES,
                is_verbose=options.corpus is not None,
            )
    elif options.messages is not None:
        from .soak import Size, soak  # noqa: PLC0415

        size = Size(plugs=10, seed=options.seed, messages=options.messages)
        asyncio.run(soak(size, _CRASHES))
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
