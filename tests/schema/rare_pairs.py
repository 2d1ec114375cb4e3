"""Changes that are met less often than those of `pairs`, in the same form."""

from __future__ import annotations

from pairs import BASE, Pair, on_table

RULE = "CREATE RULE r AS ON DELETE TO t DO INSTEAD NOTHING;"
STATISTICS = "CREATE STATISTICS s ON id, price FROM t;"
BY_PRICE = "CREATE INDEX by_price ON t (price);"
POINT = "CREATE TYPE point3 AS (x integer, y text{}); CREATE TABLE t (c point3);"

RARE_PAIRS = [
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
]
