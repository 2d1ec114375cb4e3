"""Budgets: exact windows, and one alert a threshold and window however many look."""

import threading
import zoneinfo
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from importlib.resources import files

import pytest

from tracker_db.config import Settings
from tracker_db.db import db, transaction
from tracker_db.errors import InvalidInputError, NotFoundError
from tracker_db.models.price import Outbox
from tracker_db.queries.budgets import every_budget, find_budget
from tracker_db.services import budgets
from tracker_db.services.costs import record_event
from workers.chores.budgets import check_budgets
from workers.chores.outbox import deliver

NOW = datetime(2026, 5, 20, 12, tzinfo=UTC)
CONSOLE = ["console"]


def spend(amount, at=NOW, **fields):
    call = {"provider": "openai", "model": "gpt-x", "input_tokens": 1, "output_tokens": 1}
    record_event(**call, created_at=at, estimated_cost_usd=amount, **fields)


def told():
    with db.connection_context():
        found = Outbox.select(Outbox.data, Outbox.channel).order_by(Outbox.created_at).tuples()
        return [(data["threshold"], data["spent_usd"], channel) for data, channel in found]


def check(now=NOW):
    return check_budgets(CONSOLE, now=now)


def test_a_threshold_is_told_of_when_it_is_reached_and_only_once(database):
    budgets.add(Decimal(10))
    spend("4.999999999999")
    assert check() == 0
    spend("0.000000000001")
    assert (check(), check()) == (1, 0)
    spend("3")
    assert (check(), check()) == (1, 0)
    assert told() == [(50, "5.000000000000", "console"), (80, "8.000000000000", "console")]


def test_a_jump_over_several_thresholds_is_one_alert(database):
    budgets.add(Decimal(10))
    spend("30")
    assert (check(), check()) == (1, 0)
    assert told() == [(100, "30", "console")]


def test_a_correction_downwards_tells_nothing_again(database):
    budgets.add(Decimal(10))
    spend("12")
    check()
    with transaction():
        db.execute_sql("UPDATE events SET verified_cost_usd = 9")
    assert check() == 0
    spend("5")
    assert check() == 0


def test_the_next_window_begins_afresh(database):
    budgets.add(Decimal(1), period="day")
    for day in range(3):
        spend("1", NOW + timedelta(days=day - 3))
        assert check(NOW + timedelta(days=day - 3)) == 1
    assert len(told()) == 3


def set_at(moment):
    with transaction():
        db.execute_sql("UPDATE budgets SET created_at = %s", (moment,))


def test_what_comes_late_into_the_window_before_is_told_of_once(database):
    budgets.add(Decimal(10), period="day")
    set_at(NOW - timedelta(days=2))
    spend("6", NOW)
    assert check() == 1
    spend("9", NOW - timedelta(days=1))
    assert (check(), check()) == (1, 0)
    assert told() == [(50, "6", "console"), (80, "9", "console")]


def test_a_budget_tells_nothing_of_a_window_before_it_was_set(database):
    budgets.add(Decimal(10), period="day")
    set_at(NOW)
    spend("9", NOW - timedelta(days=1))
    assert check() == 0


def test_each_channel_gets_the_alert(database):
    budgets.add(Decimal(1))
    spend("1")
    assert check_budgets(["console", "webhook"], now=NOW) == 1
    assert sorted(told()) == [(100, "1", "console"), (100, "1", "webhook")]


def test_a_budget_counts_the_calls_of_its_scope_only(database):
    budgets.add(Decimal(1), project="shop", feature="chat", user="ann")
    spend("5", project_id="shop", feature="chat", user_id="bob")
    spend("5", project_id="shop", feature="search", user_id="ann")
    spend("5", feature="chat", user_id="ann")
    assert check() == 0
    spend("1", project_id="shop", feature="chat", user_id="ann")
    assert check() == 1


