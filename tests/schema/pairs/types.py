"""Changes of enums and other types."""

from __future__ import annotations

from pairs.form import (
    BASE,
    ENUM_KEPT,
    ENUM_ROWS,
    ENUM_TABLE,
    KEPT,
    ROWS,
    STATUS,
    Pair,
    column,
    enum,
)

TYPES = [
    Pair(
        "an enum and its column come",
        BASE,
        STATUS + BASE + "ALTER TABLE t ADD COLUMN c status NOT NULL DEFAULT 'new';",
        ROWS,
        KEPT,
    ),
    enum("a label at the end", "'new', 'done', 'gone'"),
    enum("labels in the middle and at the beginning", "'first', 'new', 'mid', 'mid2', 'done'"),
    enum("labels in another order", "'done', 'new'"),
    Pair(
        "a label goes",
        STATUS.replace("'done'", "'done', 'gone'") + ENUM_TABLE,
        STATUS + ENUM_TABLE,
        ENUM_ROWS,
        ENUM_KEPT,
    ),
    Pair(
        "a new label is the default at once",
        STATUS + ENUM_TABLE,
        STATUS.replace("'new'", "'fresh', 'new'")
        + ENUM_TABLE.replace("DEFAULT 'new'", "DEFAULT 'fresh'"),
        ENUM_ROWS,
        ENUM_KEPT,
    ),
    enum(
        "a new label under a view, an index, a check and a function",
        "'new', 'done', 'gone'",
        """
        CREATE VIEW v AS SELECT id, c FROM t WHERE c <> 'new'; CREATE INDEX i ON t (id) WHERE c = 'new';
        ALTER TABLE t ADD CONSTRAINT k CHECK (c IN ('new', 'done')); CREATE VIEW w AS SELECT c FROM v;
        CREATE FUNCTION f(s status) RETURNS status LANGUAGE sql AS 'SELECT s';""",
    ),
    enum(
        "labels in another order under a view, an index, a check and a function",
        "'done', 'new'",
        """
        CREATE VIEW v AS SELECT id, c FROM t WHERE c <> 'new'; CREATE INDEX i ON t (id) WHERE c = 'new';
        ALTER TABLE t ADD CONSTRAINT k CHECK (c IN ('new', 'done')); CREATE MATERIALIZED VIEW w AS SELECT c FROM v;
        CREATE INDEX iw ON w (c); CREATE TABLE t2 (a status[] DEFAULT '{new}');
        CREATE FUNCTION f(s status) RETURNS status LANGUAGE sql AS 'SELECT s';""",
    ),
    enum(
        "a new label in a new check",
        "'new', 'done', 'gone'",
        "ALTER TABLE t ADD CHECK (c <> 'gone');",
        "",
    ),
    column(
        "text to enum with a default",
        "text DEFAULT 'new' NOT NULL CHECK (c IN ('new', 'done'))",
        "text",
        "'done'",
    ),
    Pair(
        "text with a check to enum with a default",
        "CREATE TABLE t (id int, c text NOT NULL DEFAULT 'new' CHECK (c IN ('new', 'done')));",
        STATUS + "CREATE TABLE t (id int, c status NOT NULL DEFAULT 'new');",
        ENUM_ROWS,
        ENUM_KEPT,
    ),
    Pair(
        "an enum goes with its column",
        STATUS + ENUM_TABLE,
        "CREATE TABLE t (id integer PRIMARY KEY);",
        ENUM_ROWS,
        "SELECT id FROM t ORDER BY id",
    ),
    Pair(
        "a domain comes",
        BASE,
        "CREATE DOMAIN pos AS integer DEFAULT 1 NOT NULL CONSTRAINT positive CHECK (VALUE > 0);"
        + BASE
        + "ALTER TABLE t ADD COLUMN p pos;",
        ROWS,
        KEPT,
    ),
    Pair(
        "a domain changes its rules",
        "CREATE DOMAIN d AS integer CONSTRAINT a CHECK (VALUE > 0); CREATE TABLE t (c d);",
        "CREATE DOMAIN d AS integer DEFAULT 3 CONSTRAINT a CHECK (VALUE > 1) CONSTRAINT b CHECK (VALUE < 9); COMMENT ON DOMAIN d IS 'x'; CREATE TABLE t (c d);",
        "INSERT INTO t VALUES (5);",
        "SELECT c FROM t",
    ),
    Pair(
        "a domain changes its type",
        "CREATE DOMAIN d AS integer CHECK (VALUE > 0); CREATE TABLE t (c d DEFAULT 4, e d);",
        "CREATE DOMAIN d AS bigint CHECK (VALUE > 0); CREATE TABLE t (c d DEFAULT 4, e d);",
        "INSERT INTO t VALUES (5, 6);",
        "SELECT c, e FROM t",
    ),
    Pair(
        "a composite type changes",
        "CREATE TYPE k AS (a integer); CREATE TABLE t (c k);",
        "CREATE TYPE k AS (a bigint); CREATE TABLE t (c k);",
        "INSERT INTO t VALUES (ROW(5));",
        "SELECT (c).a FROM t",
    ),
    Pair("an extension comes", "", "CREATE EXTENSION vector; CREATE TABLE t (v vector(3));"),
    Pair(
        "a sequence of its own",
        "CREATE SEQUENCE s;",
        "CREATE SEQUENCE s INCREMENT BY -1 MINVALUE -50 MAXVALUE 10 START WITH 5 CACHE 3 CYCLE; CREATE SEQUENCE r AS smallint; CREATE TABLE t (x int DEFAULT nextval('r'));",
    ),
    Pair(
        "a schema comes",
        "",
        "CREATE SCHEMA s; COMMENT ON SCHEMA s IS 'x'; CREATE TYPE s.e AS ENUM ('a'); CREATE TABLE s.t (id serial PRIMARY KEY, e s.e DEFAULT 'a'); CREATE VIEW s.v AS SELECT * FROM s.t;",
    ),
]
