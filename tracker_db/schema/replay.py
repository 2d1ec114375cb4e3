"""Migration files run in a shadow database, by peewee-migrate's own router."""

from __future__ import annotations

import logging
import shutil
import tempfile
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg2
from peewee_migrate.models import MigrateHistory
from peewee_migrate.router import Router

from tracker_db.errors import SchemaError
from tracker_db.schema import files
from tracker_db.schema.catalog import snapshot
from tracker_db.schema.from_models import snapshot_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from peewee import Model

    from tracker_db.db import Database
    from tracker_db.schema.catalog.objects import Snapshot

#: The router logs what it does, and every failure with its traceback; we raise those.
_quiet = logging.getLogger(f"{__name__}.router")
_quiet.addHandler(logging.NullHandler())
_quiet.propagate = False


class _Router(Router):
    """peewee-migrate's, with a history of its own.

    The class they share would go on pointing at the shadow once that is gone, and with it
    every other router of this process.
    """

    @cached_property
    def model(self) -> type[MigrateHistory]:
        """The history in the shadow, which is created if it is missing."""
        meta = type("Meta", (), {"database": self.database, "table_name": self.migrate_table})
        model: type[MigrateHistory] = type("MigrateHistory", (MigrateHistory,), {"Meta": meta})
        model.create_table(safe=True)
        return model


class Replay:
    """A copy of the migration files and the shadow database they are run in."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.folder = folder
        self._database = database
        self._router = _Router(database, migrate_dir=folder, logger=_quiet)

    def run(self, last: str | None = None) -> None:
        """Apply what is not applied yet, up to `last`; SchemaError names the file that fails."""
        try:
            self._router.run(last)
        except Exception as error:
            applied = self._router.done
            failed = next(name for name in files.names(self.folder) if name not in applied)
            raise SchemaError(f"Migration {failed} fails on an empty database: {error}") from error

    def rollback(self) -> None:
        """Roll back the last file; SchemaError names it when it fails."""
        name = self._router.done[-1]
        try:
            self._router.rollback()
        except Exception as error:
            raise SchemaError(f"Migration {name} cannot be rolled back: {error}") from error

    def snapshot(self) -> Snapshot:
        """The schema as it is now."""
        return snapshot(self._database.connection())

    def with_statements(self, *statements: str) -> Snapshot:
        """The schema as it would be after these statements, which are undone.

        SchemaError with the statement that fails.
        """
        self._database.begin()
        try:
            for statement in statements:
                self._try(statement)
            return self.snapshot()
        finally:
            self._database.rollback()

    def _try(self, statement: str) -> None:
        try:
            self._database.cursor().execute(statement)
        except psycopg2.Error as error:
            raise SchemaError(f"This fails on an empty database:\n{statement}\n{error}") from error

    def with_models(self, models: Sequence[type[Model]]) -> Snapshot:
        """The schema the models describe; only before anything is applied.

        SchemaError when PostgreSQL refuses a table or an `extra_sql`.
        """
        return snapshot_of(self._database, models)

    def add(self, folder: Path, only: Collection[str] | None = None) -> None:
        """Copy the migrations of a folder, or some of them, to those that can be run."""
        for name in files.names(folder):
            if only is None or name in only:
                shutil.copy(folder / f"{name}.py", self.folder)


@contextmanager
def replay(
    database: Database, folder: Path, only: Collection[str] | None = None
) -> Iterator[Replay]:
    """A copy of the folder's migrations, or of some, ready to run in `database`."""
    with tempfile.TemporaryDirectory(prefix="tracker-replay-") as copy:
        workbench = Replay(database, Path(copy))
        workbench.add(folder, only)
        yield workbench
