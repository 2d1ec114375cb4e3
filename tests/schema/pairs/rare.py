"""Changes that are met less often."""

from __future__ import annotations

from pairs.form import BASE, Pair, column, on_table

RULE = "CREATE RULE r AS ON DELETE TO t DO INSTEAD NOTHING;"
STATISTICS = "CREATE STATISTICS s ON id, price FROM t;"
BY_PRICE = "CREATE INDEX by_price ON t (price);"
POINT = "CREATE TYPE point3 AS (x integer, y text{}); CREATE TABLE t (c point3);"

LONG = "x" * 63
MONTHS = """
CREATE TABLE m (at date NOT NULL, n integer, word text, PRIMARY KEY (at, n)) PARTITION BY RANGE (at);
CREATE INDEX by_word ON m (word);
ALTER TABLE m ADD CONSTRAINT positive CHECK (n > 0);
"""
JANUARY = "CREATE TABLE m1 PARTITION OF m FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');"
ALONE = "CREATE TABLE m1 (at date NOT NULL, n integer NOT NULL, word text{});"
MONTH_ROWS = "INSERT INTO m VALUES ('2026-01-05', 1, 'x');"
MONTH_KEPT = "SELECT * FROM m1"
PLUS = "CREATE FUNCTION plus({}) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT x + 1';"
PLUS_USERS = """
CREATE TABLE t (a integer DEFAULT plus(1), CHECK (plus(a) > 0));
CREATE INDEX i ON t (plus(a)); CREATE VIEW v AS SELECT plus(a) FROM t;
"""
OWN_DEFAULT = """
CREATE TABLE m (a integer, n {}) PARTITION BY LIST (a);
CREATE TABLE m1 PARTITION OF m FOR VALUES IN (1); ALTER TABLE m1 ALTER n {};
"""
LEVELS = """
CREATE TABLE m (a integer{}) PARTITION BY LIST (a);
CREATE TABLE m1 PARTITION OF m FOR VALUES IN (1) PARTITION BY LIST (a);
CREATE TABLE m2 PARTITION OF m1 FOR VALUES IN (1); ALTER TABLE m2 ALTER n {};
"""


def json_column(name: str, kind: str, value: str) -> Pair:
    """A column whose values become JSON, and themselves again."""
    return column(f"{name} to jsonb", kind, "jsonb", value, "SELECT trim('\"' FROM c::text) FROM t")


