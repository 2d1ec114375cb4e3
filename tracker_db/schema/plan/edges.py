"""Which step has to come before which."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from tracker_db.schema.catalog.objects import (
    Column,
    Constraint,
    Entry,
    Identity,
    Index,
    Key,
    Kind,
    Part,
    Sequence,
    Table,
    table_of,
)
from tracker_db.schema.plan.homes import Node, Verb

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracker_db.schema.plan.changes import Changes

#: A column lets go of these when its default is released; its alteration may need new ones.
_ONLY_DEFAULTS_NEED = {Kind.FUNCTION, Kind.SEQUENCE}


def edges_of(changes: Changes) -> Iterator[tuple[Node, Node]]:
    """Pairs of steps, the first before the second; some may not be in the plan."""
    for key, needs in changes.before.needs.items():
        for need in needs:
            yield from _edges_of_the_old(key, need)
            if need in changes.swap and key not in changes.swap:
                yield Node(Verb.DROP, key), Node(Verb.RELEASE, need)
    for key, needs in changes.after.needs.items():
        for need in needs:
            yield from _edges_of_the_new(key, need)
    for key in {*changes.drop, *changes.alter, *changes.release}:
        yield from _edges_of_one(changes, key)
    yield from _edges_of_names(changes)
    yield from _edges_of_persistence(changes)


def edges_of_overloads(changes: Changes) -> Iterator[tuple[Node, Node]]:
    """A function goes before another of its name comes: a call could mean either.

    Unlike the others this can be done without, where something holds the old one for longer.
    """
    for old in changes.drop:
        for new in changes.create:
            if old.kind is new.kind is Kind.FUNCTION and _called(old) == _called(new):
                yield Node(Verb.DROP, old), Node(Verb.CREATE, new)


def _called(function: Key) -> str:
    return function.name.partition("(")[0]


def _edges_of_persistence(changes: Changes) -> Iterator[tuple[Node, Node]]:
    """A logged table may refer to logged ones only: they become that first, and cease to last."""
    objects = changes.after.objects
    turned = {key for key in changes.alter if _changes_persistence(changes, key)}
    for key, entry in objects.items():
        own = table_of(entry)
        if own not in turned or not isinstance(entry, Constraint):
            continue
        for other in {table_of(objects[need]) for need in changes.after.needs.get(key, ())}:
            if other in turned - {own}:
                nodes = Node(Verb.ALTER, other), Node(Verb.ALTER, own)
                yield nodes[::-1] if _is_unlogged(objects[own]) else nodes


def _changes_persistence(changes: Changes, key: Key) -> bool:
    old, new = changes.before.objects.get(key), changes.after.objects[key]
    return isinstance(old, Table) and _is_unlogged(old) != _is_unlogged(new)


def _is_unlogged(entry: Entry) -> bool:
    return isinstance(entry, Table) and entry.unlogged


def _edges_of_the_old(key: Key, need: Key) -> Iterator[tuple[Node, Node]]:
    yield Node(Verb.DROP, key), Node(Verb.DROP, need)
    yield Node(Verb.DROP, key), Node(Verb.ALTER, need)
    yield Node(Verb.RELEASE, key), Node(Verb.DROP, need)
    yield Node(Verb.RELEASE, need), Node(Verb.ALTER, key)
    if key.kind is not Kind.COLUMN or need.kind not in _ONLY_DEFAULTS_NEED:
        yield Node(Verb.ALTER, key), Node(Verb.DROP, need)


def _edges_of_the_new(key: Key, need: Key) -> Iterator[tuple[Node, Node]]:
    yield Node(Verb.CREATE, need), Node(Verb.CREATE, key)
    yield Node(Verb.CREATE, need), Node(Verb.ALTER, key)
    if need.kind is not Kind.SEQUENCE and (need.kind, key.kind) != (Kind.TABLE, Kind.COLUMN):
        yield Node(Verb.ALTER, need), Node(Verb.CREATE, key)
    if need.kind not in {Kind.TABLE, Kind.COLUMN, Kind.SEQUENCE}:
        yield Node(Verb.ALTER, need), Node(Verb.ALTER, key)


def _edges_of_one(changes: Changes, key: Key) -> Iterator[tuple[Node, Node]]:
    yield Node(Verb.RELEASE, key), Node(Verb.ALTER, key)
    yield Node(Verb.CREATE, key), Node(Verb.ALTER, key)
    if key in changes.swap:
        yield Node(Verb.RELEASE, key), Node(Verb.CREATE, key)
        return
    yield Node(Verb.DROP, key), Node(Verb.CREATE, key)
    yield from _edges_of_lineage(changes, key)
    yield from _edges_of_options(changes, key)
    yield from _edges_of_owner(changes, key)


def _edges_of_options(changes: Changes, key: Key) -> Iterator[tuple[Node, Node]]:
    """Parameters for long values are for a table that has columns for them: later ones count."""
    table = changes.after.objects.get(key)
    if not isinstance(table, Table) or not any(each.startswith("toast.") for each in table.options):
        return
    for entry in changes.after.objects.values():
        if isinstance(entry, Column) and entry.table == table.name:
            yield Node(Verb.CREATE, entry.key), Node(Verb.ALTER, key)
            yield Node(Verb.ALTER, entry.key), Node(Verb.ALTER, key)


def _edges_of_lineage(changes: Changes, key: Key) -> Iterator[tuple[Node, Node]]:
    """A table leaves its parents before any column changes, and joins them after the last.

    Indexes and constraints of the parents go while their copies in the table go with them,
    and come once they are copied to it again.
    """
    if key.kind is not Kind.TABLE or key not in changes.release:
        return
    leaving, joining = Node(Verb.RELEASE, key), Node(Verb.ALTER, key)
    for part in _parts_of_family(changes, key):
        if part.kind is Kind.COLUMN:
            for verb in (Verb.RELEASE, Verb.CREATE, Verb.ALTER, Verb.DROP):
                yield leaving, Node(verb, part)
                yield Node(verb, part), joining
        else:
            yield Node(Verb.DROP, part), leaving
            yield joining, Node(Verb.CREATE, part)
    for entry in changes.before.copies:
        if entry.table == key.name:
            yield leaving, Node(Verb.DROP, entry.key)
    for entry in changes.after.copies:
        if entry.table == key.name:
            yield leaving, Node(Verb.CREATE, entry.key)
            yield Node(Verb.CREATE, entry.key), joining


def _parts_of_family(changes: Changes, key: Key) -> Iterator[Key]:
    """The columns of a table, and all that is on its parents, before and after.

    A parent that comes or goes brings its own: the table joins it later, and leaves it before.
    """
    anew = {key.name for key in changes.create | changes.drop if key.kind is Kind.TABLE}
    for objects in (changes.before.objects, changes.after.objects):
        table = objects[key]
        assert isinstance(table, Table)
        for entry in objects.values():
            if isinstance(entry, Part) and (
                (entry.table in table.parents and entry.table not in anew)
                or (entry.table == table.name and isinstance(entry, Column))
            ):
                yield entry.key


def _edges_of_owner(changes: Changes, key: Key) -> Iterator[tuple[Node, Node]]:
    """A sequence leaves its column before that goes, and is given to one that is there."""
    old, new = changes.before.objects.get(key), changes.after.objects.get(key)
    if isinstance(old, Sequence) and old.owned_by:
        yield Node(Verb.ALTER, key), Node(Verb.DROP, Key(Kind.COLUMN, old.owned_by))
    if isinstance(new, Sequence) and new.owned_by:
        for verb in (Verb.CREATE, Verb.ALTER):
            yield Node(verb, Key(Kind.COLUMN, new.owned_by)), Node(Verb.ALTER, key)


def _edges_of_names(changes: Changes) -> Iterator[tuple[Node, Node]]:
    """A name is free for something new once the old bearer is gone."""
    bearers: dict[str, list[Node]] = defaultdict(list)
    for verb, keys in ((Verb.DROP, changes.drop), (Verb.RELEASE, changes.release)):
        for key in keys - changes.swap:
            for name in _names(changes.before.objects[key]):
                bearers[name].append(Node(verb, key))
    for verb, keys in ((Verb.CREATE, changes.create), (Verb.ALTER, changes.alter)):
        for key in keys - changes.swap:
            for name in _names(changes.after.objects[key]):
                yield from (
                    (bearer, Node(verb, key)) for bearer in bearers[name] if bearer.key != key
                )


def _names(entry: Entry) -> Iterator[str]:
    """The names an object takes in the one space that relations and types share.

    Only one index of a table can be the one it is clustered by, which is like a name.
    """
    if isinstance(entry, Constraint | Index) and entry.clustered:
        yield f"CLUSTER of {entry.table}"
    if isinstance(entry, Constraint):
        if entry.type in {"p", "u", "x"}:
            yield entry.label
    elif isinstance(entry, Column):
        if isinstance(entry.identity, Identity):
            yield entry.identity.sequence
    elif entry.kind not in {Kind.TRIGGER, Kind.POLICY, Kind.RULE, Kind.SCHEMA, Kind.EXTENSION}:
        yield entry.name
