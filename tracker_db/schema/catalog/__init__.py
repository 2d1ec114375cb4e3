"""A snapshot of a database's schema, read from pg_catalog in one transaction."""

from __future__ import annotations

from contextlib import closing, contextmanager
from itertools import chain
from typing import TYPE_CHECKING, Any

import psycopg2
from psycopg2.extensions import TRANSACTION_STATUS_IDLE
from psycopg2.extras import NamedTupleCursor

from tracker_db.schema.catalog import dependencies, parts, routines, tables, types, unsupported
from tracker_db.schema.catalog.objects import Entry, Part, Snapshot

if TYPE_CHECKING:
    from collections.abc import Iterator

_READERS = (
    types.read_schemas,
    types.read_extensions,
    types.read_enums,
    types.read_composites,
    types.read_domains,
    types.read_sequences,
    tables.read_tables,
    tables.read_columns,
    parts.read_constraints,
    parts.read_indexes,
    parts.read_triggers,
    parts.read_policies,
    parts.read_rules,
    parts.read_statistics,
    routines.read_functions,
    routines.read_views,
)


def snapshot(target: str | Any) -> Snapshot:
    """Everything in the database at `target`, a URL or a psycopg2 connection.

    Reads in one REPEATABLE READ, READ ONLY transaction; a connection already inside a
    transaction is read as that transaction sees it. The bookkeeping table of
    peewee-migrate and the members of extensions are left out, and so are owners and
    privileges.
    """
    if isinstance(target, str):
        with closing(psycopg2.connect(target)) as connection:
            return snapshot(connection)
    with _transaction(target), target.cursor(cursor_factory=NamedTupleCursor) as cursor:
        return _read(cursor, target.server_version)


@contextmanager
def _transaction(connection: Any) -> Iterator[None]:
    """Names are written as they are seen from `public`, whatever the caller's search_path."""
    with connection.cursor() as cursor:
        own = connection.info.transaction_status == TRANSACTION_STATUS_IDLE
        if own:
            start = "BEGIN" if connection.autocommit else "SET TRANSACTION"
            cursor.execute(f"{start} ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT current_setting('search_path')")
        path = cursor.fetchone()[0]
        cursor.execute("SET LOCAL search_path = public")
        try:
            yield
        finally:
            if own:
                cursor.execute("ROLLBACK")
            else:
                cursor.execute("SELECT set_config('search_path', %s, true)", [path])


def _is_copy(entry: Entry) -> bool:
    return isinstance(entry, Part) and entry.copy_of is not None


def _read(cursor: Any, version: int) -> Snapshot:
    members = dependencies.read_members(cursor)
    found = [
        (address, entry)
        for address, entry in chain.from_iterable(read(cursor) for read in _READERS)
        if address[:2] not in members
    ]
    own = [(address, entry) for address, entry in found if not _is_copy(entry)]
    keys = {address: entry.key for address, entry in own}
    return Snapshot(
        objects={entry.key: entry for _, entry in own},
        copies=tuple(entry for _, entry in found if isinstance(entry, Part) and _is_copy(entry)),
        needs=dependencies.read_needs(cursor, keys, members),
        unsupported=unsupported.read_unsupported(cursor, members),
        version=version,
    )
