"""The kinds of object that `random_ddl` leaves out, drawn beside its tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from random import Random

ODD = '"My.s"."T ""q"""'


def draw_rest(random: Random, tables: list[str]) -> list[str]:
    """Statements behind those that make these tables."""
    return [
        *_settings(random, tables),
        *_other_schema(random),
        *_halls(random),
        *_months(random),
        *_words(random),
        *_loose(random),
    ]


def _some(random: Random, *lines: str, chance: float = 0.4) -> list[str]:
    return [line for line in lines if random.random() < chance]


def _settings(random: Random, tables: list[str]) -> list[str]:
    """What a table or its key may be set to, and triggers and policies of other forms."""
    table = random.choice(tables)
    bare = table.strip('"').replace(" ", "_").lower()
    when = random.choice(["OLD.up > 1", "OLD.up IS DISTINCT FROM NEW.up"])
    command = random.choice(["SELECT", "UPDATE", "ALL"])
    return _some(
        random,
        f"CREATE INDEX many_{bare} ON {table} (up DESC NULLS LAST) INCLUDE (id)"
        f" WITH (fillfactor = {random.choice([60, 80])}) WHERE up > 0;",
        f"CREATE INDEX block_{bare} ON {table} USING brin (up) WITH (pages_per_range = 8);",
        f"ALTER TABLE {table} ADD CONSTRAINT unlike EXCLUDE USING btree (up WITH =) WHERE (up > 5);",
        f"ALTER TABLE {table} ADD CONSTRAINT late UNIQUE (id, up) DEFERRABLE;",
        f"ALTER TABLE {table} ADD CONSTRAINT young CHECK (up < 99)"
        f"{random.choice(['', ' NOT VALID'])};",
        f"ALTER TABLE {table} SET (autovacuum_enabled = false, toast.vacuum_truncate = false);",
        f"ALTER TABLE {table} ALTER up SET STATISTICS {random.choice([5, 50])};",
        f"ALTER TABLE {table} REPLICA IDENTITY FULL;",
        f"CREATE TRIGGER at_times AFTER UPDATE ON {table} FOR EACH ROW WHEN ({when})"
        " EXECUTE FUNCTION touch('100 %');",
        f"CREATE TRIGGER in_all AFTER INSERT ON {table} REFERENCING NEW TABLE AS fresh"
        f" EXECUTE FUNCTION touch(); ALTER TABLE {table} DISABLE TRIGGER in_all;",
        f"CREATE POLICY theirs ON {table} AS RESTRICTIVE FOR {command} TO CURRENT_USER"
        " USING (up <> 3);",
        f"CREATE RULE kept AS ON DELETE TO {table} WHERE OLD.id = 1 DO INSTEAD NOTHING;",
        chance=0.25,
    )


def _other_schema(random: Random) -> list[str]:
    """Names that need quotes, in a schema of their own."""
    if random.random() < 0.5:
        return []
    kind = random.choice(["integer", "bigint", "text"])
    labels = random.choice(["'a', 'b'", "'b', 'a'", "'a', 'b', '50 %'"])
    return [
        'CREATE SCHEMA "My.s";',
        f'CREATE TYPE "My.s"."E %" AS ENUM ({labels});',
        f'CREATE TABLE {ODD} ("c.%" {kind}, "E" "My.s"."E %" DEFAULT \'a\');',
        f'ALTER TABLE {ODD} ADD COLUMN "Key" serial PRIMARY KEY;',
        *_some(
            random,
            f'CREATE INDEX "I %" ON {ODD} ("c.%");',
            f'CREATE VIEW "My.s".v WITH (security_barrier = true) AS SELECT "c.%", "E" FROM {ODD};',
            'COMMENT ON COLUMN "My.s"."T ""q"""."c.%" IS \'it\'\'s "50 %"\';',
            'CREATE UNLOGGED TABLE "My.s".quick (n integer);',
        ),
    ]


