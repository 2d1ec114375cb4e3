"""The database of this process: a pool that connects on first use, never on import."""

from __future__ import annotations

import os
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Self

import psycopg2
from peewee import InterfaceError, OperationalError
from playhouse.postgres_ext import PooledPostgresqlExtDatabase, PostgresqlExtDatabase
from psycopg2.extensions import parse_dsn
from psycopg2.extras import register_uuid

from tracker_db import embedded
from tracker_db.config import settings
from tracker_db.errors import DatabaseUnavailableError, SettingError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from uuid import UUID

register_uuid()  # uuid and uuid[] are uuid.UUID in both directions

#: What a URL leaves unsaid. No `options` here: PgBouncer refuses them.
_DEFAULTS = {
    "connect_timeout": "5",
    "application_name": "tracker",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "30000",
}


class Database(PostgresqlExtDatabase):
    """Can be moved to another URL, and does not hold on to a broken connection."""

    @classmethod
    def at(cls, url: str) -> Self:
        """A database object for `url`."""
        database = cls(None)
        database.connect_url(url)
        return database

    def connect_url(self, url: str) -> None:
        """Use the database at `url` from now on. SettingError if libpq cannot read the URL."""
        parameters = _parameters(url)
        self.init(None)
        self.connect_params.clear()  # init() only adds: the old password would stay
        self.server_version = None
        self.init(parameters.pop("dbname"), **parameters)

    def cursor(self, named_cursor: str | None = None) -> Any:
        """A cursor; a connection that was found broken is replaced, outside a transaction."""
        if self.is_broken() and not self.in_transaction():
            self._reconnect()
        return super().cursor(named_cursor)

    def rollback(self) -> None:
        """Roll back; with the connection gone the server has done so already."""
        if not self.is_broken():
            super().rollback()

    def is_broken(self) -> bool:
        """Whether this thread holds a connection that its last statement found dead."""
        return not self.is_closed() and bool(self._state.conn.closed)

    def unavailable(self, what: str, error: Exception) -> DatabaseUnavailableError:
        """The error that names the host and the database, never the password."""
        host = self.connect_params.get("host", "the local socket")
        reason = " ".join(str(error).split())
        return DatabaseUnavailableError(f"Database {self.database} on {host} {what}: {reason}")

    def _reconnect(self) -> None:
        contexts = self._state.ctx
        self.close()
        self.connect()
        self._state.ctx = contexts  # the connection_context blocks that we are in

    def _connect(self) -> Any:
        try:
            return super()._connect()
        except psycopg2.OperationalError as error:
            raise self.unavailable("cannot be reached", error) from error


class PooledDatabase(PooledPostgresqlExtDatabase, Database):
    """The pool: initialised from the settings on first use, slots of dead threads reclaimed."""

    def __init__(self, **kwargs: Any) -> None:
        self.chosen_url: str | None = None
        self._first_use = threading.Lock()
        self._owners: dict[int, threading.Thread] = {}
        super().__init__(None, **kwargs)

    def connect_url(self, url: str) -> None:
        """Use the database at `url`, not the settings'. All connections to another are closed."""
        self.forget_url()
        super().connect_url(url)
        self.chosen_url = url

    def forget_url(self) -> None:
        """Close all connections; the next one goes to the database of the settings again."""
        if not self.deferred:
            self.close_all()
        self.chosen_url = None
        self.init(None)

    def connect(self, reuse_if_open: bool = False) -> bool:
        """Connect this thread; waits for a free slot when all are taken."""
        with self._first_use:
            if self.deferred:
                Database.connect_url(self, url())
        connected: bool = super().connect(reuse_if_open)
        return connected

    def after_fork(self) -> None:
        """Start anew in a child process: the connections, and locks held, are its parent's."""
        self._first_use = threading.Lock()
        self._lock = threading.Lock()
        self._pool_lock = threading.RLock()
        self._pool_available = threading.Condition(self._pool_lock)
        self._owners.clear()
        self.dispose()

    def _connect(self) -> Any:
        self._reclaim()
        try:
            connection = super()._connect()
        except DatabaseUnavailableError:
            if self.chosen_url or settings().database_url:
                raise
            embedded.url()  # its server may have been killed: this starts it again
            connection = super()._connect()
        self._owners[id(connection)] = threading.current_thread()
        return connection

    def _close(self, conn: Any, close_conn: bool = False) -> None:
        self._owners.pop(id(conn), None)
        super()._close(conn, close_conn)

    def _reclaim(self) -> None:
        """Close the connections of threads that ended without closing theirs."""
        for key, thread in list(self._owners.items()):
            if not thread.is_alive():
                del self._owners[key]
                if key in self._in_use:
                    super()._close(self._in_use[key].connection, close_conn=True)


db = PooledDatabase(max_connections=20, stale_timeout=30, timeout=10, autoconnect=False)
os.register_at_fork(after_in_child=db.after_fork)


def url() -> str:
    """DATABASE_URL, or the URL of the embedded server, which this starts."""
    return settings().database_url or embedded.url()


def direct_url() -> str:
    """Where work goes that no pooler may stand in: what `db` was moved to, else DIRECT_URL."""
    return db.chosen_url or settings().direct_url or url()


def direct() -> Database:
    """A database object of its own at `direct_url()`, which connects when it is used."""
    return Database.at(direct_url())


@contextmanager
def transaction() -> Iterator[None]:
    """A connection and a transaction; inside another one, a savepoint.

    Raises DatabaseUnavailableError when the database cannot be reached or goes away: nothing
    was changed then, except perhaps when it went away in the middle of the commit.
    """
    with db.connection_context():
        try:
            with db.atomic():
                yield
        except (OperationalError, InterfaceError) as error:
            if db.is_broken():
                raise db.unavailable("went away", error) from error
            raise


def _parameters(url: str) -> dict[str, str]:
    try:
        parameters = parse_dsn(url)
    except psycopg2.ProgrammingError:
        # libpq's own message quotes the URL, and with it the password.
        raise SettingError("The database URL cannot be read by PostgreSQL's client.") from None
    return {"dbname": parameters.get("user", "postgres"), **_DEFAULTS, **parameters}


def uuid_array(ids: Iterable[UUID]) -> str:
    """The text form of a `uuid[]`: half the cost of having the driver quote each one."""
    return "{" + ",".join(map(str, ids)) + "}"
