"""Seeds: there, true, and the same every time."""

from __future__ import annotations

import uuid
from contextlib import closing
from datetime import UTC, datetime, timedelta

import psycopg2
import pytest
from click.testing import CliRunner
from psycopg2.extensions import make_dsn

from tracker_db import rfm
from tracker_db.cli import tracker
from tracker_db.db import db
from tracker_db.errors import InvalidInputError, SchemaError
from tracker_db.models.costs import Event
from tracker_db.models.crm import SEGMENTS, Customer, Order, RfmThresholds
from tracker_db.models.platform import User
from tracker_db.models.price import PriceRecord, Product
from tracker_db.passwords import verify_password
from tracker_db.schema import seed as module
from tracker_db.schema.from_models import load_models
from tracker_db.schema.seed import DOMAINS, SIZES, seed
from tracker_db.schema.seed.load import load
from tracker_db.schema.seed.platform import PASSWORD
from tracker_db.schema.seed.rows import Size, Table
from tracker_db.services.aggregates import refresh, verify
from tracker_db.services.costs import record_event
from tracker_db.services.reprice import reprice

MIDNIGHT = datetime(2026, 11, 1, tzinfo=UTC)


def everything(rows):
    """All rows of all tables, as text."""
    tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    return {
        table: rows(f"SELECT t::text FROM {table} t ORDER BY 1")
        for (table,) in rows(tables)
        if table != "migratehistory"
    }


@pytest.fixture
def rows(database):
    """What a query gives."""

    def run(query, *parameters):
        with db.connection_context():
            return db.execute_sql(query, parameters).fetchall()

    return run


def test_a_second_run_changes_nothing(rows):
    assert all(seed(until=MIDNIGHT).values())
    before = everything(rows)
    assert not any(seed(until=datetime(2026, 11, 2, tzinfo=UTC)).values())
    assert everything(rows) == before


def test_two_databases_are_seeded_alike_to_the_last_column(rows, servers, template):
    seed(until=MIDNIGHT)
    before = everything(rows)
    name = f"seed_{uuid.uuid4().hex}"
    here = db.chosen_url
    with closing(psycopg2.connect(servers[1])) as admin:
        admin.autocommit = True
        admin.cursor().execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        db.connect_url(make_dsn(servers[0], dbname=name))
        seed(until=MIDNIGHT)
        again = everything(rows)
        db.connect_url(here)
        admin.cursor().execute(f"DROP DATABASE {name} WITH (FORCE)")
    assert again == before


def test_what_was_edited_stays_and_what_was_deleted_comes_back(rows):
    seed(["platform", "prices"], until=MIDNIGHT)
    with db.connection_context():
        User.update(name="Me", email="me@example.org").where(User.name ** "Bob%").execute()
        Product.delete().where(Product.name ** "Nordlys%").execute()
    gained = seed(["platform", "prices"], until=MIDNIGHT)
    assert {table for table, count in gained.items() if count} == {
        "products", "price_records", "run_logs", "alert_rules",
    }  # fmt: skip
    assert rows("SELECT name FROM users WHERE email = 'me@example.org'") == [("Me",)]
    assert rows("SELECT count(*) FROM products") == [(12,)]


def test_somebody_elses_row_keeps_its_key_and_gets_nothing_seeded(rows):
    with db.connection_context():
        alice = User.create(email="ALICE@demo.example")
    seed(["platform", "coaching"])
    assert rows("SELECT count(*) FROM users") == [(5,)]
    assert rows("SELECT count(*) FROM projects WHERE user_id = %s", alice.id) == [(0,)]
    assert rows("SELECT count(*) FROM tasks") == [(24,)]


@pytest.mark.parametrize("domain", DOMAINS)
def test_each_domain_can_be_had_alone(database, domain):
    assert all(seed([domain]).values())


