"""The statements that change an object in place, for everything but columns."""

from __future__ import annotations

from dataclasses import replace
from functools import singledispatch

from tracker_db.schema.catalog.objects import (
    Constraint,
    Defined,
    DefinedPart,
    Domain,
    Entry,
    Enum,
    Index,
    Kind,
    Sequence,
    Table,
)
from tracker_db.schema.plan import ddl

#: What makes a part as it usually is, where its `state` says nothing.
_USUAL = {
    Kind.TRIGGER: "ALTER TABLE {0.table} ENABLE TRIGGER {0.label}",
    Kind.RULE: "ALTER TABLE {0.table} ENABLE RULE {0.label}",
    Kind.STATISTICS: "ALTER STATISTICS {0.name} SET STATISTICS -1",
}
#: What a table is or is not, and the actions that turn it on and off.
_SWITCHES = {
    "unlogged": ("SET UNLOGGED", "SET LOGGED"),
    "row_security": ("ENABLE ROW LEVEL SECURITY", "DISABLE ROW LEVEL SECURITY"),
    "force_row_security": ("FORCE ROW LEVEL SECURITY", "NO FORCE ROW LEVEL SECURITY"),
}


@singledispatch
def alter(new: Entry, old: Entry) -> list[str]:
    """The statements from `old` to `new`, without the comment."""
    raise NotImplementedError(type(new), old)


@alter.register
def _(new: Defined, old: Defined) -> list[str]:
    if new.kind is Kind.COMPOSITE:
        return _composite(new, old)
    comments = ddl.column_comments(new, old)
    if new.definition == old.definition:
        return comments
    made = new.definition
    if new.kind is Kind.VIEW:
        made = f"CREATE OR REPLACE {made.removeprefix('CREATE ')}"
    return [made, *comments]


def _composite(new: Defined, old: Defined) -> list[str]:
    """A composite type whose attributes come or go at its end, their comments with them."""
    was, now = old.shape or (), new.shape or ()
    gone = [ddl.first_name(attribute) for attribute in was[len(now) :]]
    kept = tuple(pair for pair in old.column_comments if pair[0] not in gone)
    return [
        *(f"ALTER TYPE {new.name} DROP ATTRIBUTE {name}" for name in gone),
        *(f"ALTER TYPE {new.name} ADD ATTRIBUTE {each}" for each in now[len(was) :]),
        *ddl.column_comments(new, replace(old, column_comments=kept)),
    ]


@alter.register
def _(new: DefinedPart, old: DefinedPart) -> list[str]:
    return [] if new.state == old.state else [new.state or _USUAL[new.kind].format(new)]


@alter.register
def _(new: Constraint, old: Constraint) -> list[str]:
    statements = ddl.set_options(ddl.alter_index_of(new), old.options, new.options)
    if new.clustered and not old.clustered:
        statements.append(ddl.cluster(new))
    if new.validated and not old.validated:
        statements.append(f"ALTER TABLE {new.table} VALIDATE CONSTRAINT {new.label}")
    return statements


@alter.register
def _(new: Index, old: Index) -> list[str]:
    was, now = dict(old.statistics), dict(new.statistics)
    changed = [column for column in was | now if was.get(column) != now.get(column)]
    return [
        *([ddl.cluster(new)] if new.clustered and not old.clustered else []),
        *(ddl.index_statistics(new, column, now.get(column, -1)) for column in changed),
    ]


@alter.register
def _(new: Enum, old: Enum) -> list[str]:
    statements, known = [], set(old.labels)
    for at, label in enumerate(new.labels):
        if label in known:
            continue
        where = f" AFTER {ddl.literal(new.labels[at - 1])}" if at else ""
        first = next((each for each in new.labels if each in known), None)
        if not at and first is not None:
            where = f" BEFORE {ddl.literal(first)}"
        statements.append(f"ALTER TYPE {new.name} ADD VALUE {ddl.literal(label)}{where}")
        known.add(label)
    return statements


@alter.register
def _(new: Domain, old: Domain) -> list[str]:
    gone = [name for name, check in old.checks if (name, check) not in new.checks]
    added = [(name, check) for name, check in new.checks if (name, check) not in old.checks]
    changes = [f"DROP CONSTRAINT {name}" for name in gone]
    if new.default != old.default:
        changes.append(f"SET DEFAULT {new.default}" if new.default else "DROP DEFAULT")
    if new.not_null != old.not_null:
        changes.append("SET NOT NULL" if new.not_null else "DROP NOT NULL")
    changes += [f"ADD CONSTRAINT {name} {check}" for name, check in added]
    return [f"ALTER DOMAIN {new.name} {change}" for change in changes]


@alter.register
def _(new: Sequence, old: Sequence) -> list[str]:
    changes = []
    if new.options != old.options:
        changes.append(ddl.every_option(new.options, old.options))
    if new.unlogged != old.unlogged:
        changes.append("SET UNLOGGED" if new.unlogged else "SET LOGGED")
    if new.owned_by != old.owned_by:
        changes.append(f"OWNED BY {new.owned_by or 'NONE'}")
    return [f"ALTER SEQUENCE {new.name} {change}" for change in changes]


@alter.register
def _(new: Table, old: Table) -> list[str]:
    words = [
        on if getattr(new, switch) else off
        for switch, (on, off) in _SWITCHES.items()
        if getattr(new, switch) != getattr(old, switch)
    ]
    if new.replica_identity != old.replica_identity:
        words.append(f"REPLICA IDENTITY {new.replica_identity}")
    return [
        *_join(new, old),
        *(f"ALTER TABLE {new.name} {word}" for word in words),
        *ddl.set_options(f"ALTER TABLE {new.name}", old.options, new.options),
    ]


def leave(new: Table, old: Table) -> list[str]:
    """Take a table away from the parents it had, when they or its bounds change."""
    if (new.parents, new.bound) == (old.parents, old.bound):
        return []
    if old.bound:
        return [f"ALTER TABLE {old.parents[0]} DETACH PARTITION {old.name}"]
    return [f"ALTER TABLE {old.name} NO INHERIT {parent}" for parent in old.parents]


def _join(new: Table, old: Table) -> list[str]:
    if (new.parents, new.bound) == (old.parents, old.bound):
        return []
    if new.bound:
        return [f"ALTER TABLE {new.parents[0]} ATTACH PARTITION {new.name} {new.bound}"]
    return [f"ALTER TABLE {new.name} INHERIT {parent}" for parent in new.parents]


def extras(table: Table) -> list[str]:
    """What CREATE TABLE cannot say about a new table."""
    plain = Table(
        kind=Kind.TABLE,
        name=table.name,
        unlogged=table.unlogged,
        options=table.options,
        partition_by=table.partition_by,
        parents=table.parents,
        bound=table.bound,
    )
    return alter(table, plain)
