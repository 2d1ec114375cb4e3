"""Throw-away databases to try things in, on the server of the database they are for."""

from __future__ import annotations

import os
import re
import secrets
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

from psycopg2.errors import InsufficientPrivilege
from psycopg2.extensions import make_dsn

from tracker_db import embedded
from tracker_db.db import Database
from tracker_db.errors import DatabaseUnavailableError, SchemaError

if TYPE_CHECKING:
    from collections.abc import Iterator

_NAME = re.compile(r"tracker_shadow_\d+_[0-9a-f]{8}")


@contextmanager
def shadow(url: str) -> Iterator[Database]:
    """A connection to a new empty database beside the one at `url`; dropped in the end.

    Where the role may not create databases, the embedded server serves. The connection
    is open; pools cannot be asked for a new database, so `url` must lead past them.
    """
    name = f"tracker_shadow_{os.getpid()}_{secrets.token_hex(4)}"
    server = _create(url, name)
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


def _create(url: str, name: str) -> str:
    """Create the database; the URL of a database on the server that has it now."""
    try:
        with _administering(url) as cursor:
            cursor.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    except InsufficientPrivilege:
        url = embedded.url()
        with _administering(url) as cursor:
            cursor.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    return url


@contextmanager
def _administering(url: str) -> Iterator[Any]:
    database = Database.at(url)
    with database.connection_context():
        yield database.cursor()
