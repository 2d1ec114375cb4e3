"""What lives on a table: constraints, indexes, triggers, policies, rules, statistics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracker_db.schema.catalog.objects import Constraint, DefinedPart, Index, Kind
from tracker_db.schema.catalog.owned import USERS_RELATION

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tracker_db.schema.catalog.dependencies import Address

_CONSTRAINTS = f"""
SELECT k.oid, c.oid::regclass::text AS table_name, quote_ident(k.conname) AS label,
       k.contype AS type, pg_get_constraintdef(k.oid) AS definition,
       coalesce(i.reloptions, '{{}}') AS options, coalesce(x.indisclustered, false) AS clustered,
       h.inhparent::regclass || '.' || quote_ident(coalesce(p.conname, k.conname)) AS copy_of,
       obj_description(k.oid, 'pg_constraint') AS comment
  FROM pg_constraint AS k JOIN pg_class AS c ON c.oid = k.conrelid
  LEFT JOIN pg_constraint AS p ON p.oid = k.conparentid
  LEFT JOIN pg_inherits AS h ON h.inhrelid = c.oid AND (k.conparentid <> 0 OR k.coninhcount > 0)
  LEFT JOIN (pg_class AS i JOIN pg_index AS x ON x.indexrelid = i.oid)
    ON i.oid = k.conindid AND k.contype IN ('p', 'u', 'x')
 WHERE k.contype IN ('p', 'u', 'f', 'c', 'x')
   AND (k.conparentid = 0 AND k.coninhcount = 0
        OR c.relispartition AND coalesce(p.confrelid, 0) = k.confrelid)
   AND {USERS_RELATION}
"""

_INDEXES = f"""
SELECT i.indexrelid AS oid, i.indexrelid::regclass::text AS name, quote_ident(r.relname) AS label,
       c.oid::regclass::text AS table_name, i.indisunique, i.indisvalid, i.indisclustered,
       i.indexprs IS NULL AND i.indpred IS NULL AS plain, quote_ident(n.nspname) AS namespace,
       quote_ident(c.relname) AS bare, pg_get_indexdef(i.indexrelid) AS definition,
       ARRAY(SELECT ARRAY[a.attnum::integer, a.attstattarget] FROM pg_attribute AS a
              WHERE a.attrelid = r.oid AND a.attstattarget <> -1 ORDER BY 1) AS statistics,
       h.inhparent::regclass::text AS copy_of, obj_description(i.indexrelid, 'pg_class') AS comment
  FROM pg_index AS i JOIN pg_class AS r ON r.oid = i.indexrelid
  JOIN pg_class AS c ON c.oid = i.indrelid JOIN pg_namespace AS n ON n.oid = c.relnamespace
  LEFT JOIN pg_inherits AS h ON h.inhrelid = i.indexrelid
 WHERE c.relkind IN ('r', 'p', 'm') AND {USERS_RELATION}
   AND NOT EXISTS (SELECT FROM pg_constraint AS k
                    WHERE k.conindid = i.indexrelid AND k.contype IN ('p', 'u', 'x'))
"""

_TRIGGERS = f"""
SELECT t.oid, c.oid::regclass::text AS table_name, quote_ident(t.tgname) AS label,
       pg_get_triggerdef(t.oid, true) AS definition, t.tgenabled,
       obj_description(t.oid, 'pg_trigger') AS comment
  FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid
 WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND {USERS_RELATION}
"""

_POLICIES = f"""
SELECT p.oid, c.oid::regclass::text AS table_name, quote_ident(p.polname) AS label,
       format('CREATE POLICY %I ON %s AS %s FOR %s TO %s', p.polname, c.oid::regclass,
              CASE WHEN p.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
              CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE'
                            WHEN 'd' THEN 'DELETE' ELSE 'ALL' END,
              (SELECT string_agg(CASE WHEN o = 0 THEN 'PUBLIC' ELSE o::regrole::text END,
                                 ', ' ORDER BY o) FROM unnest(p.polroles) AS o))
       || coalesce(' USING (' || pg_get_expr(p.polqual, p.polrelid) || ')', '')
       || coalesce(' WITH CHECK (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')', '')
       AS definition, obj_description(p.oid, 'pg_policy') AS comment
  FROM pg_policy AS p JOIN pg_class AS c ON c.oid = p.polrelid WHERE {USERS_RELATION}
"""

_RULES = f"""
SELECT w.oid, c.oid::regclass::text AS table_name, quote_ident(w.rulename) AS label,
       rtrim(pg_get_ruledef(w.oid), ';') AS definition, w.ev_enabled,
       obj_description(w.oid, 'pg_rewrite') AS comment
  FROM pg_rewrite AS w JOIN pg_class AS c ON c.oid = w.ev_class
 WHERE w.rulename <> '_RETURN' AND {USERS_RELATION}
