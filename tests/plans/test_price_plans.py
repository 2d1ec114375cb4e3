"""The queries that people wait for use their indexes."""

import json

import pytest

from tracker_db.db import db
from tracker_db.queries import prices, products, runs

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
def full(database):
    """A product with a long history among others that have one too."""
    with db.connection_context():
        db.execute_sql(
            "INSERT INTO products (url, name) SELECT 'https://s.example/' || n, 'P' || n"
            " FROM generate_series(1, 200) n"
        )
        for table, columns, values in [
            ("price_records", "scraped_at, price", "100"),
            ("run_logs", "due_at, created_at, status", "now() - n * interval '1 hour', 'SUCCESS'"),
        ]:
            db.execute_sql(
                f"INSERT INTO {table} (product_id, {columns}) SELECT id,"
                f" now() - n * interval '1 hour', {values} FROM products, generate_series(1, 50) n"
            )
        db.execute_sql("ANALYZE")
        return db.execute_sql("SELECT id FROM products LIMIT 1").fetchone()[0]


def scans(sql, parameters):
    """(node type, table or index) of every scan in the plan."""
    with db.connection_context():
        plan = db.execute_sql(f"EXPLAIN (FORMAT JSON) {sql}", parameters).fetchone()[0]
    tree = plan if isinstance(plan, list) else json.loads(plan)
    return set(_scans(tree[0]["Plan"]))


def _scans(node):
    if "Scan" in node["Node Type"]:
        yield node["Node Type"], node.get("Index Name") or node.get("Relation Name")
    for child in node.get("Plans", ()):
        yield from _scans(child)


def whole_tables(sql, parameters):
    return {table for kind, table in scans(sql, parameters) if kind == "Seq Scan"}


def test_the_history_of_a_product_is_read_by_its_index(full):
    parameters = {"product": full, "days": 30, "unavailable": []}
    assert whole_tables(prices._HISTORY, parameters) == set()
    assert whole_tables(prices._STATISTICS, parameters) == set()


def test_the_latest_runs_are_read_by_their_time(full):
    sql = runs._LATEST
    assert "run_logs" not in whole_tables(sql, {"failed": False, "limit": 20})


def test_the_last_run_of_each_product_is_read_by_the_slot(full):
    found = scans(f"{products._SELECT} WHERE p.id = %(id)s", {"id": full})
    assert ("Index Scan", "run_logs_slot_unique") in found
