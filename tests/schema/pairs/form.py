"""The form of a change, and schemas that many of them begin with."""

from __future__ import annotations

from typing import NamedTuple


class Pair(NamedTuple):
    """One change; `rows` are put in before it, `kept` is a query whose answer must not change.

    `kept` is asked before, after and back again; None where the change cannot keep it.
    """

    name: str
    before: str
    after: str
    rows: str = ""
    kept: str | None = None


BASE = "CREATE TABLE t (id integer PRIMARY KEY, name text, price integer);"
ROWS = "INSERT INTO t (id, name, price) VALUES (1, 'one', 100), (2, 'two', 200);"
KEPT = "SELECT id, name FROM t ORDER BY id"


def on_table(name: str, before: str, after: str, kept: str | None = KEPT) -> Pair:
    """A change of a table with rows."""
    return Pair(name, BASE + before, BASE + after, ROWS, kept)


def column(name: str, before: str, after: str, value: str, kept: str | None = None) -> Pair:
    """A change of the one column `c`, that holds `value`."""
    table = "CREATE TABLE t (id integer PRIMARY KEY, c {});"
    rows = f"INSERT INTO t (id, c) VALUES (1, {value});" if value else ""
    return Pair(
        name, table.format(before), table.format(after), rows, kept or "SELECT id, c::text FROM t"
    )


STATUS = "CREATE TYPE status AS ENUM ('new', 'done');"
ENUM_TABLE = "CREATE TABLE t (id integer PRIMARY KEY, c status NOT NULL DEFAULT 'new');"
ENUM_ROWS = "INSERT INTO t VALUES (1, 'new'), (2, 'done');"
ENUM_KEPT = "SELECT id, c::text FROM t ORDER BY id"


def enum(name: str, labels: str, more: str = "", more_before: str | None = None) -> Pair:
    """A change of an enum that a column with a default uses."""
    after = f"CREATE TYPE status AS ENUM ({labels});" + ENUM_TABLE
    before = STATUS + ENUM_TABLE + (more if more_before is None else more_before)
    return Pair(name, before, after + more, ENUM_ROWS, ENUM_KEPT)


PARENT = "CREATE TABLE p (id integer PRIMARY KEY, code text UNIQUE);"
CHILD = "CREATE TABLE c (id integer PRIMARY KEY, p_id integer{});"
FAMILY_ROWS = "INSERT INTO p VALUES (1, 'a'); INSERT INTO c VALUES (1, 1);"
FAMILY_KEPT = "SELECT c.id, p_id::text FROM c"


def foreign_key(name: str, before: str, after: str) -> Pair:
    """A change of the reference from c to p."""
    return Pair(
        name, PARENT + CHILD.format(before), PARENT + CHILD.format(after), FAMILY_ROWS, FAMILY_KEPT
    )


def function(body: str, arguments: str = "x integer", result: str = "integer") -> str:
    """A small immutable function."""
    return (
        f"CREATE FUNCTION f({arguments}) RETURNS {result} LANGUAGE plpgsql IMMUTABLE "
        f"AS $$BEGIN RETURN {body}; END$$;"
    )


TRIGGER_FUNCTION = (
    "CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RETURN NEW; END$$;"
)
MEASURES = "CREATE TABLE m (at date NOT NULL, v integer) PARTITION BY RANGE (at);"
PART_A = "CREATE TABLE m_a PARTITION OF m FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');"