RARE = [
    on_table("a rule's state", RULE, RULE + "ALTER TABLE t DISABLE RULE r;"),
    on_table(
        "the target of extended statistics",
        STATISTICS,
        STATISTICS + "ALTER STATISTICS s SET STATISTICS 50;",
    ),
    on_table(
        "the target of an indexed expression",
        "CREATE INDEX i ON t ((price + 1));",
        "CREATE INDEX i ON t ((price + 1)); ALTER INDEX i ALTER COLUMN 1 SET STATISTICS 99;",
    ),
    on_table(
        "clustered by another index",
        BY_PRICE + "CREATE INDEX a_name ON t (name); ALTER TABLE t CLUSTER ON by_price;",
        BY_PRICE + "CREATE INDEX a_name ON t (name); ALTER TABLE t CLUSTER ON a_name;",
    ),
    on_table(
        "clustered by the primary key",
        BY_PRICE + "ALTER TABLE t CLUSTER ON by_price;",
        BY_PRICE + "ALTER TABLE t CLUSTER ON t_pkey;",
    ),
    Pair("a table clustered by its key is made", "", BASE + "ALTER TABLE t CLUSTER ON t_pkey;"),
    on_table(
        "storage parameters of a materialized view's long values",
        "CREATE MATERIALIZED VIEW m AS SELECT name FROM t;",
        "CREATE MATERIALIZED VIEW m WITH (toast.autovacuum_enabled = false) AS SELECT name FROM t;",
    ),
    Pair(
        "a composite type gets attributes",
        POINT.format(""),
        POINT.format(', "the z" numeric(4,2)') + "COMMENT ON COLUMN point3.\"the z\" IS '100 %';",
        "INSERT INTO t VALUES ((1, 'one'));",
        "SELECT (c).x, (c).y FROM t",
    ),
    Pair(
        "a composite type's collation and comments",
        "CREATE TYPE word AS (a text);",
        "CREATE TYPE word AS (a text COLLATE \"C\"); COMMENT ON COLUMN word.a IS 'it''s';",
    ),
    Pair(
        "a domain whose check holds for new values only is made",
        "",
        "CREATE DOMAIN d AS integer CHECK (VALUE < 9);"
        "ALTER DOMAIN d ADD CONSTRAINT k CHECK (VALUE > 0) NOT VALID;",
    ),
    Pair(
        "a type whose name has no room for more changes",
        f"CREATE TYPE {LONG} AS ENUM ('a', 'b'); CREATE TABLE t (c {LONG});",
        f"CREATE TYPE {LONG} AS ENUM ('b', 'a'); CREATE TABLE t (c {LONG});",
        "INSERT INTO t VALUES ('a');",
        "SELECT c::text FROM t",
    ),
    Pair(
        "a type changes beside one that is called as its old self would be",
        "CREATE TYPE e AS ENUM ('a', 'b'); CREATE TYPE e__old AS ENUM ('z'); CREATE TABLE t (c e);",
        "CREATE TYPE e AS ENUM ('b', 'a'); CREATE TYPE e__old AS ENUM ('z'); CREATE TABLE t (c e);",
        "INSERT INTO t VALUES ('a');",
        "SELECT c::text FROM t",
    ),
    Pair(
        "a function that much uses gets an argument with a default",
        PLUS.format("x integer") + PLUS_USERS,
        PLUS.format("x integer, y integer DEFAULT 2") + PLUS_USERS,
        "INSERT INTO t VALUES (1);",
        "SELECT * FROM t",
    ),
    Pair(
        "tables with a foreign key become unlogged",
        "CREATE TABLE p (id serial PRIMARY KEY); CREATE TABLE c (p_id integer REFERENCES p);",
        "CREATE UNLOGGED TABLE p (id serial PRIMARY KEY);"
        "CREATE UNLOGGED TABLE c (p_id integer REFERENCES p);",
        "INSERT INTO p VALUES (1); INSERT INTO c VALUES (1);",
        "SELECT * FROM c",
    ),
    Pair(
        "a partition with settings of its own is made",
        "",
        MONTHS + JANUARY + "ALTER TABLE m1 ALTER word SET DEFAULT 'x', ALTER word SET NOT NULL,"
        " ALTER word SET STORAGE EXTERNAL; COMMENT ON COLUMN m1.word IS '100 %';",
    ),
    Pair(
        "a partition with a key, an index and a check becomes a table without",
        MONTHS + JANUARY,
        MONTHS + ALONE.format(""),
        MONTH_ROWS,
        MONTH_KEPT,
    ),
    Pair(
        "a partition becomes a table that keeps its key, its index and its check",
        MONTHS + JANUARY,
        MONTHS
        + ALONE.format(", CONSTRAINT positive CHECK (n > 0), PRIMARY KEY (at, n)")
        + "CREATE INDEX m1_word_idx ON m1 (word);",
        MONTH_ROWS,
        MONTH_KEPT,
    ),
    Pair(
        "a partition outlives its parent",
        MONTHS + JANUARY,
        ALONE.format(", PRIMARY KEY (at, n)"),
        MONTH_ROWS,
        MONTH_KEPT,
    ),
    Pair(
        "a table becomes a partition",
        MONTHS + ALONE.format(""),
        MONTHS + JANUARY,
        "INSERT INTO m1 VALUES ('2026-01-05', 1, 'x');",
        MONTH_KEPT,
    ),
    Pair(
        "a table gets its first long values, and parameters for them",
        "CREATE TABLE t (id integer);",
        "CREATE TABLE t (id integer, word text) WITH (toast.vacuum_truncate = false);",
        "INSERT INTO t VALUES (1);",
        "SELECT id FROM t",
    ),
    *(
        Pair(
            f"a partition's own default {what} while its parent's column changes",
            OWN_DEFAULT.format("integer DEFAULT 1", before),
            OWN_DEFAULT.format("bigint DEFAULT 2", after),
            "INSERT INTO m VALUES (1, 5);",
            "SELECT * FROM m",
        )
        for what, before, after in (
            ("stays", "SET DEFAULT 4", "SET DEFAULT 4"),
            ("changes", "SET DEFAULT 4", "SET DEFAULT 3"),
            ("comes", "SET STATISTICS 4", "SET DEFAULT 3"),
            ("stays none", "DROP DEFAULT", "DROP DEFAULT"),
        )
    ),
    Pair(
        "a partition's own comment changes while its parent's column does",
        OWN_DEFAULT.format("integer", "SET STATISTICS 4"),
        OWN_DEFAULT.format("bigint", "SET STATISTICS 4") + "COMMENT ON COLUMN m1.n IS 'x';",
        "INSERT INTO m VALUES (1, 5);",
        "SELECT * FROM m",
    ),
    Pair(
        "a partitioned table gets a column with another default in a partition's partition",
        LEVELS.format("", "SET STATISTICS 9").replace("n SET", "a SET"),
        LEVELS.format(", n integer DEFAULT 3", "SET DEFAULT 5") + "COMMENT ON COLUMN m1.n IS 'x';",
        "INSERT INTO m VALUES (1);",
        "SELECT a FROM m",
    ),
    json_column("an integer", "integer", "7"),
    json_column("a uuid", "uuid", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'"),
    Pair(
        "a vector becomes an array",
        "CREATE EXTENSION vector; CREATE TABLE t (c vector(3));",
        "CREATE EXTENSION vector; CREATE TABLE t (c real[]);",
        "INSERT INTO t VALUES ('[1,2,3]');",
        "SELECT translate(c::text, '{}', '[]') FROM t",
    ),
    Pair(
        "a table whose index and check call a function over its rows",
        "",
        """CREATE TABLE t (a int); CREATE FUNCTION g(t) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1';
        CREATE INDEX i ON t ((g(t.*))); ALTER TABLE t ADD CHECK (g(t.*) > 0);""",
    ),
]
