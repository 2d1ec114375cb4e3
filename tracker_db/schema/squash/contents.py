"""What migrations leave in a database beside its schema: rows, sequence positions, privileges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg2

from tracker_db.errors import SchemaError
from tracker_db.schema.catalog.owned import FIRST_USER_OID, USERS_RELATION
from tracker_db.schema.plan.ddl import literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tracker_db.db import Database

_OWN = f"""
    {USERS_RELATION} AND NOT EXISTS (
        SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = c.oid
           AND deptype = 'e')
"""
#: Generated columns are left out: they follow from the others.
_TABLES = f"""
    SELECT c.oid::regclass::text, array_agg(quote_ident(a.attname) ORDER BY a.attnum),
           bool_or(a.attidentity = 'a')
      FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid
     WHERE c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
       AND {_OWN}
     GROUP BY c.oid ORDER BY 1
"""
_SEQUENCES = f"""
    SELECT c.oid::regclass::text, s.seqstart
      FROM pg_class AS c JOIN pg_sequence AS s ON s.seqrelid = c.oid WHERE {_OWN} ORDER BY 1
"""
_PRIVILEGES = f"""
    SELECT 'the owner and the privileges of ' || pg_describe_object(class, oid, part),
           owner::regrole::text, acl
      FROM (
        SELECT 'pg_class'::regclass AS class, c.oid, 0 AS part, relowner AS owner, relacl::text
          FROM pg_class AS c WHERE {USERS_RELATION}
        UNION ALL
        SELECT 'pg_class'::regclass, attrelid, attnum, NULL, attacl::text
          FROM pg_attribute WHERE attrelid >= {FIRST_USER_OID}
        UNION ALL SELECT 'pg_proc'::regclass, oid, 0, proowner, proacl::text FROM pg_proc
        UNION ALL SELECT 'pg_type'::regclass, oid, 0, typowner, typacl::text FROM pg_type
        UNION ALL
        SELECT 'pg_namespace'::regclass, oid, 0, nspowner, nspacl::text FROM pg_namespace
        UNION ALL
        SELECT 'pg_default_acl'::regclass, oid, 0, defaclrole, defaclacl::text
          FROM pg_default_acl
      ) AS owned (class, oid, part, owner, acl)
     WHERE acl IS NOT NULL OR owner <> current_user::regrole
    UNION ALL
    SELECT 'the settings of the database', setrole::regrole::text, setconfig::text
      FROM pg_db_role_setting
     WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
_UNFORCE = f"""
    SELECT format('ALTER TABLE %s NO FORCE ROW LEVEL SECURITY', c.oid::regclass)
      FROM pg_class AS c WHERE c.relforcerowsecurity AND {_OWN}
"""
#: Texts that are read back alike under any setting of the server, and no row passed over.
_PLAIN_TEXT = """
    SET LOCAL row_security = off; SET LOCAL search_path = public;
    SET LOCAL TIME ZONE 'UTC'; SET LOCAL datestyle = 'ISO, YMD';
    SET LOCAL intervalstyle = 'postgres'; SET LOCAL bytea_output = 'hex';
    SET LOCAL extra_float_digits = 1
"""


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of a table, each the SQL literals of its columns."""

    table: str
    columns: tuple[str, ...]
    #: Whether a column is GENERATED ALWAYS AS IDENTITY, and wants to be told twice.
    always: bool
    values: tuple[tuple[str, ...], ...]

    def insert(self) -> str:
        """The statement that puts them there."""
        rows = ",\n".join(f"    ({', '.join(values)})" for values in self.values)
        overriding = " OVERRIDING SYSTEM VALUE" if self.always else ""
        return f"INSERT INTO {self.table} ({', '.join(self.columns)}){overriding} VALUES\n{rows}"

    def by_name(self) -> list[list[tuple[str, str]]]:
        """The rows as pairs of column and value; neither has an order."""
        return sorted(sorted(zip(self.columns, each, strict=True)) for each in self.values)

    def column(self, name: str) -> list[str]:
        """All values of a column, in no order."""
        place = self.columns.index(name)
        return sorted(values[place] for values in self.values)


@dataclass(frozen=True, slots=True)
class Contents:
    """The tables that have rows, and the sequences that have moved: (last value, is called)."""

    tables: Mapping[str, Rows]
    sequences: Mapping[str, tuple[int, bool]]

    def inserts(self) -> list[str]:
        """The statements that make the rows, in tables without keys between them."""
        return [rows.insert() for rows in self.tables.values()]

    def positions(self) -> list[str]:
        """The statements that move the sequences."""
        return [
            f"SELECT setval({literal(name)}, {value}, {str(called).lower()})"
            for name, (value, called) in self.sequences.items()
        ]

    def differences(self, other: Contents) -> list[str]:
        """The columns, tables and sequences that do not hold the same, by name."""
        names = sorted(self.tables.keys() | other.tables.keys())
        found = [_differing(self.tables.get(name), other.tables.get(name)) for name in names]
        moved = sorted(set(self.sequences.items()) ^ set(other.sequences.items()))
        sequences = dict.fromkeys(f"sequence {name}" for name, _ in moved)
        return [*(each for differing in found for each in differing), *sequences]


def read_contents(database: Database) -> Contents:
    """What is in the tables and sequences of an open database, extensions' own left out.

    Policies that bind even the owner of a table are lifted to read it, and that is undone.
    SchemaError when something may not be read.
    """
    database.begin()
    try:
        return _read(database.cursor())
    except psycopg2.Error as error:
        raise SchemaError(f"The rows that migrations leave cannot be read: {error}") from error
    finally:
        database.rollback()


def _read(cursor: Any) -> Contents:
    cursor.execute(_PLAIN_TEXT)
    cursor.execute(_UNFORCE)
    for (statement,) in cursor.fetchall():
        cursor.execute(statement)
    cursor.execute(_TABLES)
    tables = [_read_rows(cursor, *row) for row in cursor.fetchall()]
    cursor.execute(_SEQUENCES)
    sequences = dict(_read_positions(cursor, cursor.fetchall()))
    return Contents({rows.table: rows for rows in tables if rows.values}, sequences)


def read_privileges(database: Database) -> set[tuple[str, ...]]:
    """What has another owner than us, or privileges, or settings: (what of which, owner, them)."""
    cursor = database.cursor()
    cursor.execute(_PRIVILEGES)
    return set(cursor.fetchall())


def _read_rows(cursor: Any, table: str, columns: Sequence[str], always: bool) -> Rows:
    literals = ", ".join(f"quote_nullable({column}::text)" for column in columns)
    cursor.execute(f"SELECT {literals} FROM ONLY {table} ORDER BY ctid")
    return Rows(table, tuple(columns), always, tuple(cursor.fetchall()))


def _read_positions(
    cursor: Any, sequences: Sequence[tuple[str, int]]
) -> Iterator[tuple[str, tuple[int, bool]]]:
    for name, start in sequences:
        cursor.execute(f"SELECT last_value, is_called FROM {name}")
        position = cursor.fetchone()
        if position != (start, False):
            yield name, position


def _differing(one: Rows | None, other: Rows | None) -> list[str]:
    """The columns whose values differ; the table where rows are missing, or paired otherwise."""
    if one is None or other is None:
        return [rows.table for rows in (one, other) if rows]
    if one.by_name() == other.by_name():
        return []
    names = sorted({*one.columns} & {*other.columns})
    different = [f"{one.table}.{name}" for name in names if one.column(name) != other.column(name)]
    return different if len(one.values) == len(other.values) and different else [one.table]
