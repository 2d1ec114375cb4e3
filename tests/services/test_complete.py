"""Completing runs: all effects or none, and only for a run that still holds its product."""

from datetime import timedelta

import pytest

from tracker_db.db import db, transaction
from tracker_db.models.price import AlertRule, Outbox, PriceRecord, Product, RunLog
from tracker_db.observation import Outcome
from tracker_db.services import plans, runs
from tracker_db.services.complete import complete
from tracker_db.services.runs import Result
from tracker_db.services.slots import Policy
from workers.judge import judge

LEASE = timedelta(seconds=60)
POLICY = Policy(max_attempts=3, retry_seconds=60, spread_seconds=0, catch_up="coalesce")
FOUND = Result(
    outcome=Outcome.OK,
    price=1499,
    currency="EUR",
    availability="InStock",
    list_price=1999,
    extractor="json_ld",
    http_status=200,
    duration_ms=120,
    bytes=3000,
    etag='"a"',
)
FAILED = Result(outcome=Outcome.TIMEOUT, message="The server took longer than 30 s.")

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def run():
    with db.connection_context():
        Product.create(url="https://shop.example/kettle", name="Kettle")
        db.execute_sql("UPDATE products SET next_run_at = now()")
    return claim()


def claim():
    with transaction():
        db.execute_sql("UPDATE products SET next_run_at = now() WHERE run_id IS NULL")
    (claimed,) = runs.claim(1, LEASE)
    return claimed


def add_rule(**values):
    with db.connection_context():
        product = Product.get()
        return AlertRule.create(
            product=product, **({"target_price": 1500, "currency": "EUR"} | values)
        )


def finish(run, result=FOUND, channels=("console",), decide=judge):
    return complete([(run, result)], decide=decide, channels=channels, policy=POLICY)


def rows(model):
    with db.connection_context():
        return list(model.select())


def lose(run):
    with transaction():
        db.execute_sql("UPDATE products SET next_run_at = now() - interval '1 s'")
    (other,) = runs.claim(1, LEASE)
    return other


def test_a_good_run_writes_its_log_its_price_and_the_next_plan(run):
    assert finish(run) == {run.run_id}
    (log,), (price,), (product,) = rows(RunLog), rows(PriceRecord), rows(Product)
    assert (log.status, log.outcome, log.http_status, log.duration_ms, log.bytes) == (
        "SUCCESS", "ok", 200, 120, 3000,
    )  # fmt: skip
    assert (price.price, price.currency, price.availability, price.list_price) == (
        1499, "EUR", "InStock", 1999,
    )  # fmt: skip
    assert product.run_id is None
    assert product.next_run_at > run.claimed_at
    assert (product.last_price, product.last_currency, product.etag) == (1499, "EUR", '"a"')


def test_a_failed_run_writes_a_log_with_its_message_and_no_price(run):
    finish(run, FAILED)
    (log,) = rows(RunLog)
    assert (log.status, log.outcome, log.error_message) == ("FAILED", "timeout", FAILED.message)
    assert rows(PriceRecord) == []


def test_a_failed_run_is_tried_again_at_the_same_slot(run):
    finish(run, FAILED)
    (product,) = rows(Product)
    assert (product.due_at, product.attempts, product.failures) == (run.due_at, 1, 1)


def test_a_failure_changes_nothing_that_is_known_of_the_product(run):
    finish(run)
    finish(claim(), FAILED)
    (product,) = rows(Product)
    assert (product.last_price, product.last_availability) == (1499, "InStock")


def test_a_run_that_lost_its_lease_changes_nothing_at_all(run):
    add_rule()
    other = lose(run)
    assert finish(run) == set()
    assert rows(RunLog) == rows(PriceRecord) == rows(Outbox) == []
    assert rows(Product)[0].run_id == other.run_id
    assert rows(AlertRule)[0].state == {}


def test_completing_twice_counts_once(run):
    add_rule()
    finish(run)
    assert finish(run) == set()
    assert len(rows(RunLog)) == len(rows(PriceRecord)) == len(rows(Outbox)) == 1


def test_an_alert_is_written_with_the_price_that_fired_it_once_for_each_channel(run):
    add_rule()
    finish(run, channels=("console", "email"))
    alerts = rows(Outbox)
    assert {alert.channel for alert in alerts} == {"console", "email"}
    assert {alert.dedupe_key for alert in alerts} == {alerts[0].dedupe_key}
    assert "14.99 EUR" in alerts[0].body
    assert "https://shop.example/kettle" in alerts[0].body
    assert alerts[0].data["price"] == "14.99"


def test_a_rule_stays_silent_while_its_price_stays_below_the_target(run):
    add_rule()
    finish(run)
    finish(claim())
    assert len(rows(Outbox)) == 1
    assert len(rows(PriceRecord)) == 2


def test_a_switched_off_rule_is_not_judged(run):
    add_rule(active=False)
    finish(run)
    assert rows(Outbox) == []


def test_a_failure_while_judging_writes_nothing_and_keeps_the_claim(run):
    add_rule()

    def fault(rule, run, seen):
        raise RuntimeError

    with pytest.raises(RuntimeError):
        finish(run, decide=fault)
    assert rows(RunLog) == rows(PriceRecord) == []
    assert rows(Product)[0].run_id == run.run_id


def test_a_new_low_is_judged_against_the_window_and_not_against_older_prices(run):
    add_rule(kind="new_low", days=30, target_price=None)
    with transaction():
        db.execute_sql(
            "INSERT INTO price_records (product_id, price, currency, scraped_at)"
            " SELECT id, price, 'EUR', now() - make_interval(days => age)"
            " FROM products, (VALUES (1000, 40), (1600, 20), (1550, 2)) v(price, age)"
        )
    finish(run)
    (alert,) = rows(Outbox)
    assert "15.50 EUR" in alert.body


def test_a_schedule_edited_during_the_run_is_planned_anew(run):
    with transaction():
        db.execute_sql("UPDATE products SET schedule = '0 5 * * *'")
    assert finish(run) == {run.run_id}
    assert rows(Product)[0].next_run_at is None
    assert len(rows(PriceRecord)) == 1


@pytest.mark.parametrize("edit", ["schedule = '0 5 * * *'", "timezone = 'Europe/Paris'"])
def test_a_schedule_edited_while_a_run_fails_has_all_its_attempts_before_it(run, edit):
    finish(run, FAILED)
    again = claim()
    with transaction():
        db.execute_sql(f"UPDATE products SET {edit}")
    finish(again, FAILED)
    assert again.attempt == 2
    assert plans.plan_new(10, POLICY) == 1
    assert claim().attempt == 1


def test_a_product_removed_during_the_run_is_no_error(run):
    with db.connection_context():
        Product.delete().execute()
    assert finish(run) == set()


def test_an_empty_batch_is_no_error():
    assert complete([], decide=judge, channels=["console"], policy=POLICY) == set()
