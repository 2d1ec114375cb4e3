"""Tables and their columns, from pg_class and pg_attribute."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracker_db.schema.catalog.objects import Column, Identity, Kind, Table
from tracker_db.schema.catalog.owned import USERS_RELATION
from tracker_db.schema.catalog.types import sequence_options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracker_db.schema.catalog.dependencies import Address

_TABLES = f"""
SELECT c.oid, c.oid::regclass::text AS name, c.relpersistence = 'u' AS unlogged,
       coalesce(c.reloptions, '{{}}') || coalesce(
           (SELECT array_agg('toast.' || o) FROM unnest(t.reloptions) AS o), '{{}}') AS options,
       c.relrowsecurity, c.relforcerowsecurity, c.relreplident,
       ARRAY(SELECT quote_ident(a.attname) FROM pg_depend AS d
               JOIN pg_attribute AS a ON a.attrelid = d.objid AND a.attnum = d.objsubid
              WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.objsubid > 0
                AND d.refclassid = d.classid AND d.refobjid = c.oid AND d.refobjsubid = 0)
           AS partition_columns,
       pg_get_partkeydef(c.oid) AS partition_by, pg_get_expr(c.relpartbound, c.oid) AS bound,
       ARRAY(SELECT i.inhparent::regclass::text FROM pg_inherits AS i
              WHERE i.inhrelid = c.oid ORDER BY i.inhseqno) AS parents,
       obj_description(c.oid, 'pg_class') AS comment
  FROM pg_class AS c LEFT JOIN pg_class AS t ON t.oid = c.reltoastrelid
 WHERE c.relkind IN ('r', 'p') AND {USERS_RELATION}
"""

_COLUMNS = f"""
SELECT c.oid, a.attnum, c.oid::regclass::text AS table_name, quote_ident(a.attname) AS label,
       format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS not_null,
       CASE WHEN a.attcollation <> t.typcollation THEN a.attcollation::regcollation::text END
           AS collation,
       quote_ident(n.conname) AS not_null_name, coalesce(n.convalidated, true) AS not_null_valid,
       pg_get_expr(d.adbin, d.adrelid) AS default_text, a.attgenerated AS generated,
       CASE WHEN a.attstorage <> t.typstorage THEN a.attstorage END AS storage,
       a.attcompression AS compression, nullif(a.attstattarget, -1) AS statistics,
       coalesce(a.attoptions, '{{}}') AS options, a.attinhcount > 0 AS inherited,
       a.attidentity AS identity, s.seqrelid::regclass::text AS sequence, s.*,
       format_type(s.seqtypid, NULL) AS seqtype, col_description(c.oid, a.attnum) AS comment
  FROM pg_attribute AS a
  JOIN pg_class AS c ON c.oid = a.attrelid
  JOIN pg_type AS t ON t.oid = a.atttypid
  LEFT JOIN pg_attrdef AS d ON d.adrelid = c.oid AND d.adnum = a.attnum
  LEFT JOIN pg_constraint AS n
    ON n.conrelid = c.oid AND n.contype = 'n' AND n.conkey = ARRAY[a.attnum]
  LEFT JOIN (pg_depend AS p JOIN pg_sequence AS s ON s.seqrelid = p.objid)
    ON p.refclassid = 'pg_class'::regclass AND p.refobjid = c.oid AND p.refobjsubid = a.attnum
   AND p.classid = 'pg_class'::regclass AND p.deptype = 'i'
 WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p') AND {USERS_RELATION}
 ORDER BY c.oid, a.attnum
"""

_REPLICA_IDENTITY = {"d": "DEFAULT", "n": "NOTHING", "f": "FULL", "i": "INDEX"}
_STORAGE = {"p": "PLAIN", "e": "EXTERNAL", "m": "MAIN", "x": "EXTENDED"}
_COMPRESSION = {"p": "pglz", "l": "lz4"}


def read_tables(cursor: Any) -> Iterator[tuple[Address, Table]]:
    """Every table and partition."""
    cursor.execute(_TABLES)
    for row in cursor:
        yield (
            ("pg_class", row.oid, 0),
            Table(
                kind=Kind.TABLE,
                name=row.name,
                comment=row.comment,
                unlogged=row.unlogged,
                options=tuple(sorted(row.options)),
                row_security=row.relrowsecurity,
                force_row_security=row.relforcerowsecurity,
                replica_identity=_REPLICA_IDENTITY[row.relreplident],
                partition_by=row.partition_by,
                parents=tuple(row.parents),
                bound=row.bound,
                partition_columns=tuple(row.partition_columns),
            ),
        )


def read_columns(cursor: Any) -> Iterator[tuple[Address, Column]]:
    """Every column of every table."""
    cursor.execute(_COLUMNS)
    for row in cursor:
        yield (
            ("pg_class", row.oid, row.attnum),
            Column(
                kind=Kind.COLUMN,
                name=f"{row.table_name}.{row.label}",
                comment=row.comment,
                table=row.table_name,
                label=row.label,
                type=row.type,
                collation=row.collation,
                not_null=row.not_null,
                not_null_name=None if row.inherited else row.not_null_name,
                not_null_valid=row.not_null_valid,
                default=row.default_text,
                generated=row.generated,
                identity=_identity(row),
                storage=_STORAGE.get(row.storage),
                compression=_COMPRESSION.get(row.compression),
                statistics=row.statistics,
                options=tuple(sorted(row.options)),
                position=row.attnum,
                inherited=row.inherited,
                not_null_actual=row.not_null_name,
            ),
        )


def _identity(row: Any) -> Identity | None:
    if not row.identity:
        return None
    return Identity(
        always=row.identity == "a", sequence=row.sequence, options=sequence_options(row)
    )
