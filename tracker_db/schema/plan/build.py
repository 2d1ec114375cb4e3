"""The statements of each step, in the order already found."""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from itertools import count
from typing import TYPE_CHECKING

from tracker_db.schema.catalog.objects import (
    Column,
    Constraint,
    Defined,
    Entry,
    Index,
    Key,
    Kind,
    Part,
    Sequence,
    Table,
)
from tracker_db.schema.plan import columns, ddl, heirs
from tracker_db.schema.plan.alter import alter, extras, leave
from tracker_db.schema.plan.expressions import faithful
from tracker_db.schema.plan.homes import Homes, Node, Verb
from tracker_db.schema.plan.rights import keep
from tracker_db.schema.plan.steps import FREE, VOLATILE, Change, Flag, Step, at_cost

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from tracker_db.schema.plan.changes import Changes

#: In bytes (NAMEDATALEN - 1).
_LONGEST_NAME = 63
#: What a person wrote: gone by accident, it is missed as much as rows are.
_WRITTEN_BY_HAND = frozenset(
    {Kind.FUNCTION, Kind.VIEW, Kind.MATVIEW, Kind.TRIGGER, Kind.POLICY, Kind.RULE}
)


def build(changes: Changes, nodes: Iterable[Node], fill: Mapping[str, str]) -> Iterator[Step]:
    """The steps for the nodes of a plan."""
    kept, given_back = keep(changes.before.objects[key] for key in changes.create & changes.drop)
    yield from kept
    if any(_is_sql_function(changes.after.objects[key]) for key in changes.create):
        # As pg_dump does: a body may name tables that are made later.
        yield Step("SET LOCAL check_function_bodies = off", "setting check_function_bodies")
    builder = _Builder(changes, fill)
    for node in nodes:
        for sql, flags in builder.statements(node):
            # A function's body is text, and stays as it is.
            faithful_sql = sql if node.key.kind is Kind.FUNCTION else faithful(sql)
            yield Step(faithful_sql, str(node.key), flags)
    yield from given_back


def _is_sql_function(entry: Entry) -> bool:
    return entry.kind is Kind.FUNCTION and "\n LANGUAGE sql\n" in getattr(entry, "definition", "")


