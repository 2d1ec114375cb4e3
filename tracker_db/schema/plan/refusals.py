"""What no statement can change: said before anything is planned, with what to do instead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker_db.errors import SchemaError
from tracker_db.schema.catalog.objects import Column, Enum, Key, Kind, Table
from tracker_db.schema.plan import ddl

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracker_db.schema.catalog.objects import Snapshot
    from tracker_db.schema.plan.changes import Changes

_BY_HAND = "write it by hand with tracker db generate NAME --custom"


def refuse_unsupported(before: Snapshot, after: Snapshot) -> None:
    """SchemaError, naming them, for objects that came or went and are not read."""
    strange = sorted(before.unsupported ^ after.unsupported)
    if strange:
        raise SchemaError(f"Cannot plan a change of {', '.join(strange)}: {_BY_HAND}")


def refuse_impossible(changes: Changes) -> None:
    """SchemaError, naming the object, for the first change that PostgreSQL has no way to make."""
    for find in (_moved_extensions, _repartitioned, _retyped_keys, _partitions_of_new_labels):
        for refusal in find(changes):
            raise SchemaError(refusal)


def _moved_extensions(changes: Changes) -> Iterator[str]:
    for key in sorted(changes.create & changes.drop):
        if key.kind is Kind.EXTENSION:
            yield f"Cannot move the extension {key.name} to another schema: {_BY_HAND}"


def _repartitioned(changes: Changes) -> Iterator[str]:
    for key in sorted(changes.alter):
        old, new = changes.before.objects.get(key), changes.after.objects[key]
        if isinstance(old, Table) and isinstance(new, Table):
            was, now = old.partition_by, new.partition_by
            if was != now:
                yield (
                    f"Cannot change how table {old.name} is partitioned (from {was} to {now}) "
                    f"while keeping its rows: {_BY_HAND}"
                )


def _retyped_keys(changes: Changes) -> Iterator[str]:
    for key in sorted(changes.retype):
        column = changes.before.objects[key]
        assert isinstance(column, Column)
        table = changes.before.objects[Key(Kind.TABLE, column.table)]
        if isinstance(table, Table) and column.label in table.partition_columns:
            yield (
                f"Cannot give {key} another type, or the labels of its type another order or "
                f"fewer: table {table.name} is partitioned by it. Make a new table, and move the "
                f"rows: {_BY_HAND}"
            )


def _partitions_of_new_labels(changes: Changes) -> Iterator[str]:
    """A label may be used once the transaction that adds it has ended."""
    for enum, added in _added_labels(changes):
        for table in changes.after.objects.values():
            if not isinstance(table, Table) or not table.bound:
                continue
            if any(label in table.bound for label in added) and _is_by(changes, table, enum):
                yield (
                    f"Cannot make {table.key} for a label that {enum.key} only gets now. Make two "
                    "migrations: first the label alone, then the partition."
                )


def _added_labels(changes: Changes) -> Iterator[tuple[Enum, set[str]]]:
    for key in sorted(changes.alter):
        old, new = changes.before.objects.get(key), changes.after.objects[key]
        if isinstance(old, Enum) and isinstance(new, Enum):
            yield new, {ddl.literal(label) for label in set(new.labels) - set(old.labels)}


def _is_by(changes: Changes, partition: Table, enum: Enum) -> bool:
    """Whether the parent of a partition is partitioned by a column of this type."""
    parent = changes.after.objects[Key(Kind.TABLE, partition.parents[0])]
    assert isinstance(parent, Table)
    names = (Key(Kind.COLUMN, f"{parent.name}.{label}") for label in parent.partition_columns)
    return any(enum.key in changes.after.needs[name] for name in names)
