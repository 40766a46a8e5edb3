"""Measure and print the table of docs/performance.md: see scripts/bench.

MEROSS_HASS names the Python that runs Home Assistant, by default that of .venv/run.
"""

from argparse import ArgumentParser, Namespace
import asyncio
from collections.abc import Awaitable, Callable, Sequence
import os
import sys

from .contender import Contender
from .greeting import greeting
from .report import Row, Size, table
from .starting import start
from .thousand import thousand
from .toggles import push, switching

type Benchmark = Callable[[Sequence[Contender], Size], Awaitable[list[Row]]]

_BENCHMARKS: dict[str, Benchmark] = {
    "push": push,
    "switching": switching,
    "start": start,
    "thousand": thousand,
    "greeting": greeting,
}
_QUICK = Size(plugs=5, blocks=3, rounds=2, clicks=20, many=40, starts=3, idle=15.0)


def _parse() -> Namespace:
    parser = ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument(
        "contenders",
        nargs="*",
        type=Contender,
        metavar="CONTENDER",
        help=f"{' or '.join(Contender)} (default: both)",
    )
    parser.add_argument("--rows", default=",".join(_BENCHMARKS), help="default: all")
    parser.add_argument(
        "--quick", action="store_true", help="measure little, to see that it works"
    )
    options = parser.parse_args()
    options.contenders = options.contenders or list(Contender)
    options.rows = options.rows.split(",")
    if unknown := set(options.rows) - set(_BENCHMARKS):
        parser.error(f"unknown rows: {', '.join(unknown)}; {', '.join(_BENCHMARKS)}")
    return options


async def _main() -> None:
    options = _parse()
    # Home Assistant starts slowly where it cannot store compiled modules.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    # Its own custom_components would be shadowed by those of the current folder.
    os.environ.pop("PYTHONPATH", None)
    size = _QUICK if options.quick else Size()
    rows: list[Row] = []
    for name in options.rows:
        sys.stderr.write(f"{name} …\n")
        found = await _BENCHMARKS[name](options.contenders, size)
        # Printed at once, in case a later benchmark fails.
        sys.stderr.write(f"{table(found, options.contenders)}\n")
        rows += found
    sys.stdout.write(f"{table(rows, options.contenders)}\n")


asyncio.run(_main())
