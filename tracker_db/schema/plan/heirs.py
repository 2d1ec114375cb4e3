"""What the columns of a table have otherwise than its parent's, from which they come.

A statement about the parent's column is one about theirs as well, and takes from them what is
their own. So that is said anew.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tracker_db.schema.catalog.objects import Column, Key, Kind, Table
from tracker_db.schema.plan import columns, ddl
from tracker_db.schema.plan.columns import ColumnChange
from tracker_db.schema.plan.steps import at_cost

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracker_db.schema.plan.changes import Changes
    from tracker_db.schema.plan.steps import Change

#: What a change of a parent's column changes in every heir's too.
_HANDED_DOWN = (
    *("type", "collation", "default", "not_null", "identity", "storage", "compression"),
    *("statistics", "options"),
)


def in_new_table(changes: Changes, table: Table, column: Column) -> Iterator[str]:
    """For a new table: what a column that it has from a parent has otherwise than there."""
    keys = (Key(Kind.COLUMN, f"{parent}.{column.label}") for parent in table.parents)
    for inherited in filter(None, map(changes.after.objects.get, keys)):
        assert isinstance(inherited, Column)
        yield from (sql for sql, _ in _own(_since_made(inherited, column)))
        return


def of_new_column(changes: Changes, column: Column) -> Iterator[Change]:
    """For a column that a parent gets: what its heirs' have otherwise."""
    for _, heir in _heirs(changes, column):
        yield from _own(_since_made(column, heir))
        yield from ddl.new_comment(None, heir)


def of_changed_column(changes: Changes, change: ColumnChange) -> Iterator[Change]:
    """For a column of a parent that was changed: what that took from its heirs'."""
    for before, after in _heirs(changes, change.after):
        if before is not None:
            yield from _own(_since_changed(change, before, after))
            yield from ddl.new_comment(before.comment, after)


def _heirs(changes: Changes, column: Column) -> Iterator[tuple[Column | None, Column]]:
    """The same column, before and after, of the tables that are its table's children all along."""
    for key, table in changes.after.objects.items():
        if not isinstance(table, Table) or column.table not in table.parents:
            continue
        if key in changes.before.objects and key not in changes.release:
            name = Key(Kind.COLUMN, f"{table.name}.{column.label}")
            before, after = changes.before.objects.get(name), changes.after.objects[name]
            assert before is None or isinstance(before, Column)
            assert isinstance(after, Column)
            yield before, after
            yield from _heirs(changes, after)


def _since_made(inherited: Column, own: Column) -> ColumnChange:
    """What turns a column, as it comes from its parent's, into its own."""
    before = replace(
        inherited,
        table=own.table,
        not_null_name=None,
        identity=own.identity,
        statistics=None,
        options=(),
    )
    return ColumnChange(before, own, retype=False, by_text=False, redefault=False, fill=None)


def _since_changed(change: ColumnChange, before: Column, own: Column) -> ColumnChange:
    """What turns a column, as the change of its parent's has left it, into its own."""
    handed = {
        name: getattr(change.after, name)
        for name in _HANDED_DOWN
        if getattr(change.before, name) != getattr(change.after, name)
    }
    if change.drops_default:
        handed["default"] = change.after.default
    left = replace(before, **handed, not_null_name=None)
    return ColumnChange(left, own, retype=False, by_text=False, redefault=change.retype, fill=None)


def _own(change: ColumnChange) -> Iterator[Change]:
    yield from at_cost(columns.release(change))
    yield from columns.alter(change)
