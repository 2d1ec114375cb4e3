"""When schedules fire: cron's rules, its clock changes, and APScheduler running the trigger."""

import pickle
import threading
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from apscheduler.events import EVENT_JOB_EXECUTED
from apscheduler.schedulers.background import BackgroundScheduler

from tracker_db.cron_calendar import LONGEST_WAIT_YEARS
from tracker_db.crontab import CrontabTrigger, next_fire, validate
from tracker_db.errors import ScheduleError, TrackerError

#: Expression, the moment before, the next fires; 1 January 2026 is a Thursday. From crontab(5).
FIRES_IN_UTC = [
    ("* * * * *", "2026-01-01T00:00", ["2026-01-01T00:01", "2026-01-01T00:02"]),
    ("*/20 * * * *", "2026-01-01T00:20", ["2026-01-01T00:40", "2026-01-01T01:00"]),
    ("0 9 * * *", "2026-01-01T08:59", ["2026-01-01T09:00", "2026-01-02T09:00"]),
    ("59 23 31 12 *", "2026-12-31T23:58", ["2026-12-31T23:59", "2027-12-31T23:59"]),
    ("0 9 * * 0", "2026-01-01T00:00", ["2026-01-04T09:00", "2026-01-11T09:00"]),
    ("0 9 * * 7", "2026-01-01T00:00", ["2026-01-04T09:00", "2026-01-11T09:00"]),
    ("0 9 * * MON-FRI", "2026-01-02T08:00", ["2026-01-02T09:00", "2026-01-05T09:00"]),
    ("0 9 * * 6,7", "2026-01-01T00:00", ["2026-01-03T09:00", "2026-01-04T09:00"]),
    (
        "0 0 13 * 5",
        "2026-01-01T00:00",
        ["2026-01-02T00:00", "2026-01-09T00:00", "2026-01-13T00:00"],
    ),
    ("0 0 1-31 * 5", "2026-01-01T00:00", ["2026-01-02T00:00", "2026-01-03T00:00"]),
    ("0 0 */2 * 5", "2026-01-01T00:00", ["2026-01-09T00:00", "2026-01-23T00:00"]),
    ("0 0 13 * */2", "2026-01-01T00:00", ["2026-01-13T00:00", "2026-06-13T00:00"]),
    ("0 0 1-7 * */7", "2026-01-01T00:00", ["2026-01-04T00:00", "2026-02-01T00:00"]),
    ("0 0 31 * *", "2026-01-31T00:00", ["2026-03-31T00:00", "2026-05-31T00:00"]),
    ("0 0 31 2 1", "2026-01-01T00:00", ["2026-02-02T00:00", "2026-02-09T00:00"]),
    ("0 0 29 2 *", "2026-01-01T00:00", ["2028-02-29T00:00", "2032-02-29T00:00"]),
    ("0 0 29 2 *", "2096-02-29T00:00", ["2104-02-29T00:00"]),
    ("0 0 29 2 */7", "2088-02-29T00:00", ["2128-02-29T00:00"]),
    ("@weekly", "2026-01-01T00:00", ["2026-01-04T00:00", "2026-01-11T00:00"]),
    ("@monthly", "2026-01-01T00:00", ["2026-02-01T00:00", "2026-03-01T00:00"]),
    ("@hourly", "2026-01-01T23:00", ["2026-01-02T00:00", "2026-01-02T01:00"]),
]

