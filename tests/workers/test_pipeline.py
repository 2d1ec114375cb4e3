"""The worker's loop: everything due is checked once, and nothing is lost on the way out."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from tracker_db.config import Settings
from tracker_db.db import db, transaction
from tracker_db.errors import DatabaseUnavailableError
from tracker_db.models.price import PriceRecord, Product, RunLog
from tracker_db.observation import Outcome
from tracker_db.services import runs
from tracker_db.services.runs import Result
from workers.pipeline import LOST_CLAIMS, Pipeline
from workers.pool import Deferred

FOUND = Result(outcome=Outcome.OK, price=1999, currency="USD", availability="InStock")
SETTINGS = Settings(threads=4, shutdown_seconds=5)

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def pipeline():
    made = []

    def make(check, **changes):
        made.append(Pipeline(check, replace(SETTINGS, **changes), threading.Event()))
        return made[-1]

    yield make
    for one in made:
        one.close()


def add(count):
    with transaction():
        db.execute_sql(
            "INSERT INTO products (url, name, next_run_at) SELECT 'https://s.example/' || n, 'P',"
            " now() FROM generate_series(1, %s) n",
            (count,),
        )


def logs():
    with db.connection_context():
        return list(RunLog.select().order_by(RunLog.created_at))


def products():
    with db.connection_context():
        return list(Product.select())


def test_everything_due_is_checked_once(pipeline):
    add(1200)
    tally = pipeline(lambda _: FOUND).drain()
    assert (tally.succeeded, tally.failed, tally.lost) == (1200, 0, 0)
    assert len({log.product_id for log in logs()}) == 1200
    assert all(product.run_id is None for product in products())


def test_several_pipelines_on_one_database_share_the_work(pipeline):
    add(800)
    lines = [pipeline(lambda _: FOUND) for _ in range(3)]
    threads = [threading.Thread(target=line.drain) for line in lines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(line.tally.succeeded for line in lines) == 800
    assert len(logs()) == 800


def test_no_more_is_claimed_than_the_threads_can_soon_take_on(pipeline):
    add(200)
    gate, most = threading.Event(), []

    def slow(_run):
        with db.connection_context():
            most.append(Product.select().where(Product.run_id.is_null(False)).count())
        gate.wait(0.02)
        return FOUND

    pipeline(slow).drain()
    assert most[0] <= SETTINGS.threads
    assert len(logs()) == 200


def test_a_check_that_raises_is_a_failed_run_and_stops_nobody_else(pipeline):
    add(3)

    def check(run):
        if run.url.endswith("/2"):
            raise ZeroDivisionError
        return FOUND

    tally = pipeline(check).drain()
    assert (tally.succeeded, tally.failed) == (2, 1)
    (failed,) = [log for log in logs() if log.status == "FAILED"]
    assert "ZeroDivisionError" in failed.error_message


def test_a_result_that_cannot_be_stored_fails_alone(pipeline):
    add(4)

    def check(run):
        return replace(FOUND, extractor="\x00") if run.url.endswith("/3") else FOUND

    tally = pipeline(check).drain()
    assert (tally.succeeded, tally.failed) == (3, 1)
    assert "cannot be stored" in next(log for log in logs() if log.status == "FAILED").error_message


def test_a_deferred_product_comes_back_later_with_its_slot_and_no_attempt_spent(pipeline):
    add(1)
    tally = pipeline(lambda _: Deferred(timedelta(hours=2))).drain()
    (product,) = products()
    assert tally.deferred == 1
    assert logs() == []
    assert product.attempts == 0
    assert product.next_run_at > product.due_at + timedelta(hours=1)


def test_a_product_that_takes_its_worker_down_each_time_is_given_up_for_this_slot(pipeline):
    add(1)
    with transaction():
        db.execute_sql("UPDATE products SET attempts = %s", (SETTINGS.max_attempts + LOST_CLAIMS,))
    tally = pipeline(lambda _: FOUND).drain()
    assert tally.failed == 1
    assert "lost" in logs()[0].error_message


def test_a_stop_finishes_what_was_begun_and_gives_the_rest_back(pipeline):
    add(40)
    begun, go_on = threading.Barrier(5), threading.Event()

    def check(_run):
        if not go_on.is_set():
            begun.wait()
            go_on.wait()
        return FOUND

    line = pipeline(check)
    line._mean_seconds = 0.01
    worker = threading.Thread(target=line.drain)
    worker.start()
    begun.wait()
    line.stop.set()
    go_on.set()
    worker.join()
    assert len(logs()) == line.tally.succeeded >= 4
    assert all(product.run_id is None for product in products())
    assert sum(product.next_run_at <= product.due_at for product in products()) >= 0
    with db.connection_context():
        still_due = len(runs.claim(100, timedelta(seconds=9)))
    assert still_due + len(logs()) == 40


def test_a_check_that_outlasts_the_stop_gives_its_product_back(pipeline):
    add(1)
    begun, never = threading.Event(), threading.Event()

    def hang(_run):
        begun.set()
        never.wait()
        return FOUND

    line = pipeline(hang, shutdown_seconds=0.1)
    worker = threading.Thread(target=line.drain)
    worker.start()
    begun.wait()
    line.stop.set()
    worker.join()
    assert len(runs.claim(10, timedelta(seconds=9))) == 1
    never.set()


def test_results_survive_a_database_that_goes_away_before_they_are_written(pipeline, monkeypatch):
    add(5)
    line, away = pipeline(lambda _: FOUND), [True]
    real = line._complete

    def complete(batch):
        if away.pop():
            away.append(False)
            raise DatabaseUnavailableError
        away.append(False)
        return real(batch)

    monkeypatch.setattr(Pipeline, "_complete", lambda _, batch: complete(batch))
    with pytest.raises(DatabaseUnavailableError):
        line.drain()
    line.drain()
    assert len(logs()) == 5
    with db.connection_context():
        assert PriceRecord.select().count() == 5


def test_a_lease_is_kept_while_the_page_takes_longer_than_it(pipeline):
    add(1)
    seen = threading.Event()

    def check(run):
        for _ in range(100):
            with db.connection_context():
                if Product.get().next_run_at > run.claimed_at + timedelta(seconds=1.5):
                    seen.set()
                    return FOUND
            seen.wait(0.05)
        return FOUND

    tally = pipeline(check, lease_seconds=1).drain()
    assert seen.is_set()
    assert (tally.succeeded, tally.lost) == (1, 0)


def test_a_foreground_run_checks_only_what_it_was_given(pipeline):
    add(3)
    line = pipeline(lambda _: FOUND)
    told = []
    line.report = lambda run, result: told.append((run.url, result.outcome))
    line.run(runs.claim_now([products()[0].id], timedelta(seconds=60)))
    assert len(told) == len(logs()) == 1
