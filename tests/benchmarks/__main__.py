"""Measures, and prints a table: see scripts/bench.

With MEROSS_HASS as the Python that Home Assistant runs with (else .venv/run's).
"""

from argparse import ArgumentParser, Namespace
import asyncio
from collections.abc import Awaitable, Callable, Sequence
import os
import sys

from .cast import QUICK, WHOLE, Size
from .contender import BUILT_IN, OURS, PLAIN, Contender, contender
from .greeting import greeting
from .pushes import bare, push
from .report import Row, table
from .starting import start
from .switching import switching
from .thousand import thousand

type Family = Callable[[Sequence[Contender], Size], Awaitable[list[Row]]]

_FAMILIES: dict[str, Family] = {
    "push": push,
    "bare": bare,
    "switching": switching,
    "start": start,
    "thousand": thousand,
    "greeting": greeting,
}


def _parse() -> Namespace:
    parser = ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument(
        "contenders",
        nargs="*",
        metavar="CONTENDER",
        help=f"{BUILT_IN}, {PLAIN}, {OURS}, or the folder of another integration"
        f" (default: {BUILT_IN} {OURS})",
    )
    parser.add_argument("--rows", default=",".join(_FAMILIES), help="default: all")
    parser.add_argument("--quick", action="store_true", help="small, to see it work")
    options = parser.parse_args()
    options.rows = options.rows.split(",")
    if unknown := set(options.rows) - set(_FAMILIES):
        parser.error(f"no such rows: {', '.join(unknown)}; {', '.join(_FAMILIES)}")
    # Another integration is added to the two; only a name of one chooses.
    named = [name for name in options.contenders if name in (BUILT_IN, PLAIN, OURS)]
    others = [name for name in options.contenders if name not in named]
    try:
        options.contenders = [
            contender(name) for name in [*(named or [BUILT_IN, OURS]), *others]
        ]
    except ValueError as error:
        parser.error(str(error))
    return options


async def _main() -> None:
    options = _parse()
    # Home Assistant starts slowly where it may not keep what it compiles.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    # Its own custom_components would be shadowed by those that are here.
    os.environ.pop("PYTHONPATH", None)
    size = QUICK if options.quick else WHOLE
    names = [contender.name for contender in options.contenders]
    rows: list[Row] = []
    for family in options.rows:
        sys.stderr.write(f"{family} …\n")
        found = await _FAMILIES[family](options.contenders, size)
        # Should a later one fail, these are not lost.
        sys.stderr.write(f"{table(found, names)}\n")
        rows += found
    sys.stdout.write(f"{table(rows, names)}\n")


asyncio.run(_main())