#: Zone, expression, the moment before (UTC), the next fires (UTC); worked out by hand from each
#: zone's change, which stands beside the first of its rows.
FIRES_AROUND_A_CLOCK_CHANGE = [
    # 01:00Z: 02:00 +01 becomes 03:00 +02
    ("Europe/Berlin", "30 2 * * *", "2026-03-28T12:00", ["2026-03-29T01:00", "2026-03-30T00:30"]),
    ("Europe/Berlin", "0 3 * * *", "2026-03-28T12:00", ["2026-03-29T01:00", "2026-03-30T01:00"]),
    ("Europe/Berlin", "0-59 2 * * *", "2026-03-28T12:00", ["2026-03-29T01:00", "2026-03-30T00:00"]),
    ("Europe/Berlin", "*/15 2 * * *", "2026-03-28T12:00", ["2026-03-30T00:00", "2026-03-30T00:15"]),
    ("Europe/Berlin", "30 * * * *", "2026-03-29T00:00", ["2026-03-29T00:30", "2026-03-29T01:30"]),
    # 01:00Z: 03:00 +02 becomes 02:00 +01
    ("Europe/Berlin", "30 2 * * *", "2026-10-24T12:00", ["2026-10-25T00:30", "2026-10-26T01:30"]),
    ("Europe/Berlin", "30 2 * * *", "2026-10-25T01:10", ["2026-10-26T01:30"]),
    ("Europe/Berlin", "0 3 * * *", "2026-10-25T00:30", ["2026-10-25T02:00"]),
    (
        "Europe/Berlin",
        "*/30 2 * * *",
        "2026-10-24T12:00",
        [
            "2026-10-25T00:00",
            "2026-10-25T00:30",
            "2026-10-25T01:00",
            "2026-10-25T01:30",
            "2026-10-26T01:00",
        ],
    ),
    (
        "Europe/Berlin",
        "30 * * * *",
        "2026-10-25T00:00",
        ["2026-10-25T00:30", "2026-10-25T01:30", "2026-10-25T02:30"],
    ),
    # 07:00Z: 02:00 -05 becomes 03:00 -04; 06:00Z: 02:00 -04 becomes 01:00 -05
    (
        "America/New_York",
        "15,45 2,3 * * *",
        "2026-03-08T06:00",
        ["2026-03-08T07:00", "2026-03-08T07:15", "2026-03-08T07:45"],
    ),
    ("America/New_York", "0 1 * * *", "2026-11-01T04:59", ["2026-11-01T05:00", "2026-11-02T06:00"]),
    # 15:30Z: 02:00 +10:30 becomes 02:30 +11; 15:00Z: 02:00 +11 becomes 01:30 +10:30
    (
        "Australia/Lord_Howe",
        "15 2 * * *",
        "2026-10-03T12:00",
        ["2026-10-03T15:30", "2026-10-04T15:15"],
    ),
    (
        "Australia/Lord_Howe",
        "45 1 * * *",
        "2026-04-04T12:00",
        ["2026-04-04T14:45", "2026-04-05T15:15"],
    ),
    (
        "Australia/Lord_Howe",
        "*/15 1 * * *",
        "2026-04-04T14:15",
        [
            "2026-04-04T14:30",
            "2026-04-04T14:45",
            "2026-04-04T15:00",
            "2026-04-04T15:15",
            "2026-04-05T14:30",
        ],
    ),
    # 01:00Z: 01:00 +00 becomes 03:00 +02; 01:00Z: 03:00 +02 becomes 01:00 +00
    (
        "Antarctica/Troll",
        "0,30 1,2 * * *",
        "2026-03-29T00:00",
        ["2026-03-29T01:00", "2026-03-29T23:00"],
    ),
    (
        "Antarctica/Troll",
        "30 1 * * *",
        "2026-10-24T12:00",
        ["2026-10-24T23:30", "2026-10-26T01:30"],
    ),
    (
        "Antarctica/Troll",
        "0 * * * *",
        "2026-10-24T23:30",
        ["2026-10-25T00:00", "2026-10-25T01:00", "2026-10-25T02:00", "2026-10-25T03:00"],
    ),
    # 03:00Z: 00:00 -03 becomes 01:00 -02; 02:00Z: 00:00 -02 becomes 23:00 -03 the day before
    (
        "America/Sao_Paulo",
        "0 0 * * *",
        "2018-11-03T12:00",
        ["2018-11-04T03:00", "2018-11-05T02:00"],
    ),
    ("America/Sao_Paulo", "0 0 4 11 *", "2018-11-01T00:00", ["2018-11-04T03:00"]),
    (
        "America/Sao_Paulo",
        "*/30 0 * * *",
        "2018-11-03T12:00",
        ["2018-11-05T02:00", "2018-11-05T02:30"],
    ),
    (
        "America/Sao_Paulo",
        "30 23 * * *",
        "2018-02-17T12:00",
        ["2018-02-18T01:30", "2018-02-19T02:30"],
    ),
    ("America/Sao_Paulo", "0 0 * * *", "2018-02-17T12:00", ["2018-02-18T03:00"]),
    # 22:00Z: 00:00 +02 becomes 01:00 +03
    ("Asia/Beirut", "0 0 * * *", "2026-03-28T12:00", ["2026-03-28T22:00", "2026-03-29T21:00"]),
    # 22:00Z: 00:00 +02 becomes 01:00 +03; 21:00Z: 00:00 +03 becomes 23:00 +02 the day before
    ("Africa/Cairo", "@daily", "2026-04-23T12:00", ["2026-04-23T22:00", "2026-04-24T21:00"]),
    ("Africa/Cairo", "30 23 * * *", "2026-10-29T12:00", ["2026-10-29T20:30", "2026-10-30T21:30"]),
    # 04:30Z: 23:30 -05 becomes 00:30 -04 of the next day
    ("America/Toronto", "45 23 30 3 *", "1919-03-30T12:00", ["1919-03-31T04:30"]),
    ("America/Toronto", "15 0 31 3 *", "1919-03-30T12:00", ["1919-03-31T04:30"]),
    # 18:30Z: 00:00 +05:30 becomes 00:15 +05:45
    ("Asia/Kathmandu", "10 0 * * *", "1985-12-31T12:00", ["1985-12-31T18:30", "1986-01-01T18:25"]),
    # 00:44:30Z: 00:00 -00:44:30 becomes 00:44:30 +00; the first whole minute after it is 00:45
    ("Africa/Monrovia", "30 0 * * *", "1972-01-06T12:00", ["1972-01-07T00:45", "1972-01-08T00:30"]),
    # 10:00Z: 30 December, -10, becomes 31 December, +14: the 30th is skipped, not caught up
    ("Pacific/Apia", "0 9 * * *", "2011-12-29T12:00", ["2011-12-29T19:00", "2011-12-30T19:00"]),
    ("Pacific/Apia", "0 9 30 12 *", "2011-06-01T00:00", ["2012-12-29T19:00"]),
    # 12:00Z: 21 August, -12, becomes 22 August, +12
    (
        "Pacific/Kwajalein",
        "0 9 * * *",
        "1993-08-20T12:00",
        ["1993-08-20T21:00", "1993-08-21T21:00"],
    ),
    # 13:00Z: 00:00 +11 on 1 October becomes 01:00 -12 on 30 September: a day lived twice
    (
        "Pacific/Kwajalein",
        "0 9 * * *",
        "1969-09-29T12:00",
        ["1969-09-29T22:00", "1969-09-30T21:00"],
    ),
    # 18:00Z: 02:00 +08 becomes 05:00 +11: three hours are a correction; 15:00Z: 02:00 +11 becomes
    # 23:00 +08 the day before: back, three hours are still daylight saving
    ("Antarctica/Casey", "30 3 * * *", "2009-10-17T12:00", ["2009-10-18T16:30"]),
    (
        "Antarctica/Casey",
        "30 23 * * *",
        "2010-03-04T10:00",
        ["2010-03-04T12:30", "2010-03-05T15:30"],
    ),
    # the zone's rule goes on after the last change in its table
    ("Europe/Berlin", "30 2 * * *", "2060-03-27T12:00", ["2060-03-28T01:00"]),
]


