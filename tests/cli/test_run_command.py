"""`tracker run` and `tracker runs`: checking now, and how the checks ended."""

import json
from datetime import timedelta

import pytest

from tracker_db import config
from tracker_db.db import db
from tracker_db.models.price import Outbox, PriceRecord, Product, RunLog


def rows(model):
    with db.connection_context():
        return list(model.select())


def make_due():
    with db.connection_context():
        db.execute_sql("UPDATE products SET next_run_at = now(), due_at = now()")


@pytest.fixture
def kettle(run_tracker, shop):
    run_tracker("add", shop.put("/kettle"), "--target", "15")
    return rows(Product)[0]


def test_a_named_product_is_checked_though_it_is_not_due(run_tracker, shop, kettle):
    shop.put("/kettle", "18.00")
    done = run_tracker("run", "kettle")
    assert done.stdout.split() == ["ok", "18.00", "EUR", "Kettle"]
    assert sorted(price.price for price in rows(PriceRecord)) == [1800, 1999]
    assert rows(Product)[0].next_run_at == kettle.next_run_at


def test_a_paused_product_can_be_checked_by_name(run_tracker, kettle):
    run_tracker("products", "pause", "kettle")
    assert "Kettle" in run_tracker("run", "kettle").stdout


def test_without_a_name_all_that_is_due_is_checked(run_tracker, shop, kettle):
    run_tracker("add", shop.put("/pan", name="Pan"))
    assert "Nothing is due" in run_tracker("run").stderr
    make_due()
    assert len(run_tracker("run").stdout.splitlines()) == 2


def test_an_alert_is_sent_by_the_run_that_fired_it(run_tracker, shop, kettle):
    shop.put("/kettle", "14.00")
    done = run_tracker("run", "kettle")
    assert "14.00 EUR is at or below your target of 15.00 EUR" in done.stdout
    assert [alert.status for alert in rows(Outbox)] == ["sent"]


def test_a_failed_check_is_exit_code_1_with_a_reason(run_tracker, shop, kettle):
    run_tracker("add", shop.put("/pan", name="Pan"))
    shop.pages.pop("/pan")
    failed = run_tracker("run", "kettle", "pan", exit_code=1)
    assert "not_found" in failed.stdout
    assert "ok" in failed.stdout
    assert "1 of 2 checks failed" in failed.stderr


def test_a_product_in_a_workers_hand_is_left_out_and_told(run_tracker, kettle):
    with db.connection_context():
        db.execute_sql(
            "UPDATE products SET run_id = gen_random_uuid(), next_run_at = now() + interval '1 min'"
        )
    failed = run_tracker("run", "kettle", exit_code=1)
    assert "Kettle: left out" in failed.stderr
    assert "Error: 1 product left out." in failed.stderr
    assert len(rows(RunLog)) == 1


def test_more_products_of_one_host_than_its_patience_lasts_are_all_checked(
    run_tracker, shop, monkeypatch
):
    urls = [shop.put(f"/{n}", name=f"Pan {n}") for n in range(4)]
    for url in urls:
        run_tracker("add", url)
    monkeypatch.setattr("workers.check.PATIENCE", timedelta(0))
    monkeypatch.setenv("TRACKER_HOST_DELAY_SECONDS", "0.2")
    config.settings.cache_clear()
    done = run_tracker("run", *urls)
    assert len(done.stdout.splitlines()) == 4


def test_runs_lists_the_latest_and_the_failed_ones(run_tracker, shop, kettle):
    shop.pages.pop("/kettle")
    run_tracker("run", "kettle", exit_code=1)
    assert len(run_tracker("runs").stdout.splitlines()) == 3
    assert "not_found" in run_tracker("runs", "--limit", 1).stdout
    (failed,) = json.loads(run_tracker("runs", "--failed", "--json").stdout)
    assert (failed["product"], failed["outcome"], failed["http_status"]) == (
        "Kettle", "not_found", 404,
    )  # fmt: skip


def test_without_failures_runs_says_so(run_tracker, kettle):
    assert "No check has failed" in run_tracker("runs", "--failed").stderr
