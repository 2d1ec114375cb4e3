"""Cron schedules with the meaning Debian's cron gives them, as functions and as a trigger."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from difflib import get_close_matches
from functools import cache, lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, available_timezones

from apscheduler.triggers.base import BaseTrigger

from tracker_db.cron_calendar import LONGEST_WAIT_YEARS, Schedule
from tracker_db.cron_expression import parse
from tracker_db.errors import ScheduleError

_MINUTE = timedelta(minutes=1)
_SECOND = timedelta(seconds=1)

#: cron(8): smaller clock changes are daylight saving, larger ones corrections of the clock.
_DST_LIMIT = timedelta(hours=3)

#: From here on every zone follows the one rule it will keep.
_RULES_SETTLED = datetime(2100, 1, 1, tzinfo=UTC)


def next_fire(expression: str, timezone: str, after: datetime) -> datetime | None:
    """When `expression`, read on the wall clock of `timezone`, fires next, strictly after `after`.

    In UTC; None when that lies beyond the year 9999 or 40 years of clock changes skip it. Raises
    ScheduleError for a bad expression, an unknown time zone, or an `after` without a time zone.

    The rules are those of cron(8) and crontab(5) on Debian, cron 3.0pl1. When clocks go forward,
    a fixed-time job due in the gap fires once at the first minute after it; when they go back, it
    fires in the first pass only. A job whose minute or hour begins with `*` follows the wall clock:
    not in the gap, in both passes. A larger change (forward by three hours or more, back by more
    than three) is a correction: every job follows the wall clock through it, so a day that a zone
    skips is not made up for, and a day that it repeats fires again.
    """
    if after.tzinfo is None:
        raise ScheduleError(f"No next fire after {after}: a time needs a time zone, such as UTC.")
    schedule, zone = _schedule(expression), _zone(timezone)
    try:
        return _next_in_zone(schedule, zone, after)
    except OverflowError:
        return None


def validate(expression: str, timezone: str) -> None:
    """Raise ScheduleError unless `expression` is a schedule that fires in `timezone`.

    The message quotes what is wrong and, where there is a guess, what was probably meant.
    """
    if next_fire(expression, timezone, _RULES_SETTLED) is None:
        raise ScheduleError(
            f"Schedule {expression!r} never fires in {timezone}: clocks go forward over each of "
            "its times. Choose an hour in which they do not."
        )


@dataclass(frozen=True, slots=True)
class CrontabTrigger(BaseTrigger):
    """An APScheduler trigger that fires when cron would; raises ScheduleError like `validate`."""

    expression: str
    timezone: str = "UTC"

    def __post_init__(self) -> None:
        validate(self.expression, self.timezone)

    def get_next_fire_time(
        self, previous_fire_time: datetime | None, now: datetime
    ) -> datetime | None:
        """The first fire after the previous one, which may lie in the past, or else after now."""
        return next_fire(self.expression, self.timezone, previous_fire_time or now)


@lru_cache(maxsize=4096)
def _schedule(expression: str) -> Schedule:
    return Schedule.of(parse(expression))


@cache
def _zone(name: str) -> tzinfo:
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (LookupError, OSError, ValueError):
        raise ScheduleError(
            f"Time zone {name!r} is unknown. {_zone_meant(name)}"
            "Write a name of the IANA database, such as Europe/Berlin or UTC."
        ) from None


def _zone_meant(name: str) -> str:
    zones = sorted(available_timezones())
    cities = {zone.rpartition("/")[2].lower(): zone for zone in zones}
    known = cities | {zone.lower(): zone for zone in zones}
    wanted = name.strip().replace(" ", "_").lower()
    close = get_close_matches(wanted, known, n=1, cutoff=0.75)
    return f"Did you mean {known[close[0]]!r}? " if close else ""


class _ClockChange(NamedTuple):
    """A change of a zone's UTC offset: the wall times it skips, or shows twice."""

    #: The first such wall time, in whole minutes.
    starts: datetime
    #: The first wall time after them, in whole minutes.
    ends: datetime
    #: The UTC offset up to the change.
    before: timedelta
    #: The UTC offset from the change on.
    later: timedelta

    @property
    def is_correction(self) -> bool:
        """Whether every job follows the wall clock through the change, too large to be DST."""
        # Lopsided because cron compares the minute before the change with the minute after it.
        return not -_DST_LIMIT <= self.later - self.before < _DST_LIMIT


def _next_in_zone(schedule: Schedule, zone: tzinfo, after: datetime) -> datetime | None:
    # By way of UTC, because `after` may be a wall time that its own zone skips.
    local = after.astimezone(UTC).astimezone(zone)
    wall = local.replace(second=0, microsecond=0, tzinfo=None) + _MINUTE
    if zone is UTC:
        return _utc(schedule.first_from(wall), timedelta(0))
    before, later = _offsets(zone, local)
    if before == later:
        return _first_from(schedule, zone, wall)
    return _next_in_repeat(schedule, zone, local, wall)


def _next_in_repeat(
    schedule: Schedule, zone: tzinfo, local: datetime, wall: datetime
) -> datetime | None:
    """The first fire at or after `wall`, the minute after a `local` that the clock shows twice."""
    repeat = _clock_change(zone, local)
    if not local.fold:
        found = schedule.first_from(wall)
        if found and found < repeat.ends:
            return _utc(found, repeat.before)
        wall = repeat.starts
    if schedule.wildcard or repeat.is_correction:
        found = schedule.first_from(wall)
        if found and found < repeat.ends:
            return _utc(found, repeat.later)
    return _first_from(schedule, zone, repeat.ends)


def _first_from(schedule: Schedule, zone: tzinfo, wall: datetime) -> datetime | None:
    """The first fire at or after `wall`, when no pass of it is over yet."""
    last_year = wall.year + LONGEST_WAIT_YEARS
    while (found := schedule.first_from(wall)) and found.year <= last_year:
        before, later = _offsets(zone, found)
        if before >= later:
            return _utc(found, before)
        gap = _clock_change(zone, found)
        if not (schedule.wildcard or gap.is_correction):
            return _utc(gap.ends, later)
        wall = gap.ends
    return None


def _utc(wall: datetime | None, offset: timedelta) -> datetime | None:
    return wall and (wall - offset).replace(tzinfo=UTC)


def _offsets(zone: tzinfo, wall: datetime) -> tuple[timedelta, timedelta]:
    """The UTC offsets before and after the clock change that `wall` falls into; else one twice."""
    before, later = zone.utcoffset(wall.replace(fold=0)), zone.utcoffset(wall.replace(fold=1))
    assert before is not None
    assert later is not None
    return before, later


def _clock_change(zone: tzinfo, wall: datetime) -> _ClockChange:
    """The clock change that `wall` falls into, found by halving the time around it."""
    before, later = _offsets(zone, wall)
    start = wall.replace(microsecond=0, tzinfo=UTC) - max(before, later)

    def is_over(seconds: int) -> bool:
        return (start + seconds * _SECOND).astimezone(zone).utcoffset() == later

    seconds = bisect_left(range(abs(later - before) // _SECOND), True, key=is_over)
    change = (start + seconds * _SECOND).replace(tzinfo=None)
    return _ClockChange(
        _whole_minute(change + min(before, later)),
        _whole_minute(change + max(before, later)),
        before,
        later,
    )


def _whole_minute(wall: datetime) -> datetime:
    """`wall`, or the next whole minute: old offsets have seconds."""
    return wall + timedelta(seconds=-wall.second % 60)
