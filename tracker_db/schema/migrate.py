"""Apply and roll back the files in `migrations`, as `pw_migrate` does, one process at a time."""

from __future__ import annotations

import hashlib
import logging
import time
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from peewee_migrate.models import MIGRATE_TABLE
from peewee_migrate.router import Router

from tracker_db.db import Database, direct_url
from tracker_db.errors import MigrationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

logger = logging.getLogger(__name__)

#: Whoever changes a database's schema holds this advisory lock; "trck" in ASCII.
_LOCK_KEY = 0x7472636B
_LOCK_SECONDS = 60
#: Everyone else queues behind a migration that waits for a table.
_TABLE_LOCK_SECONDS = 5
_HOLDER = """
    SELECT activity.pid, activity.application_name, date_trunc('second', now() - xact_start)
    FROM pg_locks JOIN pg_stat_activity AS activity USING (pid)
    WHERE locktype = 'advisory' AND classid = 0 AND objid = %s AND granted
      AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
#: The added columns are nullable because pw_migrate, which does not know them, leaves them out.
_PREPARE_HISTORY = f"""
    ALTER TABLE {MIGRATE_TABLE} ADD COLUMN IF NOT EXISTS checksum text;
    ALTER TABLE {MIGRATE_TABLE} ADD COLUMN IF NOT EXISTS duration_ms integer;
    CREATE UNIQUE INDEX IF NOT EXISTS {MIGRATE_TABLE}_name_unique ON {MIGRATE_TABLE} (name);
"""


@dataclass(frozen=True, slots=True)
class Migration:
    """One migration: in the folder, in the history, or in both."""

    name: str
    #: applied, pending; late (pending, though a later one is applied); edited (applied, the file
    #: has changed since); missing (applied, the file is gone)
    state: str
    applied_at: datetime | None = None
    duration_ms: int | None = None


def migrate(to: str | None = None) -> list[str]:
    """Apply what is pending, up to and including `to` (a name or its number); their names.

    Each file is one transaction. Raises MigrationError when a file fails, when an applied file
    is missing, when `to` is unknown, or when another process migrates for over a minute.
    """
    with _router() as router:
        last = router.find(to) if to is not None else None
        router.refuse_missing()
        if not router.diff or last in router.done:
            return []
        router.warn()
        router.prepare_history()
        applied: list[str] = router.run(last)
        return applied


def rollback(count: int | None = 1) -> list[str]:
    """Roll back the last `count` migrations, all of them for None; their names.

    Nothing of ours is left in the database once the last one is rolled back, the history
    included. Raises MigrationError as `migrate` does, or when fewer are applied.
    """
    with _router() as router:
        done = router.done
        if count is not None and count > len(done):
            raise MigrationError(f"Cannot roll back {count} migrations: {len(done)} are applied.")
        router.refuse_missing()
        undone = done[::-1][:count]
        for _ in undone:
            router.rollback()
        if not router.done:
            router.drop_history()
        return undone


def status() -> list[Migration]:
    """Every migration and its state, in the order of their names. Changes nothing."""
    database = MigrationDatabase.at(direct_url())
    with database.connection_context():
        return MigrationRouter(database).states()


def migrations_dir() -> Path:
    """The folder of the migration files, in a checkout or inside the installed package."""
    package = Path(__file__).parents[1]
    installed = package / "migrations"
    return installed if installed.is_dir() else package.parent / "migrations"


def forget(name: str) -> Path:
    """Delete the last migration's file, `name` being its name or number; the file.

    Raises MigrationError when it is not the last one, or is applied; nothing is deleted then.
    """
    with _router() as router:
        name = router.find(name)
        state = next(each.state for each in router.states() if each.name == name)
        if state not in {"pending", "late"}:
            raise MigrationError(f"{name} is applied. First: tracker db rollback")
        if name != max(router.todo):
            raise MigrationError(
                f"{name} is not the last migration: {max(router.todo)} may need it."
            )
        path = migrations_dir() / f"{name}.py"
        path.unlink()
        return path


@contextmanager
def schema_lock() -> Iterator[None]:
    """Keep everyone else from changing the schema; MigrationError after a minute of waiting.

    The lock belongs to a transaction of a connection of its own: PgBouncer passes it on
    faithfully, and it ends with the process however that ends.
    """
    database = MigrationDatabase.at(direct_url())
    with database.connection_context(), database.atomic():
        # Asking again and again, because a transaction that waits inside PostgreSQL would hold
        # up the other runner's CREATE INDEX CONCURRENTLY, which holds up the transaction.
        deadline = time.monotonic() + _LOCK_SECONDS
        while not _scalar(database, "SELECT pg_try_advisory_xact_lock(%s)", _LOCK_KEY):
            if time.monotonic() > deadline:
                raise MigrationError(_lock_is_taken(database))
            time.sleep(0.1)
        yield


class MigrationDatabase(Database):
    """Gives up on a lock that it does not get, and stamps pw_migrate's history in UTC."""

    def begin(self, isolation_level: str | None = None) -> None:
        """Begin, with settings that end with the transaction."""
        super().begin(isolation_level)
        milliseconds = round(_TABLE_LOCK_SECONDS * 1000)
        self.cursor().execute(f"SET LOCAL lock_timeout = {milliseconds}; SET LOCAL TIME ZONE 'UTC'")


