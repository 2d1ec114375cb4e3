"""Claim + complete against one ORM transaction per product; two workers against one.

Run: python benchmarks/bookkeeping.py [PRODUCTS]
"""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median

from null_worker import FOUND
from scratch import add_products, count, make_due, scratch_database

from tracker_db.config import settings
from tracker_db.crontab import next_fire
from tracker_db.db import db, transaction
from tracker_db.models.price import AlertRule, PriceRecord, Product, RunLog
from tracker_db.services import runs
from tracker_db.services.complete import complete
from tracker_db.services.slots import Policy
from workers.judge import judge

ROUNDS = 3
ORM_PRODUCTS = 1_000
LEASE = timedelta(seconds=60)


def orm(products: int) -> float:
    """Products a second when each is one Peewee transaction: what a first version would do."""
    start = time.perf_counter()
    for _ in range(products):
        with db.connection_context(), db.atomic():
            product = (
                Product.select()
                .where(Product.active, Product.next_run_at <= datetime.now(UTC))
                .order_by(Product.next_run_at)
                .limit(1)
                .for_update("FOR UPDATE SKIP LOCKED")
                .get()
            )
            RunLog.insert(product=product, status="SUCCESS", outcome="ok").execute()
            PriceRecord.insert(product=product, price=FOUND.price, currency="USD").execute()
            for rule in AlertRule.select().where(AlertRule.product == product, AlertRule.active):
                assert rule.target_price < FOUND.price
            product.next_run_at = next_fire(product.schedule, "UTC", datetime.now(UTC))
            product.save()
    return products / (time.perf_counter() - start)


def ours() -> float:
    """Products a second by claim and complete, batches of 500, one process, one connection."""
    policy, done, start = Policy.of(settings()), 0, time.perf_counter()
    while batch := runs.claim(500, LEASE):
        results = [(run, FOUND) for run in batch]
        done += len(complete(results, decide=judge, channels=["console"], policy=policy))
    return done / (time.perf_counter() - start)


def drained_by(workers: int) -> float:
    """Seconds from the first completed run to the last, by real worker processes."""
    make_due()
    script = str(Path(__file__).with_name("null_worker.py"))
    started = [
        subprocess.Popen([sys.executable, script], stderr=subprocess.DEVNULL)
        for _ in range(workers)
    ]
    try:
        while is_anything_due():
            time.sleep(0.2)
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait()
    return seconds_of_last_drain()


def is_anything_due() -> bool:
    """Asked through the index: counting rows would take a core from the workers."""
    with transaction():
        return bool(
            db.execute_sql(
                "SELECT EXISTS (SELECT FROM products WHERE active AND next_run_at < now())"
            ).fetchone()[0]
        )


def seconds_of_last_drain() -> float:
    """By the database's clock, over the run logs of the slot that was due last."""
    with transaction():
        (seconds,) = db.execute_sql(
            "SELECT extract(epoch FROM max(created_at) - min(created_at)) FROM run_logs"
            " WHERE due_at = (SELECT max(due_at) FROM run_logs)"
        ).fetchone()
    return float(seconds)


def main() -> None:
    products = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with scratch_database():
        add_products(20_000)
        ratios = []
        for number in range(ROUNDS):
            make_due()
            slow = orm(ORM_PRODUCTS)
            make_due()
            fast = ours()
            ratios.append(fast / slow)
            print(
                f"round {number + 1}: ORM {slow:7.0f}/s  batched {fast:7.0f}/s  {ratios[-1]:.1f}x"
            )
        print(f"claim + complete against an ORM transaction per product: {median(ratios):.1f}x")
        add_products_up_to(products)
        ratios = []
        for number in range(ROUNDS):
            one, two = drained_by(1), drained_by(2)
            ratios.append(one / two)
            print(f"round {number + 1}: {products} due at once: 1 worker {one:.1f} s,", end=" ")
            print(f"2 workers {two:.1f} s  {ratios[-1]:.2f}x")
        print(f"two workers against one: {median(ratios):.2f}x")
        report_doubles()


def add_products_up_to(products: int) -> None:
    missing = products - count("products")
    with db.connection_context():
        db.execute_sql(
            "INSERT INTO products (url, name) SELECT 'https://more-' || n || '.example/', 'More'"
            " FROM generate_series(1, %s) n",
            (missing,),
        )
        db.execute_sql("VACUUM ANALYZE")


def report_doubles() -> None:
    with transaction():
        (doubled,) = db.execute_sql(
            "SELECT count(*) FROM (SELECT FROM run_logs WHERE due_at IS NOT NULL"
            " GROUP BY product_id, due_at HAVING count(*) > 1) d"
        ).fetchone()
        (missed,) = db.execute_sql(
            "SELECT count(*) FROM products WHERE next_run_at <= now() OR run_id IS NOT NULL"
        ).fetchone()
    print(f"missed {missed}, doubled {doubled}")


if __name__ == "__main__":
    main()
