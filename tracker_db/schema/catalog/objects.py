"""What a schema is made of: one frozen record an object, compared by value."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Kind(StrEnum):
    """The kinds of object that are read, compared and planned, by their SQL names."""

    SCHEMA = "schema"
    EXTENSION = "extension"
    ENUM = "enum"
    COMPOSITE = "type"
    DOMAIN = "domain"
    SEQUENCE = "sequence"
    FUNCTION = "routine"
    TABLE = "table"
    COLUMN = "column"
    CONSTRAINT = "constraint"
    INDEX = "index"
    VIEW = "view"
    MATVIEW = "materialized view"
    STATISTICS = "statistics"
    RULE = "rule"
    TRIGGER = "trigger"
    POLICY = "policy"


class Key(NamedTuple):
    """Which object: its kind and its name as SQL writes it (a column is `table.column`)."""

    kind: Kind
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One object of a database; names are quoted as SQL needs them."""

    kind: Kind
    name: str
    comment: str | None = None

    @property
    def key(self) -> Key:
        """Its place in a snapshot."""
        return Key(self.kind, self.name)

    @property
    def address(self) -> str:
        """How DROP and COMMENT ON call it."""
        word = "type" if self.kind is Kind.ENUM else self.kind
        return f"{word.upper()} {self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Defined(Entry):
    """An object PostgreSQL can write as one CREATE statement.

    `shape` is what must stay for CREATE OR REPLACE to be allowed: a function's
    arguments and result, a view's columns; None where there is no such statement. A
    composite type's are its attributes. `column_comments` are a view's or a composite type's.
    """

    definition: str
    shape: tuple[str, ...] | None = None
    column_comments: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Part(Entry):
    """Something that lives on a table and goes with it; `label` is its own name.

    `copy_of` names the constraint or index of a parent that a partition's came with.
    """

    table: str
    label: str
    copy_of: str | None = field(default=None, compare=False, repr=False)

    @property
    def address(self) -> str:
        """How DROP and COMMENT ON call it."""
        if self.kind in {Kind.INDEX, Kind.STATISTICS, Kind.COLUMN}:
            return f"{self.kind.upper()} {self.name}"
        return f"{self.kind.upper()} {self.label} ON {self.table}"


def table_of(entry: Entry | None) -> Key | None:
    """The table that an object lives on; None for one that lives on none."""
    return Key(Kind.TABLE, entry.table) if isinstance(entry, Part) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class DefinedPart(Part):
    """A trigger, policy, rule or statistics object; `state` is the ALTER that completes it."""

    definition: str
    state: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Constraint(Part):
    """A primary key, unique, foreign key, check or exclusion constraint.

    `type` is pg_constraint.contype; `options` are the storage parameters of its index, by
    which the table may be `clustered`.
    """

    type: str
    definition: str
    options: tuple[str, ...] = ()
    clustered: bool = False

    @property
    def validated(self) -> bool:
        """Whether the rows that were there before it have been checked."""
        return not self.definition.endswith(" NOT VALID")


@dataclass(frozen=True, slots=True, kw_only=True)
class Index(Part):
    """An index that no constraint owns; `definition` starts at USING, `plain` is columns only.

    `statistics` are the targets of its expressions, as pairs of column number and target.
    """

    unique: bool
    definition: str
    plain: bool
    valid: bool = True
    clustered: bool = False
    statistics: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Enum(Entry):
    """An enumerated type and its labels in order."""

    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain(Entry):
    """A domain; `checks` are pairs of constraint name and definition."""

    type: str
    default: str | None
    not_null: bool
    checks: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SequenceOptions:
    """How a sequence counts."""

    type: str
    start: int
    increment: int
    minimum: int
    maximum: int
    cache: int
    cycle: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sequence(Entry):
    """A sequence of its own, or a serial column's (`owned_by` is that column)."""

    options: SequenceOptions
    unlogged: bool
    owned_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table(Entry):
    """A table without its columns and parts; `bound` makes it a partition of `parents[0]`.

    `partition_columns` are the labels of those that `partition_by` names.
    """

    unlogged: bool = False
    options: tuple[str, ...] = ()
    row_security: bool = False
    force_row_security: bool = False
    replica_identity: str = "DEFAULT"
    partition_by: str | None = None
    parents: tuple[str, ...] = ()
    bound: str | None = None
    partition_columns: tuple[str, ...] = field(default=(), compare=False, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """GENERATED AS IDENTITY: `always` or by default, with the sequence behind it."""

    always: bool
    sequence: str
    options: SequenceOptions


@dataclass(frozen=True, slots=True, kw_only=True)
class Column(Part):
    """A column; None and False are PostgreSQL's defaults.

    `not_null_name` is the constraint's name (PostgreSQL 18 on), None where it came from a
    parent: a partition made as one calls it otherwise than a table attached later, and
    neither name can be chosen; `not_null_actual` is the name it has. `generated` is `s` (stored)
    or `v` (virtual) with the expression in `default`. `position` only orders CREATE TABLE.
    """

    type: str
    collation: str | None = None
    not_null: bool = False
    not_null_name: str | None = None
    not_null_valid: bool = True
    default: str | None = None
    generated: str = ""
    identity: Identity | None = None
    storage: str | None = None
    compression: str | None = None
    statistics: int | None = None
    options: tuple[str, ...] = ()
    position: int = field(default=0, compare=False, repr=False)
    inherited: bool = field(default=False, compare=False, repr=False)
    not_null_actual: str | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All objects of a database at one instant, and what each one needs.

    `copies` are what partitions have because their parents do, which is no object of its own
    until the partition becomes a table. Two snapshots are equal when their objects are;
    `unsupported` names what is there but cannot be planned. `version` is the server's (180004
    for 18.4).
    """

    objects: Mapping[Key, Entry]
    needs: Mapping[Key, frozenset[Key]] = field(compare=False, repr=False)
    unsupported: frozenset[str] = frozenset()
    copies: tuple[Part, ...] = field(default=(), compare=False, repr=False)
    version: int = field(default=0, compare=False)

    def fingerprint(self) -> str:
        """SHA-256 of the whole, the same for equal schemas on one server version."""
        lines = [repr(self.objects[key]) for key in sorted(self.objects)]
        text = "\n".join([*lines, *sorted(self.unsupported)])
        return hashlib.sha256(text.encode()).hexdigest()
