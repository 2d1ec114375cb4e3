"""A step chart of box characters: a price holds until the next one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tracker_db.money import Money

if TYPE_CHECKING:
    from collections.abc import Sequence

#: (since when, minor units), oldest first.
Point = tuple[datetime, int]


@dataclass(frozen=True, slots=True)
class Scale:
    """Which row of the chart a price (minor units) stands in; row 0 is the top."""

    low: int
    high: int
    rows: int

    def row(self, price: int) -> int:
        """The nearest row."""
        if self.high == self.low:
            return self.rows // 2
        return round((self.high - price) * (self.rows - 1) / (self.high - self.low))


def step_chart(
    points: Sequence[Point],
    *,
    currency: str,
    until: datetime,
    alert: int | None = None,
    width: int = 60,
    height: int = 8,
) -> list[str]:
    """The lines of a chart `width` columns wide, labels apart, with a dashed line at `alert`.

    A low that is shorter than a column is still drawn.
    """
    if not points:
        return []
    prices = _sampled(points, until, width)
    shown = [*prices, *([] if alert is None else [alert])]
    scale = Scale(min(shown), max(shown), height)
    grid = [[" "] * width for _ in range(height)]
    if alert is not None:
        grid[scale.row(alert)] = ["╌"] * width
    _draw(grid, [scale.row(price) for price in prices])
    labels = _labels(scale, points[-1][1], alert, currency)
    return [*_labelled(grid, labels), _dates(points[0][0], until, width)]


def _sampled(points: Sequence[Point], until: datetime, width: int) -> list[int]:
    """One price a column: the lowest that began in it, else the one that holds."""
    begin = points[0][0]
    column = max((until - begin) / width, timedelta(microseconds=1))
    begun: list[list[int]] = [[] for _ in range(width)]
    for at, price in points:
        begun[min((at - begin) // column, width - 1)].append(price)
    prices, holds = [], points[0][1]
    for found in begun:
        prices.append(min(found, default=holds))
        holds = found[-1] if found else holds
    return [*prices[:-1], holds]


def _draw(grid: list[list[str]], rows: Sequence[int]) -> None:
    before = rows[0]
    for column, row in enumerate(rows):
        if row == before:
            grid[row][column] = "─"
            continue
        top, bottom = sorted((before, row))
        for between in range(top + 1, bottom):
            grid[between][column] = "│"
        fell = row > before
        grid[before][column] = "╮" if fell else "╯"
        grid[row][column] = "╰" if fell else "╭"
        before = row


def _labels(scale: Scale, now: int, alert: int | None, currency: str) -> dict[int, str]:
    """What stands beside a row; where two fall on one row, the later one here has it."""
    wanted = [(scale.high, ""), (scale.low, ""), (now, "now "), (alert, "alert ")]
    return {
        scale.row(price): f"{name}{Money(price, currency)}"
        for price, name in wanted
        if price is not None
    }


def _labelled(grid: list[list[str]], labels: dict[int, str]) -> list[str]:
    lines = ["".join(cells) for cells in grid]
    return [f"{line} {labels.get(n, '')}".rstrip() for n, line in enumerate(lines)]


def _dates(begin: datetime, until: datetime, width: int) -> str:
    form = "%Y-%m-%d" if until - begin > timedelta(days=2) else "%H:%M:%S"
    first, last = (f"{at.astimezone():{form}}" for at in (begin, until))
    return f"{first}{last:>{max(width - len(first), len(last) + 1)}}"