def _halls(random: Random) -> list[str]:
    """List and hash partitions, partitions of partitions, and one with a default of its own."""
    if random.random() < 0.5:
        return []
    kind = random.choice(["integer", "bigint"])
    default = random.choice(["", "ALTER TABLE hall_a ALTER n SET DEFAULT 4;"])
    lines = [
        f"CREATE TABLE hall (name text, n {kind}) PARTITION BY LIST (name);",
        f"CREATE TABLE hall_a PARTITION OF hall FOR VALUES IN ('a', 'it''s');{default}",
    ]
    lines += _some(
        random,
        "CREATE TABLE hall_b PARTITION OF hall FOR VALUES IN ('b') PARTITION BY HASH (name);"
        "CREATE TABLE hall_b0 PARTITION OF hall_b FOR VALUES WITH (MODULUS 2, REMAINDER 0);",
    )
    return lines + _some(random, "CREATE TABLE hall_rest PARTITION OF hall DEFAULT;")


def _months(random: Random) -> list[str]:
    """A table that is a partition, or was one, with a key, an index and a check."""
    if random.random() < 0.4:
        return []
    lines = [
        "CREATE TABLE month (at date NOT NULL, n integer, PRIMARY KEY (at)) PARTITION BY RANGE (at);",
        *_some(
            random,
            "CREATE INDEX month_n ON month (n);",
            "ALTER TABLE month ADD CONSTRAINT sane CHECK (n > 0);",
        ),
    ]
    part = "FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')"
    alone = random.choice(["", ", PRIMARY KEY (at)", ", CONSTRAINT sane CHECK (n > 0)"])
    return [
        *lines,
        random.choice(
            [
                f"CREATE TABLE january PARTITION OF month {part};",
                f"CREATE TABLE january (at date NOT NULL, n integer{alone});",
            ]
        ),
    ]


def _words(random: Random) -> list[str]:
    """pgvector's type with the indexes of its own."""
    if random.random() < 0.6:
        return []
    size = random.choice([2, 3])
    method = random.choice(["hnsw", "ivfflat"])
    options = {"hnsw": "m = 8", "ivfflat": "lists = 3"}[method]
    return [
        "CREATE EXTENSION vector;",
        f"CREATE TABLE word (id integer, at vector({size}));",
        f"CREATE INDEX near ON word USING {method} (at vector_l2_ops) WITH ({options});",
    ]


def _loose(random: Random) -> list[str]:
    """Functions with defaults and of one name, what calls them, and views upon views."""
    second = random.choice(["", ", y integer DEFAULT 2"])
    calls = (
        f"CREATE FUNCTION plus(x integer{second}) RETURNS integer LANGUAGE sql IMMUTABLE"
        " AS 'SELECT x + 1';"
        "CREATE TABLE sum (a integer DEFAULT plus(1), CHECK (plus(a) > 0));"
        "CREATE INDEX sums ON sum (plus(a)); CREATE VIEW all_sums AS SELECT plus(a) FROM sum;"
    )
    kind = random.choice(["integer", "bigint"])
    views = (
        f"CREATE TABLE ground (id {kind} PRIMARY KEY, word text);"
        f"CREATE MATERIALIZED VIEW one_up AS SELECT id, word FROM ground WHERE id > 1;"
        "CREATE UNIQUE INDEX on_one_up ON one_up (id);"
        f"CREATE VIEW two_up AS SELECT {random.choice(['id', 'id, word'])} FROM one_up;"
        "COMMENT ON COLUMN two_up.id IS 'it''s';"
    )
    return _some(
        random,
        calls,
        views,
        "CREATE PROCEDURE work(a integer, b text DEFAULT 'x') LANGUAGE plpgsql"
        f" AS $$BEGIN NULL; -- {random.choice(['one', 'two'])}\nEND$$;",
        f"CREATE TABLE kept (id integer); CREATE TABLE used (n {kind} GENERATED ALWAYS AS"
        f" IDENTITY (INCREMENT BY {random.choice([1, 5])}));",
    )
