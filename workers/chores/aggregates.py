"""Fold what has been recorded into the hours and days of LLM costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker_db.services.aggregates import refresh

if TYPE_CHECKING:
    from collections.abc import Callable

#: How often the worker runs this chore. Totals are exact without it, only slower to read.
EVERY_SECONDS = 10


def refresh_aggregates(stopped: Callable[[], bool]) -> int:
    """Fold until nothing is left, another worker is at it, or `stopped`; how many deltas."""
    folded = 0
    while not stopped() and (step := refresh()):
        folded += step
    return folded
