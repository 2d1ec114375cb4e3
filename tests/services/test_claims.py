"""Claims: who gets a product, for how long, and what giving it back means."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from tracker_db.db import db, transaction
from tracker_db.models.price import Product, RunLog
from tracker_db.services import plans, runs
from tracker_db.services.slots import Policy

LEASE = timedelta(seconds=60)
NOW = timedelta()
POLICY = Policy(max_attempts=3, retry_seconds=60, spread_seconds=0, catch_up="coalesce")

pytestmark = pytest.mark.usefixtures("database")


def add(count, due="now() - interval '1 minute'"):
    with transaction():
        db.execute_sql(
            "INSERT INTO products (url, name, next_run_at)"
            f" SELECT 'https://shop.example/' || n, 'P' || n, {due} FROM generate_series(1, %s) n",
            (count,),
        )


def product():
    with db.connection_context():
        return Product.get()


def expire():
    with transaction():
        db.execute_sql("UPDATE products SET next_run_at = now() - interval '1 second'")


def test_only_due_and_active_products_are_claimed():
    add(1, "now() + interval '1 hour'")
    assert runs.claim(10, LEASE) == []
    with transaction():
        db.execute_sql("UPDATE products SET next_run_at = now(), active = false")
    assert runs.claim(10, LEASE) == []


def test_no_more_than_asked_for_are_claimed():
    add(20)
    assert len(runs.claim(7, LEASE)) == 7


def test_what_is_due_for_longest_is_claimed_first():
    add(20, "now() - n * 37 %% 20 * interval '1 minute'")
    claimed = [runs.claim(1, LEASE)[0].due_at for _ in range(20)]
    assert claimed == sorted(claimed)


def test_a_claimed_product_is_not_claimed_again_before_its_lease_ends():
    add(1)
    assert len(runs.claim(10, LEASE)) == 1
    assert runs.claim(10, LEASE) == []


def test_an_expired_lease_is_claimed_again_at_the_same_slot_with_a_new_fence():
    add(1)
    (first,) = runs.claim(1, LEASE)
    expire()
    (second,) = runs.claim(1, LEASE)
    assert second.due_at == first.due_at
    assert second.run_id != first.run_id
    assert second.attempt == first.attempt + 1


def test_claims_racing_in_many_threads_never_share_a_product():
    add(300)
    claimed, barrier = [], threading.Barrier(8)

    def take():
        barrier.wait()
        while batch := runs.claim(7, LEASE):
            claimed.extend(run.product_id for run in batch)

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(claimed) == len(set(claimed)) == 300


def test_a_released_product_is_due_again_at_once_and_has_spent_no_attempt():
    add(1)
    runs.release([(run, NOW) for run in runs.claim(1, LEASE)])
    (again,) = runs.claim(1, LEASE)
    assert again.attempt == 1


def test_a_lost_claim_can_neither_be_released_nor_extended():
    add(1)
    (lost,) = runs.claim(1, LEASE)
    expire()
    (held,) = runs.claim(1, LEASE)
    runs.release([(lost, NOW)])
    runs.extend([lost], timedelta(days=9))
    assert product().run_id == held.run_id
    assert product().next_run_at < held.claimed_at + timedelta(days=1)


def test_extending_keeps_a_claim():
    add(1)
    (run,) = runs.claim(1, LEASE)
    runs.extend([run], timedelta(days=1))
    assert product().next_run_at > run.claimed_at + timedelta(hours=23)


def test_checking_now_takes_a_product_whatever_its_plan_says():
    add(1, "now() + interval '5 hours'")
    (run,) = runs.claim_now([product().id], LEASE)
    assert run.due_at == run.claimed_at


def test_checking_now_runs_the_slot_that_is_due_anyway():
    add(1)
    slot = product().next_run_at
    (run,) = runs.claim_now([product().id], LEASE)
    assert run.due_at == slot


def test_checking_now_does_not_take_a_product_that_is_in_hand():
    add(1)
    runs.claim(1, LEASE)
    assert runs.claim_now([product().id], LEASE) == []


def test_a_product_added_by_sql_is_planned_by_its_own_schedule():
    add(1, "NULL")
    assert plans.plan_new(10, POLICY) == 1
    found = product()
    assert found.next_run_at == found.due_at
    assert (found.next_run_at.hour, found.next_run_at.minute) == (9, 0)


def test_a_schedule_nobody_can_read_is_logged_and_does_not_stop_the_others():
    add(2, "NULL")
    with transaction():
        db.execute_sql("UPDATE products SET schedule = '99 * * * *' WHERE name = 'P1'")
    plans.plan_new(10, POLICY)
    with db.connection_context():
        log = RunLog.get()
        assert log.status == "FAILED"
        assert "99" in log.error_message
        assert Product.select().where(Product.next_run_at.is_null()).count() == 0


def test_workers_that_plan_at_once_neither_wait_for_each_other_nor_plan_twice():
    add(2, "NULL")
    with transaction():
        db.execute_sql("UPDATE products SET schedule = '99 * * * *' WHERE name = 'P1'")
    with ThreadPoolExecutor(1) as pool, transaction():
        assert plans.plan_new(10, POLICY) == 2
        assert pool.submit(plans.plan_new, 10, POLICY).result(timeout=10) == 0
    with db.connection_context():
        assert RunLog.select().count() == 1


@pytest.mark.parametrize(
    "edit", ["schedule = '0 5 * * *'", "timezone = 'Europe/Paris'", "active = false"]
)
def test_an_edit_by_sql_forgets_the_plan(edit):
    add(1)
    with transaction():
        db.execute_sql(f"UPDATE products SET {edit}")
    assert product().next_run_at is None


def test_an_edit_while_a_run_is_in_hand_leaves_the_fence_alone():
    add(1)
    (run,) = runs.claim(1, LEASE)
    with transaction():
        db.execute_sql("UPDATE products SET schedule = '0 5 * * *'")
    assert product().run_id == run.run_id
