"""The table that a run ends in."""

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One thing that was measured, in milliseconds or as a ratio."""

    what: str
    here: str
    built_in: str = ""
    ratio: str = ""
    goal: str = ""
    is_met: bool | None = None


def of_times(what: str, seconds: Iterable[float], goal: float | None = None) -> Row:
    """Return the row of some times; the goal is for the median, in milliseconds."""
    times = [1000 * second for second in seconds]
    middle = median(times)
    return Row(
        what=what,
        here=f"{middle:.2f} ms (max {max(times):.1f}, n {len(times)})",
        goal="" if goal is None else f"<= {goal:g} ms",
        is_met=None if goal is None else middle <= goal,
    )


def of_both(
    what: str, here: list[float], built_in: list[float], goal: float | None = None
) -> Row:
    """Return the row that compares medians; the goal is for the ratio."""
    ours, theirs = 1000 * median(here), 1000 * median(built_in)
    ratio = ours / theirs
    return Row(
        what=f"{what} (n {len(here)})",
        here=f"{ours:.3f} ms",
        built_in=f"{theirs:.3f} ms",
        ratio=f"{ratio:.2f}",
        goal="" if goal is None else f"<= {goal:g} x",
        is_met=None if goal is None else ratio <= goal,
    )


def table(rows: Iterable[Row]) -> str:
    """Return the rows as a table of Markdown."""
    cells = [["what", "here", "built-in switch", "ratio", "goal", "met"]]
    for row in rows:
        met = {None: "", True: "yes", False: "NO"}[row.is_met]
        cells.append([row.what, row.here, row.built_in, row.ratio, row.goal, met])
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    cells.insert(1, ["-" * width for width in widths])
    lines = (
        [cell.ljust(width) for cell, width in zip(line, widths, strict=True)]
        for line in cells
    )
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
