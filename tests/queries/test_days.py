from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from tracker_db.errors import InvalidInputError
from tracker_db.queries.days import daily_costs
from tracker_db.services.aggregates import purge, refresh
from tracker_db.services.costs import record_events

MAY_4 = date(2026, 5, 4)


def call(at, **fields):
    return {
        "provider": "openai",
        "model": "gpt-x",
        "input_tokens": 10,
        "output_tokens": 1,
        "estimated_cost_usd": "0.5",
        "created_at": at,
        **fields,
    }


def by_day(first, last, zone):
    return {row.day: row.call_count for row in daily_costs(first, last, zone=zone)}


ZONES = [
    "UTC",
    "Europe/Madrid",
    "America/Los_Angeles",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
]


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("folded", [False, True], ids=["not folded", "folded"])
def test_a_call_belongs_to_the_day_on_the_clock_of_its_zone(database, zone, folded):
    # The two days a year that have 23 or 25 hours are among these.
    times = [datetime(2026, 3, 27, tzinfo=UTC) + timedelta(minutes=97 * n) for n in range(150)]
    record_events(map(call, times))
    if folded:
        refresh()
    expected = {}
    for at in times:
        day = at.astimezone(ZoneInfo(zone)).date()
        expected[day] = expected.get(day, 0) + 1
    assert by_day(date(2026, 3, 26), date(2026, 4, 10), zone) == expected


def test_a_day_says_what_was_spent_on_each_model_of_a_project(database):
    noon = datetime(2026, 5, 4, 12, tzinfo=UTC)
    record_events(
        [
            call(noon, project_id="shop"),
            call(noon, project_id="shop", model="gpt-y", estimated_cost_usd=None),
            call(noon, project_id="other"),
        ]
    )
    rows = daily_costs(MAY_4, MAY_4, project="shop")
    assert [(row.model, row.total_cost, row.unpriced_count) for row in rows] == [
        ("gpt-x", Decimal("0.5"), 0),
        ("gpt-y", Decimal(0), 1),
    ]


def test_the_hour_a_midnight_splits_is_of_its_first_day_once_its_events_are_purged(database):
    # Midnight in India is 18:30 UTC.
    before = datetime(2026, 5, 4, 18, 15, tzinfo=UTC)
    record_events([call(before), call(before + timedelta(minutes=30))])
    assert by_day(MAY_4, date(2026, 5, 5), "Asia/Kolkata") == {MAY_4: 1, date(2026, 5, 5): 1}
    purge(datetime(2026, 6, 1, tzinfo=UTC))
    assert by_day(MAY_4, date(2026, 5, 5), "Asia/Kolkata") == {MAY_4: 2}


@pytest.mark.parametrize("zone", ["Nowhere/Land", "", "../etc/passwd"])
def test_an_unknown_zone_is_refused(database, zone):
    with pytest.raises(InvalidInputError, match="time zone"):
        daily_costs(MAY_4, MAY_4, zone=zone)


def test_a_reversed_range_is_refused(database):
    with pytest.raises(InvalidInputError, match="range"):
        daily_costs(MAY_4, date(2026, 5, 3))
