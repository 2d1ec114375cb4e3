"""Next fires a second, once parsed: ours beside cronsim and APScheduler's CronTrigger, in one run.

Run: python benchmarks/crontab.py
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from apscheduler.triggers.cron import CronTrigger
from cronsim import CronSim

from tracker_db.crontab import next_fire

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEDULES = (
    "* * * * *",
    "*/15 * * * *",
    "0 9 * * *",
    "30 8 * * 1-5",
    "0 0 1,15 * *",
    "0 0 29 2 *",
    "0 0 29 2 */6",
)
ZONES = ("UTC", "Europe/Berlin")
START = datetime(2026, 6, 1, 7, 3, tzinfo=UTC)
FIRES = 250
ROUNDS = 9


def ours(schedule: str, zone: str) -> Iterator[datetime]:
    fire = START
    while fire := next_fire(schedule, zone, fire):
        yield fire


def cronsim(schedule: str, zone: str) -> Iterator[datetime]:
    return CronSim(schedule, START.astimezone(ZoneInfo(zone)))


def apscheduler(schedule: str, zone: str) -> Iterator[datetime]:
    trigger = CronTrigger.from_crontab(schedule, zone)
    fire = START.astimezone(ZoneInfo(zone))
    while fire := trigger.get_next_fire_time(None, fire + timedelta(microseconds=1)):
        yield fire


def per_second(fires: Iterator[datetime]) -> float:
    """How fast `fires` gives its next ones; the first, which parses, is left out."""
    next(fires)
    start = time.perf_counter()
    count = sum(1 for _ in islice(fires, FIRES))
    return count / (time.perf_counter() - start)


def main() -> None:
    walks = (ours, cronsim, apscheduler)
    print(f"{'schedule':15}{'zone':15}", *(f"{walk.__name__ + '/s':>13}" for walk in walks))
    for zone in ZONES:
        for schedule in SCHEDULES:
            rounds = [[per_second(walk(schedule, zone)) for walk in walks] for _ in range(ROUNDS)]
            best, *others = map(max, zip(*rounds, strict=True))
            ratios = (f"{other:>13,.0f} (x{best / other:.1f})" for other in others)
            print(f"{schedule:15}{zone:15}{best:>14,.0f}", *ratios)


if __name__ == "__main__":
    main()
