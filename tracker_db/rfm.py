"""Recency, frequency, monetary: scores from 1 to 5, 5 the best, and the segment they make.

Equal values get equal scores: a value's score is one more than the number of cut points
below it, and the cuts are values themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def cuts(values: Iterable[Any]) -> list[Any]:
    """The values at 20, 40, 60 and 80 %, as percentile_disc finds them; [] without values."""
    ordered = sorted(values)
    # The smallest value that at least this share of all is not above.
    return [ordered[-(-share * len(ordered) // 5) - 1] for share in range(1, 5) if ordered]


def score(value: Any, cut_points: Sequence[Any]) -> int:
    """1 to 5, the more the higher the value; for recency give negated days."""
    return 1 + sum(cut < value for cut in cut_points)


def segment(r: int, f: int, m: int) -> str:
    """The first rule that holds decides."""
    rules = (
        ("champion", r >= 4 and f >= 4 and m >= 4),
        ("loyal", r >= 3 and f >= 3 and m >= 3),
        ("new", r >= 4 and f <= 1),
        ("potential", r >= 3),
        ("at_risk", f >= 2),
        ("hibernating", m >= 2),
    )
    return next((name for name, holds in rules if holds), "lost")
