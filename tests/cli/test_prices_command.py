"""`tracker prices`: the chart, the sentence, the table, and every check for programs."""

import json
from decimal import Decimal

import pytest

from tracker_db.db import db
from tracker_db.services import alert_rules, products
from tracker_db.services.products import ProductDraft

SEEN = [(80, 4000), (60, 4400), (40, 3100), (30, 4000), (29, 4000), (10, 3600)]


@pytest.fixture
def kettle(database):
    return products.add(ProductDraft(url="https://shop.example/kettle", name="Kettle"))


def record(product, seen, currency="EUR"):
    with db.connection_context():
        for days, price in seen:
            db.execute_sql(
                "INSERT INTO price_records (product_id, price, currency, availability, scraped_at)"
                " VALUES (%s, %s, %s, 'InStock', now() - %s * interval '1 day')",
                (product.id, price, currency, days),
            )


def test_the_chart_has_the_alert_line_and_the_sentence_says_it_all(run_tracker, kettle):
    record(kettle, SEEN)
    alert_rules.add(kettle.id, alert_rules.target(Decimal(32), "EUR"))
    shown = run_tracker("prices", "kettle").stdout
    assert "╌ alert 32.00 EUR" in shown
    assert "─ now 36.00 EUR" in shown
    assert "Now 36.00 EUR, lowest 31.00 EUR on " in shown
    # Of 80 days: 20 at 40, 20 at 44, 10 at 31, 20 at 40, 10 at 36.
    assert "cheaper than 75 % of the time." in shown


def test_the_table_shows_changes_newest_first(run_tracker, kettle):
    record(kettle, SEEN)
    table = run_tracker("prices", "kettle", "--limit", 3).stdout.splitlines()[-3:]
    assert [line.split()[2] for line in table] == ["36.00", "40.00", "31.00"]
    assert [line.split()[-1] for line in table] == ["1", "2", "1"]


def test_programs_get_every_check(run_tracker, kettle):
    record(kettle, SEEN)
    seen = json.loads(run_tracker("prices", "kettle", "--json").stdout)
    assert [one["price"] for one in seen] == ["40.00", "44.00", "31.00", "40.00", "40.00", "36.00"]
    assert {one["currency"] for one in seen} == {"EUR"}
    csv_lines = run_tracker("prices", "kettle", "--csv").stdout.splitlines()
    assert csv_lines[0] == "scraped_at,price,currency,list_price,availability"
    assert len(csv_lines) == 7


def test_a_price_that_never_changed_is_called_so(run_tracker, kettle):
    record(kettle, [(5, 4000), (4, 4000)])
    assert "Now 40.00 EUR, unchanged since " in run_tracker("prices", "kettle").stdout


def test_currencies_are_not_mixed(run_tracker, kettle):
    record(kettle, [(20, 500)], "USD")
    record(kettle, [(10, 4000), (5, 3000)])
    shown = run_tracker("prices", "kettle").stdout
    assert "Now 30.00 EUR, the lowest since" in shown
    assert "Now 5.00 USD" in shown
    chart = shown.partition("Now")[0]
    assert "USD" not in chart


def test_without_prices_it_says_how_to_get_one(run_tracker, kettle):
    shown = run_tracker("prices", "kettle")
    assert (shown.stdout, "tracker run" in shown.stderr) == ("", True)


def test_amounts_have_the_decimals_of_their_currency(run_tracker, kettle):
    record(kettle, [(2, 128000), (1, 118000)], "JPY")
    assert "Now 118,000 JPY" in run_tracker("prices", "kettle").stdout
