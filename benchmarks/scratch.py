"""A throw-away PostgreSQL for a benchmark: started, migrated, removed."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tracker_db.db import db
from tracker_db.embedded import Server
from tracker_db.schema.migrate import migrate

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def scratch_server() -> Iterator[tuple[Server, str]]:
    """A server of our own and the URL of its migrated database; `db` points at it meanwhile."""
    home = Path(tempfile.mkdtemp(prefix="tracker-bench-"))
    home.chmod(0o755)
    server = Server(home)
    try:
        server.join()
        server.create("bench")
        url = server.url("bench")
        os.environ["DATABASE_URL"] = url
        db.connect_url(url)
        migrate()
        yield server, url
    finally:
        db.close_all()
        server.leave()
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def scratch_database() -> Iterator[str]:
    """The URL of an empty, migrated database; `tracker_db.db` points at it meanwhile."""
    with scratch_server() as (_, url):
        yield url


def add_products(count: int, *, rules: bool = True) -> None:
    """`count` products due now, each on a host of its own, each with one alert rule."""
    with db.connection_context():
        db.execute_sql(
            "INSERT INTO products (url, name, next_run_at)"
            " SELECT 'https://shop-' || n || '.example/product', 'Product ' || n, now()"
            " FROM generate_series(1, %s) n",
            (count,),
        )
        if rules:
            db.execute_sql(
                "INSERT INTO alert_rules (product_id, target_price, currency)"
                " SELECT id, 500, 'USD' FROM products"
            )
        db.execute_sql("ANALYZE")


def make_due() -> None:
    """Every product due again now."""
    with db.connection_context():
        db.execute_sql("UPDATE products SET next_run_at = now(), due_at = now()")


def count(table: str) -> int:
    """How many rows `table` holds."""
    with db.connection_context():
        return int(db.execute_sql(f"SELECT count(*) FROM {table}").fetchone()[0])
