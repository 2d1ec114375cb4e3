"""What of a database models can say themselves, and what has to be there before them."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from tracker_db.schema.catalog.objects import (
    Column,
    Constraint,
    Entry,
    Index,
    Key,
    Kind,
    Part,
    Sequence,
    Snapshot,
    Table,
)
from tracker_db.schema.pull.references import Reference

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

P = TypeVar("P", bound=Part)

_BEFORE_TABLES = frozenset(
    {
        Kind.SCHEMA,
        Kind.EXTENSION,
        Kind.ENUM,
        Kind.COMPOSITE,
        Kind.DOMAIN,
        Kind.SEQUENCE,
        Kind.FUNCTION,
    }
)
_NONE: frozenset[Key] = frozenset()
#: peewee puts quotes around names without a look inside, and formats every statement.
_UNSAYABLE = re.compile(r'[%\\]|""')


@dataclass(frozen=True)
class Scope:
    """A database, and which of its objects its models make."""

    snapshot: Snapshot

    @cached_property
    def early(self) -> frozenset[Key]:
        """What can be made before any table."""
        return self._supported({key for key in self.snapshot.objects if key.kind in _BEFORE_TABLES})

    @cached_property
    def said(self) -> frozenset[Key]:
        """The tables that become models, and what of each the model says."""
        entries = self.snapshot.objects.values()
        tables = {entry.name for entry in entries if isinstance(entry, Table) and _is_plain(entry)}
        parts = (entry for entry in entries if isinstance(entry, Part) and entry.table in tables)
        found = {part.key for part in parts if self._can_be_said(part)}
        return self._supported(found | {Key(Kind.TABLE, name) for name in tables}, self.early)

    @property
    def tables(self) -> Iterator[Table]:
        """The tables that become models, by name."""
        for key in sorted(self.said):
            entry = self.snapshot.objects[key]
            if isinstance(entry, Table):
                yield entry

    def parts(self, table: str, kind: type[P]) -> list[P]:
        """The columns, constraints or indexes that a table's model says, columns in order."""
        entries = (self.snapshot.objects[key] for key in sorted(self.said))
        found = [entry for entry in entries if isinstance(entry, kind) and entry.table == table]
        return sorted(found, key=lambda entry: getattr(entry, "position", 0))

    def needed_before(self, made: Collection[Key]) -> Snapshot:
        """What the models need before their tables, without what is `made` anyway."""
        found: set[Key] = set()
        waiting = set(self.said)
        while waiting:
            needs = self.snapshot.needs.get(waiting.pop(), _NONE) & self.early
            waiting |= needs - found
            found |= needs
        keys = found - set(made)
        return replace(
            self.snapshot,
            objects={key: _without_owner(self.snapshot.objects[key]) for key in keys},
            needs={key: self.snapshot.needs.get(key, _NONE) & keys for key in keys},
        )

    def _can_be_said(self, part: Part) -> bool:
        if isinstance(part, Column):
            return not _UNSAYABLE.search(part.label)
        if isinstance(part, Constraint):
            return (part.type != "f" and part.validated) or self.reference(part) is not None
        return isinstance(part, Index)

    def reference(self, constraint: Constraint) -> Reference | None:
        """The foreign key, if `ForeignKeyField` can say it."""
        needs = self.snapshot.needs.get(constraint.key, _NONE)
        # Where a mere index makes the target unique, it may come after the table.
        indexed = any(need.kind is Kind.INDEX for need in needs)
        found = Reference.read(constraint)
        return found if found and not indexed and self._has_one_type(found) else None

    def _has_one_type(self, reference: Reference) -> bool:
        """Whether both columns are of one type that peewee passes on to who refers to it."""
        keys = (Key(Kind.COLUMN, reference.column), Key(Kind.COLUMN, reference.target))
        one, other = (self.snapshot.objects[key] for key in keys)
        assert isinstance(one, Column)
        assert isinstance(other, Column)
        is_enum = Key(Kind.ENUM, one.type) in self.snapshot.objects
        return one.type == other.type and not is_enum and not one.type.endswith("[]")

    def _supported(self, keys: set[Key], there: frozenset[Key] = _NONE) -> frozenset[Key]:
        """Those of the objects that need nothing but each other and what is there."""
        while late := {k for k in keys if self.snapshot.needs.get(k, _NONE) - keys - there}:
            keys = keys - late
        return frozenset(keys)


def _is_plain(table: Table) -> bool:
    """Whether CREATE TABLE makes the table alone, from names that peewee can write."""
    return not table.parents and not _UNSAYABLE.search(table.name)


def _without_owner(entry: Entry) -> Entry:
    """A sequence is given to its column once that is there."""
    return replace(entry, owned_by=None) if isinstance(entry, Sequence) else entry
