"""Functions, procedures, views and materialized views."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracker_db.schema.catalog.objects import Defined, Kind
from tracker_db.schema.catalog.owned import FIRST_USER_OID, USERS_RELATION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracker_db.schema.catalog.dependencies import Address

_FUNCTIONS = f"""
SELECT p.oid, p.oid::regprocedure::text AS name,
       rtrim(pg_get_functiondef(p.oid), E'\n') AS definition,
       pg_get_function_arguments(p.oid) AS arguments,
       coalesce(pg_get_function_result(p.oid), '') AS result,
       obj_description(p.oid, 'pg_proc') AS comment
  FROM pg_proc AS p
 WHERE p.oid >= {FIRST_USER_OID} AND p.prokind IN ('f', 'p', 'w')
   AND p.pronamespace::regnamespace::text !~ '^pg_temp'
   AND NOT EXISTS (SELECT FROM pg_depend AS d
                    WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid
                      AND d.deptype IN ('e', 'i'))
"""

_VIEWS = f"""
SELECT c.oid, c.oid::regclass::text AS name, c.relkind,
       rtrim(pg_get_viewdef(c.oid), ';') AS query,
       array_to_string(c.reloptions || ARRAY(SELECT 'toast.' || o FROM pg_class AS t,
           unnest(t.reloptions) AS o WHERE t.oid = c.reltoastrelid), ', ') AS options,
       ARRAY(SELECT quote_ident(a.attname) || ' ' || format_type(a.atttypid, a.atttypmod)
                    || ' ' || a.attcollation::text
               FROM pg_attribute AS a
              WHERE a.attrelid = c.oid AND a.attnum > 0 ORDER BY a.attnum) AS columns,
       ARRAY(SELECT ARRAY[quote_ident(a.attname), col_description(c.oid, a.attnum)]
               FROM pg_attribute AS a
              WHERE a.attrelid = c.oid AND col_description(c.oid, a.attnum) IS NOT NULL
              ORDER BY a.attnum) AS column_comments,
       obj_description(c.oid, 'pg_class') AS comment
  FROM pg_class AS c WHERE c.relkind IN ('v', 'm') AND {USERS_RELATION}
"""


def read_functions(cursor: Any) -> Iterator[tuple[Address, Defined]]:
    """Every function and procedure; `shape` is its signature."""
    cursor.execute(_FUNCTIONS)
    for row in cursor:
        yield (
            ("pg_proc", row.oid, 0),
            Defined(
                kind=Kind.FUNCTION,
                name=row.name,
                comment=row.comment,
                definition=row.definition,
                shape=(row.arguments, row.result),
            ),
        )


def read_views(cursor: Any) -> Iterator[tuple[Address, Defined]]:
    """Every view and materialized view; a view's `shape` is its columns."""
    cursor.execute(_VIEWS)
    for row in cursor:
        kind = Kind.VIEW if row.relkind == "v" else Kind.MATVIEW
        options = f" WITH ({row.options})" if row.options else ""
        yield (
            ("pg_class", row.oid, 0),
            Defined(
                kind=kind,
                name=row.name,
                comment=row.comment,
                definition=f"CREATE {kind.upper()} {row.name}{options} AS\n{row.query}",
                shape=tuple(row.columns) if kind is Kind.VIEW else None,
                column_comments=tuple((name, text) for name, text in row.column_comments),
            ),
        )
