"""Fold what has been recorded into the hours and days of LLM costs."""

from __future__ import annotations

from tracker_db.services.aggregates import refresh

#: How often the worker runs this chore. Totals are exact without it, only slower to read.
EVERY_SECONDS = 10


def refresh_aggregates() -> int:
    """Fold until nothing is left or another worker is at it; how many deltas were folded."""
    folded = 0
    while step := refresh():
        folded += step
    return folded
