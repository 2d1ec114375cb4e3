"""What differs between two snapshots, and what else has to be taken down for it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace

from tracker_db.schema.catalog.objects import (
    Column,
    Constraint,
    Defined,
    DefinedPart,
    Domain,
    Entry,
    Enum,
    Index,
    Key,
    Kind,
    Sequence,
    Snapshot,
    Table,
)
from tracker_db.schema.plan import columns, ddl
from tracker_db.schema.plan.columns import ColumnChange
from tracker_db.schema.plan.copies import with_copies
from tracker_db.schema.plan.refusals import refuse_impossible, refuse_unsupported

TYPES = frozenset({Kind.ENUM, Kind.DOMAIN, Kind.COMPOSITE})


@dataclass(slots=True)
class Changes:
    """Which objects a plan makes, drops and alters; one in `create` and `drop` is made anew.

    `swap` holds the types made anew beside their old self, `retype` the columns whose
    type is made anew, `redefault` those whose default is; `release` what is let go first.
    `type_names` are the types that users made.
    """

    before: Snapshot
    after: Snapshot
    create: set[Key] = field(default_factory=set)
    drop: set[Key] = field(default_factory=set)
    alter: set[Key] = field(default_factory=set)
    swap: set[Key] = field(default_factory=set)
    retype: set[Key] = field(default_factory=set)
    redefault: set[Key] = field(default_factory=set)
    release: set[Key] = field(default_factory=set)
    type_names: frozenset[str] = frozenset()

    def column_change(self, key: Key, fill: str | None = None) -> ColumnChange:
        """A column that stays, before and after; `fill` is for rows a NOT NULL would refuse."""
        old, new = self.before.objects[key], self.after.objects[key]
        assert isinstance(old, Column)
        assert isinstance(new, Column)
        return ColumnChange(
            before=old,
            after=new,
            retype=key in self.retype,
            by_text=self._is_users(old) or self._is_users(new),
            redefault=key in self.redefault,
            fill=fill,
        )

    def _is_users(self, column: Column) -> bool:
        return column.type.removesuffix("[]") in self.type_names


def compare(before: Snapshot, after: Snapshot) -> Changes:
    """The changes from one snapshot to another, closed over everything that depends on them.

    Raises SchemaError, naming the object, for a change that no statement can make.
    """
    refuse_unsupported(before, after)
    before, after = with_copies(before, after)
    keys = before.objects.keys() | after.objects.keys()
    type_names = frozenset(key.name for key in keys if key.kind in TYPES)
    changes = Changes(before, after, type_names=type_names)
    changes.drop |= before.objects.keys() - after.objects.keys()
    changes.create |= after.objects.keys() - before.objects.keys()
    for key in before.objects.keys() & after.objects.keys():
        if before.objects[key] != after.objects[key]:
            _classify(changes, key)
    _take_down_dependants(changes)
    refuse_impossible(changes)
    _add_side_steps(changes)
    return changes


def _classify(changes: Changes, key: Key) -> None:
    """Decide how an object that differs gets from one form to the other."""
    old, new = changes.before.objects[key], changes.after.objects[key]
    if replace(old, comment=new.comment) == new:
        changes.alter.add(key)
    elif isinstance(old, Column) and isinstance(new, Column):
        _classify_column(changes, old, new)
    elif _swaps(old, new, changes.after):
        _make_anew(changes, key, beside=True)
    elif _alters(old, new):
        changes.alter.add(key)
    else:
        _make_anew(changes, key)


def _classify_column(changes: Changes, old: Column, new: Column) -> None:
    key = new.key
    computed = old.generated or new.generated
    moved = (old.generated, old.type) != (new.generated, new.type)
    if computed and (moved or old.default != new.default):
        if old.generated == "s" and not new.generated and old.type == new.type:
            changes.alter.add(key)
        else:
            _make_anew(changes, key)
        return
    changes.alter.add(key)
    if (old.type, old.collation) != (new.type, new.collation):
        changes.retype.add(key)


def _make_anew(changes: Changes, key: Key, *, beside: bool = False) -> None:
    changes.create.add(key)
    changes.drop.add(key)
    changes.alter.discard(key)
    if beside:
        changes.swap.add(key)


def _swaps(old: Entry, new: Entry, after: Snapshot) -> bool:
    """Whether a type has to be made beside its old self, columns moved over one by one."""
    if isinstance(old, Enum) and isinstance(new, Enum):
        return not _only_adds(old, new) or _uses_new_label(old, new, after)
    if isinstance(old, Domain) and isinstance(new, Domain):
        return old.type != new.type
    if isinstance(old, Defined) and isinstance(new, Defined) and old.kind is Kind.COMPOSITE:
        return not _begins_alike(old.shape or (), new.shape or ())
    return False


def _begins_alike(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Whether one only has more at its end than the other."""
    return all(a == b for a, b in zip(one, other, strict=False))