def test_many_workers_that_look_at_once_tell_each_threshold_once(database):
    for _ in range(5):
        budgets.add(Decimal(10))
    spend("8")
    start = threading.Barrier(8)
    counts = []

    def look():
        start.wait()
        counts.extend(check() for _ in range(5))

    threads = [threading.Thread(target=look) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(counts) == 5
    assert told() == [(80, "8", "console")] * 5


def test_no_worker_tells_of_less_after_another_told_of_more(database):
    budgets.add(Decimal(10))
    spend("6")
    (late,) = every_budget(NOW)
    seen_late = late.spent()
    spend("5")
    assert check() == 1
    assert not budgets.tell(late, seen_late, CONSOLE)
    assert [threshold for threshold, *_ in told()] == [100]


def test_a_budget_that_was_removed_meanwhile_tells_nothing(database):
    budget_id = budgets.add(Decimal(1))
    spend("2")
    (budget,) = every_budget(NOW)
    budgets.remove(budget_id)
    assert not budgets.tell(budget, budget.spent(), CONSOLE)
    assert told() == []


def test_a_worker_that_is_told_to_stop_leaves_the_rest_to_others(database):
    budgets.add(Decimal(1))
    spend("2")
    assert check_budgets(CONSOLE, lambda: True, now=NOW) == 0


def test_the_alert_goes_out_by_the_channels_of_price_alerts(database, capsys):
    budgets.add(Decimal(10), project="shop")
    spend("8.5", project_id="shop")
    spend(None, project_id="shop")
    check()
    assert deliver(Settings()) == 1
    out = capsys.readouterr().out
    assert "80 % of a budget is spent: 10 USD a month for project shop" in out
    assert "8.5 of 10 USD are spent in the month until 2026-06-01 00:00 UTC." in out
    assert "no price is known: calls 1" in out


WINDOWS = [
    # The day of 23 hours and the one of 25, Madrid 2026.
    ("day", "Europe/Madrid", "2026-03-29T12:00Z", "2026-03-28T23:00Z", "2026-03-29T22:00Z"),
    ("day", "Europe/Madrid", "2026-10-25T12:00Z", "2026-10-24T22:00Z", "2026-10-25T23:00Z"),
    ("day", "Asia/Kolkata", "2026-05-20T12:00Z", "2026-05-19T18:30Z", "2026-05-20T18:30Z"),
    ("week", "UTC", "2026-05-20T12:00Z", "2026-05-18T00:00Z", "2026-05-25T00:00Z"),
    ("month", "America/New_York", "2026-03-20T12:00Z", "2026-03-01T05:00Z", "2026-04-01T04:00Z"),
    ("month", "Pacific/Auckland", "2026-05-31T13:00Z", "2026-05-31T12:00Z", "2026-06-30T12:00Z"),
]


@pytest.mark.parametrize(("period", "zone", "now", "since", "until"), WINDOWS)
def test_a_window_is_a_period_on_the_clock_of_its_zone(database, period, zone, now, since, until):
    budgets.add(Decimal(1), period=period, timezone=zone)
    (row,) = every_budget(datetime.fromisoformat(now))
    assert (row.since, row.until) == tuple(map(datetime.fromisoformat, (since, until)))


def test_spending_at_the_very_ends_of_a_window_is_inside_or_outside_exactly(database):
    budgets.add(Decimal(1), period="day", timezone="Asia/Kolkata")
    since, until = (datetime(2026, 5, day, 18, 30, tzinfo=UTC) for day in (19, 20))
    for at in (since - timedelta(microseconds=1), since, until):
        spend("1", at)
    (row,) = every_budget(NOW)
    assert row.spent().call_count == 1


BAD = [
    {"amount": Decimal(0)},
    {"amount": Decimal("NaN")},
    {"amount": Decimal("1e13")},
    {"period": "year"},
    {"timezone": "Venus/Ishtar"},
    {"timezone": "localtime"},
    {"thresholds": []},
    {"thresholds": [0]},
    {"thresholds": [50, 1001]},
    {"project": " "},
]


@pytest.mark.parametrize("fields", BAD, ids=str)
def test_what_cannot_be_a_budget_is_refused(database, fields):
    with pytest.raises(InvalidInputError):
        budgets.add(**{"amount": Decimal(1)} | fields)
    assert every_budget() == []


def test_a_budget_is_found_by_the_beginning_of_its_id(database):
    budget_id = budgets.add(Decimal(1))
    assert find_budget(str(budget_id)[:8]).id == budget_id
    for text in ("zzz", ""):
        with pytest.raises(NotFoundError):
            find_budget(text)


@pytest.fixture
def newer_zones(tmp_path):
    """Python knows a zone that is newer than the database."""
    (tmp_path / "Mars").mkdir()
    utc = files("tzdata.zoneinfo").joinpath("UTC").read_bytes()
    (tmp_path / "Mars" / "Olympus").write_bytes(utc)
    zoneinfo.reset_tzpath(to=[tmp_path])
    yield
    zoneinfo.reset_tzpath()
    zoneinfo.ZoneInfo.clear_cache(only_keys=["Mars/Olympus"])


@pytest.mark.usefixtures("newer_zones")
def test_a_time_zone_that_the_database_does_not_know_is_refused(database):
    with pytest.raises(InvalidInputError, match="PostgreSQL knows no time zone"):
        budgets.add(Decimal(1), timezone="Mars/Olympus")
    assert every_budget() == []
