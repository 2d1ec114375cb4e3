"""What `migrations/conf.py` gives to peewee-migrate's own command, `pw_migrate`."""

from __future__ import annotations

import atexit
from contextlib import ExitStack
from functools import cache

import click

from tracker_db.db import direct_url
from tracker_db.errors import MigrationError
from tracker_db.schema import files
from tracker_db.schema.lock import schema_lock
from tracker_db.schema.migrate import migrations_dir
from tracker_db.schema.router import MigrationDatabase, MigrationRouter

_until_exit = ExitStack()


@cache
def locked_database() -> MigrationDatabase:
    """The database to migrate. Its schema lock is held until the process ends.

    pw_migrate reads its settings before it looks for what is pending: of two runs at once the
    second waits here, and then finds nothing left to do. It knows nothing of squashed files:
    for it, they stand in the history before it reads that.
    """
    _until_exit.enter_context(schema_lock())
    atexit.register(_until_exit.close)
    database = MigrationDatabase.at(direct_url())
    _settle(MigrationRouter(database, migrations_dir()))
    return database


def _settle(router: MigrationRouter) -> None:
    """Put squashed files in their place; ClickException where that cannot be done."""
    if files.leftovers(router.migrate_dir):
        raise click.ClickException(
            "A squash was interrupted. Finish it with: tracker db generate --squash"
        )
    with router.database.connection_context():
        try:
            router.settle()
        except MigrationError as error:
            raise click.ClickException(str(error)) from error


class _RefuseAuto:
    """Stands where `create --auto` looks for models to leave out."""

    def __contains__(self, _model: str) -> bool:
        raise click.ClickException(
            "`create --auto` loses server defaults, checks and enums, and writes files that do "
            "not run. Use: tracker db generate"
        )


IGNORE = _RefuseAuto()
