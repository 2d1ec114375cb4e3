"""What was spent: by dimension, period and time zone, equal to the calls themselves."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from tracker_db.errors import InvalidInputError
from tracker_db.queries.costs import DIMENSIONS, month_to_date, spend, total
from tracker_db.services.aggregates import purge, refresh
from tracker_db.services.costs import record_events

MAY_4 = datetime(2026, 5, 4, tzinfo=UTC)
NOON = MAY_4 + timedelta(hours=12)
DAY = timedelta(days=1)
HALF_HOUR = timedelta(minutes=30)


def call(at=NOON, **fields):
    return {
        "provider": "openai",
        "model": "gpt-x",
        "input_tokens": 10,
        "output_tokens": 1,
        "estimated_cost_usd": "0.5",
        "created_at": at,
        **fields,
    }


def calls_by_day(zone, since=datetime(2026, 3, 20, tzinfo=UTC), until=None):
    rows = spend(["day"], since=since, until=until, zone=zone)
    return {row.key["day"]: row.call_count for row in rows}


ZONES = [
    "UTC",
    "Europe/Madrid",
    "America/Los_Angeles",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
]
#: The two days a year that have 23 or 25 hours are among these.
TIMES = [datetime(2026, 3, 27, tzinfo=UTC) + timedelta(minutes=97 * n) for n in range(150)]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("folded", [False, True], ids=["not folded", "folded"])
def test_a_call_belongs_to_the_day_on_the_clock_of_its_zone(database, zone, folded):
    record_events(map(call, TIMES))
    if folded:
        refresh()
    expected = {}
    for at in TIMES:
        day = at.astimezone(ZoneInfo(zone)).date()
        expected[day] = expected.get(day, 0) + 1
    assert calls_by_day(zone) == expected


@pytest.mark.parametrize("minutes", [0, 1, 30, 59])
def test_a_window_may_begin_and_end_at_any_minute(database, minutes):
    record_events(map(call, TIMES))
    since = datetime(2026, 3, 29, 5, minutes, tzinfo=UTC)
    until = since + timedelta(days=3, minutes=17)
    inside = sum(since <= at < until for at in TIMES)
    assert total(since, until).call_count == inside
    assert sum(calls_by_day("Asia/Kolkata", since, until).values()) == inside


def test_every_dimension_adds_up_to_the_same_total(database):
    record_events(
        call(
            at,
            project_id=f"p{n % 2}",
            feature=f"f{n % 3}",
            model=f"m{n % 5}",
            user_id=f"u{n % 7}" if n % 4 else None,
            estimated_cost_usd=Decimal(n) / 8,
        )
        for n, at in enumerate(TIMES)
    )
    since = datetime(2026, 3, 1, tzinfo=UTC)
    whole = total(since, NOON)
    for name in DIMENSIONS:
        rows = spend([name], since=since)
        assert sum(row.total_cost for row in rows) == whole.total_cost
        assert sum(row.call_count for row in rows) == whole.call_count == len(TIMES)


def test_periods_come_in_their_order_and_the_dearest_first_in_each(database):
    record_events(
        [
            call(NOON, model="cheap", estimated_cost_usd="0.1"),
            call(NOON, model="dear", estimated_cost_usd="9"),
            call(NOON - DAY, model="cheap", estimated_cost_usd="0.1"),
        ]
    )
    rows = spend(["model", "day"], since=MAY_4 - DAY)
    assert [tuple(row.key.values()) for row in rows] == [
        ("cheap", date(2026, 5, 3)),
        ("dear", date(2026, 5, 4)),
        ("cheap", date(2026, 5, 4)),
    ]
    assert [row.key["model"] for row in spend(["model"], since=MAY_4, limit=1)] == ["dear"]


def test_a_row_tells_tokens_the_share_of_the_cache_latency_and_what_is_unpriced(database):
    record_events(
        [
            call(cached_tokens=3, latency_ms=100),
            call(cached_tokens=2, latency_ms=201),
            call(estimated_cost_usd=None),
        ]
    )
    (row,) = spend(["model"], since=MAY_4)
    assert (row.total_cost, row.call_count, row.unpriced_count) == (Decimal(1), 3, 1)
    assert (row.input_tokens, row.output_tokens, row.cached_tokens) == (30, 3, 5)
    assert (row.cache_hit_share, row.avg_latency) == (Decimal("0.1667"), Decimal("150.50"))


def test_nothing_spent_is_a_total_of_0_and_no_rows(database):
    assert total(MAY_4, NOON).total_cost == 0
    assert total(MAY_4, NOON).cache_hit_share is None
    assert spend(["day"], since=MAY_4) == []


@pytest.mark.parametrize("name", ["project", "feature", "model", "user", "provider"])
def test_a_filter_keeps_what_has_its_value(database, name):
    field = {"project": "project_id", "user": "user_id"}.get(name, name)
    record_events([call(**{field: "this"}), call(**{field: "that's"})])
    assert total(MAY_4, NOON + DAY, where={name: "that's"}).call_count == 1
    assert total(MAY_4, NOON + DAY, where={name: "other"}).call_count == 0


def test_what_was_purged_stays_in_the_sums_and_is_gone_for_users(database):
    record_events([call(user_id="ann")])
    purge(NOON + DAY)
    assert total(MAY_4, NOON + DAY).total_cost == Decimal("0.5")
    assert spend(["user"], since=MAY_4) == []


def test_the_hour_a_midnight_splits_is_of_its_first_day_once_its_calls_are_purged(database):
    # Midnight in India is 18:30 UTC.
    before = datetime(2026, 5, 4, 18, 15, tzinfo=UTC)
    record_events([call(before), call(before + HALF_HOUR)])
    first, second = date(2026, 5, 4), date(2026, 5, 5)
    assert calls_by_day("Asia/Kolkata") == {first: 1, second: 1}
    purge(datetime(2026, 6, 1, tzinfo=UTC))
    assert calls_by_day("Asia/Kolkata") == {first: 2}


def test_the_rest_of_a_month_is_reckoned_at_the_pace_of_the_last_seven_days(database):
    now = datetime(2026, 5, 20, tzinfo=UTC)
    # A dollar a day for nineteen days, two dollars a day in the last seven.
    record_events(call(now - DAY * n, estimated_cost_usd=2 if n <= 7 else 1) for n in range(1, 20))
    month = month_to_date(now)
    assert (month.since.day, month.until.month, month.spent) == (1, 6, Decimal(26))
    assert month.projected == Decimal(26) + 2 * 12


def test_a_first_day_is_not_projected_from_its_first_minutes(database):
    now = datetime(2026, 5, 21, 0, 10, tzinfo=UTC)
    record_events([call(now - timedelta(minutes=5), estimated_cost_usd=1)])
    assert 11 < month_to_date(now).projected < 12


def test_a_month_begins_on_the_clock_of_its_zone(database):
    record_events([call(datetime(2026, 4, 30, 23, tzinfo=UTC))])
    assert month_to_date(NOON, zone="Europe/Madrid").spent == Decimal("0.5")
    assert month_to_date(NOON).spent == 0


@pytest.mark.parametrize("zone", ["Nowhere/Land", "", "../etc/passwd", "localtime", "posix/UTC"])
def test_an_unknown_zone_is_refused(database, zone):
    with pytest.raises(InvalidInputError, match="time zone"):
        spend(["day"], since=MAY_4, zone=zone)


def test_a_reversed_range_is_refused(database):
    with pytest.raises(InvalidInputError, match="ends before it begins"):
        total(NOON, MAY_4)


@pytest.mark.parametrize("asked", [{"by": ["colour"]}, {"by": [], "where": {"day": "x"}}])
def test_an_unknown_dimension_is_refused_with_those_there_are(database, asked):
    with pytest.raises(InvalidInputError, match=r"there are hour, day, .*, user"):
        spend(**asked, since=MAY_4)


@pytest.mark.parametrize("text", ["a\0b", "\ud83d"], ids=ascii)
@pytest.mark.parametrize("name", ["project", "user"])
def test_a_value_that_no_text_can_be_is_refused(database, name, text):
    with pytest.raises(InvalidInputError, match=f"cannot be a {name}"):
        spend([], since=MAY_4, where={name: text})


def test_a_time_without_a_zone_is_refused(database):
    with pytest.raises(InvalidInputError, match="time zone"):
        spend([], since=datetime(2026, 5, 4))  # noqa: DTZ001 - what is refused
