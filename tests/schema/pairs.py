"""Changes of every kind: DDL before, DDL after, rows that must survive both ways."""

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

PAIRS = [
    # Tables
    Pair("a table is made", "", BASE),
    Pair(
        "a table with everything is made",
        "",
        STATUS
        + """
        CREATE TABLE a (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, s serial,
            st status DEFAULT 'new' NOT NULL, n numeric(12,6) CHECK (n > 0),
            d text COLLATE "C" DEFAULT 'a%b', g integer GENERATED ALWAYS AS (1 + 2) STORED,
            UNIQUE NULLS NOT DISTINCT (st, n)) WITH (fillfactor = 70);
        COMMENT ON TABLE a IS 'it''s 100 % \\ "good"';
        COMMENT ON COLUMN a.n IS 'a number'; COMMENT ON CONSTRAINT a_pkey ON a IS 'the key';
    """,
    ),
    Pair(
        "tables refer to each other in a circle",
        "",
        """
        CREATE TABLE a (id integer PRIMARY KEY, b_id integer);
        CREATE TABLE b (id integer PRIMARY KEY, a_id integer REFERENCES a);
        ALTER TABLE a ADD FOREIGN KEY (b_id) REFERENCES b;
    """,
    ),
    Pair(
        "a table refers to itself", "", "CREATE TABLE a (id int PRIMARY KEY, up int REFERENCES a);"
    ),
    Pair(
        "a table goes, its neighbour's key to it with it",
        PARENT + CHILD.format(" REFERENCES p"),
        CHILD.format(""),
    ),
    on_table(
        "storage parameters",
        "ALTER TABLE t SET (fillfactor = 70);",
        "ALTER TABLE t SET (autovacuum_enabled = false, toast.autovacuum_enabled = false);",
    ),
    on_table("unlogged", "", "ALTER TABLE t SET UNLOGGED;"),
    on_table(
        "row security and a policy",
        "",
        """ALTER TABLE t ENABLE ROW LEVEL SECURITY;
        ALTER TABLE t FORCE ROW LEVEL SECURITY;
        CREATE POLICY mine ON t FOR SELECT TO PUBLIC USING (id > 0);""",
    ),
    on_table(
        "a policy changes",
        "CREATE POLICY mine ON t USING (id > 0);",
        "CREATE POLICY mine ON t AS RESTRICTIVE FOR UPDATE USING (id > 1) WITH CHECK (id > 2);",
    ),
    on_table("replica identity", "", "ALTER TABLE t REPLICA IDENTITY FULL;"),
    on_table(
        "comments",
        "COMMENT ON TABLE t IS 'a'; COMMENT ON COLUMN t.name IS 'x';",
        "COMMENT ON TABLE t IS 'b'; COMMENT ON COLUMN t.id IS 'y';",
    ),
    Pair(
        "quoted names",
        "",
        """CREATE SCHEMA "My Schema"; CREATE TYPE "Odd Type" AS ENUM ('a''b', 'c%d');
        CREATE TABLE "My Schema"."Odd.Table" ("Odd "" Column" "Odd Type" DEFAULT 'a''b' NOT NULL,
            "select" integer UNIQUE, CONSTRAINT "Odd Key" PRIMARY KEY ("Odd "" Column"));
        CREATE INDEX "Odd Index ON x" ON "My Schema"."Odd.Table" ("select" DESC);
        CREATE VIEW "Odd View" AS SELECT "select" FROM "My Schema"."Odd.Table";""",
    ),
    Pair(
        "inheritance",
        "CREATE TABLE a (x int); CREATE TABLE b (x int, y int);",
        "CREATE TABLE a (x int); CREATE TABLE b (x int, y int) ; ALTER TABLE b INHERIT a;",
    ),
    # Columns
    on_table("a nullable column", "", "ALTER TABLE t ADD COLUMN note text;"),
    on_table("a column with a default", "", "ALTER TABLE t ADD COLUMN n int NOT NULL DEFAULT 3;"),
    on_table(
        "a column with a volatile default",
        "",
        "ALTER TABLE t ADD COLUMN u uuid NOT NULL DEFAULT gen_random_uuid();",
    ),
    on_table(
        "an identity column",
        "",
        "ALTER TABLE t ADD COLUMN n int GENERATED BY DEFAULT AS IDENTITY (START WITH 10 INCREMENT BY 5);",
    ),
    on_table(
        "a generated column",
        "",
        "ALTER TABLE t ADD COLUMN g int GENERATED ALWAYS AS (price * 2) STORED;",
    ),
    on_table(
        "a generated column changes its expression",
        "ALTER TABLE t ADD COLUMN g int GENERATED ALWAYS AS (price * 2) STORED; CREATE INDEX ig ON t (g);",
        "ALTER TABLE t ADD COLUMN g int GENERATED ALWAYS AS (price * 3) STORED; CREATE INDEX ig ON t (g);",
    ),
    Pair(
        "a stored generated column becomes an ordinary one",
        "CREATE TABLE t (id int, g int GENERATED ALWAYS AS (id * 2) STORED);",
        "CREATE TABLE t (id int, g int);",
        "INSERT INTO t VALUES (1);",
        "SELECT id, g FROM t",
    ),
    on_table(
        "a generated column under a type change",
        "ALTER TABLE t ADD COLUMN g bigint GENERATED ALWAYS AS (price * 2) STORED;",
        "ALTER TABLE t ALTER COLUMN price TYPE bigint; ALTER TABLE t ADD COLUMN g bigint GENERATED ALWAYS AS (price * 2) STORED;",
        "SELECT id, g FROM t ORDER BY id",
    ),
    on_table("NOT NULL", "", "ALTER TABLE t ALTER COLUMN name SET NOT NULL;"),
    Pair(
        "NOT NULL fills rows from the default",
        "CREATE TABLE t (id int, c text);",
        "CREATE TABLE t (id int, c text NOT NULL DEFAULT 'none');",
        "INSERT INTO t VALUES (1, NULL);",
        "SELECT id FROM t",
    ),
    on_table(
        "a default comes, changes",
        "ALTER TABLE t ALTER COLUMN name SET DEFAULT 'a';",
        "ALTER TABLE t ALTER COLUMN name SET DEFAULT 'b''%s'; ALTER TABLE t ALTER COLUMN price SET DEFAULT 1;",
    ),
    column("integer to bigint", "integer", "bigint", "7"),
    column(
        "integer to bigint under a default and an index",
        "integer DEFAULT 3 UNIQUE",
        "bigint DEFAULT 4 UNIQUE",
        "7",
    ),
    column("varchar grows and shrinks", "varchar(20)", "varchar(50)", "'short'"),
    column("varchar to text", "varchar(20)", "text", "'short'"),
    column("text to integer", "text", "integer", "'12'"),
    column("text to uuid", "text", "uuid", "'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'"),
    column("text to jsonb", "text", "jsonb", "'{\"a\": 1}'"),
    column("json to jsonb", "json", "jsonb", "'{\"a\": 1}'"),
    column("text to boolean", "text", "boolean", "'true'"),
    column(
        "boolean to smallint",
        "boolean DEFAULT false",
        "smallint DEFAULT 0",
        "true",
        "SELECT id FROM t",
    ),
    column(
        "timestamp to timestamptz",
        "timestamp",
        "timestamptz",
        "'2026-03-29 01:30:00'",
        "SELECT to_char(c::timestamptz AT TIME ZONE 'UTC', 'HH24') IS NOT NULL FROM t",
    ),
    column("numeric grows", "numeric(12,6)", "numeric(20,10)", "1.5", "SELECT c = 1.5 FROM t"),
    column("scalar to array", "integer", "integer[]", "7", "SELECT trim(c::text, '{}') FROM t"),
    column("collation", "text", 'text COLLATE "C"', "'x'"),
    column("storage and compression", "text", "text STORAGE external COMPRESSION pglz", "'x'"),
    Pair(
        "statistics target",
        BASE,
        BASE
        + "ALTER TABLE t ALTER COLUMN name SET STATISTICS 500; ALTER TABLE t ALTER COLUMN price SET (n_distinct = -0.5);",
    ),
    column("vector without and with dimensions", "vector", "vector(3)", "'[1,2,3]'"),
    Pair(
        "serial to identity",
        "CREATE TABLE t (id serial PRIMARY KEY, v int);",
        "CREATE TABLE t (id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, v int);",
        "INSERT INTO t (v) VALUES (1), (2), (3);",
        "SELECT id, v FROM t ORDER BY id",
    ),
    Pair(
        "serial to plain",
        "CREATE TABLE t (id serial PRIMARY KEY);",
        "CREATE TABLE t (id int PRIMARY KEY);",
        "INSERT INTO t DEFAULT VALUES;",
        "SELECT id FROM t",
    ),
    Pair(
        "serial to bigserial",
        "CREATE TABLE t (id serial PRIMARY KEY);",
        "CREATE TABLE t (id bigserial PRIMARY KEY);",
        "INSERT INTO t DEFAULT VALUES;",
        "SELECT id FROM t",
    ),
    Pair(
        "identity options",
        "CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY);",
        "CREATE TABLE t (id int GENERATED BY DEFAULT AS IDENTITY (INCREMENT BY 2 MAXVALUE 1000 CYCLE));",
        "INSERT INTO t DEFAULT VALUES;",
        "SELECT id FROM t",
    ),
    Pair(
        "identity type",
        "CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY);",
        "CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY);",
        "INSERT INTO t DEFAULT VALUES;",
        "SELECT id FROM t",
    ),
    # Constraints
    on_table("a check comes", "", "ALTER TABLE t ADD CONSTRAINT positive CHECK (price > 0);"),
    on_table(
        "a check changes",
        "ALTER TABLE t ADD CONSTRAINT k CHECK (price > 0);",
        "ALTER TABLE t ADD CONSTRAINT k CHECK (price >= 0);",
    ),
    on_table(
        "a check is validated",
        "ALTER TABLE t ADD CONSTRAINT k CHECK (price > 0) NOT VALID;",
        "ALTER TABLE t ADD CONSTRAINT k CHECK (price > 0);",
    ),
    on_table(
        "a check is renamed",
        "ALTER TABLE t ADD CONSTRAINT k CHECK (price > 0);",
        "ALTER TABLE t ADD CONSTRAINT l CHECK (price > 0);",
    ),
    on_table("unique comes", "", "ALTER TABLE t ADD CONSTRAINT u UNIQUE (name);"),
    on_table(
        "unique nulls not distinct",
        "ALTER TABLE t ADD CONSTRAINT u UNIQUE (name);",
        "ALTER TABLE t ADD CONSTRAINT u UNIQUE NULLS NOT DISTINCT (name) INCLUDE (price);",
    ),
    on_table(
        "unique with storage parameters",
        "ALTER TABLE t ADD CONSTRAINT u UNIQUE (name);",
        "ALTER TABLE t ADD CONSTRAINT u UNIQUE (name) WITH (fillfactor = 60);",
    ),
    on_table(
        "unique constraint to unique index",
        "ALTER TABLE t ADD CONSTRAINT u UNIQUE (name);",
        "CREATE UNIQUE INDEX u ON t (name);",
    ),
    on_table(
        "deferrable unique",
        "ALTER TABLE t ADD CONSTRAINT u UNIQUE (name);",
        "ALTER TABLE t ADD CONSTRAINT u UNIQUE (name) DEFERRABLE INITIALLY DEFERRED;",
    ),
    on_table("exclusion", "", "ALTER TABLE t ADD CONSTRAINT x EXCLUDE USING btree (name WITH =);"),
    Pair(
        "primary key moves",
        "CREATE TABLE t (a int PRIMARY KEY, b int NOT NULL);",
        "CREATE TABLE t (a int NOT NULL, b int PRIMARY KEY);",
        "INSERT INTO t VALUES (1, 2);",
        "SELECT a, b FROM t",
    ),
    Pair(
        "primary key comes and goes",
        "CREATE TABLE t (a int);",
        "CREATE TABLE t (a int PRIMARY KEY);",
        "INSERT INTO t VALUES (1);",
        "SELECT a FROM t",
    ),
    foreign_key("a foreign key comes", "", " REFERENCES p"),
    foreign_key(
        "foreign key actions", " REFERENCES p", " REFERENCES p ON DELETE CASCADE ON UPDATE SET NULL"
    ),
    foreign_key(
        "foreign key deferrable", " REFERENCES p", " REFERENCES p DEFERRABLE INITIALLY DEFERRED"
    ),
    foreign_key("foreign key not enforced", " REFERENCES p", " REFERENCES p NOT ENFORCED"),
    Pair(
        "both ends of a foreign key change type",
        PARENT + CHILD.format(" REFERENCES p"),
        "CREATE TABLE p (id bigint PRIMARY KEY, code text UNIQUE); CREATE TABLE c (id integer PRIMARY KEY, p_id bigint REFERENCES p);",
        FAMILY_ROWS,
        FAMILY_KEPT,
    ),
    Pair(
        "both ends of a foreign key become text",
        PARENT + CHILD.format(" REFERENCES p"),
        "CREATE TABLE p (id text PRIMARY KEY, code text UNIQUE); CREATE TABLE c (id integer PRIMARY KEY, p_id text REFERENCES p);",
        FAMILY_ROWS,
        FAMILY_KEPT,
    ),
    Pair(
        "the primary key under a foreign key gets wider",
        "CREATE TABLE p (a int, b int NOT NULL, PRIMARY KEY (a)); CREATE TABLE c (a int REFERENCES p);",
        "CREATE TABLE p (a int, b int NOT NULL, PRIMARY KEY (a, b)); CREATE TABLE c (a int);",
    ),
    Pair(
        "a not null constraint with a name",
        BASE,
        "CREATE TABLE t (id integer PRIMARY KEY, name text CONSTRAINT must NOT NULL, price integer);",
        ROWS,
        KEPT,
    ),
    Pair(
        "a not null constraint waits for validation",
        BASE,
        BASE + "ALTER TABLE t ADD CONSTRAINT must NOT NULL name NOT VALID;",
        ROWS,
        KEPT,
    ),
    on_table(
        "expressions that PostgreSQL does not read as it writes them",
        "",
        """
        ALTER TABLE t ADD CHECK (price BETWEEN 0 AND 9000 AND id BETWEEN 0 AND 9),
            ADD CHECK (price NOT BETWEEN -5 AND -1 OR id > 3 OR name = 'a)'),
            ADD CHECK ((lower(name) BETWEEN 'a' AND 'z') AND name <> ')' AND price > 0),
            ADD COLUMN kind varchar(10) CHECK (kind IN ('a', 'b''c') OR kind NOT IN ('d', 'e'));
        CREATE VIEW v AS SELECT id FROM t WHERE price BETWEEN 1 AND id + 2 AND kind IN ('a', 'b');
        CREATE INDEX i ON t (id) WHERE kind IN ('x', 'y') AND id BETWEEN 1 AND 5;
        CREATE POLICY p ON t USING (id BETWEEN 1 AND 5 AND price > 0);""",
    ),
    # Indexes
    on_table(
        "btree with everything",
        "CREATE INDEX i ON t (name);",
        "CREATE UNIQUE INDEX i ON t (lower(name) DESC NULLS LAST, price) INCLUDE (id) NULLS NOT DISTINCT WITH (fillfactor = 70) WHERE price > 0;",
    ),
    on_table(
        "operator class",
        "CREATE INDEX i ON t (name);",
        "CREATE INDEX i ON t (name text_pattern_ops);",
    ),
    on_table("hash", "CREATE INDEX i ON t (name);", "CREATE INDEX i ON t USING hash (name);"),
    on_table("brin", "", "CREATE INDEX i ON t USING brin (price) WITH (pages_per_range = 16);"),
    on_table("an index is renamed", "CREATE INDEX i ON t (name);", "CREATE INDEX j ON t (name);"),
    on_table(
        "clustered",
        "CREATE INDEX i ON t (name);",
        "CREATE INDEX i ON t (name); ALTER TABLE t CLUSTER ON i;",
    ),
    Pair(
        "gin",
        "CREATE TABLE t (d jsonb, a int[]);",
        "CREATE TABLE t (d jsonb, a int[]); CREATE INDEX i ON t USING gin (d jsonb_path_ops); CREATE INDEX j ON t USING gin (a);",
    ),
    Pair(
        "gist",
        "CREATE TABLE t (r int4range);",
        "CREATE TABLE t (r int4range, EXCLUDE USING gist (r WITH &&)); CREATE INDEX i ON t USING gist (r);",
    ),
    Pair(
        "hnsw",
        "CREATE TABLE t (v vector(3)); CREATE INDEX i ON t USING hnsw (v vector_l2_ops);",
        "CREATE TABLE t (v vector(3)); CREATE INDEX i ON t USING hnsw (v vector_cosine_ops) WITH (m = 8, ef_construction = 32);",
    ),
    Pair(
        "ivfflat",
        "CREATE TABLE t (v vector(3));",
        "CREATE TABLE t (v vector(3)); CREATE INDEX i ON t USING ivfflat (v vector_cosine_ops) WITH (lists = 10);",
    ),
    Pair(
        "an index on an expression under a type change",
        "CREATE TABLE t (id int, c varchar(10)); CREATE INDEX i ON t (lower(c)) WHERE c <> '';",
        "CREATE TABLE t (id int, c text); CREATE INDEX i ON t (lower(c)) WHERE c <> '';",
        "INSERT INTO t VALUES (1, 'A');",
        "SELECT id, c::text FROM t",
    ),
    on_table(
        "extended statistics",
        "",
        "CREATE STATISTICS s (dependencies) ON name, price FROM t; COMMENT ON STATISTICS s IS 'x';",
    ),
    # Enums and other types
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
    # Views
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
    # Functions, triggers, rules
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
    # Partitions
    Pair(
        "a partitioned table",
        "",
        MEASURES
        + PART_A
        + "CREATE TABLE m_rest PARTITION OF m DEFAULT; CREATE INDEX im ON m (v); ALTER TABLE m ADD PRIMARY KEY (at);",
    ),
    Pair("a partition comes", MEASURES, MEASURES + PART_A, "", "SELECT count(*) FROM m"),
    Pair(
        "a partition gets other bounds",
        MEASURES + PART_A,
        MEASURES + PART_A.replace("'2026-02-01'", "'2026-03-01'"),
        "INSERT INTO m VALUES ('2026-01-05', 1);",
        "SELECT v FROM m",
    ),
    Pair(
        "a partition becomes a table",
        MEASURES + PART_A,
        MEASURES + "CREATE TABLE m_a (at date NOT NULL, v integer);",
        "INSERT INTO m VALUES ('2026-01-05', 1);",
        "SELECT v FROM m_a",
    ),
    Pair(
        "a partitioned table's column changes",
        MEASURES + PART_A + "CREATE INDEX im ON m (v);",
        MEASURES.replace("v integer", "v bigint DEFAULT 3, w text")
        + PART_A
        + "CREATE INDEX im ON m (v, w);",
        "INSERT INTO m VALUES ('2026-01-05', 1);",
        "SELECT v FROM m",
    ),
    Pair(
        "an enum of a partitioned table changes",
        STATUS + MEASURES.replace("v integer", "v integer, s status DEFAULT 'new'") + PART_A,
        STATUS.replace("'new', 'done'", "'done', 'new'")
        + MEASURES.replace("v integer", "v integer, s status DEFAULT 'new'")
        + PART_A,
        "INSERT INTO m VALUES ('2026-01-05', 1);",
        "SELECT v, s::text FROM m",
    ),
    Pair(
        "a partition gets other bounds while its parent's columns and indexes change",
        MEASURES
        + PART_A
        + "CREATE INDEX old ON m (v); CREATE INDEX same ON m (at); ALTER TABLE m ADD CONSTRAINT k CHECK (v > 0);",
        MEASURES.replace("v integer", "v bigint, w text")
        + PART_A.replace("'2026-02-01'", "'2026-03-01'")
        + "CREATE INDEX new ON m (v, w); CREATE INDEX same ON m (at); ALTER TABLE m ADD CONSTRAINT k CHECK (v > -1);",
        "INSERT INTO m VALUES ('2026-01-05', 1);",
        "SELECT v FROM m",
    ),
    Pair(
        "a sequence turns around",
        "CREATE SEQUENCE s;",
        "CREATE SEQUENCE s INCREMENT BY -1;",
        "SELECT nextval('s');",
        None,
    ),
    # Several things at once
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
