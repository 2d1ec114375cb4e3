"""Changes of several things at once."""

from __future__ import annotations

from pairs.form import (
    BASE,
    ENUM_KEPT,
    ENUM_ROWS,
    KEPT,
    MEASURES,
    PARENT,
    PART_A,
    ROWS,
    STATUS,
    TRIGGER_FUNCTION,
    Pair,
)

SEVERAL = [
    Pair(
        "text to enum under a check, a default, a view and a partial index",
        "CREATE TABLE t (id int, c text NOT NULL DEFAULT 'new' CHECK (c IN ('new','done'))); CREATE VIEW v AS SELECT id, c FROM t WHERE c = 'new'; CREATE INDEX i ON t (id) WHERE c = 'done';",
        STATUS
        + "CREATE TABLE t (id int, c status NOT NULL DEFAULT 'new'); CREATE VIEW v AS SELECT id, c FROM t WHERE c = 'new'; CREATE INDEX i ON t (id) WHERE c = 'done';",
        ENUM_ROWS,
        ENUM_KEPT,
    ),
    Pair(
        "foreign key to a unique index that changes",
        "CREATE TABLE p (a int NOT NULL, b int); CREATE UNIQUE INDEX u ON p (a); CREATE TABLE c (a int REFERENCES p (a));",
        "CREATE TABLE p (a int NOT NULL, b int); CREATE UNIQUE INDEX u ON p (a) INCLUDE (b); CREATE TABLE c (a int REFERENCES p (a));",
        "INSERT INTO p VALUES (1, 2); INSERT INTO c VALUES (1);",
        "SELECT a FROM c",
    ),
    Pair(
        "an enum inside a domain, a composite type, an array and a function changes its order",
        STATUS
        + "CREATE DOMAIN d AS status CHECK (VALUE <> 'done'); CREATE TYPE k AS (s status, n int); CREATE TABLE t (a d DEFAULT 'new', b k, c status[], e d[]); CREATE FUNCTION f(k, status[]) RETURNS SETOF status LANGUAGE sql AS 'SELECT NULL::status'; CREATE VIEW v AS SELECT a, (b).s FROM t;",
        STATUS.replace("'new', 'done'", "'done', 'new'")
        + "CREATE DOMAIN d AS status CHECK (VALUE <> 'done'); CREATE TYPE k AS (s status, n int); CREATE TABLE t (a d DEFAULT 'new', b k, c status[], e d[]); CREATE FUNCTION f(k, status[]) RETURNS SETOF status LANGUAGE sql AS 'SELECT NULL::status'; CREATE VIEW v AS SELECT a, (b).s FROM t;",
        "INSERT INTO t VALUES ('new', ROW('done', 1), '{new,done}', '{new}');",
        "SELECT a::text, b::text, c::text, e::text FROM t",
    ),
    Pair(
        "serial to identity on an odd table in another schema",
        'CREATE SCHEMA "S x"; CREATE TABLE "S x"."T y" ("I d" serial PRIMARY KEY);',
        'CREATE SCHEMA "S x"; CREATE TABLE "S x"."T y" ("I d" int GENERATED ALWAYS AS IDENTITY PRIMARY KEY);',
        'INSERT INTO "S x"."T y" DEFAULT VALUES;',
        'SELECT * FROM "S x"."T y"',
    ),
    Pair(
        "a function over a view's row type under a type change",
        BASE
        + "CREATE VIEW v AS SELECT id, price FROM t; CREATE FUNCTION f() RETURNS SETOF v LANGUAGE sql AS 'SELECT * FROM v'; CREATE VIEW w AS SELECT * FROM f();",
        BASE
        + "ALTER TABLE t ALTER price TYPE bigint; CREATE VIEW v AS SELECT id, price FROM t; CREATE FUNCTION f() RETURNS SETOF v LANGUAGE sql AS 'SELECT * FROM v'; CREATE VIEW w AS SELECT * FROM f();",
        ROWS,
        KEPT,
    ),
    Pair(
        "inheriting tables change a column",
        "CREATE TABLE a (x int, y text); CREATE TABLE b (z int) INHERITS (a); CREATE INDEX i ON b (lower(y)); CREATE VIEW v AS SELECT x FROM b;",
        "CREATE TABLE a (x bigint DEFAULT 3, y varchar(9), n int); CREATE TABLE b (z int) INHERITS (a); CREATE INDEX i ON b (lower(y)); CREATE VIEW v AS SELECT x FROM b;",
        "INSERT INTO b VALUES (1, 'a', 2);",
        "SELECT x, y::text FROM a",
    ),
    Pair(
        "a partitioned table gets a key, a trigger, a foreign key and a partition of partitions",
        PARENT + MEASURES + PART_A,
        PARENT
        + TRIGGER_FUNCTION
        + MEASURES
        + PART_A
        + "CREATE TABLE m_b PARTITION OF m FOR VALUES FROM ('2026-02-01') TO ('2026-03-01') PARTITION BY LIST (v); CREATE TABLE m_b1 PARTITION OF m_b FOR VALUES IN (1); ALTER TABLE m ADD FOREIGN KEY (v) REFERENCES p; CREATE TRIGGER tr BEFORE INSERT ON m FOR EACH ROW EXECUTE FUNCTION touch(); CREATE UNIQUE INDEX um ON m (at, v); ALTER TABLE m ADD CHECK (v > 0);",
        "INSERT INTO p VALUES (1, 'x'); INSERT INTO m VALUES ('2026-01-05', 1);",
        "SELECT v FROM m",
    ),
    Pair(
        "two indexes swap their names",
        BASE + "CREATE INDEX i ON t (name); CREATE INDEX j ON t (price);",
        BASE + "CREATE INDEX j ON t (name); CREATE INDEX i ON t (price);",
        ROWS,
        KEPT,
    ),
    Pair(
        "a constraint loses a column that goes",
        "CREATE TABLE t (a int, b int, c int, PRIMARY KEY (a, b), CONSTRAINT u UNIQUE (b, c)); CREATE INDEX i ON t (b, c);",
        "CREATE TABLE t (a int PRIMARY KEY, c int, CONSTRAINT u UNIQUE (c)); CREATE INDEX i ON t (c);",
    ),
    Pair(
        "a view with views on it becomes a table",
        BASE
        + "CREATE VIEW v AS SELECT id FROM t; CREATE VIEW w AS SELECT id FROM v; CREATE MATERIALIZED VIEW m AS SELECT * FROM w;",
        BASE
        + "CREATE TABLE v (id integer); CREATE VIEW w AS SELECT id FROM v; CREATE MATERIALIZED VIEW m AS SELECT * FROM w;",
        ROWS,
        KEPT,
    ),
    Pair(
        "a column becomes generated",
        "CREATE TABLE t (a int, b int);",
        "CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a + 1) STORED); CREATE INDEX i ON t (b);",
        "INSERT INTO t VALUES (1, 9);",
        "SELECT a FROM t",
    ),
    Pair(
        "a virtual column becomes stored",
        "CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a + 1) VIRTUAL);",
        "CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a + 1) STORED);",
        "INSERT INTO t VALUES (1);",
        "SELECT a, b FROM t",
    ),
    Pair(
        "a policy over another table that goes",
        BASE + "CREATE TABLE o (id int); CREATE POLICY p ON t USING (id IN (SELECT id FROM o));",
        BASE,
        ROWS,
        KEPT,
    ),
    Pair(
        "everything in a schema goes",
        "CREATE SCHEMA s; CREATE TYPE s.e AS ENUM ('a'); CREATE TABLE s.t (id serial PRIMARY KEY, e s.e); CREATE FUNCTION s.f(s.e) RETURNS s.t LANGUAGE sql AS 'SELECT NULL::s.t'; CREATE VIEW s.v AS SELECT s.f('a'); CREATE TABLE s.u (t int REFERENCES s.t);",
        "",
    ),
    Pair(
        "a default takes another sequence",
        "CREATE SEQUENCE q; CREATE SEQUENCE r; CREATE TABLE t (a int DEFAULT nextval('q'));",
        "CREATE SEQUENCE r; CREATE TABLE t (a int DEFAULT nextval('r'));",
    ),
    Pair(
        "a sequence changes its owner",
        "CREATE TABLE t (a int, b int); CREATE SEQUENCE q OWNED BY t.a;",
        "CREATE TABLE t (a int, b int); CREATE SEQUENCE q OWNED BY t.b;",
    ),
    Pair(
        "a sequence outlives its column",
        "CREATE TABLE t (a int, b int); CREATE SEQUENCE q OWNED BY t.a;",
        "CREATE TABLE t (b int); CREATE SEQUENCE q;",
    ),
    Pair(
        "a sequence goes with its owner's table",
        "CREATE TABLE t (a serial, b int); CREATE TABLE u (a int DEFAULT nextval('t_a_seq'));",
        "CREATE TABLE u (a int);",
    ),
    Pair(
        "a column under a key, a check and a view goes and comes as another type",
        PARENT
        + "CREATE TABLE c (id int, p_id int REFERENCES p CHECK (p_id > 0)); CREATE VIEW v AS SELECT p_id FROM c;",
        PARENT
        + "CREATE TABLE c (id int, p_id text CHECK (p_id <> '')); CREATE VIEW v AS SELECT p_id FROM c;",
    ),
    Pair(
        "column default calls a function with the table's row type",
        "CREATE TABLE t (a int);",
        "CREATE TABLE t (a int); CREATE FUNCTION g(t) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 1'; ALTER TABLE t ADD COLUMN b int; CREATE INDEX i ON t ((g(t.*)));",
    ),
    Pair(
        "deferrable exclusion and named not null",
        "CREATE TABLE t (r int4range);",
        "CREATE TABLE t (r int4range CONSTRAINT \"must Not\" NOT NULL, CONSTRAINT x EXCLUDE USING gist (r WITH &&) WHERE (r <> 'empty') DEFERRABLE INITIALLY DEFERRED);",
    ),
    Pair(
        "a temporal key",
        "CREATE TABLE t (id int4range, at tsrange);",
        "CREATE TABLE t (id int4range, at tsrange, CONSTRAINT k PRIMARY KEY (id, at WITHOUT OVERLAPS));",
    ),
    Pair(
        "a primary key named otherwise",
        "CREATE TABLE t (a int PRIMARY KEY); CREATE TABLE c (a int REFERENCES t);",
        "CREATE TABLE t (a int CONSTRAINT k PRIMARY KEY); CREATE TABLE c (a int CONSTRAINT fk REFERENCES t);",
        "INSERT INTO t VALUES (1); INSERT INTO c VALUES (1);",
        "SELECT a FROM c",
    ),
    Pair(
        "an identity column under a quoted name moves to always",
        'CREATE TABLE "T" ("I" int GENERATED BY DEFAULT AS IDENTITY);',
        'CREATE TABLE "T" ("I" bigint GENERATED ALWAYS AS IDENTITY (SEQUENCE NAME "Sq" START WITH 7));',
        'INSERT INTO "T" DEFAULT VALUES;',
        'SELECT * FROM "T"',
    ),
    Pair(
        "a check over a composite and an array",
        BASE,
        BASE
        + "ALTER TABLE t ADD COLUMN l text[] DEFAULT ARRAY['a', 'b%'] CHECK (l <@ ARRAY['a','b%','c'] AND cardinality(l) BETWEEN 0 AND 3);",
        ROWS,
        KEPT,
    ),
    Pair(
        "a trigger moves to another function and its old one goes",
        BASE
        + TRIGGER_FUNCTION
        + "CREATE TRIGGER a BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION touch();",
        BASE
        + TRIGGER_FUNCTION.replace("touch", "other")
        + "CREATE TRIGGER a BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION other();",
        ROWS,
        KEPT,
    ),
    Pair(
        "a table becomes partitioned anew under another name",
        "CREATE TABLE old (at date);",
        "CREATE TABLE new (at date) PARTITION BY RANGE (at); CREATE TABLE new_a PARTITION OF new DEFAULT;",
    ),
    Pair(
        "an sql function in a default is changed with its table",
        "CREATE FUNCTION f() RETURNS text LANGUAGE sql AS 'SELECT ''a'''; CREATE TABLE t (a text DEFAULT f());",
        "CREATE FUNCTION f() RETURNS varchar LANGUAGE sql AS 'SELECT ''b''::varchar'; CREATE TABLE t (a varchar(30) DEFAULT f());",
        "INSERT INTO t VALUES ('q');",
        "SELECT a::text FROM t",
    ),
    Pair(
        "view columns with a collation and an order",
        BASE + "CREATE VIEW v AS SELECT name FROM t ORDER BY name;",
        BASE + 'CREATE VIEW v AS SELECT name COLLATE "C" AS name FROM t ORDER BY 1;',
        ROWS,
        KEPT,
    ),
    Pair(
        "a materialized view on nothing yet filled",
        BASE,
        BASE + "CREATE MATERIALIZED VIEW m AS SELECT id FROM t WITH NO DATA;",
        ROWS,
        KEPT,
    ),
    Pair(
        "matview with storage parameters",
        BASE,
        BASE
        + "CREATE MATERIALIZED VIEW m WITH (fillfactor=50) AS SELECT id FROM t; COMMENT ON MATERIALIZED VIEW m IS 'x';",
        ROWS,
        KEPT,
    ),
    Pair(
        "view column comment",
        BASE + "CREATE VIEW v AS SELECT id FROM t;",
        BASE + "CREATE VIEW v AS SELECT id FROM t; COMMENT ON COLUMN v.id IS 'the id';",
        ROWS,
        KEPT,
    ),
    Pair(
        "virtual generated changes",
        "CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a + 1) VIRTUAL);",
        "CREATE TABLE t (a bigint, b int GENERATED ALWAYS AS (a + 2) VIRTUAL);",
        "INSERT INTO t VALUES (1);",
        "SELECT a FROM t",
    ),
    Pair(
        "enum label with a quote and percent used at once",
        "CREATE TYPE e AS ENUM ('a'); CREATE TABLE t (c e);",
        "CREATE TYPE e AS ENUM ('a', 'it''s 5%'); CREATE TABLE t (c e DEFAULT 'it''s 5%');",
        "INSERT INTO t VALUES ('a');",
        "SELECT c::text FROM t",
    ),
    Pair(
        "overloaded functions",
        "CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE VIEW v AS SELECT f(1);",
        "CREATE FUNCTION f(a int) RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE FUNCTION f(a text) RETURNS int LANGUAGE sql AS 'SELECT 2'; CREATE VIEW v AS SELECT f('1'::text) AS f;",
    ),
    Pair(
        "named argument changes its name",
        "CREATE FUNCTION f(a int, OUT b int) LANGUAGE sql AS 'SELECT 1'; CREATE VIEW v AS SELECT f(1);",
        "CREATE FUNCTION f(x int, OUT b int) LANGUAGE sql AS 'SELECT 1'; CREATE VIEW v AS SELECT f(1);",
    ),
    Pair(
        "between in a generated column and a default",
        BASE,
        BASE
        + "ALTER TABLE t ADD COLUMN g boolean GENERATED ALWAYS AS (price BETWEEN 1 AND 5 AND id BETWEEN 1 AND 5) STORED, ADD COLUMN h boolean DEFAULT (1 BETWEEN 0 AND 2 AND true);",
        ROWS,
        KEPT,
    ),
    Pair(
        "between in or, not and case",
        BASE,
        BASE
        + "ALTER TABLE t ADD CHECK (id > 0), ADD CHECK ((price BETWEEN 1 AND 999 OR id BETWEEN 3 AND 4) AND NOT (id BETWEEN 5 AND 6 AND price > 3)), ADD CHECK (CASE WHEN id BETWEEN 1 AND 2 AND price > 1000 THEN true ELSE price BETWEEN 0 AND 999 AND id > 0 END), ADD CHECK (name::varchar(3) IN ('one', 'two') OR (id, price) IN ((1, 2), (3, 4)));",
        ROWS,
        None,
    ),
    Pair(
        "varchar arrays and any",
        "CREATE TABLE t (c varchar(9), d char(3));",
        "CREATE TABLE t (c varchar(9) CHECK (c IN ('a', 'b') AND c <> ALL (ARRAY['x','y']::varchar[])), d char(3) CHECK (d IN ('abc', 'd')));",
    ),
]
