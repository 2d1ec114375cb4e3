"""A budget holds for calls that are recorded before they are made."""

import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from tracker_db.db import db
from tracker_db.models.costs import Event
from tracker_db.services.aggregates import verify
from tracker_db.services.prices import set_price
from tracker_db.services.reserve import BudgetError, reserve, settle


@pytest.fixture(autouse=True)
def _priced(database):
    """10 dollars a million tokens."""
    prices = {"input_per_million": Decimal(10), "output_per_million": Decimal(10)}
    set_price("localhost", "small", effective=datetime(2026, 1, 1, tzinfo=UTC), **prices)


def costs():
    with db.connection_context():
        return [event.estimated_cost_usd for event in Event.select()]


def call(n):
    return {
        "feature": "f", "provider": "localhost", "model": "small", "request_id": f"r{n}",
        "input_tokens": 1000, "output_tokens": 0,
    }  # fmt: skip


def test_many_threads_together_stay_under_the_budget():
    allowed = []

    def ask(n):
        try:
            reserve(call(n), Decimal("0.045"))
        except BudgetError:
            return
        allowed.append(n)

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(allowed) == 4
    assert sum(costs()) == Decimal("0.04")


def test_what_a_call_really_cost_takes_the_place_of_its_reservation():
    reserve(call(1), Decimal("0.01"))
    settle(call(1) | {"input_tokens": 400})
    assert costs() == [Decimal("0.004")]
    reserve(call(2) | {"input_tokens": 600}, Decimal("0.01"))
    assert verify() == []


def test_the_money_of_yesterday_is_not_todays():
    yesterday = datetime.now(UTC) - timedelta(days=1)
    reserve(call(1) | {"created_at": yesterday}, Decimal("0.01"))
    reserve(call(2), Decimal("0.01"))
    with pytest.raises(BudgetError, match=r"0\.010* of 0\.01 USD"):
        reserve(call(3), Decimal("0.01"))
