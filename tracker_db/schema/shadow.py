"""Throw-away databases to try things in, on the server of the database they are for."""

from __future__ import annotations

import os
import re
import secrets
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING, Any

import psycopg2
from psycopg2.errors import InsufficientPrivilege
from psycopg2.extensions import make_dsn

from tracker_db import embedded
from tracker_db.db import Database
from tracker_db.errors import DatabaseUnavailableError, SchemaError

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAME = re.compile(r"tracker_shadow_\d+_[0-9a-f]{12}")
#: What killed processes left: old enough to have had its connection, and without one. The first
#: eight of the last digits are the second in which a shadow was made, by its server's clock.
_ABANDONED = r"""
    SELECT datname FROM pg_database AS d
     WHERE ('x' || substring(datname FROM '^tracker_shadow_\d+_([0-9a-f]{8})[0-9a-f]{4}$'))::bit(32)
           ::bigint < extract(epoch FROM now()) - 60
       AND pg_has_role(d.datdba, 'USAGE')
       AND NOT EXISTS (SELECT FROM pg_stat_activity AS a WHERE a.datid = d.oid)
"""


@contextmanager
def shadow(url: str) -> Iterator[Database]:
    """A connection to a new empty database beside the one at `url`; dropped in the end.

    What killed processes have left of theirs is dropped too. Where the role may not create
    databases, the embedded server serves. The connection is open; pools cannot be asked for a
    new database, so `url` must lead past them.
    """
    server, name = _create(url)
    try:
        database = Database.at(make_dsn(server, dbname=name))
        _connect(database)
        with closing(database):
            yield database
    finally:
        drop(server, name)


def _connect(database: Database) -> None:
    try:
        database.connect()
    except DatabaseUnavailableError as error:
        raise SchemaError(
            "A shadow database was made but cannot be reached. If DATABASE_URL leads to a pooler, "
            "which knows the databases of its settings only, set DIRECT_URL to PostgreSQL itself. "
            f"{error}"
        ) from error


def drop(server: str, name: str) -> None:
    """Drop a shadow database, whoever is in it; SchemaError for any other name."""
    if not _NAME.fullmatch(name):
        raise SchemaError(f"{name} is not a shadow database, and only those are dropped here.")
    with _administering(server) as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


def _create(url: str) -> tuple[str, str]:
    """Create a database: the URL of one on the server that has it now, and its name."""
    try:
        return url, _create_at(url)
    except InsufficientPrivilege:
        url = embedded.url()
        return url, _create_at(url)


def _create_at(url: str) -> str:
    with _administering(url) as cursor:
        _sweep(cursor)
        cursor.execute("SELECT to_hex(extract(epoch FROM now())::bigint)")
        name = f"tracker_shadow_{os.getpid()}_{cursor.fetchone()[0]}{secrets.token_hex(2)}"
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    return name


def _sweep(cursor: Any) -> None:
    cursor.execute(_ABANDONED)
    for (name,) in cursor.fetchall():
        # Somebody else may be sweeping.
        with suppress(psycopg2.Error):
            cursor.execute(f"DROP DATABASE IF EXISTS {name}")


@contextmanager
def _administering(url: str) -> Iterator[Any]:
    database = Database.at(url)
    with database.connection_context():
        yield database.cursor()
