"""The trigger beside two others: Debian's daemon, stepped minute by minute, and cronsim."""

import random
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from cronsim import CronSim

from tracker_db.cron_expression import parse
from tracker_db.crontab import next_fire
from tracker_db.errors import ScheduleError

#: Zone and the UTC day of a clock change: an hour, half an hour, a quarter, two and three hours;
#: at midnight and across it; a day skipped, a day lived twice; and past the end of the tables.
CHANGES = [
    ("Europe/Berlin", "2026-03-29"),
    ("Europe/Berlin", "2026-10-25"),
    ("Europe/Berlin", "2060-10-31"),
    ("Europe/Dublin", "2026-03-29"),
    ("Europe/Dublin", "2026-10-25"),
    ("America/New_York", "2026-03-08"),
    ("America/New_York", "2026-11-01"),
    ("America/Havana", "2026-03-08"),
    ("America/Havana", "2026-11-01"),
    ("America/Nuuk", "2024-03-31"),
    ("America/Nuuk", "2024-10-27"),
    ("America/Sao_Paulo", "2018-11-04"),
    ("America/Sao_Paulo", "2018-02-18"),
    ("America/Caracas", "2007-12-09"),
    ("America/Caracas", "2016-05-01"),
    ("America/Toronto", "1919-03-31"),
    ("Africa/Cairo", "2026-04-23"),
    ("Africa/Cairo", "2026-10-29"),
    ("Africa/Casablanca", "2026-02-15"),
    ("Africa/Casablanca", "2026-03-22"),
    ("Asia/Beirut", "2026-03-28"),
    ("Asia/Beirut", "2026-10-24"),
    ("Asia/Kathmandu", "1985-12-31"),
    ("Asia/Pyongyang", "2015-08-14"),
    ("Asia/Pyongyang", "2018-05-04"),
    ("Asia/Tehran", "2022-03-21"),
    ("Asia/Tehran", "2022-09-21"),
    ("Atlantic/Azores", "2026-03-29"),
    ("Atlantic/Azores", "2026-10-25"),
    ("Australia/Adelaide", "2026-04-04"),
    ("Australia/Lord_Howe", "2026-10-03"),
    ("Australia/Lord_Howe", "2026-04-04"),
    ("Antarctica/Troll", "2026-03-29"),
    ("Antarctica/Troll", "2026-10-25"),
    ("Antarctica/Casey", "2009-10-17"),
    ("Antarctica/Casey", "2010-03-04"),
    ("Pacific/Apia", "2011-12-30"),
    ("Pacific/Kwajalein", "1993-08-21"),
    ("Pacific/Kwajalein", "1969-09-30"),
]
_MINUTE = timedelta(minutes=1)
_BOUNDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))


@pytest.mark.parametrize(("zone", "day"), CHANGES)
def test_random_schedules_fire_around_a_clock_change_when_the_daemon_would(zone, day):
    rng = random.Random(f"{zone} {day}")
    start = datetime.fromisoformat(day).replace(tzinfo=UTC) - timedelta(hours=30)
    instants = [start + n * _MINUTE for n in range(72 * 60)]
    walls = [instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for instant in instants]
    assert any(later - wall != _MINUTE for wall, later in pairwise(walls))
    for expression in _night_schedules(rng, 40):
        expected = _daemon(expression, instants, walls)
        assert _ours(expression, zone, start, instants[-1]) == expected, expression


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        change
        for change in CHANGES
        if change[0] in {"Europe/Berlin", "Pacific/Kwajalein", "Antarctica/Troll"}
    ],
)
def test_the_next_fire_is_the_same_from_every_minute_around_a_clock_change(zone, day):
    start = datetime.fromisoformat(day).replace(tzinfo=UTC) - timedelta(hours=4)
    instants = [start + n * 3 * _MINUTE for n in range(24 * 20)]
    for expression in _night_schedules(random.Random(day), 8):
        fires = _ours(expression, zone, start, instants[-1] + timedelta(days=2))
        for instant in instants if fires else ():
            following = next((fire for fire in fires if fire > instant), None)
            assert following in {None, next_fire(expression, zone, instant)}, (expression, instant)