def _only_adds(old: Enum, new: Enum) -> bool:
    rest = iter(new.labels)
    return all(label in rest for label in old.labels)


def _uses_new_label(old: Enum, new: Enum, after: Snapshot) -> bool:
    """PostgreSQL lets nothing use a label in the transaction that adds it."""
    added = [ddl.literal(label) for label in set(new.labels) - set(old.labels)]
    users = (after.objects[key] for key, needs in after.needs.items() if new.key in needs)
    return any(label in _text(user) for user in users for label in added)


def _text(entry: Entry) -> str:
    if isinstance(entry, Column):
        return entry.default or ""
    if isinstance(entry, Domain):
        return " ".join([entry.default or "", *(check for _, check in entry.checks)])
    if isinstance(entry, Defined | DefinedPart | Constraint | Index):
        return entry.definition
    return ""


def _alters(old: Entry, new: Entry) -> bool:
    """Whether the object keeps its identity through the change."""
    if isinstance(old, Defined) and isinstance(new, Defined):
        return _replaces(old, new)
    if isinstance(old, Constraint) and isinstance(new, Constraint):
        settings = replace(old, options=new.options, clustered=new.clustered, comment=new.comment)
        return settings == new or old.definition == f"{new.definition} NOT VALID"
    if isinstance(old, Index) and isinstance(new, Index):
        clustered, statistics = new.clustered, new.statistics
        return replace(old, clustered=clustered, statistics=statistics, comment=new.comment) == new
    if isinstance(old, DefinedPart) and isinstance(new, DefinedPart):
        return replace(old, state=new.state, comment=new.comment) == new
    return True


def _replaces(old: Defined, new: Defined) -> bool:
    if old.definition == new.definition or old.kind is Kind.COMPOSITE:
        return True
    if old.shape is None or new.shape is None:
        return False
    if old.kind is Kind.VIEW:
        return new.shape[: len(old.shape)] == old.shape
    return old.shape == new.shape


def _add_side_steps(changes: Changes) -> None:
    """What has to be let go first, and what a new sequence gets told last."""
    changes.release |= {key for key in changes.alter if _lets_go(changes, key)}
    changes.release |= changes.swap
    for key in changes.create:
        entry = changes.after.objects[key]
        if isinstance(entry, Sequence) and entry.owned_by:
            changes.alter.add(key)


def _lets_go(changes: Changes, key: Key) -> bool:
    old, new = changes.before.objects[key], changes.after.objects[key]
    if isinstance(old, Table) and isinstance(new, Table):
        return (old.parents, old.bound) != (new.parents, new.bound)
    if isinstance(old, Constraint | Index) and isinstance(new, Constraint | Index):
        return old.clustered and not new.clustered
    return isinstance(new, Column) and any(columns.release(changes.column_change(key)))


def _take_down_dependants(changes: Changes) -> None:
    """Whatever stands on something that goes, or moves, is made anew after it."""
    dependants: dict[Key, set[Key]] = defaultdict(set)
    for key, needs in changes.before.needs.items():
        for need in needs:
            dependants[need].add(key)
    waiting = [*changes.drop, *changes.retype]
    while waiting:
        moving = waiting.pop()
        for key in dependants[moving]:
            if key in changes.after.objects and key not in changes.drop:
                waiting += _disturb(changes, moving, key)


def _disturb(changes: Changes, moving: Key, key: Key) -> list[Key]:
    """What `key` has to suffer because `moving` does; returned if it is news to others."""
    entry = changes.before.objects[key]
    if isinstance(entry, Column):
        return _disturb_column(changes, moving, entry)
    if moving in changes.retype and _follows_type(entry):
        return []
    if isinstance(entry, Table):
        changes.alter.add(key)
        return []
    _make_anew(changes, key, beside=key.kind in TYPES)
    return [key]


def _follows_type(entry: Entry) -> bool:
    """PostgreSQL itself carries these along when a column's type changes."""
    if isinstance(entry, Constraint):
        return entry.type in {"p", "u", "x"}
    return (isinstance(entry, Index) and entry.plain) or entry.kind in {
        Kind.STATISTICS,
        Kind.TABLE,
    }


def _disturb_column(changes: Changes, moving: Key, column: Column) -> list[Key]:
    if moving.kind in {Kind.TABLE, Kind.EXTENSION, Kind.SCHEMA}:
        return []
    key = column.key
    if moving.kind in TYPES and _is_of(column, moving):
        news = [] if key in changes.retype else [key]
        changes.retype.add(key)
        changes.alter.add(key)
        return news
    if column.generated:
        _make_anew(changes, key)
        return [key]
    changes.redefault.add(key)
    changes.alter.add(key)
    return []


def _is_of(column: Column, type_key: Key) -> bool:
    return column.type.removesuffix("[]") == type_key.name
