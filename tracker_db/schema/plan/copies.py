"""What a table has from its parent, and owns while it has none."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tracker_db.schema.catalog.objects import Constraint, Key, Kind, Part, Snapshot, Table, table_of

if TYPE_CHECKING:
    from collections.abc import Iterable


def with_copies(before: Snapshot, after: Snapshot) -> tuple[Snapshot, Snapshot]:
    """Both snapshots with what a table has from a parent, and owns while it has none.

    One that leaves its parent keeps the copies of the parent's constraints and indexes. One
    that becomes a partition must have the CHECKs of its parent before.
    """
    kept = [
        copy
        for copy in before.copies
        if _changes_parents(copy.table, before, after) and _outlasts(copy, before, after)
    ]
    needed = [
        copy
        for copy in after.copies
        if _changes_parents(copy.table, before, after)
        and isinstance(copy, Constraint)
        and copy.type == "c"
    ]
    return _with_parts(before, kept), _with_parts(after, needed)


def _changes_parents(table: str, before: Snapshot, after: Snapshot) -> bool:
    """Whether a table stays, but under no parent that it had."""
    key = Key(Kind.TABLE, table)
    old, new = before.objects.get(key), after.objects.get(key)
    if not isinstance(old, Table) or not isinstance(new, Table):
        return False
    return not set(old.parents) & set(new.parents)


def _outlasts(copy: Part, before: Snapshot, after: Snapshot) -> bool:
    """Whether the parent's constraint or index does not go first, and its copies with it."""
    key = Key(copy.kind, str(copy.copy_of))
    old, new = before.objects.get(key), after.objects.get(key)
    return old == new or table_of(old) not in after.objects


def _with_parts(snapshot: Snapshot, parts: Iterable[Part]) -> Snapshot:
    return replace(snapshot, objects={**snapshot.objects, **{part.key: part for part in parts}})
