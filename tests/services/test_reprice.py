from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from tracker_db.db import db, transaction
from tracker_db.errors import InvalidInputError
from tracker_db.llm.table import Alias, Match
from tracker_db.models.pricing import RepriceLog
from tracker_db.services.aggregates import refresh, verify
from tracker_db.services.costs import record_event, record_events
from tracker_db.services.prices import import_litellm, set_alias, set_price
from tracker_db.services.reprice import reprice

NOON = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
SINCE, UNTIL = NOON - timedelta(days=1), NOON + timedelta(days=1)
CALL = {
    "provider": "openai",
    "model": "gpt-x",
    "input_tokens": 1_000_000,
    "output_tokens": 0,
    "created_at": NOON,
}


def price(dollars, model="gpt-x", since=SINCE):
    prices = {"input_per_million": Decimal(dollars), "output_per_million": Decimal(0)}
    set_price("openai", model, effective=since, **prices)


def estimates():
    with transaction():
        rows = db.execute_sql("SELECT estimated_cost_usd FROM events ORDER BY request_id")
        return [row[0] for row in rows]


def test_new_prices_reach_old_events_and_the_sums_follow(database):
    price(2)
    record_events([CALL | {"request_id": "a"}, CALL | {"request_id": "b", "model": "gpt-y"}])
    refresh()
    price(3)
    price(7, "gpt-y")
    done = reprice(SINCE, UNTIL)
    assert estimates() == [3, 7]
    assert (done.seen, done.changed, done.total_before, done.total_after) == (2, 2, 2, 10)
    assert verify() == []


def test_doing_it_again_changes_nothing_and_every_run_is_logged(database):
    record_event(**CALL)
    price(2)
    reprice(SINCE, UNTIL)
    assert reprice(SINCE, UNTIL).changed == 0
    with transaction():
        logged = [
            (log.events_seen, log.events_changed, log.total_before, log.total_after)
            for log in RepriceLog.select().order_by(RepriceLog.created_at)
        ]
    assert logged == [(1, 1, 0, 2), (1, 0, 2, 2)]


def test_only_the_window_and_the_model_are_looked_at(database):
    record_events(
        [
            CALL | {"request_id": "a", "created_at": SINCE},
            CALL | {"request_id": "b", "created_at": UNTIL},
            CALL | {"request_id": "c", "model": "gpt-y"},
        ]
    )
    price(2)
    price(2, "gpt-y")
    assert reprice(SINCE, UNTIL, model="gpt-x").seen == 1
    assert estimates() == [2, None, None]


def test_verified_costs_and_estimates_of_the_caller_are_left_alone(database):
    record_events(
        [
            CALL | {"request_id": "a", "verified_cost_usd": 9},
            CALL | {"request_id": "b", "estimated_cost_usd": 5},
        ]
    )
    price(2)
    reprice(SINCE, UNTIL)
    assert estimates() == [2, 5]
    with transaction():
        (total,) = db.execute_sql(
            "SELECT sum(total_cost) FROM cost_aggregates_live WHERE period = 'day'"
        ).fetchone()
    assert total == 14


def test_more_events_than_one_batch_are_all_repriced(database):
    record_events([CALL] * 5001)
    price(2)
    assert reprice(SINCE, UNTIL).changed == 5001
    assert verify() == []


def test_an_alias_set_later_prices_what_was_unpriced(database):
    record_event(**CALL | {"model": "gpt-x-fancy"})
    price(2)
    set_alias(Alias("openai", Match.PREFIX, "gpt-x", "gpt-x"))
    reprice(SINCE, UNTIL)
    assert estimates() == [2]


@pytest.mark.parametrize(
    ("since", "reason"),
    [
        (datetime(2026, 1, 1), "time zone"),  # noqa: DTZ001
        (UNTIL + timedelta(seconds=1), "ends before it begins"),
    ],
)
def test_a_window_that_is_none_is_refused(database, since, reason):
    with pytest.raises(InvalidInputError, match=reason):
        reprice(since, UNTIL)


def test_importing_the_same_list_again_adds_no_price(database):
    text = '{"gpt-x": {"litellm_provider": "openai", "input_cost_per_token": 2e-06}}'
    first = import_litellm(text, effective=SINCE)
    again = import_litellm(text, effective=NOON)
    assert (first.added, again.added, again.unchanged) == (1, 0, 1)
    record_event(**CALL)
    assert estimates() == [2]


@pytest.mark.parametrize("dollars", ["-1", "NaN", "Infinity", "1e13"])
def test_a_price_that_is_none_is_refused(database, dollars):
    with pytest.raises(InvalidInputError, match="not a price"):
        price(dollars)
