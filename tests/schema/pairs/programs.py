"""Changes of views, functions, triggers and rules."""

from __future__ import annotations

from pairs.form import (
    BASE,
    KEPT,
    ROWS,
    TRIGGER_FUNCTION,
    Pair,
    function,
    on_table,
)

PROGRAMS = [
    on_table(
        "a view gets a column at the end",
        "CREATE VIEW v AS SELECT id FROM t; CREATE VIEW w AS SELECT id FROM v;",
        "CREATE VIEW v AS SELECT id, name FROM t; CREATE VIEW w AS SELECT id, name FROM v;",
    ),
    on_table(
        "a view changes a column",
        "CREATE VIEW v AS SELECT id, name FROM t; CREATE VIEW w AS SELECT * FROM v;",
        "CREATE VIEW v AS SELECT price AS id FROM t; CREATE VIEW w AS SELECT * FROM v;",
    ),
    on_table(
        "view options and comment",
        "CREATE VIEW v AS SELECT id FROM t;",
        "CREATE VIEW v WITH (security_barrier, check_option = local) AS SELECT id FROM t; COMMENT ON VIEW v IS 'a%b';",
    ),
    on_table(
        "a recursive view",
        "",
        "CREATE RECURSIVE VIEW v (n) AS SELECT 1 UNION ALL SELECT n + 1 FROM v WHERE n < 5;",
    ),
    on_table(
        "a type change under views",
        "CREATE VIEW v AS SELECT id, price FROM t; CREATE VIEW w AS SELECT price FROM v; CREATE MATERIALIZED VIEW m AS SELECT * FROM w; CREATE UNIQUE INDEX im ON m (price); COMMENT ON VIEW v IS 'kept';",
        "ALTER TABLE t ALTER COLUMN price TYPE bigint; CREATE VIEW v AS SELECT id, price FROM t; CREATE VIEW w AS SELECT price FROM v; CREATE MATERIALIZED VIEW m AS SELECT * FROM w; CREATE UNIQUE INDEX im ON m (price); COMMENT ON VIEW v IS 'kept';",
    ),
    on_table(
        "a materialized view changes",
        "CREATE MATERIALIZED VIEW m AS SELECT id FROM t; CREATE INDEX im ON m (id);",
        "CREATE MATERIALIZED VIEW m AS SELECT id, price FROM t; CREATE INDEX im ON m (id);",
    ),
    on_table(
        "a view becomes a table",
        "CREATE VIEW v AS SELECT id FROM t;",
        "CREATE TABLE v (id integer);",
    ),
    on_table(
        "a view becomes a materialized view",
        "CREATE VIEW v AS SELECT id FROM t;",
        "CREATE MATERIALIZED VIEW v AS SELECT id FROM t;",
    ),
    on_table(
        "a column goes under a view",
        "ALTER TABLE t ADD COLUMN note text; CREATE VIEW v AS SELECT id, note FROM t;",
        "CREATE VIEW v AS SELECT id FROM t;",
    ),
    Pair(
        "a function's body changes under a check and a default",
        function("x + 1")
        + "CREATE TABLE t (a int DEFAULT f(1) CHECK (f(a) > 0)); CREATE VIEW v AS SELECT f(a) FROM t;",
        function("x + 2")
        + "CREATE TABLE t (a int DEFAULT f(1) CHECK (f(a) > 0)); CREATE VIEW v AS SELECT f(a) FROM t;",
        "INSERT INTO t VALUES (5);",
        "SELECT a FROM t",
    ),
    Pair(
        "a function's result changes under a check, a default, an index and a view",
        function("x + 1")
        + "CREATE TABLE t (a int DEFAULT f(1) CHECK (f(a) > 0)); CREATE INDEX i ON t (f(a)); CREATE VIEW v AS SELECT f(a) FROM t;",
        function("x + 1", result="bigint")
        + "CREATE TABLE t (a int DEFAULT f(1) CHECK (f(a) > 0)); CREATE INDEX i ON t (f(a)); CREATE VIEW v AS SELECT f(a) FROM t;",
        "INSERT INTO t VALUES (5);",
        "SELECT a FROM t",
    ),
    Pair(
        "a function gets an argument",
        function("x"),
        function("x", "x integer, y text DEFAULT 'q'")
        + "COMMENT ON FUNCTION f(integer, text) IS 'x';",
    ),
    Pair(
        "an SQL function names a table made in the same change",
        "",
        "CREATE TABLE t (a int); CREATE FUNCTION f() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM t'; CREATE FUNCTION g() RETURNS SETOF t LANGUAGE sql BEGIN ATOMIC SELECT * FROM t; END;",
    ),
    Pair(
        "a function used by a new generated column",
        "CREATE TABLE t (a int);",
        function("x") + "CREATE TABLE t (a int, b int GENERATED ALWAYS AS (f(a)) STORED);",
    ),
    Pair(
        "a procedure",
        "",
        "CREATE PROCEDURE p(x integer) LANGUAGE plpgsql AS $$BEGIN RAISE NOTICE '100 %% \\ %', x; END$$; COMMENT ON PROCEDURE p IS 'it''s';",
    ),
    Pair(
        "triggers",
        BASE + TRIGGER_FUNCTION,
        BASE
        + TRIGGER_FUNCTION
        + "CREATE TRIGGER a BEFORE UPDATE OF name ON t FOR EACH ROW WHEN (OLD.name IS DISTINCT FROM NEW.name) EXECUTE FUNCTION touch(); CREATE TRIGGER b AFTER INSERT ON t REFERENCING NEW TABLE AS n FOR EACH STATEMENT EXECUTE FUNCTION touch(); CREATE CONSTRAINT TRIGGER c AFTER DELETE ON t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION touch('x'); ALTER TABLE t DISABLE TRIGGER b; COMMENT ON TRIGGER a ON t IS 'x';",
        ROWS,
        KEPT,
    ),
    Pair(
        "a trigger under a type change",
        BASE
        + TRIGGER_FUNCTION
        + "CREATE TRIGGER a BEFORE UPDATE OF price ON t FOR EACH ROW EXECUTE FUNCTION touch(); CREATE POLICY p ON t USING (price > 0);",
        BASE
        + "ALTER TABLE t ALTER price TYPE bigint;"
        + TRIGGER_FUNCTION
        + "CREATE TRIGGER a BEFORE UPDATE OF price ON t FOR EACH ROW EXECUTE FUNCTION touch(); CREATE POLICY p ON t USING (price > 0);",
        ROWS,
        KEPT,
    ),
    Pair(
        "a trigger's state changes",
        BASE
        + TRIGGER_FUNCTION
        + "CREATE TRIGGER a BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION touch();",
        BASE
        + TRIGGER_FUNCTION
        + "CREATE TRIGGER a BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION touch(); ALTER TABLE t ENABLE ALWAYS TRIGGER a;",
        ROWS,
        KEPT,
    ),
    Pair(
        "an instead of trigger on a view that changes",
        BASE
        + TRIGGER_FUNCTION
        + "CREATE VIEW v AS SELECT id FROM t; CREATE TRIGGER a INSTEAD OF INSERT ON v FOR EACH ROW EXECUTE FUNCTION touch();",
        BASE
        + TRIGGER_FUNCTION
        + "CREATE VIEW v AS SELECT price FROM t; CREATE TRIGGER a INSTEAD OF INSERT ON v FOR EACH ROW EXECUTE FUNCTION touch();",
        ROWS,
        KEPT,
    ),
    on_table(
        "a rule",
        "CREATE RULE r AS ON DELETE TO t DO INSTEAD NOTHING;",
        "CREATE RULE r AS ON DELETE TO t WHERE OLD.id > 5 DO ALSO NOTHING;",
    ),
]
