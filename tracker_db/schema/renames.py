"""Renames: told by the user, never guessed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker_db.errors import InvalidInputError
from tracker_db.schema.catalog.objects import Column, Entry, Enum, Key, Kind, Snapshot, Table
from tracker_db.schema.plan import ddl
from tracker_db.schema.plan.steps import Step

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

_PLAIN_NAME = re.compile(r'[a-z_][a-z0-9_]*|"(?:[^"]|"")+"')
_RENAMED_KINDS = (Kind.TABLE, Kind.VIEW, Kind.MATVIEW, Kind.ENUM, Kind.DOMAIN, Kind.COMPOSITE)


@dataclass(frozen=True, slots=True)
class Rename:
    """One rename as a pair of statements."""

    forward: Step
    back: Step


def resolve_all(
    texts: Sequence[str], snapshot: Snapshot, look: Callable[[Sequence[Rename]], Snapshot]
) -> tuple[list[Rename], Snapshot]:
    """The renames that these texts mean, in an order in which they can be made; the schema then.

    `look` says what the schema is after the renames so far: PostgreSQL itself knows best what
    everything else is called then. Raises as `resolve` does.
    """
    waiting, renames = [*texts], list[Rename]()
    while waiting:
        text = _first_of(waiting, snapshot)
        waiting.remove(text)
        renames.append(resolve(text, snapshot))
        snapshot = look(renames)
    return renames, snapshot


def resolve(text: str, snapshot: Snapshot) -> Rename:
    """The rename that `OLD:NEW` means: a table, `table.column`, a type or `enum.label`.

    NEW is the bare new name, or that behind the table's. Raises InvalidInputError when there
    is no OLD.
    """
    old, colon, new = text.rpartition(":")
    column = snapshot.objects.get(Key(Kind.COLUMN, old))
    owner, _, label = old.rpartition(".")
    enum = snapshot.objects.get(Key(Kind.ENUM, owner))
    if isinstance(column, Column):
        new = new.removeprefix(f"{column.table}.")
    if colon and isinstance(column, Column) and _PLAIN_NAME.fullmatch(new):
        return _column(column, new)
    if colon and isinstance(enum, Enum) and label in enum.labels:
        return _label(enum, label, new)
    for kind in _RENAMED_KINDS:
        entry = snapshot.objects.get(Key(kind, old))
        if entry is not None and _PLAIN_NAME.fullmatch(new):
            return _whole(entry, new)
    raise InvalidInputError(
        f"Cannot rename {text!r}: there is no such table, table.column, type or enum.label before "
        "the change. Write OLD:NEW, such as products.name:title or products:items."
    )


def _first_of(texts: Sequence[str], snapshot: Snapshot) -> str:
    """Which rename to do next: a column's or a label's while its table or type is called so."""
    inner = (text for text in texts if _is_inside(text, snapshot))
    found = (text for text in texts if _is_there(text, snapshot))
    return next(inner, next(found, texts[0]))


def _is_inside(text: str, snapshot: Snapshot) -> bool:
    old = text.rpartition(":")[0]
    enum = snapshot.objects.get(Key(Kind.ENUM, old.rpartition(".")[0]))
    return Key(Kind.COLUMN, old) in snapshot.objects or isinstance(enum, Enum)


def _is_there(text: str, snapshot: Snapshot) -> bool:
    old = text.rpartition(":")[0]
    return any(Key(kind, old) in snapshot.objects for kind in _RENAMED_KINDS)


def _column(column: Column, new: str) -> Rename:
    where = f"ALTER TABLE {column.table} RENAME COLUMN"
    return Rename(
        Step(f"{where} {column.label} TO {new}", f"column {column.table}.{new}"),
        Step(f"{where} {new} TO {column.label}", str(column.key)),
    )


def _label(enum: Enum, old: str, new: str) -> Rename:
    where = f"ALTER TYPE {enum.name} RENAME VALUE"
    old, new = ddl.literal(old), ddl.literal(new)
    return Rename(
        Step(f"{where} {old} TO {new}", str(enum.key)),
        Step(f"{where} {new} TO {old}", str(enum.key)),
    )


def _whole(entry: Entry, new: str) -> Rename:
    schema = ddl.schema_of(entry.name)
    word = entry.address.removesuffix(entry.name)
    bare = entry.name.removeprefix(schema)
    return Rename(
        Step(f"ALTER {word}{entry.name} RENAME TO {new}", f"{entry.kind} {schema}{new}"),
        Step(f"ALTER {word}{schema}{new} RENAME TO {bare}", str(entry.key)),
    )


def candidates(before: Snapshot, after: Snapshot) -> list[str]:
    """What may have been renamed, each as the OLD:NEW to say so."""
    gone = [before.objects[key] for key in sorted(before.objects.keys() - after.objects.keys())]
    came = [after.objects[key] for key in sorted(after.objects.keys() - before.objects.keys())]
    pairs = [
        f"{old.name}:{_bare(new)}"
        for old in gone
        for new in came
        if _alike(old, new, before, after)
    ]
    return [*pairs, *_labels(before, after)]


def _bare(entry: Entry) -> str:
    if isinstance(entry, Column):
        return entry.label
    return entry.name.removeprefix(ddl.schema_of(entry.name))


def _alike(old: Entry, new: Entry, before: Snapshot, after: Snapshot) -> bool:
    if isinstance(old, Column) and isinstance(new, Column):
        return (old.table, old.type) == (new.table, new.type)
    if isinstance(old, Table) and isinstance(new, Table):
        ours, theirs = _shape(old, before), _shape(new, after)
        return 2 * len(ours & theirs) >= max(len(ours), len(theirs))
    return isinstance(old, Enum) and isinstance(new, Enum) and old.labels == new.labels


def _shape(table: Table, snapshot: Snapshot) -> set[tuple[str, str]]:
    entries = snapshot.objects.values()
    return {(e.label, e.type) for e in entries if isinstance(e, Column) and e.table == table.name}


def _labels(before: Snapshot, after: Snapshot) -> Iterator[str]:
    for key, old in before.objects.items():
        new = after.objects.get(key)
        if isinstance(old, Enum) and isinstance(new, Enum):
            gone = [label for label in old.labels if label not in new.labels]
            came = [label for label in new.labels if label not in old.labels]
            yield from (f"{old.name}.{one}:{other}" for one in gone for other in came)
