"""Statistics weighted by time: how long a price held counts, not how often it was seen."""

from decimal import Decimal

import pytest

from tracker_db.db import db
from tracker_db.queries.prices import history, statistics
from tracker_db.services import products
from tracker_db.services.products import ProductDraft

pytestmark = pytest.mark.usefixtures("database")

#: (days ago, price[, currency, availability])
SEEN = [(100, 900), (50, 1000), (40, 700), (30, 1000), (10, 800)]


@pytest.fixture
def record():
    product = products.add(ProductDraft(url="https://shop.example/kettle"))

    def insert(seen):
        with db.connection_context():
            for days, price, *rest in seen:
                currency, availability = [*rest, None, None][:2]
                db.execute_sql(
                    "INSERT INTO price_records (product_id, price, currency, availability,"
                    " scraped_at) VALUES (%s, %s, %s, %s, now() - %s * interval '1 day')",
                    (product.id, price, currency or "EUR", availability, days),
                )
        return product.id

    return insert


def rounded(share):
    return None if share is None else round(share, 2)


def test_the_history_of_a_window_begins_with_the_price_that_held_then(record):
    product_id = record(SEEN)
    assert [row.price for row in history(product_id, days=35)] == [700, 1000, 800]
    assert [row.price for row in history(product_id)] == [900, 1000, 700, 1000, 800]


def test_each_price_counts_by_the_time_it_held(record):
    (seen,) = statistics(record(SEEN), days=50)
    assert (seen.price, seen.lowest, seen.highest) == (800, 700, 1000)
    # Of 50 days: 10 at 1000, 10 at 700, 20 at 1000, 10 at 800.
    assert rounded(seen.at_or_below) == Decimal("0.40")
    assert rounded(seen.cheaper_than) == Decimal("0.60")
    assert round(seen.average) == 900


def test_the_price_that_held_when_the_window_opens_counts_from_then(record):
    (seen,) = statistics(record(SEEN), days=35)
    # Of 35 days: 5 at 700, 20 at 1000, 10 at 800.
    assert rounded(seen.at_or_below) == Decimal("0.43")
    assert seen.lowest == 700


def test_checking_more_often_changes_nothing(record):
    (seen,) = statistics(record([*SEEN, *((9 - n / 10, 800) for n in range(80))]), days=50)
    assert rounded(seen.at_or_below) == Decimal("0.40")


def test_the_lowest_price_is_dated_by_when_it_was_last_seen(record):
    product_id = record([(30, 700), (20, 700), (10, 900)])
    (seen,) = statistics(product_id)
    assert seen.lowest_at == history(product_id)[1].scraped_at


def test_prices_at_which_nothing_could_be_bought_do_not_count(record):
    (seen,) = statistics(record([(30, 900), (20, 100, "EUR", "OutOfStock"), (10, 800)]))
    assert (seen.lowest, rounded(seen.at_or_below)) == (800, Decimal("0.50"))


def test_each_currency_is_its_own_statistic_and_the_latest_comes_first(record):
    euro, dollar = statistics(record([(30, 5, "USD"), (20, 900), (10, 800)]))
    assert (euro.currency, euro.lowest, dollar.currency, dollar.lowest) == ("EUR", 800, "USD", 5)
    assert rounded(euro.cheaper_than) == Decimal("0.50")


def test_without_any_price_there_is_no_statistic(record):
    assert statistics(record([])) == []


def test_a_price_of_this_moment_is_its_own_lowest(record):
    (seen,) = statistics(record([(0, 1999)]))
    assert (seen.price, seen.lowest, seen.highest) == (1999, 1999, 1999)
    assert seen.cheaper_than in {None, 0}
