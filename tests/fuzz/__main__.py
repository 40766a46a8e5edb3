"""Run the fuzzer: python -m tests.fuzz --seconds 20, or --messages 1000000."""

import argparse
from pathlib import Path
from tempfile import TemporaryDirectory

_KEPT = Path(".cache/fuzz")


def _main() -> None:
    parser = argparse.ArgumentParser(prog="tests.fuzz", description=__doc__)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--seconds", type=int, help="guided by atheris, for so long")
    what.add_argument("--messages", type=int, help="a soak that watches memory")
    what.add_argument("--replay", type=Path, help="an input that broke a promise")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument(
        "--corpus", type=Path, help="where to keep what reached new code"
    )
    arguments = parser.parse_args()
    # Each way imports the integration, atheris with instruments in it.
    if arguments.seconds is not None:
        from .guided import fuzz  # noqa: PLC0415

        with TemporaryDirectory() as empty:
            fuzz(
                arguments.seconds,
                arguments.seed,
                corpus=arguments.corpus or Path(empty),
                crashes=_KEPT,
                is_chatty=arguments.corpus is not None,
            )
    elif arguments.messages is not None:
        from .soak import soak  # noqa: PLC0415

        soak(arguments.messages, arguments.seed, _KEPT)
    else:
        from .house import House  # noqa: PLC0415
        from .script import read  # noqa: PLC0415

        steps = read(arguments.replay.read_bytes(), most=None)
        for step in steps:
            print(step)
        House().play(steps)


_main()
