"""Which step does what: a new table brings its columns, a dropped one takes its parts along."""

from __future__ import annotations

from collections import defaultdict
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from tracker_db.schema.catalog.objects import (
    Column,
    Constraint,
    Entry,
    Key,
    Kind,
    Part,
    Table,
    table_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tracker_db.schema.plan.changes import Changes


class Verb(StrEnum):
    """What is done to an object."""

    #: Take off what holds others fast: a default, an identity, a type's name.
    RELEASE = "release"
    DROP = "drop"
    CREATE = "create"
    ALTER = "alter"


class Node(NamedTuple):
    """One thing to do."""

    verb: Verb
    key: Key


class Homes:
    """For each step wished for, the step that does it."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self._before, self._after = changes.before.objects, changes.after.objects
        self._knots = {*_keys_in_circles(changes), *_callers_on_rows(changes)}
        self._known: dict[Node, Node] = {}

    def __getitem__(self, node: Node) -> Node:
        if node not in self._known:
            self._known[node] = self._find(node)
        return self._known[node]

    def _find(self, node: Node) -> Node:
        match node.verb:
            case Verb.CREATE:
                return self._of_create(node)
            case Verb.DROP:
                return self._of_drop(node)
            case _:
                return self._of_inherited(node, self._after)

    def _of_create(self, node: Node) -> Node:
        entry = self._after[node.key]
        if isinstance(entry, Column):
            table = Node(Verb.CREATE, Key(Kind.TABLE, entry.table))
            return table if self.has(table) else self._of_inherited(node, self._after)
        if isinstance(entry, Constraint) and self._fits_inside(entry):
            return Node(Verb.CREATE, Key(Kind.TABLE, entry.table))
        return node

    def _fits_inside(self, entry: Constraint) -> bool:
        """Whether CREATE TABLE can hold the constraint: it needs nothing else that is new."""
        table = Key(Kind.TABLE, entry.table)
        if entry.type == "f" or entry.options or entry.clustered or not entry.validated:
            return False
        needs = self._changes.after.needs.get(entry.key, frozenset())
        foreign = {need for need in needs if table_of(self._after[need]) != table}
        return table in self._changes.create and not (foreign - {table}) & self._changes.create

    def _of_drop(self, node: Node) -> Node:
        entry = self._before[node.key]
        for table in _tables_of(entry):
            home = Node(Verb.DROP, table)
            if self.has(home) and entry.key not in self._knots:
                return home
        owner = getattr(entry, "owned_by", None)
        if owner is not None:
            column = Key(Kind.COLUMN, owner)
            return self._of_drop(Node(Verb.DROP, column)) if column in self._changes.drop else node
        return self._of_inherited(node, self._before)

    def _of_inherited(self, node: Node, objects: Mapping[Key, Entry]) -> Node:
        """What is done to a parent's column is done to its children's, while they are that."""
        entry = objects.get(node.key)
        if isinstance(entry, Column) and entry.inherited:
            table = objects[Key(Kind.TABLE, entry.table)]
            assert isinstance(table, Table)
            if table.key in self._changes.release:
                return node
            for parent in table.parents:
                above = Node(node.verb, Key(Kind.COLUMN, f"{parent}.{entry.label}"))
                if self.has(above):
                    return self[above]
        return node

    def has(self, node: Node) -> bool:
        """Whether the step is asked for at all."""
        wanted: set[Key] = getattr(self._changes, node.verb, self._changes.alter)
        return node.key in wanted


def _tables_of(entry: Entry) -> Iterator[Key]:
    if isinstance(entry, Part):
        yield from (Key(kind, entry.table) for kind in (Kind.TABLE, Kind.MATVIEW, Kind.VIEW))


def _callers_on_rows(changes: Changes) -> Iterator[Key]:
    """What lives on a dropped table and calls a function over its rows, which needs the table."""
    needs = changes.before.needs
    for key in changes.drop:
        table = table_of(changes.before.objects[key])
        called = (need for need in needs.get(key, ()) if need.kind is Kind.FUNCTION)
        if any(table in needs.get(function, ()) for function in called):
            yield key


def _keys_in_circles(changes: Changes) -> set[Key]:
    """Foreign keys between dropped tables that refer to each other in a circle."""
    targets: dict[str, set[str]] = defaultdict(set)
    links = []
    for key in changes.drop:
        entry = changes.before.objects[key]
        if isinstance(entry, Constraint) and entry.type == "f":
            others = {need.name for need in _tables_needed(changes, entry)} - {entry.table}
            targets[entry.table] |= others
            links.append((key, entry.table, others))
    return {key for key, table, others in links if any(_leads(targets, o, table) for o in others)}


def _tables_needed(changes: Changes, entry: Constraint) -> Iterator[Key]:
    for need in changes.before.needs.get(entry.key, ()):
        needed = changes.before.objects[need]
        table = needed.table if isinstance(needed, Part) else needed.name
        if Key(Kind.TABLE, table) in changes.drop:
            yield Key(Kind.TABLE, table)


def _leads(targets: Mapping[str, set[str]], start: str, goal: str) -> bool:
    seen, waiting = set(), [start]
    while waiting:
        table = waiting.pop()
        if table == goal:
            return True
        if table not in seen:
            seen.add(table)
            waiting += targets.get(table, ())
    return False
