"""How much a run measures, the rows that it measures, and their table."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from math import sqrt
from statistics import median, quantiles

from .contender import Contender


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """Bound how much is measured."""

    plugs: int = 50
    blocks: int = 20
    """Blocks in which the contenders take turns."""
    rounds: int = 4
    """Toggles of every plug in a block."""
    clicks: int = 300
    many: int = 1000
    """Plugs of the rows that are about many plugs."""
    starts: int = 10
    idle: float = 180.0
    """Seconds."""


@dataclass(slots=True)
class Row:
    """Represent one measured quantity."""

    what: str
    unit: str
    _: KW_ONLY
    digits: int = 0
    goal: float | None = None
    """The upper limit of our number, or of its ratio to that of built-in."""
    goal_is_ratio: bool = False
    numbers: dict[Contender, float] = field(default_factory=dict)
    remarks: dict[Contender, str] = field(default_factory=dict)
    ratio: float | None = None
    """Our number to that of built-in, if measured better than by dividing the two."""
    error: float = 0.0
    """The margin of error of what the goal limits."""

    @property
    def verdict(self) -> str:
        """Return whether the goal is met, as far as the margin of error allows."""
        number = self.ratio if self.goal_is_ratio else self.numbers.get(Contender.OURS)
        if self.goal is None or number is None:
            return ""
        if number + self.error <= self.goal:
            return "yes"
        return "**no**" if number - self.error > self.goal else "unclear"

    def cells(self, contenders: Sequence[Contender]) -> list[str]:
        """Return this row's cells in the table."""
        goal, ratio = "", self.ratio
        if self.goal is not None:
            goal = f"≤ {self.goal:g} {'x' if self.goal_is_ratio else self.unit}".strip()
        theirs = self.numbers.get(Contender.BUILT_IN, 0.0)
        if ratio is None and Contender.OURS in self.numbers and theirs > 0:
            ratio = self.numbers[Contender.OURS] / theirs
        return [
            self.what,
            *map(self._cell, contenders),
            "" if ratio is None else f"{ratio:.2f}",
            goal,
            self.verdict,
        ]

    def _cell(self, contender: Contender) -> str:
        if contender not in self.numbers:
            return "-"
        text = f"{self.numbers[contender]:.{self.digits}f} {self.unit}".strip()
        remark = self.remarks.get(contender)
        return f"{text} ({remark})" if remark else text


def compared(
    samples: Mapping[Contender, Sequence[float]],
    what: str,
    unit: str,
    *,
    goal: float,
    digits: int = 0,
) -> Row:
    """Return the row of samples that were taken in turns.

    Its numbers are medians; its ratio is the median of the samples' ratios, which the
    goal limits.
    """
    row = Row(what, unit, digits=digits, goal=goal, goal_is_ratio=True)
    row.numbers = {contender: median(found) for contender, found in samples.items()}
    if len(samples) == len(Contender):
        pairs = zip(samples[Contender.OURS], samples[Contender.BUILT_IN], strict=True)
        ratios = [ours / theirs for ours, theirs in pairs]
        row.ratio, row.error = median(ratios), margin_of_error(ratios)
    return row


def margin_of_error(samples: Sequence[float]) -> float:
    """Return that of the median at 95 % confidence: the notch of a box plot."""
    low, _, high = quantiles(samples, n=4)
    return 1.57 * (high - low) / sqrt(len(samples))


def table(rows: Iterable[Row], contenders: Sequence[Contender]) -> str:
    """Return the rows as a Markdown table with one column for each contender."""
    cells = [
        ["", *contenders, "meross_local / built-in", "goal", "met"],
        *(row.cells(contenders) for row in rows),
    ]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    cells.insert(1, ["-" * width for width in widths])
    lines = (
        [cell.ljust(width) for cell, width in zip(line, widths, strict=True)]
        for line in cells
    )
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
