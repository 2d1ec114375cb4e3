"""CREATE INDEX CONCURRENTLY and DROP INDEX CONCURRENTLY in a migration file."""

from __future__ import annotations

import re
from contextlib import closing
from typing import Any

import psycopg2

from tracker_db.errors import MigrationError
from tracker_db.schema.pooler import is_pooled

_NAME = r'(?:"(?:[^"]|"")+"|[\w$]+)'
#: The index, and the schema of its table, which is the index's too.
_CREATES = re.compile(
    rf"\s*CREATE\s+(?:UNIQUE\s+)?INDEX\s+CONCURRENTLY\s+(?P<index>{_NAME})"
    rf"\s+ON\s+(?:ONLY\s+)?(?P<schema>{_NAME}\.)?{_NAME}",
    re.IGNORECASE,
)
_DROPS = re.compile(r"\s*DROP\s+INDEX\s+CONCURRENTLY\s", re.IGNORECASE)
_IS_INVALID = "SELECT NOT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)"
#: How long to wait for one lock: everybody else queues behind who waits.
_LOCK_TIMEOUT = "5s"


def concurrently(migrator: Any, sql: str) -> None:
    """Run `sql` outside the migration's transaction; the file must do nothing else.

    The index is made on a connection of its own, because no transaction may be around it.
    What an earlier attempt left behind, an invalid index, is dropped first, and a failed
    attempt leaves none. Raises MigrationError for any other statement, and when it fails.
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
        created = _CREATES.match(sql)
        index = f"{created['schema'] or ''}{created['index']}" if created else None
        if index:
            _drop_leftover(cursor, index)
        try:
            cursor.execute(sql)
        except psycopg2.Error as error:
            if index:
                _drop_leftover(cursor, index)
            raise MigrationError(f"{sql} fails, and left nothing behind: {error}") from error


def _refuse_pooler(connection: Any) -> None:
    """A pooler would pass our setting on to others."""
    if is_pooled(connection):
        raise MigrationError(
            "An index is made concurrently outside of any transaction, on one connection with a "
            "lock_timeout of its own. A pooler such as PgBouncer gives no such connection: set "
            "DIRECT_URL to PostgreSQL itself."
        )


def _drop_leftover(cursor: Any, name: str) -> None:
    cursor.execute(_IS_INVALID, [name])
    if cursor.fetchone() == (True,):
        cursor.execute(f"DROP INDEX CONCURRENTLY {name}")
