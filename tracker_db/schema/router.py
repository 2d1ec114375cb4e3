"""peewee-migrate's router over a folder of ours: checksums, states, and patience with locks."""

from __future__ import annotations

import hashlib
import logging
import time
import traceback
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from peewee_migrate.models import MIGRATE_TABLE
from peewee_migrate.router import Router

from tracker_db.db import Database
from tracker_db.errors import MigrationError
from tracker_db.schema import files, history

if TYPE_CHECKING:
    from collections.abc import Callable

logger = logging.getLogger(__name__)

#: Everyone else queues behind a migration that waits for a table, so it gives up and lets
#: them pass before it tries again.
_TABLE_LOCK_SECONDS = 5.0
_TRIES = 5
_PAUSE_SECONDS = 1.0
_LOCK_NOT_AVAILABLE = "55P03"
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
    #: has changed since); missing (applied, the file is gone); partial (of the migrations that
    #: this file replaces, only some are applied)
    state: str
    applied_at: datetime | None = None
    duration_ms: int | None = None


class MigrationDatabase(Database):
    """Gives up on a lock that it does not get, and stamps pw_migrate's history in UTC."""

    def begin(self, isolation_level: str | None = None) -> None:
        """Begin, with settings that end with the transaction."""
        super().begin(isolation_level)
        milliseconds = round(_TABLE_LOCK_SECONDS * 1000)
        self.cursor().execute(f"SET LOCAL lock_timeout = {milliseconds}; SET LOCAL TIME ZONE 'UTC'")


