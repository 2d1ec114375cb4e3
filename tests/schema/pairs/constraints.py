"""Changes of constraints and indexes."""

from __future__ import annotations

from pairs.form import (
    BASE,
    CHILD,
    FAMILY_KEPT,
    FAMILY_ROWS,
    KEPT,
    PARENT,
    ROWS,
    Pair,
    foreign_key,
    on_table,
)

CONSTRAINTS = [
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
]
