"""What is there that no plan can make or change: it is named, so that nothing is lost unsaid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tracker_db.schema.catalog.owned import FIRST_USER_OID

if TYPE_CHECKING:
    from collections.abc import Collection

    from tracker_db.schema.catalog.dependencies import Member

#: Catalogs of which everything that users make is named, by what PostgreSQL calls it.
_CATALOGS = (
    *("pg_operator", "pg_opclass", "pg_opfamily", "pg_cast", "pg_collation", "pg_conversion"),
    *("pg_ts_config", "pg_ts_dict", "pg_ts_parser", "pg_ts_template", "pg_language", "pg_am"),
    *("pg_transform", "pg_event_trigger", "pg_publication"),
    *("pg_foreign_data_wrapper", "pg_foreign_server"),
)

_WHOLE = "\nUNION ALL ".join(
    f"SELECT '{catalog}' AS catalog, c.oid, o.type || ' ' || o.identity AS name"
    f" FROM {catalog} AS c, pg_identify_object('{catalog}'::regclass, c.oid, 0) AS o"
    for catalog in _CATALOGS
)

#: Kinds and settings of what is otherwise read.
_PARTS = """
SELECT 'pg_class' AS catalog, oid, 'foreign table ' || oid::regclass AS name
  FROM pg_class WHERE relkind = 'f'
UNION ALL SELECT 'pg_class', oid, 'replica identity index of ' || oid::regclass
            FROM pg_class WHERE relreplident = 'i'
UNION ALL SELECT 'pg_class', oid, 'typed table ' || oid::regclass
            FROM pg_class WHERE reloftype <> 0
UNION ALL SELECT 'pg_class', attrelid, 'settings of the column ' || attrelid::regclass
                 || '.' || quote_ident(attname)
            FROM pg_attribute JOIN pg_class AS c ON c.oid = attrelid AND c.relkind = 'm'
           WHERE attnum > 0 AND (attstattarget <> -1 OR attoptions IS NOT NULL)
UNION ALL SELECT 'pg_attrdef', d.oid, 'default of the view column ' || a.attrelid::regclass
                 || '.' || quote_ident(a.attname)
            FROM pg_attrdef AS d JOIN pg_class AS c ON c.oid = d.adrelid AND c.relkind = 'v'
            JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = d.adnum
UNION ALL SELECT 'pg_constraint', oid, 'comment on a check of domain ' || contypid::regtype
            FROM pg_constraint
           WHERE contypid <> 0 AND obj_description(oid, 'pg_constraint') IS NOT NULL
UNION ALL SELECT 'pg_constraint', oid, 'comment on the constraint ' || conrelid::regclass
                 || '.' || quote_ident(conname)
            FROM pg_constraint WHERE contype = 'n' AND conrelid <> 0
             AND obj_description(oid, 'pg_constraint') IS NOT NULL
UNION ALL SELECT 'pg_constraint', oid, 'NO INHERIT of the constraint ' || conrelid::regclass
                 || '.' || quote_ident(conname)
            FROM pg_constraint WHERE contype = 'n' AND connoinherit
UNION ALL SELECT 'pg_class', conindid, 'comment on the index of the constraint '
                 || conrelid::regclass || '.' || quote_ident(conname)
            FROM pg_constraint WHERE contype IN ('p', 'u', 'x')
             AND obj_description(conindid, 'pg_class') IS NOT NULL
UNION ALL SELECT 'pg_class', objid, 'comment on the identity sequence ' || objid::regclass
            FROM pg_depend WHERE deptype = 'i' AND classid = 'pg_class'::regclass
             AND refclassid = 'pg_class'::regclass AND refobjsubid > 0
             AND obj_description(objid, 'pg_class') IS NOT NULL
UNION ALL SELECT 'pg_trigger', t.oid, 'state of the trigger ' || t.tgrelid::regclass || '.'
                 || quote_ident(t.tgname)
            FROM pg_trigger AS t JOIN pg_trigger AS p ON p.oid = t.tgparentid
           WHERE t.tgenabled <> p.tgenabled
UNION ALL SELECT 'pg_proc', oid, 'aggregate ' || oid::regprocedure
            FROM pg_proc WHERE prokind = 'a'
UNION ALL SELECT 'pg_type', oid, 'range type ' || oid::regtype FROM pg_type WHERE typtype = 'r'
UNION ALL SELECT 'pg_type', oid, 'base type ' || oid::regtype
            FROM pg_type WHERE typtype IN ('b', 'p') AND typelem = 0 AND typrelid = 0
UNION ALL SELECT 'pg_subscription', s.oid, 'subscription ' || quote_ident(s.subname)
            FROM pg_subscription AS s JOIN pg_database AS d ON d.oid = s.subdbid
           WHERE d.datname = current_database()
"""


def read_unsupported(cursor: Any, members: Collection[Member]) -> frozenset[str]:
    """The names of objects, and of settings, that no plan can make or change."""
    cursor.execute(
        f"SELECT * FROM ({_WHOLE} UNION ALL {_PARTS}) AS u WHERE oid >= {FIRST_USER_OID}"
    )
    return frozenset(row.name for row in cursor if (row.catalog, row.oid) not in members)
