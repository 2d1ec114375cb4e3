"""Indexes made without keeping anybody from writing."""

from __future__ import annotations

from contextlib import closing

import psycopg2
import pytest

from tracker_db.db import Database
from tracker_db.errors import MigrationError
from tracker_db.schema.check import check
from tracker_db.schema.router import MigrationRouter

FILE = """
from tracker_db.schema.concurrently import concurrently


def migrate(migrator, database, *, fake=False):
    concurrently(migrator, "{create}")


def rollback(migrator, database, *, fake=False):
    concurrently(migrator, "DROP INDEX CONCURRENTLY i")
"""
TABLE = """
def migrate(migrator, database, *, fake=False):
    migrator.sql("CREATE TABLE t (a integer)")


def rollback(migrator, database, *, fake=False):
    migrator.sql("DROP TABLE t")
"""


@pytest.fixture
def router(empty_database, tmp_path):
    """A router over a table's migration, applied, and one that makes an index."""
    (tmp_path / "001_table.py").write_text(TABLE)
    database = Database.at(empty_database)
    with database.connection_context():
        router = MigrationRouter(database, tmp_path)
        router.prepare_history()
        router.run()
        yield router


def _write(router, create):
    (router.migrate_dir / "002_index.py").write_text(FILE.format(create=create))


def _indexes(router):
    query = (
        "SELECT indexrelid::regclass::text, indisvalid FROM pg_index WHERE indrelid = 't'::regclass"
    )
    return router.database.execute_sql(query).fetchall()


def _fill(router):
    router.database.execute_sql("INSERT INTO t VALUES (1), (1)")


def test_an_index_is_made_and_rolled_back(router, empty_database):
    _write(router, "CREATE INDEX CONCURRENTLY i ON t (a)")
    router.run()
    assert _indexes(router) == [("i", True)]
    assert not any(
        "i is" in f.what
        for f in check(empty_database, router.migrate_dir, []).findings
        if f.area == "database"
    )
    router.rollback()
    assert _indexes(router) == []


def test_a_failed_attempt_leaves_nothing_and_is_not_recorded(router):
    _fill(router)
    _write(router, "CREATE UNIQUE INDEX CONCURRENTLY i ON t (a)")
    with pytest.raises(MigrationError, match="left nothing behind"):
        router.run()
    assert _indexes(router) == []
    assert router.done == ["001_table"]


def test_what_a_killed_attempt_left_is_replaced(router, empty_database):
    _fill(router)
    connection = psycopg2.connect(empty_database)
    connection.autocommit = True
    with pytest.raises(psycopg2.errors.UniqueViolation):
        connection.cursor().execute("CREATE UNIQUE INDEX CONCURRENTLY i ON t (a)")
    connection.close()
    assert _indexes(router) == [("i", False)]
    _write(router, "CREATE INDEX CONCURRENTLY i ON t (a)")
    router.run()
    assert _indexes(router) == [("i", True)]


def test_what_a_killed_attempt_left_in_another_schema_is_replaced(router, empty_database):
    with closing(psycopg2.connect(empty_database)) as connection:
        connection.autocommit = True
        cursor = connection.cursor()
        cursor.execute("CREATE SCHEMA s; CREATE TABLE s.t (a integer)")
        cursor.execute("INSERT INTO s.t VALUES (1), (1)")
        with pytest.raises(psycopg2.errors.UniqueViolation):
            cursor.execute("CREATE UNIQUE INDEX CONCURRENTLY i ON s.t (a)")
    _write(router, "CREATE INDEX CONCURRENTLY i ON s.t (a)")
    router.run()
    assert router.done == ["001_table", "002_index"]


@pytest.mark.parametrize(
    "how", ["(a)", "USING btree (a DESC) WHERE (a > 1 AND true)", "(a, (a + 1)) INCLUDE (a)"]
)
def test_an_index_that_a_killed_attempt_finished_is_recorded(router, empty_database, how):
    with closing(psycopg2.connect(empty_database)) as connection:
        connection.autocommit = True
        connection.cursor().execute(f"CREATE INDEX CONCURRENTLY i ON t {how}")
    _write(router, f"CREATE INDEX CONCURRENTLY i ON public.t {how}")
    router.run()
    assert router.done == ["001_table", "002_index"]
    assert _indexes(router) == [("i", True)]


@pytest.mark.parametrize(
    "other", ["UNIQUE INDEX i ON t (a)", "INDEX i ON t (a DESC)", "INDEX i ON t (a) WHERE a > 1"]
)
def test_another_index_of_that_name_is_in_the_way(router, empty_database, other):
    router.database.execute_sql(f"CREATE {other}")
    _write(router, "CREATE INDEX CONCURRENTLY i ON t (a)")
    with pytest.raises(MigrationError, match="already exists"):
        router.run()
    assert router.done == ["001_table"]


@pytest.mark.parametrize(
    "sql", ["CREATE INDEX i ON t (a)", "CREATE INDEX CONCURRENTLY ON t (a)", "VACUUM"]
)
def test_another_statement_is_refused(router, sql):
    _write(router, sql)
    with pytest.raises(MigrationError, match="neither"):
        router.run()
