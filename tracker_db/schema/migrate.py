"""Apply and roll back the files in `migrations`, as `pw_migrate` does, one process at a time."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tracker_db.db import direct_url
from tracker_db.errors import MigrationError
from tracker_db.schema import files
from tracker_db.schema.lock import schema_lock
from tracker_db.schema.reading import read_statements
from tracker_db.schema.router import Migration, MigrationDatabase, MigrationRouter

if TYPE_CHECKING:
    from collections.abc import Iterator


def migrate(to: str | None = None, *, fake: bool = False) -> list[str]:
    """Apply what is pending, up to and including `to` (a name or its number); their names.

    Each file is one transaction. `fake` only records them, for a database that has what they
    make already. Where all that a squashed file replaces is applied, it counts as applied and
    takes their place in the history. Raises MigrationError when a file fails, when an applied
    file is missing, when only some of what was squashed is applied, when `to` is unknown, or
    when another process migrates for over a minute.
    """
    with _router() as router:
        router.settle()
        names = _up_to(router, to)
        if not names:
            return []
        router.warn()
        router.prepare_history()
        applied: list[str] = router.run(names[-1], fake=fake)
        return applied


def preview(to: str | None = None) -> list[tuple[str, list[str]]]:
    """What `migrate` would apply: each name with its statements. Changes nothing."""
    with _reading_router() as router:
        names = _up_to(router, to)
        return [(name, read_statements(router.path(name))) for name in names]


def rollback(count: int | None = 1) -> list[str]:
    """Roll back the last `count` migrations, all of them for None; their names.

    Nothing of ours is left in the database once the last one is rolled back, the history
    included. Raises MigrationError as `migrate` does, when fewer are applied, or when a
    `count` reaches a squashed file: it is everything at once.
    """
    with _router() as router:
        router.settle()
        done = router.done
        if count is not None and count > len(done):
            raise MigrationError(f"Cannot roll back {count} migrations: {len(done)} are applied.")
        router.refuse_missing()
        undone = done[::-1][:count]
        if count is not None:
            _refuse_squashed(router, undone)
        if undone:
            router.prepare_history()  # pw_migrate may have made it, without our columns
        for _ in undone:
            router.rollback()
        if not router.done:
            router.drop_history()
        return undone


def status() -> list[Migration]:
    """Every migration and its state, in the order of their names. Changes nothing."""
    with _reading_router() as router:
        return router.states()


def migrations_dir() -> Path:
    """The folder of the migration files, in a checkout or inside the installed package."""
    package = Path(__file__).parents[1]
    installed = package / "migrations"
    return installed if installed.is_dir() else package.parent / "migrations"


def forget(name: str) -> Path:
    """Delete the last migration's file, `name` being its name or number; the file.

    Raises MigrationError when it is not the last one, is applied, or stands for others that
    were squashed; nothing is deleted then.
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
        path = router.path(name)
        if files.replaces(path):
            raise MigrationError(
                f"{name} is all that is left of what it replaces. To have those files back, "
                "undo the squash in version control."
            )
        path.unlink()
        return path


@contextmanager
def _router() -> Iterator[MigrationRouter]:
    with schema_lock(), _reading_router() as router:
        yield router


@contextmanager
def _reading_router() -> Iterator[MigrationRouter]:
    database = MigrationDatabase.at(direct_url())
    with database.connection_context():
        yield MigrationRouter(database, migrations_dir())


def _refuse_squashed(router: MigrationRouter, names: list[str]) -> None:
    for name in names:
        if files.replaces(router.path(name)):
            raise MigrationError(
                f"{name} stands for all migrations up to it: rolled back, nothing is left of "
                "them, nor of the data. If that is wanted: tracker db rollback --all"
            )


def _up_to(router: MigrationRouter, to: str | None) -> list[str]:
    """The names to apply: of what is pending, all up to `to`."""
    last = router.find(to) if to is not None else None
    router.refuse_partial()
    router.refuse_missing()
    names: list[str] = [] if last in router.done else router.diff
    return names[: names.index(last) + 1] if last in names else names