def test_no_table_of_the_shop_stays_empty(database):
    gained = seed(["crm"], until=MIDNIGHT)
    shop = [m for m in load_models() if m.__module__.endswith((".crm", ".automations"))]
    assert {name for name, count in gained.items() if count} == {m._meta.table_name for m in shop}


def test_a_larger_size_goes_on_where_a_smaller_one_stopped(rows, monkeypatch):
    bigger = Size(days=31, products=13, calls=510, customers=90, users=6)
    monkeypatch.setitem(SIZES, "medium", bigger)
    first = seed(until=MIDNIGHT)
    second = seed(size="medium", until=MIDNIGHT)
    assert (first["products"], second["products"]) == (12, 1)
    assert rows("SELECT count(*) FROM run_logs") == [(13 * 31,)]
    assert rows("SELECT count(*) FROM users") == [(6,)]


def test_a_larger_size_on_a_later_day_fits_what_is_there(rows, monkeypatch):
    monkeypatch.setitem(
        SIZES, "medium", Size(days=40, products=13, calls=1, customers=200, users=1)
    )
    seed(["prices", "crm"], until=MIDNIGHT)
    seed(["prices", "crm"], size="medium", until=MIDNIGHT + timedelta(days=2))
    twice = "SELECT FROM price_records GROUP BY product_id, scraped_at HAVING count(*) > 1"
    assert rows(twice) == []
    assert rows("SELECT count(*) FROM customers") == [(200,)]
    _expect_scored_by_orders(rows)


def test_users_can_log_in(rows):
    seed(["platform"])
    with db.connection_context():
        alice = User.get(User.email == "alice@demo.example")
    assert verify_password(PASSWORD, alice.password_hash)
    assert not verify_password("hashed_password", alice.password_hash)


def test_no_seeded_token_lets_anybody_in(rows):
    seed(["platform", "coaching"])
    for table in ("sessions", "refresh_tokens", "verifications"):
        assert rows(f"SELECT count(*) FROM {table} WHERE expires_at > now()") == [(0,)]


def test_there_are_customers_in_every_segment(rows):
    seed(["crm"])
    found = {segment for (segment,) in rows("SELECT DISTINCT segment FROM customers")}
    assert found == {*SEGMENTS, None}


def test_customers_are_counted_and_scored_by_their_orders(rows):
    seed(["crm"], until=MIDNIGHT)
    _expect_scored_by_orders(rows)


def _expect_scored_by_orders(rows):
    paid = "('paid', 'partially_refunded')"
    wrong = f"""
        SELECT shopify_id FROM customers LEFT JOIN (
            SELECT customer_id, count(*), sum(total_price), max(created_at) FROM orders
            WHERE financial_status IN {paid} GROUP BY 1
        ) AS orders (customer_id, count, total, last) ON customer_id = customers.id
        WHERE (order_count, total_spent) <> (coalesce(count, 0), coalesce(total, 0))
           OR last_order_at IS DISTINCT FROM last OR (count IS NULL) <> (segment IS NULL)
    """
    assert rows(wrong) == []
    with db.connection_context():
        cuts = RfmThresholds.get()
        for customer in Customer.select().where(Customer.segment.is_null(False)):
            assert customer.rfm_f == rfm.score(customer.order_count, cuts.frequency)
            assert customer.rfm_m == rfm.score(customer.total_spent, cuts.monetary)
            days = (MIDNIGHT - customer.last_order_at).days
            assert customer.rfm_r == 1 + sum(cut > days for cut in cuts.recency)
            scores = customer.rfm_r, customer.rfm_f, customer.rfm_m
            assert customer.segment == rfm.segment(*scores)


def test_the_last_price_of_a_product_is_its_newest_record(rows):
    seed(["prices"])
    wrong = """
        SELECT url FROM products JOIN LATERAL (
            SELECT price, currency FROM price_records WHERE product_id = products.id
            ORDER BY scraped_at DESC LIMIT 1) AS newest ON true
        WHERE (last_price, last_currency) IS DISTINCT FROM (price, newest.currency)
    """
    assert rows("SELECT count(*) FROM products") == [(12,)]
    assert rows(wrong) == []


