"""Objects that only changed their name: constraints, indexes and sequences defined alike."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from tracker_db.schema.catalog.objects import (
    Column,
    Constraint,
    Entry,
    Index,
    Key,
    Sequence,
    Snapshot,
)
from tracker_db.schema.plan import ddl
from tracker_db.schema.plan.steps import Step

if TYPE_CHECKING:
    from collections.abc import Iterator


def align(before: Snapshot, after: Snapshot) -> tuple[Snapshot, list[Step]]:
    """`before` with the names of `after` where the definitions are the same, and the renames.

    Without this a renamed table would get its primary key built anew, and every foreign
    key to it.
    """
    pairs = dict(_pairs(before, after))
    taken = {key.name for key in before.objects}
    pairs = {old: new for old, new in pairs.items() if new.name not in taken}
    steps = [Step(_rename(before.objects[old], new), str(new.key)) for old, new in pairs.items()]
    keys = {old: new.key for old, new in pairs.items()}
    return _renamed(before, keys), steps


def _pairs(before: Snapshot, after: Snapshot) -> Iterator[tuple[Key, Entry]]:
    """Old keys and the new entries that are the same thing; each new one is used once."""
    waiting: dict[object, list[Entry]] = {}
    for key in sorted(after.objects.keys() - before.objects.keys(), reverse=True):
        entry = after.objects[key]
        waiting.setdefault(_substance(entry), []).append(entry)
    for key in sorted(before.objects.keys() - after.objects.keys()):
        substance = _substance(before.objects[key])
        if substance is not None and waiting.get(substance):
            yield key, waiting[substance].pop()


def _substance(entry: Entry) -> object:
    """What makes it the same thing under another name; None where a name is all it has."""
    if isinstance(entry, Constraint | Index):
        return replace(entry, name="", label="", comment=None)
    if isinstance(entry, Sequence) and entry.owned_by:
        return replace(entry, name="", comment=None)
    return None


def _rename(old: Entry, new: Entry) -> str:
    if isinstance(old, Constraint) and isinstance(new, Constraint):
        return f"ALTER TABLE {old.table} RENAME CONSTRAINT {old.label} TO {new.label}"
    bare = new.name.removeprefix(ddl.schema_of(new.name))
    return f"ALTER {old.address} RENAME TO {bare}"


def _renamed(snapshot: Snapshot, keys: dict[Key, Key]) -> Snapshot:
    objects = {}
    for key, entry in snapshot.objects.items():
        new = _entry(entry, keys)
        objects[keys.get(key, key)] = new
    needs = {
        keys.get(key, key): frozenset(keys.get(need, need) for need in found)
        for key, found in snapshot.needs.items()
    }
    return replace(snapshot, objects=objects, needs=needs)


def _entry(entry: Entry, keys: dict[Key, Key]) -> Entry:
    new = keys.get(entry.key)
    if new is not None and isinstance(entry, Constraint):
        return replace(entry, name=new.name, label=new.name.removeprefix(f"{entry.table}."))
    if new is not None and isinstance(entry, Index):
        label = new.name.removeprefix(ddl.schema_of(new.name))
        return replace(entry, name=new.name, label=label)
    if new is not None:
        return replace(entry, name=new.name)
    if isinstance(entry, Column) and entry.default:
        return replace(entry, default=_default(entry.default, keys))
    return entry


def _default(text: str, keys: dict[Key, Key]) -> str:
    """A serial column's default follows its sequence's name."""
    for old, new in keys.items():
        if text == f"nextval({ddl.literal(old.name)}::regclass)":
            return f"nextval({ddl.literal(new.name)}::regclass)"
    return text