class _Builder:
    def __init__(self, changes: Changes, fill: Mapping[str, str]) -> None:
        self._changes = changes
        self._before, self._after = changes.before.objects, changes.after.objects
        self._fill = fill
        self._homes = Homes(changes)
        self._asides = _asides(changes)
        self._parts: dict[str, list[Column | Constraint]] = defaultdict(list)
        for entry in self._after.values():
            if isinstance(entry, Column | Constraint):
                self._parts[entry.table].append(entry)

    def statements(self, node: Node) -> Iterator[Change]:
        match node.verb:
            case Verb.RELEASE:
                yield from at_cost(self._release(node.key))
            case Verb.DROP:
                yield from self._drop(node.key)
            case Verb.CREATE:
                yield from self._create(node.key)
            case Verb.ALTER:
                yield from self._alter(node.key)

    def _release(self, key: Key) -> Iterable[str]:
        if key in self._changes.swap:
            bare = self._asides[key].removeprefix(ddl.schema_of(key.name))
            return [f"ALTER {_type_word(key)} {key.name} RENAME TO {bare}"]
        old, new = self._before[key], self._after[key]
        if isinstance(old, Table) and isinstance(new, Table):
            return leave(new, old)
        if isinstance(old, Constraint | Index):
            return [f"ALTER TABLE {old.table} SET WITHOUT CLUSTER"]
        return columns.release(self._column_change(key))

    def _drop(self, key: Key) -> Iterator[Change]:
        entry = self._before[key]
        if key in self._changes.swap:
            yield f"DROP {_type_word(key)} {self._asides[key]}", FREE
            return
        for_good = entry.kind in _WRITTEN_BY_HAND and key not in self._changes.create
        flags = frozenset({Flag.LOSS}) if for_good or _holds_data(entry) else FREE
        yield from at_cost(ddl.drop(entry), flags)

    def _create(self, key: Key) -> Iterator[Change]:
        entry = self._after[key]
        if isinstance(entry, Table):
            yield from at_cost(self._create_table(entry))
            return
        flags = self._cost_of_create(entry)
        yield from at_cost(self._create_sql(entry), flags)
        if isinstance(entry, Column):
            yield from heirs.of_new_column(self._changes, entry)
        yield from ddl.new_comment(None, entry)

    def _create_sql(self, entry: Entry) -> list[str]:
        fill = self._fill.get(entry.name)
        if not isinstance(entry, Column) or fill is None or not _needs_backfill(entry):
            return ddl.create(entry)
        return [
            *ddl.create(replace(entry, default=fill)),
            f"ALTER TABLE {entry.table} ALTER COLUMN {entry.label} DROP DEFAULT",
        ]

    def _create_table(self, table: Table) -> Iterator[str]:
        parts = [entry for entry in self._parts[table.name] if self._inside(entry, table)]
        own = [entry for entry in parts if isinstance(entry, Column)]
        own.sort(key=lambda column: column.position)
        inside = [entry for entry in parts if isinstance(entry, Constraint)]
        inside.sort(key=lambda constraint: (constraint.type != "p", constraint.name))
        yield ddl.create_table(table, own, inside)
        yield from extras(table)
        for column in own:
            if column.inherited:
                yield from heirs.in_new_table(self._changes, table, column)
            else:
                yield from ddl.column_extras(column)
        yield from (ddl.comment(e) for e in (table, *own, *inside) if e.comment is not None)

    def _inside(self, entry: Entry, table: Table) -> bool:
        return self._homes[Node(Verb.CREATE, entry.key)].key == table.key

    def _alter(self, key: Key) -> Iterator[Change]:
        old, new = self._before.get(key), self._after[key]
        if isinstance(new, Sequence) and (old is None or key in self._changes.create):
            yield from at_cost(self._own(new))
            return
        assert old is not None
        if isinstance(new, Column):
            change = self._column_change(key)
            yield from columns.alter(change)
            yield from heirs.of_changed_column(self._changes, change)
        else:
            flags = _cost_of_alter(new, old)
            yield from at_cost(alter(new, old), flags)
        yield from ddl.new_comment(old.comment, new)

    def _own(self, sequence: Sequence) -> Iterator[str]:
        """Give a new sequence to its serial column, behind the rows that are there."""
        yield f"ALTER SEQUENCE {sequence.name} OWNED BY {sequence.owned_by}"
        column = self._after[Key(Kind.COLUMN, str(sequence.owned_by))]
        if column.key in self._before:
            assert isinstance(column, Column)
            yield ddl.continue_after_rows(column, sequence.name, sequence.options)

    def _column_change(self, key: Key) -> columns.ColumnChange:
        return self._changes.column_change(key, self._fill.get(key.name))

    def _is_on_something_new(self, part: Part) -> bool:
        bases = (Key(kind, part.table) for kind in (Kind.TABLE, Kind.MATVIEW))
        return any(base in self._changes.create for base in bases)

    def _cost_of_create(self, entry: Entry) -> frozenset[Flag]:
        if not isinstance(entry, Part) or self._is_on_something_new(entry):
            return FREE
        if isinstance(entry, Column):
            missing = _needs_backfill(entry) and entry.name not in self._fill
            volatile = re.search(VOLATILE, entry.default or "")
            rewrites = entry.generated == "s" or entry.identity is not None or volatile
            cost = {Flag.BACKFILL} if missing else set()
            return frozenset(cost | ({Flag.REWRITE, Flag.LOCK} if rewrites else set()))
        if isinstance(entry, Index) or (isinstance(entry, Constraint) and entry.validated):
            return frozenset({Flag.LOCK})
        return FREE


def _holds_data(entry: Entry) -> bool:
    """A serial column's sequence holds nothing that its rows do not show."""
    if isinstance(entry, Sequence):
        return entry.owned_by is None
    return isinstance(entry, Table) or (isinstance(entry, Column) and not entry.generated)


def _needs_backfill(column: Column) -> bool:
    return (
        column.not_null
        and column.not_null_valid
        and column.default is None
        and column.identity is None
    )


def _cost_of_alter(new: Entry, old: Entry) -> frozenset[Flag]:
    """Validating a constraint scans, but lets others write; attaching a partition does not."""
    if isinstance(new, Defined) and isinstance(old, Defined) and new.kind is Kind.COMPOSITE:
        shorter = len(new.shape or ()) < len(old.shape or ())
        return frozenset({Flag.LOSS}) if shorter else FREE
    if isinstance(new, Table) and isinstance(old, Table) and new.unlogged != old.unlogged:
        return frozenset({Flag.REWRITE, Flag.LOCK})
    return frozenset({Flag.LOCK}) if isinstance(new, Table) and new.bound else FREE


def _type_word(key: Key) -> str:
    return "DOMAIN" if key.kind is Kind.DOMAIN else "TYPE"


def _asides(changes: Changes) -> dict[Key, str]:
    """The name each type has while its successor takes its place; nobody else's."""
    taken = {key.name for key in (*changes.before.objects, *changes.after.objects)}
    found: dict[Key, str] = {}
    for key in sorted(changes.swap):
        found[key] = next(name for name in _names_aside(key.name) if name not in taken)
        taken.add(found[key])
    return found


def _names_aside(name: str) -> Iterator[str]:
    """Names like this one, cut to what PostgreSQL does not cut."""
    schema = ddl.schema_of(name)
    bare = name.removeprefix(schema)
    quote = '"' if bare.startswith('"') else ""
    for number in count():
        end = f"__old{number or ''}"
        start = ddl.unquoted(bare).encode()[: _LONGEST_NAME - len(end)].decode(errors="ignore")
        yield f"{schema}{quote}{start.replace(quote, quote * 2) if quote else start}{end}{quote}"