# cronsim loses fires where the shift is half an hour, adds one where it falls on midnight, and
# reads a range of one value with a step (11-11/30) as if it had no end.
@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/New_York", "Asia/Tokyo"])
def test_random_schedules_fire_when_cronsim_says(zone):
    rng = random.Random(zone)
    for expression in _schedules(rng, 250):
        after = (
            datetime(rng.randint(2020, 2035), 1, 1, tzinfo=UTC) + rng.randint(0, 525_000) * _MINUTE
        )
        ours, moment = [], after
        for _ in range(6):
            moment = next_fire(expression, zone, moment)
            ours.append(moment)
        theirs = CronSim(expression, after.astimezone(ZoneInfo(zone)))
        assert ours == [fire.astimezone(UTC) for fire in islice(theirs, 6)], (expression, after)


def _ours(expression, zone, start, end):
    fires = []
    fire = next_fire(expression, zone, start)
    while fire and fire <= end:
        fires.append(fire)
        fire = next_fire(expression, zone, fire)
    return fires


def _daemon(expression, instants, walls):
    """Cron's main loop: it wakes each minute and looks how far its clock is from where it was.

    Up to three hours ahead: wildcard jobs for this minute, fixed-time jobs for each one missed.
    Up to three hours behind: wildcard jobs only, until the clock has caught up. Else the clock was
    corrected: everything for this minute.
    """
    matches, is_wildcard = (
        _matcher(expression),
        expression.split()[0][0] == "*" or expression.split()[1][0] == "*",
    )
    virtual, fires = walls[0], []
    for instant, wall in zip(instants[1:], walls[1:], strict=True):
        jump = (wall - virtual) // _MINUTE
        if jump == 1 or abs(jump) > 180:
            due, virtual = [wall], wall
        elif jump <= 0:
            due = [wall] if is_wildcard else []
        else:
            due = [wall] if is_wildcard else [virtual + n * _MINUTE for n in range(1, jump + 1)]
            virtual = wall
        if any(map(matches, due)):
            fires.append(instant)
    return fires


def _matcher(expression):
    texts = expression.split()
    minutes, hours, days, months, weekdays = map(_values, texts, _BOUNDS)
    combine = all if texts[2][0] == "*" or texts[4][0] == "*" else any

    def matches(wall):
        on_time = wall.minute in minutes and wall.hour in hours and wall.month in months
        weekday = wall.isoweekday() in weekdays or wall.isoweekday() % 7 in weekdays
        return on_time and combine((wall.day in days, weekday))

    return matches


def _values(text, bounds):
    values = set()
    for member in text.split(","):
        span, _, step = member.partition("/")
        first, _, last = span.partition("-")
        low, high = bounds if span == "*" else (int(first), int(last or first))
        values.update(range(low, high + 1, int(step or 1)))
    return values


def _night_schedules(rng, count):
    """Schedules likely to fire in the small hours, where clocks change."""
    for _ in range(count):
        hours = rng.choice(
            ("*", "*/2", "0-4", "0", "1", "2", "3", "23", "22-23,0-1", "0-23/3", "1,2,3", "9")
        )
        days = rng.choice(
            ("* * *", "* * *", "* * *", "* * 0,6", "*/2 * 1-5", "25-31 * 0", "1-15 * */2")
        )
        yield f"{_random_field(rng, 0, 59)} {hours} {days}"


def _schedules(rng, count):
    found = 0
    while found < count:
        expression = " ".join(_random_field(rng, *bounds) for bounds in _BOUNDS)
        if _fires_ever(expression):
            found += 1
            yield expression


def _fires_ever(expression):
    try:
        parse(expression)
    except ScheduleError:
        return False
    return True


def _random_field(rng, low, high):
    def member():
        first, last = sorted(rng.sample(range(low, high + 1), 2))
        step = rng.randint(1, high - low + 2)
        return rng.choice((str(first), str(first), f"{first}-{last}", f"{first}-{last}/{step}"))

    steps = f"*/{rng.choice((2, 5, 7, 15, 20, 30))}"
    return rng.choice(("*", "*", steps, member(), member(), f"{member()},{member()}"))
