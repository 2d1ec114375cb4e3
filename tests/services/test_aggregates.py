"""The sums equal the events at every instant; nothing that happens to a refresher changes them."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from tracker_db.db import Database, db, transaction
from tracker_db.errors import InvalidInputError
from tracker_db.services.aggregates import purge, refresh, repair, verify
from tracker_db.services.costs import record_event, record_events

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)


def call(at=NOON, **fields):
    return {
        "feature": "summaries",
        "provider": "openai",
        "model": "gpt-x",
        "input_tokens": 1000,
        "output_tokens": 100,
        "cached_tokens": 200,
        "latency_ms": 300,
        "estimated_cost_usd": "0.003",
        "created_at": at,
        **fields,
    }


def run(statement, *values):
    with transaction():
        cursor = db.execute_sql(statement, values)
        return cursor.fetchall() if cursor.description else cursor.rowcount


def live(period="hour"):
    return run(
        "SELECT model, period_start, total_cost, call_count, unpriced_count"
        " FROM cost_aggregates_live WHERE period = %s ORDER BY 1, 2",
        period,
    )


def refresh_all():
    while refresh():
        pass


CHANGES = {
    "nothing": "SELECT 1",
    "a correction": "UPDATE events SET verified_cost_usd = 0.5 WHERE latency_ms = 1",
    "a move to another hour": "UPDATE events SET created_at = created_at + interval '2 hours'"
    " WHERE latency_ms < 3",
    "a move to another model": "UPDATE events SET model = 'gpt-y' WHERE latency_ms = 2",
    "a price taken back": "UPDATE events SET estimated_cost_usd = NULL WHERE latency_ms = 3",
    "a latency taken back": "UPDATE events SET latency_ms = NULL WHERE latency_ms = 3",
    "a deletion": "DELETE FROM events WHERE latency_ms = 1",
    "all gone": "TRUNCATE events CASCADE",
}


@pytest.mark.parametrize("between", [False, True], ids=["before a refresh", "after a refresh"])
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_the_live_view_follows_every_change_of_the_events(database, change, between):
    record_events(call(NOON + timedelta(minutes=50 * n), latency_ms=n) for n in range(6))
    if between:
        refresh_all()
    run(change)
    assert verify() == []
    refresh_all()
    assert verify() == []
    assert run("SELECT count(*) FROM cost_deltas") == [(0,)]


def test_a_change_of_no_sum_writes_no_delta(database):
    record_event(**call())
    refresh_all()
    run("UPDATE events SET metadata = '{}', user_id = 'u1'")
    assert run("SELECT count(*) FROM cost_deltas") == [(0,)]


@pytest.mark.parametrize("hours", [1, 24, 150])
def test_many_events_are_added_up_on_their_way_where_they_share_a_sum(database, hours):
    costs, latencies = ("0.003", None), (300, None, 0)
    record_events(
        call(
            NOON - timedelta(hours=n % hours),
            estimated_cost_usd=costs[n % 2],
            latency_ms=latencies[n % 3],
        )
        for n in range(150)
    )
    assert run("SELECT count(*) FROM cost_deltas") == [(hours,)]
    assert verify() == []
    refresh_all()
    assert verify() == []


def test_hours_and_days_are_utc_whatever_the_session_says(database):
    record_event(**call(datetime(2026, 5, 4, 23, 30, tzinfo=UTC)))
    refresh_all()
    with transaction():
        db.execute_sql("SET LOCAL TIME ZONE 'Asia/Kolkata'")
        rows = db.execute_sql(
            "SELECT period, period_start AT TIME ZONE 'UTC' FROM cost_aggregates ORDER BY period"
        ).fetchall()
    assert rows == [("day", datetime(2026, 5, 4)), ("hour", datetime(2026, 5, 4, 23))]  # noqa: DTZ001


def test_the_mean_latency_counts_only_measured_calls(database):
    record_events([call(latency_ms=100), call(latency_ms=201), call(latency_ms=None)])
    refresh_all()
    table = run("SELECT avg_latency, total_tokens FROM cost_aggregates WHERE period = 'day'")
    view = run("SELECT avg_latency, total_tokens FROM cost_aggregates_live WHERE period = 'day'")
    assert table == view == [(Decimal("150.50"), 3300)]


def test_a_refresh_takes_no_more_than_its_limit_and_the_sums_stay_exact_meanwhile(database):
    for hour in range(5):
        record_event(**call(NOON + timedelta(hours=hour)))
    assert [refresh(2), refresh(2)] == [2, 2]
    assert verify() == []
    assert [refresh(2), refresh(2)] == [1, 0]


def test_a_second_refresher_leaves_the_first_alone(database):
    record_event(**call())
    other = Database(None)
    other.connect_url(database)
    with other.connection_context(), other.atomic():
        other.execute_sql("SELECT pg_advisory_xact_lock(%s)", (0x636F7374,))
        assert refresh() == 0
    assert refresh() == 1


def test_a_refresh_that_is_rolled_back_changes_nothing(database):
    record_event(**call())
    with transaction(), db.atomic() as savepoint:
        assert refresh() == 1
        savepoint.rollback()
    assert live() == [("gpt-x", NOON, Decimal("0.003"), 1, 0)]
    assert refresh() == 1


TAMPERING = {
    "an edited sum": "UPDATE cost_aggregates SET total_cost = total_cost + 1",
    "only the days edited": "UPDATE cost_aggregates SET call_count = 7 WHERE period = 'day'",
    "lost sums": "DELETE FROM cost_aggregates",
    "events behind the triggers' back": "SET LOCAL session_replication_role = replica;"
    " DELETE FROM events WHERE latency_ms = 1",
    "an invented sum": "INSERT INTO cost_aggregates"
    " (feature, model, period, period_start, total_cost, call_count)"
    " VALUES ('x', 'y', 'hour', '2026-01-01 00:00+00', 5, 1)",
    "an invented cost without calls": "INSERT INTO cost_aggregates"
    " (feature, model, period, period_start, total_cost)"
    " VALUES ('x', 'y', 'day', '2026-01-01 00:00+00', 5)",
}


@pytest.mark.parametrize("tampering", TAMPERING.values(), ids=TAMPERING)
def test_drift_is_found_and_repaired(database, tampering):
    record_events([call(latency_ms=1), call(latency_ms=2)])
    refresh_all()
    run(tampering)
    record_event(**call())
    found = verify()
    assert found
    assert repair() == len(found)
    assert verify() == []
    refresh_all()
    assert verify() == []


def test_verify_says_what_is_missing_where(database):
    record_event(**call())
    refresh_all()
    run("UPDATE cost_aggregates SET total_cost = 0.001 WHERE period = 'hour'")
    (drift,) = verify()
    assert (drift.model, drift.period, drift.period_start) == ("gpt-x", "hour", NOON)
    assert (drift.missing_cost, drift.missing_calls) == (Decimal("0.002"), 0)


def test_verify_looks_only_where_it_is_told(database):
    record_event(**call())
    refresh_all()
    run("DELETE FROM cost_aggregates")
    may_5 = datetime(2026, 5, 5, tzinfo=UTC)
    assert verify(since=may_5) == []
    assert len(verify(until=may_5)) == 2


@pytest.mark.parametrize("bound", [NOON, datetime(2026, 5, 4)])  # noqa: DTZ001
def test_a_window_that_cuts_a_day_is_refused(database, bound):
    with pytest.raises(InvalidInputError, match="midnight UTC"):
        verify(since=bound)


def test_a_reversed_window_proves_nothing_and_is_refused(database):
    with pytest.raises(InvalidInputError, match="ends before it begins"):
        verify(datetime(2026, 5, 5, tzinfo=UTC), datetime(2026, 5, 4, tzinfo=UTC))


def test_purged_events_stay_in_every_total(database):
    record_events(call(NOON + timedelta(hours=n), latency_ms=n) for n in range(6))
    refresh_all()
    before = live(), live("day")
    assert [purge(NOON + timedelta(hours=4), limit=3) for _ in range(3)] == [3, 1, 0]
    assert run("SELECT count(*) FROM events") == [(2,)]
    assert (live(), live("day")) == before
    assert verify() == []
    refresh_all()
    assert (live(), live("day")) == before


def test_an_event_late_for_a_purged_hour_is_counted_too(database):
    record_event(**call())
    purge(NOON + timedelta(hours=1))
    record_event(**call())
    refresh_all()
    assert live() == [("gpt-x", NOON, Decimal("0.006"), 2, 0)]
    assert purge(NOON + timedelta(hours=1)) == 1
    assert live() == [("gpt-x", NOON, Decimal("0.006"), 2, 0)]
    assert verify() == []


def test_purging_up_to_a_naive_time_is_refused(database):
    with pytest.raises(InvalidInputError, match="time zone"):
        purge(datetime(2026, 1, 1))  # noqa: DTZ001
