"""The table that a run ends in."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import sqrt
from statistics import median, quantiles

from .contender import BUILT_IN, OURS

_ENOUGH = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """What our number may be at most: by itself, or as a multiple of another's."""

    most: float
    of: Sequence[str] = ()
    """Whose number the goal is a multiple of: the first of these that was measured."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One thing that was measured."""

    what: str
    unit: str
    goal: Goal | None = None
    digits: int = 0
    numbers: dict[str, float] = field(default_factory=dict)
    """By the name of the contender."""
    remarks: dict[str, str] = field(default_factory=dict)
    ratios: dict[str, float] = field(default_factory=dict)
    """Ours to another's: where it was measured better than by its two numbers."""
    doubts: dict[str, float] = field(default_factory=dict)
    """How far off a number may be, or with another's name the ratio to it."""

    def ratio(self, to: str) -> float | None:
        """Return ours to another's number."""
        if to in self.ratios:
            return self.ratios[to]
        if not self.numbers.get(to) or OURS not in self.numbers:
            return None
        return self.numbers[OURS] / self.numbers[to]

    @property
    def verdict(self) -> str:
        """Tell whether the goal is met, as far as that can be told."""
        if self.goal is None or OURS not in self.numbers:
            return ""
        if not self.goal.of:
            return self._judge(self.numbers[OURS], self.doubts.get(OURS, 0.0))
        for one in self.goal.of:
            if (ratio := self.ratio(one)) is not None:
                return self._judge(ratio, self.doubts.get(one, 0.0))
        return ""

    def _judge(self, number: float, doubt: float) -> str:
        assert self.goal is not None
        if number + doubt <= self.goal.most:
            return "yes"
        return "**no**" if number - doubt > self.goal.most else "unclear"


def compared(
    samples: dict[str, list[float]],
    *,
    what: str,
    unit: str,
    goal: Goal | None = None,
    digits: int = 0,
) -> Row:
    """Return the row of samples that were taken in turns: medians, also of ratios."""
    ours = samples.get(OURS, [])
    ratios = {
        name: [a / b for a, b in zip(ours, found, strict=True)]
        for name, found in samples.items()
        if found and name != OURS and len(found) == len(ours)
    }
    return Row(
        what=what,
        unit=unit,
        goal=goal,
        digits=digits,
        numbers={name: median(found) for name, found in samples.items() if found},
        ratios={name: median(found) for name, found in ratios.items()},
        doubts={name: doubt(found) for name, found in ratios.items()},
    )


def doubt(samples: Sequence[float]) -> float:
    """Return how far the median may be off: the notch of a box plot, 95 % sure."""
    if len(samples) < _ENOUGH:
        return 0.0
    low, _, high = quantiles(samples, n=4)
    return 1.57 * (high - low) / sqrt(len(samples))


def table(rows: Iterable[Row], names: Sequence[str]) -> str:
    """Return the rows as a table of Markdown, with a column for each name."""
    cells = [["", *names, f"ours / {BUILT_IN}", "goal", "met"]]
    for row in rows:
        ratio = row.ratio(BUILT_IN)
        cells.append(
            [
                row.what,
                *(_cell(row, name) for name in names),
                "" if ratio is None else f"{ratio:.2f}",
                _goal(row),
                row.verdict,
            ]
        )
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    cells.insert(1, ["-" * width for width in widths])
    lines = (
        [cell.ljust(width) for cell, width in zip(line, widths, strict=True)]
        for line in cells
    )
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(row: Row, name: str) -> str:
    number = row.numbers.get(name)
    remark = row.remarks.get(name, "")
    if number is None:
        return remark or "-"
    text = f"{number:.{row.digits}f} {row.unit}".strip()
    return f"{text} ({remark})" if remark else text


def _goal(row: Row) -> str:
    if row.goal is None:
        return ""
    if row.goal.of:
        return f"≤ {row.goal.most:g} x {' and '.join(row.goal.of)}"
    return f"≤ {row.goal.most:g} {row.unit}".strip()
