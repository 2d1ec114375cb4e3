"""The order of a plan: every step after the steps it needs, the rest in a fixed order."""

from __future__ import annotations

import heapq
from collections import defaultdict
from typing import TYPE_CHECKING

from tracker_db.errors import SchemaError
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
)
from tracker_db.schema.plan.homes import Homes, Node, Verb

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tracker_db.schema.plan.changes import Changes


_DROP_FIRST = [
    Kind.POLICY,
    Kind.TRIGGER,
    Kind.RULE,
    Kind.MATVIEW,
    Kind.VIEW,
    Kind.STATISTICS,
    Kind.INDEX,
    Kind.CONSTRAINT,
]
_MAKE = [
    Kind.SCHEMA,
    Kind.EXTENSION,
    Kind.ENUM,
    Kind.COMPOSITE,
    Kind.DOMAIN,
    Kind.SEQUENCE,
    Kind.TABLE,
    Kind.COLUMN,
]
_DROP_THEN = [Kind.COLUMN, Kind.TABLE]
_MAKE_LAST = [
    Kind.CONSTRAINT,
    Kind.INDEX,
    Kind.STATISTICS,
    Kind.FUNCTION,
    Kind.VIEW,
    Kind.MATVIEW,
    Kind.RULE,
    Kind.TRIGGER,
    Kind.POLICY,
]
_DROP_LAST = [Kind.FUNCTION, Kind.SEQUENCE, Kind.DOMAIN, Kind.COMPOSITE, Kind.ENUM]
_ORDER = [
    *((Verb.DROP, kind) for kind in _DROP_FIRST),
    *((Verb.RELEASE, kind) for kind in (Kind.COLUMN, *_MAKE, Kind.INDEX, Kind.CONSTRAINT)),
    *((verb, kind) for kind in _MAKE for verb in (Verb.CREATE, Verb.ALTER)),
    *((Verb.DROP, kind) for kind in _DROP_THEN),
    *((verb, kind) for kind in _MAKE_LAST for verb in (Verb.CREATE, Verb.ALTER)),
    *((Verb.DROP, kind) for kind in (*_DROP_LAST, Kind.EXTENSION, Kind.SCHEMA)),
]
_RANK = {what: rank for rank, what in reversed(list(enumerate(_ORDER)))}


#: A column lets go of these when its default is released; its alteration may need new ones.
_ONLY_DEFAULTS_NEED = {Kind.FUNCTION, Kind.SEQUENCE}


def order(changes: Changes) -> list[Node]:
    """Every step of the plan in an order PostgreSQL accepts; SchemaError when there is none."""
    homes = Homes(changes)
    nodes = {homes[node] for node in _nodes(changes)}
    after: dict[Node, set[Node]] = {node: set() for node in nodes}
    for first, then in _edges(changes):
        if homes.has(first) and homes.has(then):
            one, two = homes[first], homes[then]
            if one != two and one in nodes and two in nodes:
                after[two].add(one)
    return _sort(after)


def _nodes(changes: Changes) -> Iterator[Node]:
    yield from (Node(Verb.RELEASE, key) for key in changes.release)
    yield from (Node(Verb.DROP, key) for key in changes.drop)
    yield from (Node(Verb.CREATE, key) for key in changes.create)
    yield from (Node(Verb.ALTER, key) for key in changes.alter)


def _edges(changes: Changes) -> Iterator[tuple[Node, Node]]:
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
    yield from _edges_of_owner(changes, key)


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


def _parts_of_family(changes: Changes, key: Key) -> Iterator[Key]:
    """The columns of a table, and all that is on its parents, before and after."""
    for objects in (changes.before.objects, changes.after.objects):
        table = objects[key]
        assert isinstance(table, Table)
        for entry in objects.values():
            if isinstance(entry, Part) and (
                entry.table in table.parents
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


def _sort(after: Mapping[Node, Iterable[Node]]) -> list[Node]:
    """Kahn's algorithm, the lowest rank first."""
    missing = {node: set(firsts) for node, firsts in after.items()}
    followers: dict[Node, list[Node]] = defaultdict(list)
    for node, firsts in after.items():
        for first in firsts:
            followers[first].append(node)
    ready = [(_rank(node), node) for node, firsts in missing.items() if not firsts]
    heapq.heapify(ready)
    done = []
    while ready:
        _, node = heapq.heappop(ready)
        done.append(node)
        for follower in followers[node]:
            missing[follower].discard(node)
            if not missing[follower]:
                heapq.heappush(ready, (_rank(follower), follower))
    if len(done) < len(after):
        raise SchemaError(_circle(set(after) - set(done)))
    return done


def _rank(node: Node) -> int:
    return _RANK[node.verb, node.key.kind]


def _circle(nodes: set[Node]) -> str:
    names = ", ".join(sorted(f"{node.verb} {node.key}" for node in nodes))
    return (
        f"These changes need each other first: {names}. Make them in two migrations, or write "
        "one by hand with tracker db generate NAME --custom"
    )
