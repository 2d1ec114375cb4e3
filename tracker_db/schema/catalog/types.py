"""Schemas, extensions, types and sequences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracker_db.schema.catalog.objects import (
    Defined,
    Domain,
    Enum,
    Kind,
    Sequence,
    SequenceOptions,
)
from tracker_db.schema.catalog.owned import FIRST_USER_OID, USERS_RELATION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracker_db.schema.catalog.dependencies import Address

_SCHEMAS = f"""
SELECT oid, quote_ident(nspname) AS name, obj_description(oid, 'pg_namespace') AS comment
  FROM pg_namespace
 WHERE oid >= {FIRST_USER_OID} AND nspname !~ '^pg_(toast_)?temp_' AND nspname <> 'public'
"""

_EXTENSIONS = f"""
SELECT e.oid, quote_ident(extname) AS name, nullif(quote_ident(nspname), 'public') AS namespace
  FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace
 WHERE e.oid >= {FIRST_USER_OID}
"""

_ENUMS = f"""
SELECT t.oid, t.oid::regtype::text AS name, obj_description(t.oid, 'pg_type') AS comment,
       ARRAY(SELECT enumlabel::text FROM pg_enum WHERE enumtypid = t.oid
              ORDER BY enumsortorder) AS labels
  FROM pg_type AS t WHERE t.typtype = 'e' AND t.oid >= {FIRST_USER_OID}
"""

_COMPOSITES = f"""
SELECT t.oid, t.oid::regtype::text AS name, obj_description(t.oid, 'pg_type') AS comment,
       ARRAY(SELECT quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod)
                    || CASE WHEN a.attcollation <> f.typcollation
                            THEN ' COLLATE ' || a.attcollation::regcollation::text ELSE '' END
               FROM pg_attribute AS a JOIN pg_type AS f ON f.oid = a.atttypid
              WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
              ORDER BY a.attnum) AS fields,
       ARRAY(SELECT ARRAY[quote_ident(a.attname), col_description(c.oid, a.attnum)]
               FROM pg_attribute AS a
              WHERE a.attrelid = c.oid AND col_description(c.oid, a.attnum) IS NOT NULL
              ORDER BY a.attnum) AS column_comments
  FROM pg_type AS t JOIN pg_class AS c ON c.oid = t.typrelid AND c.relkind = 'c'
 WHERE t.oid >= {FIRST_USER_OID}
"""

_DOMAINS = f"""
SELECT t.oid, t.oid::regtype::text AS name, obj_description(t.oid, 'pg_type') AS comment,
       format_type(t.typbasetype, t.typtypmod) || CASE WHEN t.typcollation <> b.typcollation
           THEN ' COLLATE ' || t.typcollation::regcollation::text ELSE '' END AS type,
       t.typdefault, t.typnotnull,
       ARRAY(SELECT ARRAY[quote_ident(conname), pg_get_constraintdef(k.oid)]
               FROM pg_constraint AS k
              WHERE contypid = t.oid AND contype = 'c' ORDER BY conname) AS checks
  FROM pg_type AS t JOIN pg_type AS b ON b.oid = t.typbasetype
 WHERE t.typtype = 'd' AND t.oid >= {FIRST_USER_OID}
"""

_SEQUENCES = f"""
SELECT c.oid, c.oid::regclass::text AS name, c.relpersistence = 'u' AS unlogged, s.*,
       format_type(s.seqtypid, NULL) AS seqtype, obj_description(c.oid, 'pg_class') AS comment,
       d.refobjid::regclass::text || '.' || quote_ident(a.attname) AS owned_by
  FROM pg_sequence AS s JOIN pg_class AS c ON c.oid = s.seqrelid
  LEFT JOIN pg_depend AS d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid
        AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0
  LEFT JOIN pg_attribute AS a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
 WHERE d.deptype IS DISTINCT FROM 'i' AND {USERS_RELATION}
"""


def read_schemas(cursor: Any) -> Iterator[tuple[Address, Defined]]:
    """Every schema besides `public`."""
    cursor.execute(_SCHEMAS)
    for row in cursor:
        definition = f"CREATE SCHEMA {row.name}"
        yield (
            ("pg_namespace", row.oid, 0),
            Defined(kind=Kind.SCHEMA, name=row.name, comment=row.comment, definition=definition),
        )


def read_extensions(cursor: Any) -> Iterator[tuple[Address, Defined]]:
    """Every extension; its version is the server's affair."""
    cursor.execute(_EXTENSIONS)
    for row in cursor:
        place = f" SCHEMA {row.namespace}" if row.namespace else ""
        definition = f"CREATE EXTENSION IF NOT EXISTS {row.name}{place}"
        yield (
            ("pg_extension", row.oid, 0),
            Defined(kind=Kind.EXTENSION, name=row.name, definition=definition),
        )


def read_enums(cursor: Any) -> Iterator[tuple[Address, Enum]]:
    """Every enumerated type."""
    cursor.execute(_ENUMS)
    for row in cursor:
        yield (
            ("pg_type", row.oid, 0),
            Enum(kind=Kind.ENUM, name=row.name, comment=row.comment, labels=tuple(row.labels)),
        )


def read_composites(cursor: Any) -> Iterator[tuple[Address, Defined]]:
    """Every composite type that is not a table's row type."""
    cursor.execute(_COMPOSITES)
    for row in cursor:
        yield (
            ("pg_type", row.oid, 0),
            Defined(
                kind=Kind.COMPOSITE,
                name=row.name,
                comment=row.comment,
                definition=f"CREATE TYPE {row.name} AS ({', '.join(row.fields)})",
                shape=tuple(row.fields),
                column_comments=tuple((name, text) for name, text in row.column_comments),
            ),
        )


def read_domains(cursor: Any) -> Iterator[tuple[Address, Domain]]:
    """Every domain with its checks."""
    cursor.execute(_DOMAINS)
    for row in cursor:
        yield (
            ("pg_type", row.oid, 0),
            Domain(
                kind=Kind.DOMAIN,
                name=row.name,
                comment=row.comment,
                type=row.type,
                default=row.typdefault,
                not_null=row.typnotnull,
                checks=tuple((name, definition) for name, definition in row.checks),
            ),
        )


def read_sequences(cursor: Any) -> Iterator[tuple[Address, Sequence]]:
    """Every sequence but those behind identity columns."""
    cursor.execute(_SEQUENCES)
    for row in cursor:
        yield (
            ("pg_class", row.oid, 0),
            Sequence(
                kind=Kind.SEQUENCE,
                name=row.name,
                comment=row.comment,
                options=sequence_options(row),
                unlogged=row.unlogged,
                owned_by=row.owned_by,
            ),
        )


def sequence_options(row: Any) -> SequenceOptions:
    """The options in a row that holds the columns of pg_sequence and `seqtype`."""
    return SequenceOptions(
        type=row.seqtype,
        start=row.seqstart,
        increment=row.seqincrement,
        minimum=row.seqmin,
        maximum=row.seqmax,
        cache=row.seqcache,
        cycle=row.seqcycle,
    )