class MigrationRouter(Router):
    """peewee-migrate's router over our folder, with a history that notices changed files."""

    def __init__(self, database: Database, folder: Path) -> None:
        super().__init__(database, migrate_dir=folder)

    @cached_property
    def _squashes(self) -> dict[str, files.Histories]:
        return files.squashes(self.migrate_dir)

    @property
    def todo(self) -> list[str]:
        """The migrations in the folder, in order; not those that a squashed file replaces."""
        return files.names(self.migrate_dir)

    @property
    def done(self) -> list[str]:
        """The applied migrations in the order they were applied."""
        return [row["name"] for row in self.history()]

    def history(self) -> list[dict[str, Any]]:
        """The rows of the history, a squashed file for those it replaces; none without a table."""
        return history.fold(self._stored_history(), self._squashes)

    def _stored_history(self) -> list[dict[str, Any]]:
        if not self.database.table_exists(MIGRATE_TABLE):
            return []
        rows = self.database.execute_sql(f"SELECT to_jsonb(h) FROM {MIGRATE_TABLE} h ORDER BY id")
        return [row for (row,) in rows]

    def states(self) -> list[Migration]:
        """Every migration and its state, in the order of their names."""
        applied = {row["name"]: row for row in self.history()}
        partial = history.partial(applied, self._squashes)
        return [
            Migration(name, "partial") if name in partial else self._state(name, applied)
            for name in sorted({*self.todo, *applied})
        ]

    def find(self, wanted: str) -> str:
        """The full name for a name or a number; MigrationError lists the names there are."""
        for name in self.todo:
            if files.is_called(name, wanted):
                return name
        for name, histories in self._squashes.items():
            if any(files.is_called(old, wanted) for old in chain(*histories)):
                raise MigrationError(f"{wanted} is part of {name}, and cannot be had alone.")
        raise MigrationError(f"No migration {wanted}; there are: {', '.join(self.todo)}.")

    def refuse_partial(self) -> None:
        """Stop where only some of what a squashed file replaces is applied."""
        for name, lacking in history.partial(self.done, self._squashes).items():
            raise MigrationError(
                f"{name} replaces migrations of which only some are applied here; these are not: "
                f"{', '.join(lacking)}. Check out a commit from before the squash, say "
                "tracker db migrate, come back, and say it again."
            )

    def settle(self) -> None:
        """Replace what was squashed in the stored history, in one transaction; nothing is run.

        MigrationError where only some of it is applied.
        """
        self.refuse_partial()
        stored, wanted = self._stored_history(), self.history()
        if stored == wanted:
            return
        self.prepare_history()
        with self.database.atomic():
            self.database.execute_sql(
                f"DELETE FROM {MIGRATE_TABLE} WHERE NOT id = ANY(%s)", ([r["id"] for r in wanted],)
            )
            for row in wanted:
                if row not in stored:
                    self._rename_in_history(row["id"], row["name"])

    def _rename_in_history(self, row_id: int, name: str) -> None:
        self.database.execute_sql(
            f"UPDATE {MIGRATE_TABLE} SET name = %s, checksum = %s, duration_ms = NULL"
            " WHERE id = %s",
            (name, self._checksum(name), row_id),
        )
        logger.info("%s stands in the history for what it replaces.", name)

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
        path = self.path(name)
        scope: dict[str, Any] = {}
        exec(compile(path.read_text("utf-8"), path, "exec", dont_inherit=True), scope)  # noqa: S102
        for function in ("migrate", "rollback"):
            if function not in scope:
                raise MigrationError(f"{path} has no {function}() function.")
        return scope["migrate"], scope["rollback"]

    def run_one(self, name: str, migrator: Any, **options: Any) -> str:
        """Run one file, or replay it without a database as peewee-migrate does for applied ones."""
        try:
            if options.get("fake", True) and not options.get("force"):
                return str(super().run_one(name, migrator, **options))
            return self._run_patiently(name, migrator, **options)
        except MigrationError:
            raise
        except Exception as error:
            raise MigrationError(
                f"Migration {name} failed and left no trace: {str(error).strip()}"
                f"{self._place(name, error)}"
            ) from error

    def _run_patiently(self, name: str, migrator: Any, **options: Any) -> str:
        """Run a file again when it could not get a lock; nothing of the first try is left."""
        for left in reversed(range(_TRIES)):
            try:
                return self._run_one(name, migrator, **options)
            except Exception as error:
                if not left or not _lacked_lock(error):
                    raise
                logger.warning("%s waits for a table in use; tries left: %d.", name, left)
                migrator.__ops__ = []
                time.sleep(_PAUSE_SECONDS)
        raise AssertionError("the last try returns or raises")

    def _run_one(self, name: str, migrator: Any, **options: Any) -> str:
        started = time.monotonic()
        with self.database.transaction():
            super().run_one(name, migrator, **options)
            self.database.execute_sql(
                f"UPDATE {MIGRATE_TABLE} SET checksum = %s, duration_ms = %s WHERE name = %s",
                (self._checksum(name), round((time.monotonic() - started) * 1000), name),
            )
        return name

    def _place(self, name: str, error: Exception) -> str:
        """The statement that failed, or the line of the file that did."""
        lines = [
            frame.lineno
            for frame in traceback.extract_tb(error.__traceback__)
            if frame.filename == str(self.path(name))
        ]
        statement = getattr(getattr(error.__context__, "cursor", None), "query", None)
        if statement:
            return f"\nin: {statement.decode().strip()}"
        return f"\nin {self.path(name)}, line {lines[-1]}" if lines else ""

    def _state(self, name: str, applied: dict[str, dict[str, Any]]) -> Migration:
        row = applied.get(name)
        if row is None:
            late = any(name < other for other in applied)
            return Migration(name, "late" if late else "pending")
        when = datetime.fromisoformat(row["migrated_at"]).replace(tzinfo=UTC)
        return Migration(name, self._applied_state(name, row), when, row.get("duration_ms"))

    def _applied_state(self, name: str, row: dict[str, Any]) -> str:
        if not self.path(name).is_file():
            return "missing"
        edited = row.get("checksum") not in {None, self._checksum(name)}
        return "edited" if edited else "applied"

    def _checksum(self, name: str) -> str:
        return hashlib.sha256(self.path(name).read_bytes()).hexdigest()

    def path(self, name: str) -> Path:
        """The file of a migration."""
        return Path(self.migrate_dir, f"{name}.py")


def _lacked_lock(error: BaseException) -> bool:
    """Whether a lock was not to be had in time, however the error is wrapped."""
    chain: BaseException | None = error
    while chain is not None:
        if getattr(chain, "pgcode", None) == _LOCK_NOT_AVAILABLE:
            return True
        chain = chain.__cause__ or chain.__context__
    return False
