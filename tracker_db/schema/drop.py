"""Drop the whole database, or make it anew for development."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from psycopg2.errors import InvalidCatalogName, ObjectInUse
from psycopg2.extensions import make_dsn, quote_ident

from tracker_db.db import Database, db, direct_url
from tracker_db.errors import DatabaseUnavailableError, InvalidInputError, SchemaError
from tracker_db.schema.migrate import migrate
from tracker_db.schema.pooler import is_pooled
from tracker_db.schema.remote import is_production, remote_host
from tracker_db.schema.seed import seed

if TYPE_CHECKING:
    from collections.abc import Iterator

_SYSTEM = ("postgres", "template0", "template1")
_OTHERS = """
    SELECT string_agg(format('%%s (process %%s)', coalesce(nullif(application_name, ''), usename),
                             pid), ', ' ORDER BY pid)
    FROM pg_stat_activity WHERE datname = %s
"""


def database_name() -> str:
    """The name of the database that `drop` and `reset` mean, which a person types to confirm."""
    return str(Database.at(direct_url()).database)


def drop(name: str, *, force: bool = False) -> None:
    """Drop the database, with all that is in it; `name` must be its name.

    `force` allows one on another machine, one named for production, and ends the connections
    of others. Raises InvalidInputError for another name and SchemaError for what is refused;
    nothing was dropped then.
    """
    url = direct_url()
    _refuse_name(name)
    if not force:
        _refuse_precious(url, name)
    if not db.deferred:
        db.close_all()
    with _administering(url) as cursor:
        _drop(cursor, name, force=force)


def reset(name: str) -> list[str]:
    """Drop the development database, make it, migrate and seed it; the migrations applied.

    Refuses what `drop` refuses, and is never forced.
    """
    url = direct_url()
    drop(name)
    with _administering(url) as cursor:
        cursor.execute(f"CREATE DATABASE {quote_ident(name, cursor)}")
    applied = migrate()
    seed()
    return applied


def _refuse_name(name: str) -> None:
    wanted = database_name()
    if name != wanted:
        raise InvalidInputError(
            f"The database is called {wanted}, not {name}. Nothing was dropped."
        )
    if name in _SYSTEM:
        raise SchemaError(f"{name} belongs to PostgreSQL itself, and is never dropped.")


def _refuse_precious(url: str, name: str) -> None:
    if host := remote_host(url):
        raise SchemaError(f"The database is on {host}, not on this machine. Nothing was dropped.")
    if is_production(name):
        raise SchemaError(f"{name} is named for production. Nothing was dropped.")


def _drop(cursor: Any, name: str, *, force: bool) -> None:
    how = " WITH (FORCE)" if force else ""
    try:
        cursor.execute(f"DROP DATABASE {quote_ident(name, cursor)}{how}")
    except ObjectInUse as error:
        cursor.execute(_OTHERS, [name])
        raise SchemaError(
            f"{name} is in use by {cursor.fetchone()[0]}. Stop them first. Nothing was dropped."
        ) from error
    except InvalidCatalogName as error:
        raise SchemaError(f"There is no database {name}.") from error


@contextmanager
def _administering(url: str) -> Iterator[Any]:
    """A cursor in the server's own database: nobody can drop the one where he stands."""
    server = make_dsn(url, dbname="postgres")
    if _leads_to_pooler(server, url):
        raise SchemaError(
            "A pooler such as PgBouncer answers here. It keeps connections to the database, and "
            "nobody can see whether the server behind it is on this machine: set DIRECT_URL to "
            "PostgreSQL itself. Nothing was dropped."
        )
    database = Database.at(server)
    with database.connection_context():
        yield database.cursor()


def _leads_to_pooler(*urls: str) -> bool:
    """Whether the first that answers is a pooler; some know only the databases they are told."""
    for url in urls:
        database = Database.at(url)
        try:
            with database.connection_context():
                return is_pooled(database.connection())
        except DatabaseUnavailableError:
            continue
    return False
