"""One process at a time changes a database's schema; the others are told who does."""

from __future__ import annotations

import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import psycopg2
from peewee import InterfaceError, OperationalError

from tracker_db.db import Database, direct_url
from tracker_db.errors import MigrationError
from tracker_db.schema.pooler import is_pooled

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Whoever changes a database's schema holds this advisory lock; "trck" in ASCII.
_LOCK_KEY = 0x7472636B
_LOCK_SECONDS = 60
_TOO_FEW = (
    "A pooler such as PgBouncer ended a connection while another one, which holds the lock that "
    "keeps others out, still works: its pool has to have two. Allow it two, or set DIRECT_URL to "
    "PostgreSQL itself."
)
_HOLDER = """
    SELECT activity.pid, activity.application_name, date_trunc('second', now() - xact_start)
    FROM pg_locks JOIN pg_stat_activity AS activity USING (pid)
    WHERE locktype = 'advisory' AND classid = 0 AND objid = %s AND granted
      AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


@contextmanager
def schema_lock() -> Iterator[None]:
    """Keep everyone else from changing the schema; MigrationError after a minute of waiting.

    The lock belongs to a transaction of a connection of its own: PgBouncer passes it on
    faithfully, and it ends with the process however that ends.
    """
    database = Database.at(direct_url())
    with database.connection_context(), database.atomic():
        # Some servers end transactions that seem to do nothing.
        database.execute_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
        # Asking again and again, because a transaction that waits inside PostgreSQL would hold
        # up the other runner's CREATE INDEX CONCURRENTLY, which holds up the transaction.
        deadline = time.monotonic() + _LOCK_SECONDS
        while not _scalar(database, "SELECT pg_try_advisory_xact_lock(%s)", _LOCK_KEY):
            if time.monotonic() > deadline:
                raise MigrationError(_lock_is_taken(database))
            time.sleep(0.1)
        try:
            yield
        except (InterfaceError, OperationalError) as error:
            if _is_pooled(database):
                raise MigrationError(_TOO_FEW) from error
            raise


def _is_pooled(database: Database) -> bool:
    """Whether a pooler, and what is behind it, still answers on this connection."""
    with suppress(psycopg2.Error):
        return is_pooled(database.connection())
    return False


def _scalar(database: Database, sql: str, *parameters: object) -> Any:
    return database.execute_sql(sql, parameters).fetchone()[0]


def _lock_is_taken(database: Database) -> str:
    holder = database.execute_sql(_HOLDER, (_LOCK_KEY,)).fetchone()
    who = "process {} ({}) for {}".format(*holder) if holder else "another process"
    return f"The schema is being changed by {who}; waited {_LOCK_SECONDS} s. Nothing was changed."
