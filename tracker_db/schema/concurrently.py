"""CREATE INDEX CONCURRENTLY and DROP INDEX CONCURRENTLY in a migration file."""

from __future__ import annotations

import re
from contextlib import closing
from typing import Any

import psycopg2

from tracker_db.errors import MigrationError
from tracker_db.schema.pooler import is_pooled

_NAME = r'(?:"(?:[^"]|"")+"|[\w$]+)'
#: The index, and its table, in whose schema it is.
_CREATES = re.compile(
    rf"\s*CREATE\s+(?P<unique>UNIQUE\s+)?INDEX\s+CONCURRENTLY\s+(?P<index>{_NAME})"
    rf"\s+ON\s+(?:ONLY\s+)?(?P<table>(?P<schema>{_NAME}\.)?{_NAME})(?P<how>.*)",
    re.IGNORECASE | re.DOTALL,
)
_DROPS = re.compile(r"\s*DROP\s+INDEX\s+CONCURRENTLY\s", re.IGNORECASE)
_IS_INVALID = "SELECT NOT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)"
#: All that PostgreSQL says of an index of a table, but for the names of both.
_DEFINITION = """
    SELECT indisunique, substring(pg_get_indexdef(indexrelid) FROM ' USING .*')
      FROM pg_index WHERE indexrelid = to_regclass(%s) AND indrelid = to_regclass(%s)
"""
#: How long to wait for one lock: everybody else queues behind who waits.
_LOCK_TIMEOUT = "5s"


def concurrently(migrator: Any, sql: str) -> None:
    """Run `sql` outside the migration's transaction; the file must do nothing else.

    The index is made on a connection of its own, because no transaction may be around it.
    What an earlier attempt left behind, an invalid index, is dropped first, and a failed
    attempt leaves none; one that was finished, and killed before it was recorded, is enough.
    Raises MigrationError for any other statement, and when it fails.
    """
    if not _CREATES.match(sql) and not _DROPS.match(sql):
        raise MigrationError(
            f"{sql!r} is neither CREATE INDEX CONCURRENTLY name ON ... nor DROP INDEX CONCURRENTLY."
        )
    migrator.run(_run, migrator.__database__, sql)


def _run(database: Any, sql: str) -> None:
    info = database.connection().info
    parameters = {**info.dsn_parameters, "password": info.password}
    with closing(psycopg2.connect(**parameters)) as connection:
        connection.autocommit = True
        _refuse_pooler(connection)
        cursor = connection.cursor()
        cursor.execute(f"SET lock_timeout = '{_LOCK_TIMEOUT}'")
        try:
            created = _CREATES.match(sql)
            if created:
                _create(cursor, sql, created)
            else:
                cursor.execute(sql)
        except psycopg2.Error as error:
            raise MigrationError(f"{sql} fails, and left nothing behind: {error}") from error


def _create(cursor: Any, sql: str, created: re.Match[str]) -> None:
    index = f"{created['schema'] or ''}{created['index']}"
    _drop_leftover(cursor, index)
    if not _is_there(cursor, index, created):
        try:
            cursor.execute(sql)
        except psycopg2.Error:
            _drop_leftover(cursor, index)
            raise


def _refuse_pooler(connection: Any) -> None:
    """A pooler would pass our setting on to others."""
    if is_pooled(connection):
        raise MigrationError(
            "An index is made concurrently outside of any transaction, on one connection with a "
            "lock_timeout of its own. A pooler such as PgBouncer gives no such connection: set "
            "DIRECT_URL to PostgreSQL itself."
        )


def _is_there(cursor: Any, index: str, created: re.Match[str]) -> bool:
    """Whether the table has this very index, as one that is made the same way shows."""
    cursor.execute(_DEFINITION, [index, created["table"]])
    found = cursor.fetchone()
    if found is None:
        return False
    cursor.execute("BEGIN")
    try:
        cursor.execute(f"CREATE TEMP TABLE alike (LIKE {created['table']})")
        unique = created["unique"] or ""
        cursor.execute(f"CREATE {unique}INDEX alike_index ON pg_temp.alike{created['how']}")
        cursor.execute(_DEFINITION, ["pg_temp.alike_index", "pg_temp.alike"])
        return bool(cursor.fetchone() == found)
    finally:
        cursor.execute("ROLLBACK")


def _drop_leftover(cursor: Any, name: str) -> None:
    cursor.execute(_IS_INVALID, [name])
    if cursor.fetchone() == (True,):
        cursor.execute(f"DROP INDEX CONCURRENTLY {name}")