class MigrationRouter(Router):
    """peewee-migrate's router over our folder, with a history that notices changed files."""

    def __init__(self, database: Database, folder: Path | None = None) -> None:
        super().__init__(database, migrate_dir=folder or migrations_dir())

    @property
    def done(self) -> list[str]:
        """The applied migrations in the order they were applied."""
        return [row["name"] for row in self.history()]

    def history(self) -> list[dict[str, Any]]:
        """The rows of the history; none where it does not exist yet."""
        if not self.database.table_exists(MIGRATE_TABLE):
            return []
        rows = self.database.execute_sql(f"SELECT to_jsonb(h) FROM {MIGRATE_TABLE} h ORDER BY id")
        return [row for (row,) in rows]

    def states(self) -> list[Migration]:
        """Every migration and its state, in the order of their names."""
        applied = {row["name"]: row for row in self.history()}
        names = sorted({*self.todo, *applied})
        return [self._state(name, applied) for name in names]

    def find(self, wanted: str) -> str:
        """The full name for a name or a number; MigrationError lists the names there are."""
        for name in self.todo:
            if wanted == name or wanted.zfill(3) == name[:3]:
                return name
        raise MigrationError(f"No migration {wanted}; there are: {', '.join(self.todo)}.")

    def refuse_missing(self) -> None:
        """Stop at an applied file that is gone: what it did is unknown, and cannot be undone."""
        missing = [state.name for state in self.states() if state.state == "missing"]
        if missing:
            raise MigrationError(
                f"Applied, but not in {self.migrate_dir}: {', '.join(missing)}. Put the files back."
            )

    def warn(self) -> None:
        """Log the files that do not stand where, or say what, one would expect."""
        for migration in self.states():
            if migration.state == "late":
                logger.warning("%s is applied after later migrations.", migration.name)
            if migration.state == "edited":
                logger.warning("%s has been changed since it was applied.", migration.name)

    def prepare_history(self) -> None:
        """Create the history where it is missing, with our two columns."""
        with self.database.atomic():
            self.model.create_table(safe=True)
            self.database.execute_sql(_PREPARE_HISTORY)

    def drop_history(self) -> None:
        """Drop the history, so that nothing at all is left."""
        self.database.execute_sql(f"DROP TABLE IF EXISTS {MIGRATE_TABLE}")

    def read(self, name: str) -> tuple[Callable[..., None], Callable[..., None]]:
        """Load a file under its real name, which a traceback then shows."""
        path = self._path(name)
        scope: dict[str, Any] = {}
        exec(compile(path.read_text("utf-8"), path, "exec", dont_inherit=True), scope)  # noqa: S102
        for function in ("migrate", "rollback"):
            if function not in scope:
                raise MigrationError(f"{path} has no {function}() function.")
        return scope["migrate"], scope["rollback"]

    def run_one(self, name: str, migrator: Any, **options: Any) -> str:
        """Run one file, or replay it without a database as peewee-migrate does for applied ones."""
        try:
            if options.get("fake", True):
                return str(super().run_one(name, migrator, **options))
            return self._run_one(name, migrator, **options)
        except MigrationError:
            raise
        except Exception as error:
            raise MigrationError(f"Migration {name} failed and left no trace: {error}") from error

    def _run_one(self, name: str, migrator: Any, **options: Any) -> str:
        started = time.monotonic()
        with self.database.transaction():
            super().run_one(name, migrator, **options)
            self.database.execute_sql(
                f"UPDATE {MIGRATE_TABLE} SET checksum = %s, duration_ms = %s WHERE name = %s",
                (self._checksum(name), round((time.monotonic() - started) * 1000), name),
            )
        return name

    def _state(self, name: str, applied: dict[str, dict[str, Any]]) -> Migration:
        row = applied.get(name)
        if row is None:
            late = any(name < other for other in applied)
            return Migration(name, "late" if late else "pending")
        when = datetime.fromisoformat(row["migrated_at"]).replace(tzinfo=UTC)
        return Migration(name, self._applied_state(name, row), when, row.get("duration_ms"))

    def _applied_state(self, name: str, row: dict[str, Any]) -> str:
        if not self._path(name).is_file():
            return "missing"
        edited = row.get("checksum") not in {None, self._checksum(name)}
        return "edited" if edited else "applied"

    def _checksum(self, name: str) -> str:
        return hashlib.sha256(self._path(name).read_bytes()).hexdigest()

    def _path(self, name: str) -> Path:
        return Path(self.migrate_dir, f"{name}.py")


@contextmanager
def _router() -> Iterator[MigrationRouter]:
    database = MigrationDatabase.at(direct_url())
    with schema_lock(), database.connection_context():
        yield MigrationRouter(database)


def _scalar(database: Database, sql: str, *parameters: object) -> Any:
    return database.execute_sql(sql, parameters).fetchone()[0]


def _lock_is_taken(database: Database) -> str:
    holder = database.execute_sql(_HOLDER, (_LOCK_KEY,)).fetchone()
    who = "process {} ({}) since {}".format(*holder) if holder else "another process"
    return f"The schema is being changed by {who}; waited {_LOCK_SECONDS} s. Nothing was changed."