def test_prices_move_and_some_checks_fail(rows):
    seed(["prices"])
    assert rows("SELECT count(DISTINCT price) > 20 FROM price_records") == [(True,)]
    assert rows("SELECT count(*) > 0 FROM run_logs WHERE status = 'FAILED'") == [(True,)]


def test_events_cost_what_the_price_list_says(rows):
    seed(["costs"], until=MIDNIGHT)
    before = rows("SELECT id, estimated_cost_usd FROM events ORDER BY 1")
    done = reprice(datetime(2026, 1, 1, tzinfo=UTC), MIDNIGHT)
    assert (done.seen, done.changed) == (500, 0)
    assert rows("SELECT id, estimated_cost_usd FROM events ORDER BY 1") == before


def test_the_sums_of_seeded_events_are_exact(rows):
    seed(["costs"], until=MIDNIGHT)
    refresh()
    assert verify() == []
    summed = rows("SELECT sum(total_cost) FROM cost_aggregates WHERE period = 'day'")
    assert summed == rows("SELECT sum(estimated_cost_usd) FROM events")


def test_the_seeded_prices_are_nobody_elses(database):
    seed(["costs"])
    record_event(provider="openai", model="gpt-4o-mini", input_tokens=1, output_tokens=1)
    with db.connection_context():
        event = Event.get(Event.project_id == "default")
    assert event.estimated_cost_usd is None


def test_everything_belongs_to_its_own(rows):
    seed()
    with db.connection_context():
        record = PriceRecord.get()
        assert record.product.price_records.count() > 25
        assert Order.get().customer.orders.count() > 0
        assert Product.select().where(Product.active).count() == 0


def test_an_unknown_domain_or_size_is_refused_with_those_there_are(database):
    with pytest.raises(InvalidInputError, match="'shop' is no domain; there are: prices, costs"):
        seed(["shop"])
    with pytest.raises(InvalidInputError, match="'huge' is no size; there are: small, medium"):
        seed(size="huge")


def test_a_database_on_another_machine_is_refused(monkeypatch):
    monkeypatch.setattr(module, "direct_url", lambda: "postgresql://me@db.example.com/live")
    with pytest.raises(SchemaError, match=r"on db\.example\.com: .*--force"):
        seed()


@pytest.mark.parametrize("name", ["prod", "shop_production"])
def test_a_database_named_for_production_is_refused(monkeypatch, name):
    monkeypatch.setattr(module, "direct_url", lambda: f"postgresql:///{name}")
    with pytest.raises(SchemaError, match=f"called {name}: .*--force"):
        seed()


def test_progress_is_told_up_to_the_last_row(database):
    told = []
    seed(["platform"], on_progress=lambda *progress: told.append(progress))
    assert ("users", 5, 5) in told


def test_copy_takes_every_value_as_it_is(database):
    texts = ["plain", "tab\tline\nback\\slash", r"\N", '"quoted", {braces}', "é€😀", "", "NULL"]
    shop = {"shop_id": "s", "email": None}
    rows = [
        {"id": uuid.UUID(int=n), "shopify_id": str(n), "name": text, "tags": [text, "x"], **shop}
        for n, text in enumerate(texts)
    ]
    with db.connection_context(), db.atomic():
        assert load(Table(Customer, rows, len(rows)), lambda *_: None) == len(rows)
        stored = Customer.select().order_by(Customer.shopify_id)
        assert [(row.name, row.tags, row.email) for row in stored] == [
            (text, [text, "x"], None) for text in texts
        ]


def test_the_command_tells_what_is_new_and_how_to_log_in(database):
    result = CliRunner().invoke(tracker, ["db", "seed", "platform"])
    assert result.exit_code == 0
    assert "5 new  users" in result.stdout
    assert f"alice@demo.example with: {PASSWORD}" in result.stderr