"""

_STATISTICS = f"""
SELECT s.oid, c.oid::regclass::text AS table_name, quote_ident(s.stxname) AS label,
       s.stxnamespace::regnamespace::text AS namespace,
       pg_get_statisticsobjdef(s.oid) AS definition, nullif(s.stxstattarget, -1) AS target,
       obj_description(s.oid, 'pg_statistic_ext') AS comment
  FROM pg_statistic_ext AS s JOIN pg_class AS c ON c.oid = s.stxrelid WHERE {USERS_RELATION}
"""

#: How triggers and rules are enabled; "O", for all but replication, is usual.
_ENABLED = {"D": "DISABLE", "R": "ENABLE REPLICA", "A": "ENABLE ALWAYS"}


def read_constraints(cursor: Any) -> Iterator[tuple[Address, Constraint]]:
    """Every constraint of a table, its partitions' included; NOT NULL belongs to the column."""
    cursor.execute(_CONSTRAINTS)
    for row in cursor:
        yield (
            ("pg_constraint", row.oid, 0),
            Constraint(
                kind=Kind.CONSTRAINT,
                name=f"{row.table_name}.{row.label}",
                comment=row.comment,
                table=row.table_name,
                label=row.label,
                type=row.type,
                definition=row.definition,
                options=tuple(sorted(row.options)),
                clustered=row.clustered,
                copy_of=row.copy_of,
            ),
        )


def read_indexes(cursor: Any) -> Iterator[tuple[Address, Index]]:
    """Every index that no constraint owns."""
    cursor.execute(_INDEXES)
    for row in cursor:
        yield (
            ("pg_class", row.oid, 0),
            Index(
                kind=Kind.INDEX,
                name=row.name,
                comment=row.comment,
                table=row.table_name,
                label=row.label,
                unique=row.indisunique,
                definition=_after_table(row),
                plain=row.plain,
                valid=row.indisvalid,
                clustered=row.indisclustered,
                copy_of=row.copy_of,
                statistics=tuple((column, target) for column, target in row.statistics),
            ),
        )


def _after_table(row: Any) -> str:
    """An index's definition from USING on: what stands before is a name, and may hold anything."""
    unique = "UNIQUE " if row.indisunique else ""
    for only in ("", "ONLY "):
        head = f"CREATE {unique}INDEX {row.label} ON {only}{row.namespace}.{row.bare} "
        if row.definition.startswith(head):
            return str(row.definition[len(head) :])
    raise AssertionError(row.definition)


def read_triggers(cursor: Any) -> Iterator[tuple[Address, DefinedPart]]:
    """Every trigger a person made, with its enabled state."""
    cursor.execute(_TRIGGERS)
    for row in cursor:
        yield ("pg_trigger", row.oid, 0), _part(Kind.TRIGGER, row, _state(row, row.tgenabled))


def read_policies(cursor: Any) -> Iterator[tuple[Address, DefinedPart]]:
    """Every row security policy."""
    cursor.execute(_POLICIES)
    for row in cursor:
        yield ("pg_policy", row.oid, 0), _part(Kind.POLICY, row)


def read_rules(cursor: Any) -> Iterator[tuple[Address, DefinedPart]]:
    """Every rewrite rule that is not a view's own, with its enabled state."""
    cursor.execute(_RULES)
    for row in cursor:
        yield ("pg_rewrite", row.oid, 0), _part(Kind.RULE, row, _state(row, row.ev_enabled, "RULE"))


def _state(row: Any, enabled: str, word: str = "TRIGGER") -> str:
    """The statement that makes a trigger or rule as enabled as it is, unless it is as usual."""
    how = _ENABLED.get(enabled)
    return f"ALTER TABLE {row.table_name} {how} {word} {row.label}" if how else ""


def read_statistics(cursor: Any) -> Iterator[tuple[Address, DefinedPart]]:
    """Every extended statistics object."""
    cursor.execute(_STATISTICS)
    for row in cursor:
        name = row.label if row.namespace == "public" else f"{row.namespace}.{row.label}"
        set_target = f"ALTER STATISTICS {name} SET STATISTICS {row.target}"
        state = "" if row.target is None else set_target
        yield ("pg_statistic_ext", row.oid, 0), _part(Kind.STATISTICS, row, state, name)


def _part(kind: Kind, row: Any, state: str = "", name: str | None = None) -> DefinedPart:
    return DefinedPart(
        kind=kind,
        name=name or f"{row.table_name}.{row.label}",
        comment=row.comment,
        table=row.table_name,
        label=row.label,
        definition=row.definition,
        state=state,
    )
