"""The owner and the privileges of what is made anew: kept before it goes, given back at the end.

No snapshot holds them, for they differ from one database to the next. So they are read where
the plan runs, as the statements that restore them, into a setting that ends with the transaction.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tracker_db.schema.catalog.objects import Column, Entry, Kind
from tracker_db.schema.plan import ddl
from tracker_db.schema.plan.steps import Step

if TYPE_CHECKING:
    from collections.abc import Iterable

_OF_RELATION = """
    SELECT relowner AS owner, '' AS part, relacl AS acl, acldefault('r', relowner) AS usual
      FROM pg_class WHERE oid = {name}::regclass
    UNION ALL SELECT NULL, format(' (%I)', attname), attacl, NULL
      FROM pg_attribute WHERE attrelid = {name}::regclass"""
_OF_ROUTINE = """
    SELECT proowner AS owner, '' AS part, proacl AS acl, acldefault('f', proowner) AS usual
      FROM pg_proc WHERE oid = {name}::regprocedure"""
_OF_TYPE = """
    SELECT typowner AS owner, '' AS part, typacl AS acl, acldefault('T', typowner) AS usual
      FROM pg_type WHERE oid = {name}::regtype"""
_OF_COLUMN = """
    SELECT NULL::oid AS owner, format(' (%I)', attname) AS part, attacl AS acl, attacl AS usual
      FROM pg_attribute WHERE attrelid = {table}::regclass AND quote_ident(attname) = {label}"""

#: By kind: the rows that say who has which rights, and what GRANT calls it.
_KINDS = {
    Kind.VIEW: (_OF_RELATION, "TABLE"),
    Kind.MATVIEW: (_OF_RELATION, "TABLE"),
    Kind.FUNCTION: (_OF_ROUTINE, "ROUTINE"),
    Kind.ENUM: (_OF_TYPE, "TYPE"),
    Kind.DOMAIN: (_OF_TYPE, "TYPE"),
    Kind.COMPOSITE: (_OF_TYPE, "TYPE"),
    Kind.COLUMN: (_OF_COLUMN, "TABLE"),
}

#: A new object that default privileges gave to somebody has to be taken away from him first;
#: without any, one that had the usual privileges needs none spelled out.
_KEEP = """\
-- Keep the owner and the privileges of what is made anew
WITH rights AS ({rows}
), by_default AS (
    SELECT string_agg(', ' || nullif(grantee, 0)::regrole, '') AS roles, count(*) > 0 AS given
      FROM pg_default_acl, aclexplode(defaclacl)
), statements AS (
    SELECT 1 AS place, format('ALTER %s OWNER TO %s', {address}, owner::regrole) AS sql
      FROM rights WHERE owner IS NOT NULL
    UNION ALL
    SELECT 2, format('REVOKE ALL ON %s FROM PUBLIC, %s%s', {granted}, owner::regrole, roles)
      FROM rights, by_default WHERE owner IS NOT NULL AND (acl IS NOT NULL OR given)
    UNION ALL
    SELECT 3, format('GRANT %s%s ON %s TO %s%s', privilege_type, part, {granted},
                     coalesce(nullif(grantee, 0)::regrole::text, 'PUBLIC'),
                     CASE WHEN is_grantable THEN ' WITH GRANT OPTION' END)
      FROM rights, by_default, aclexplode(coalesce(acl, CASE WHEN given THEN usual END))
)
SELECT set_config('{setting}', coalesce(string_agg(sql, '; ' ORDER BY place), ';'), true)
  FROM statements"""

_GIVE_BACK = """\
-- Give them back
DO $$ BEGIN
    ASSERT current_setting('{setting}') <> '', 'run the whole change in one transaction';
    EXECUTE current_setting('{setting}');
END $$"""


def keep(anew: Iterable[Entry]) -> tuple[list[Step], list[Step]]:
    """For objects about to be made anew: the steps before everything else, and those after.

    The owner is who it was, or the transaction fails; who granted a privilege to whom is not
    kept, only who has it.
    """
    first, last = [], []
    kept = [entry for entry in anew if entry.kind in _KINDS]
    for number, entry in enumerate(sorted(kept, key=lambda entry: entry.key), 1):
        setting = f"tracker.rights_{number}"
        first.append(Step(_keep(entry, setting), str(entry.key)))
        last.append(Step(_GIVE_BACK.format(setting=setting), str(entry.key)))
    return first, last


def _keep(entry: Entry, setting: str) -> str:
    rows, word = _KINDS[entry.kind]
    parts = {"table": entry.table, "label": entry.label} if isinstance(entry, Column) else {}
    names = {"name": entry.name, **parts}
    rows = rows.format(**{key: ddl.literal(text) for key, text in names.items()})
    return _KEEP.format(
        rows=rows,
        address=ddl.literal(entry.address),
        granted=ddl.literal(f"{word} {parts.get('table', entry.name)}"),
        setting=setting,
    )
