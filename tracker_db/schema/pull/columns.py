"""Columns as the fields of a model."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tracker_db.schema.catalog.objects import Column, Enum, Key, Kind, Sequence, Snapshot
from tracker_db.schema.plan import ddl
from tracker_db.schema.pull.text import quoted, sql

if TYPE_CHECKING:
    from collections.abc import Iterator

_PLAIN = {
    "bigint": "BigIntegerField",
    "boolean": "BooleanField",
    "bytea": "BlobField",
    "character varying": "CharField",
    "date": "DateField",
    "double precision": "DoubleField",
    "integer": "IntegerField",
    "interval": "IntervalField",
    "json": "JSONField",
    "jsonb": "BinaryJSONField",
    "smallint": "SmallIntegerField",
    "text": "TextField",
    "time without time zone": "TimeField",
    "timestamp with time zone": "TimestampTZ",
    "timestamp without time zone": "DateTimeField",
    "tsvector": "TSVectorField",
    "uuid": "UUIDField",
}
_ARGUMENTS = {
    "character varying": ["max_length=None"],
    "jsonb": ["index=False"],
    "tsvector": ["index=False"],
}
_SIZED = (
    (re.compile(r"character varying\((\d+)\)"), "CharField", r"max_length=\1"),
    (re.compile(r"character\((\d+)\)"), "FixedCharField", r"max_length=\1"),
    (re.compile(r"numeric\((\d+),(\d+)\)"), "DecimalField", r"\1", r"\2"),
    (re.compile(r"vector\((\d+)\)"), "Vector", r"\1"),
)
_ITEMS = {"bigint", "boolean", "date", "integer", "smallint", "text", "uuid"}
_SERIAL = {"integer": "AutoField", "bigint": "BigAutoField"}


def field(column: Column, snapshot: Snapshot, *, is_key: bool) -> list[str]:
    """The field of a column that refers to no other table: its class and its arguments."""
    if serial_sequence(column, snapshot, is_key=is_key):
        return [_SERIAL[column.type]]
    key = ["primary_key=True"] if is_key else []
    return [*_type(column.type, snapshot), *key, *qualifiers(column)]


def serial_sequence(column: Column, snapshot: Snapshot, *, is_key: bool) -> Key | None:
    """The sequence that peewee's serial key makes by itself; None for any other column."""
    for key, entry in snapshot.objects.items():
        if isinstance(entry, Sequence) and entry.owned_by == column.name:
            counts = f"nextval({ddl.literal(entry.name)}::regclass)"
            fits = is_key and column.type in _SERIAL and column.default == counts
            return key if fits and not column.collation else None
    return None


def enum(column: Column, snapshot: Snapshot) -> Enum | None:
    """The enumerated type that a `PgEnum` of this column makes by itself."""
    entry = snapshot.objects.get(Key(Kind.ENUM, column.type))
    return entry if isinstance(entry, Enum) and not ddl.schema_of(entry.name) else None


def is_vector(column: Column) -> bool:
    """Whether the field is a `Vector`."""
    return column.type.startswith("vector(")


def qualifiers(column: Column) -> Iterator[str]:
    """The options that any field of this column has."""
    if not (column.not_null and column.not_null_valid):
        yield "null=True"
    if constraints := ", ".join(_constraints(column)):
        yield f"constraints=[{constraints}]"


def _constraints(column: Column) -> Iterator[str]:
    if column.collation:
        yield sql(f"COLLATE {column.collation}")
    if column.generated:
        yield sql(ddl.generated_clause(column))
    elif column.default is not None:
        yield sql(column.default, call="server_default")
    if column.identity:
        yield sql(ddl.identity_clause(column.identity))


def _type(name: str, snapshot: Snapshot) -> list[str]:
    item = name.removesuffix("[]")
    if name in _PLAIN:
        return [_PLAIN[name], *_ARGUMENTS.get(name, ())]
    if item != name and item in _ITEMS:
        return ["Array", _PLAIN[item]]
    found = snapshot.objects.get(Key(Kind.ENUM, name))
    if isinstance(found, Enum) and not ddl.schema_of(name):
        labels = ", ".join(map(quoted, found.labels))
        return ["PgEnum", quoted(name), f"[{labels}]"]
    for pattern, call, *arguments in _SIZED:
        if sizes := pattern.fullmatch(name):
            return [call, *(sizes.expand(argument) for argument in arguments)]
    return ["PgType", quoted(name)]
