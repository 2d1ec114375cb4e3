"""Bring a development database straight to the models, without a migration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg2

from tracker_db.errors import SchemaError
from tracker_db.schema import consent
from tracker_db.schema.catalog import snapshot
from tracker_db.schema.drift import differences
from tracker_db.schema.from_models import snapshot_of
from tracker_db.schema.plan import Step, plan
from tracker_db.schema.pooler import is_pooled
from tracker_db.schema.remote import remote_host
from tracker_db.schema.renames import Rename, resolve_all
from tracker_db.schema.router import MigrationDatabase, MigrationRouter
from tracker_db.schema.shadow import shadow

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from peewee import Model

    from tracker_db.schema.catalog.objects import Snapshot

_UNAPPLIED = {"pending", "late", "partial"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Push:
    """What to push where; `dry_run` only plans, `force` allows another machine's database.

    `nothing_renamed`: what is gone, but for `renames`, was dropped.
    """

    url: str
    folder: Path
    models: Sequence[type[Model]]
    renames: Sequence[str] = ()
    fill: Mapping[str, str] | None = None
    accept_data_loss: bool = False
    nothing_renamed: bool = False
    dry_run: bool = False
    force: bool = False


def push(request: Push) -> list[Step]:
    """Change the database to what the models describe, in one transaction; what was done.

    A second push does nothing. Raises SchemaError for a database on another machine or
    behind a pooler, for pending migrations and for what cannot be planned, and asks as
    `consent.ask` does; nothing is changed then.
    """
    if not request.force:
        _refuse_remote(request.url)
    database = MigrationDatabase.at(request.url)
    with database.connection_context():
        if not request.force:
            _refuse_pooler(database.connection())
        _refuse_pending(MigrationRouter(database, request.folder))
        wanted = _describe(request)
        database.begin()
        try:
            steps = _apply(request, database.connection(), wanted)
        except BaseException:
            database.rollback()
            raise
        database.rollback() if request.dry_run else database.commit()
    return steps


def _apply(request: Push, connection: Any, wanted: Snapshot) -> list[Step]:
    """Run the steps inside the transaction, and look whether they led where they should."""
    cursor = connection.cursor()

    def look(renames: Sequence[Rename]) -> Snapshot:
        _run(cursor, renames[-1].forward)
        return snapshot(connection)

    renames, live = resolve_all(request.renames, snapshot(connection), look)
    planned = plan(live, wanted, fill=request.fill)
    if not request.accept_data_loss:
        consent.ask(live, wanted, planned, nothing_renamed=request.nothing_renamed)
    for step in planned:
        _run(cursor, step)
    _expect(snapshot(connection), wanted)
    return [*(rename.forward for rename in renames), *planned]


def _run(cursor: Any, step: Step) -> None:
    try:
        cursor.execute(step.sql)
    except psycopg2.Error as error:
        raise SchemaError(
            f"Nothing was changed, because this fails:\n{step.sql}\n{error}"
        ) from error


def _expect(found: Snapshot, wanted: Snapshot) -> None:
    if found != wanted:
        names = ", ".join(name for name, _ in differences(found, wanted))
        raise SchemaError(f"The push would not lead to the models: {names} would still differ.")


def _describe(request: Push) -> Snapshot:
    with shadow(request.url) as database:
        return snapshot_of(database, request.models)


def _refuse_remote(url: str) -> None:
    if host := remote_host(url):
        raise SchemaError(
            f"The database is on {host}: push is for development. Write a migration with "
            "tracker db generate, or say --force."
        )


def _refuse_pooler(connection: Any) -> None:
    if is_pooled(connection):
        raise SchemaError(
            "A pooler such as PgBouncer answers here, and hides which machine the database is on: "
            "push is for development. Nothing was changed: set DIRECT_URL to PostgreSQL itself."
        )


def _refuse_pending(router: MigrationRouter) -> None:
    pending = [each.name for each in router.states() if each.state in _UNAPPLIED]
    if pending:
        raise SchemaError(
            f"Not applied yet: {', '.join(pending)}. Apply them first with tracker db migrate."
        )