@pytest.mark.parametrize(("expression", "after", "expected"), FIRES_IN_UTC)
def test_a_schedule_fires_in_utc_as_crontab_5_says(expression, after, expected):
    assert _fires(expression, "UTC", after, len(expected)) == expected


@pytest.mark.parametrize(("zone", "expression", "after", "expected"), FIRES_AROUND_A_CLOCK_CHANGE)
def test_a_schedule_fires_around_a_clock_change_as_cron_8_says(zone, expression, after, expected):
    assert _fires(expression, zone, after, len(expected)) == expected


def test_the_next_fire_is_strictly_after_to_the_microsecond():
    nine = datetime(2026, 1, 1, 9, tzinfo=UTC)
    assert next_fire("0 9 * * *", "UTC", nine) == nine + timedelta(days=1)
    assert next_fire("0 9 * * *", "UTC", nine - timedelta(microseconds=1)) == nine


def test_the_next_fire_is_in_utc_whatever_zone_after_is_in():
    after = datetime(2026, 1, 1, 14, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    fire = next_fire("0 9 * * *", "Europe/Berlin", after)
    assert fire == datetime(2026, 1, 2, 8, tzinfo=UTC)
    assert fire.tzinfo is UTC


def test_a_wall_time_that_its_own_zone_skips_is_read_as_the_instant_it_stands_for():
    skipped = datetime(2026, 3, 29, 2, 30, tzinfo=ZoneInfo("Europe/Berlin"))
    assert next_fire("45 * * * *", "Europe/Berlin", skipped) == datetime(
        2026, 3, 29, 1, 45, tzinfo=UTC
    )


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(ScheduleError, match="a time needs a time zone"):
        next_fire("0 9 * * *", "UTC", datetime(2026, 1, 1))  # noqa: DTZ001 - that is the point


def test_there_is_no_fire_beyond_the_calendar():
    assert next_fire("0 0 1 1 *", "UTC", datetime(9999, 6, 1, tzinfo=UTC)) is None
    assert next_fire("* * * * *", "UTC", datetime.max.replace(tzinfo=UTC)) is None
    assert next_fire("* * * * *", "Asia/Tokyo", datetime.max.replace(tzinfo=UTC)) is None


def test_no_date_is_waited_for_longer_than_is_searched():
    leap_days = [
        date(y, 2, 29) for y in range(2000, 2801) if (y % 400 == 0 or y % 100) and y % 4 == 0
    ]
    waits = [
        later.year - day.year
        for weekday in range(7)
        for day, later in pairwise(day for day in leap_days if day.weekday() == weekday)
    ]
    assert max(waits) == LONGEST_WAIT_YEARS


@pytest.mark.parametrize(
    ("zone", "meant"),
    [
        ("europe/berlin", "'Europe/Berlin'"),
        ("Europe/Berln", "'Europe/Berlin'"),
        ("Berlin", "'Europe/Berlin'"),
        ("New York", "'America/New_York'"),
        ("Utc", "'UTC'"),
        ("", None),
        ("Mars/Olympus", None),
        ("../../etc/passwd", None),
    ],
)
def test_an_unknown_time_zone_is_refused_with_the_closest_name(zone, meant):
    with pytest.raises(ScheduleError) as refused:
        validate("0 9 * * *", zone)
    assert f"Time zone {zone!r} is unknown." in str(refused.value)
    assert ("Did you mean" in str(refused.value)) is bool(meant)
    assert (meant or "") in str(refused.value)


def test_a_schedule_that_clock_changes_always_skip_is_refused():
    second_sunday_in_march = "*/5 2 8-14 3 */7"
    validate(second_sunday_in_march, "UTC")
    with pytest.raises(ScheduleError, match="never fires in America/New_York"):
        validate(second_sunday_in_march, "America/New_York")
    assert (
        next_fire(second_sunday_in_march, "America/New_York", datetime(2026, 1, 1, tzinfo=UTC))
        is None
    )


def test_a_trigger_refuses_a_bad_schedule_when_it_is_made():
    with pytest.raises(TrackerError, match="'22-23,0-2'"):
        CrontabTrigger("0 22-2 * * *")
    with pytest.raises(TrackerError, match="unknown"):
        CrontabTrigger("0 9 * * *", "Nowhere")


def test_a_trigger_is_equal_printed_and_pickled_by_its_schedule_and_zone():
    trigger = CrontabTrigger("0 9 * * *", "Europe/Berlin")
    assert pickle.loads(pickle.dumps(trigger)) == trigger
    assert trigger != CrontabTrigger("0 9 * * *")
    assert repr(trigger) == "CrontabTrigger(expression='0 9 * * *', timezone='Europe/Berlin')"


def test_a_trigger_goes_on_from_the_previous_fire_so_that_none_is_lost():
    trigger, now = CrontabTrigger("0 9 * * *"), datetime(2026, 1, 5, 12, tzinfo=UTC)
    assert trigger.get_next_fire_time(None, now) == datetime(2026, 1, 6, 9, tzinfo=UTC)
    previous = datetime(2026, 1, 2, 9, tzinfo=UTC)
    assert trigger.get_next_fire_time(previous, now) == datetime(2026, 1, 3, 9, tzinfo=UTC)


def test_apscheduler_runs_a_trigger_and_plans_its_next_fire():
    started, ran = datetime.now(UTC), threading.Event()
    scheduler = BackgroundScheduler(timezone=UTC, job_defaults={"misfire_grace_time": None})
    scheduler.add_listener(lambda _: ran.set(), EVENT_JOB_EXECUTED)
    missed = started - timedelta(minutes=3)
    scheduler.add_job(lambda: None, CrontabTrigger("* * * * *"), id="due", next_run_time=missed)
    scheduler.add_job(lambda: None, CrontabTrigger("0 9 * * *", "Asia/Tokyo"), id="planned")
    scheduler.start()
    try:
        assert ran.wait(timeout=10)
        assert (
            started
            < scheduler.get_job("due").next_run_time
            <= datetime.now(UTC) + timedelta(minutes=1)
        )
        assert scheduler.get_job("planned").next_run_time == next_fire(
            "0 9 * * *", "Asia/Tokyo", started
        )
    finally:
        scheduler.shutdown()


def _fires(expression, zone, after, count):
    moment, fires = datetime.fromisoformat(after).replace(tzinfo=UTC), []
    for _ in range(count):
        moment = next_fire(expression, zone, moment)
        fires.append(moment.strftime("%Y-%m-%dT%H:%M" + ":%S" * bool(moment.second)))
    return fires
