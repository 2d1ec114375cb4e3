"""Every kind of change, both ways, with the rows kept."""

from __future__ import annotations

import re

import psycopg2
import pytest
from pairs import PAIRS

from tracker_db.errors import SchemaError
from tracker_db.schema.catalog import snapshot
from tracker_db.schema.plan import Flag, plan


def _with_extension(sql):
    needs = "vector" in sql and "CREATE EXTENSION" not in sql
    return f"CREATE EXTENSION vector; {sql}" if needs else sql


@pytest.mark.parametrize("pair", PAIRS, ids=[pair.name for pair in PAIRS])
def test_a_change_is_right_both_ways_and_keeps_the_rows(scratch, pair):
    scratch.reset(_with_extension(pair.after))
    after = snapshot(scratch.connection)
    scratch.reset(_with_extension(pair.before))
    scratch.run(pair.rows)
    before = snapshot(scratch.connection)
    assert before != after
    kept = scratch.ask(pair.kept) if pair.kept else None

    scratch.run(*(step.sql for step in plan(before, after)))
    assert snapshot(scratch.connection) == after
    assert pair.kept is None or scratch.ask(pair.kept) == kept

    scratch.run(*(step.sql for step in plan(after, before)))
    assert snapshot(scratch.connection) == before
    assert pair.kept is None or scratch.ask(pair.kept) == kept


def test_names_of_pairs_are_unique():
    assert len({pair.name for pair in PAIRS}) == len(PAIRS)


@pytest.mark.parametrize("pair", PAIRS[:40:5], ids=[pair.name for pair in PAIRS[:40:5]])
def test_nothing_to_do_between_equal_databases(scratch, pair):
    scratch.reset(_with_extension(pair.after))
    assert plan(snapshot(scratch.connection), snapshot(scratch.url)) == []


BASE = "CREATE TABLE t (id integer PRIMARY KEY, c numeric(12,6));"
#: Change, the flags its plan must carry.
FLAGS = [
    ("DROP TABLE t", {Flag.LOSS}),
    ("ALTER TABLE t DROP COLUMN c", {Flag.LOSS}),
    ("ALTER TABLE t ALTER COLUMN c TYPE numeric(12,2)", {Flag.LOSS, Flag.REWRITE, Flag.LOCK}),
    ("ALTER TABLE t ALTER COLUMN c TYPE integer", {Flag.LOSS, Flag.REWRITE, Flag.LOCK}),
    ("ALTER TABLE t ALTER COLUMN c TYPE numeric(14,6)", set()),
    ("ALTER TABLE t ALTER COLUMN c TYPE numeric", set()),
    ("ALTER TABLE t ALTER COLUMN c TYPE numeric(10,6)", {Flag.REWRITE, Flag.LOCK}),
    ("ALTER TABLE t ALTER COLUMN c TYPE text", {Flag.REWRITE, Flag.LOCK}),
    ("ALTER TABLE t ALTER COLUMN c SET NOT NULL", {Flag.LOCK, Flag.BACKFILL}),
    ("ALTER TABLE t ADD COLUMN d integer NOT NULL", {Flag.BACKFILL}),
    ("ALTER TABLE t ADD COLUMN d integer NOT NULL DEFAULT 1", set()),
    ("ALTER TABLE t ADD COLUMN d int GENERATED ALWAYS AS (id) STORED", {Flag.REWRITE, Flag.LOCK}),
    ("ALTER TABLE t ADD COLUMN d uuid DEFAULT gen_random_uuid()", {Flag.REWRITE, Flag.LOCK}),
    ("ALTER TABLE t ADD COLUMN d timestamptz DEFAULT now()", set()),
    ("CREATE INDEX i ON t (c)", {Flag.LOCK}),
    ("CREATE MATERIALIZED VIEW m AS SELECT id FROM t; CREATE INDEX i ON m (id)", set()),
    ("ALTER TABLE t SET UNLOGGED", {Flag.REWRITE, Flag.LOCK}),
    ("ALTER TABLE t ADD CHECK (c > 0)", {Flag.LOCK}),
    ("ALTER TABLE t ADD CHECK (c > 0) NOT VALID", set()),
    ("CREATE TABLE n (id integer PRIMARY KEY, UNIQUE (id)); CREATE INDEX i ON n (id)", set()),
]


@pytest.mark.parametrize(("sql", "flags"), FLAGS, ids=[sql for sql, _ in FLAGS])
def test_a_plan_says_what_it_costs(scratch, sql, flags):
    scratch.reset(BASE)
    before = snapshot(scratch.connection)
    scratch.run(sql)
    steps = plan(before, snapshot(scratch.connection))
    assert set().union(*(step.flags for step in steps)) == flags


#: What is there before, the change, what the refusal names.
REFUSED = [
    (
        "CREATE TABLE m (a int) PARTITION BY RANGE (a)",
        "DROP TABLE m; CREATE TABLE m (a int) PARTITION BY LIST (a)",
        "how table m is partitioned",
    ),
    (
        "CREATE TABLE m (a int) PARTITION BY RANGE (a)",
        "DROP TABLE m; CREATE TABLE m (a bigint) PARTITION BY RANGE (a)",
        "column m.a another type",
    ),
    (
        'CREATE TABLE m ("a b" varchar(5)) PARTITION BY LIST (lower("a b"))',
        'DROP TABLE m; CREATE TABLE m ("a b" varchar(9)) PARTITION BY LIST (lower("a b"))',
        'column m."a b" another type',
    ),
    (
        "CREATE TYPE kind AS ENUM ('old', 'new'); CREATE TABLE m (k kind) PARTITION BY LIST (k)",
        """DROP TABLE m; DROP TYPE kind; CREATE TYPE kind AS ENUM ('new');
        CREATE TABLE m (k kind) PARTITION BY LIST (k)""",
        "the labels of its type another order or fewer: table m",
    ),
    (
        "CREATE TYPE kind AS ENUM ('old'); CREATE TABLE m (k kind) PARTITION BY LIST (k)",
        """DROP TABLE m; DROP TYPE kind; CREATE TYPE kind AS ENUM ('old', 'new');
        CREATE TABLE m (k kind) PARTITION BY LIST (k);
        CREATE TABLE m_new PARTITION OF m FOR VALUES IN ('new')""",
        "table m_new for a label that enum kind only gets now",
    ),
    ("", "CREATE AGGREGATE total (int) (sfunc = int4pl, stype = int)", "aggregate total(integer)"),
    ("", "CREATE TYPE span AS RANGE (subtype = float8)", "range type span"),
    ("", "CREATE PUBLICATION p FOR ALL TABLES", "publication p"),
    ("", "CREATE TEXT SEARCH DICTIONARY d (TEMPLATE = simple)", "text search dictionary public.d"),
    ("", "CREATE OPERATOR FAMILY f USING btree", "operator family public.f"),
    (
        "CREATE MATERIALIZED VIEW m AS SELECT 1 AS c",
        "ALTER MATERIALIZED VIEW m ALTER COLUMN c SET STATISTICS 9",
        "settings of the column m.c",
    ),
    (
        "CREATE TABLE t (id integer PRIMARY KEY)",
        "COMMENT ON INDEX t_pkey IS 'x'",
        "comment on the index of the constraint t.t_pkey",
    ),
    (
        "CREATE TABLE t (id integer GENERATED ALWAYS AS IDENTITY)",
        "COMMENT ON SEQUENCE t_id_seq IS 'x'",
        "comment on the identity sequence t_id_seq",
    ),
    (
        "CREATE DOMAIN d AS integer CONSTRAINT k CHECK (VALUE > 0)",
        "COMMENT ON CONSTRAINT k ON DOMAIN d IS 'x'",
        "comment on a check of domain d",
    ),
    (
        "CREATE EXTENSION vector",
        "CREATE SCHEMA s; ALTER EXTENSION vector SET SCHEMA s",
        "extension vector",
    ),
]


@pytest.mark.parametrize(("before", "change", "named"), REFUSED, ids=[r[2] for r in REFUSED])
def test_what_cannot_be_planned_is_named_and_refused(scratch, before, change, named):
    scratch.reset("DROP PUBLICATION IF EXISTS p;" + before)
    old = snapshot(scratch.connection)
    scratch.run(change)
    with pytest.raises(SchemaError, match=re.escape(named)):
        plan(old, snapshot(scratch.connection))
    scratch.run("DROP PUBLICATION IF EXISTS p")


def test_a_fill_makes_not_null_work_on_rows(scratch):
    scratch.reset("CREATE TABLE t (id integer, c text); INSERT INTO t VALUES (1, NULL)")
    before = snapshot(scratch.connection)
    scratch.cursor.execute("BEGIN")
    scratch.cursor.execute(
        "UPDATE t SET c = ''; ALTER TABLE t ALTER c SET NOT NULL, ADD COLUMN d integer;"
        "UPDATE t SET d = 1; ALTER TABLE t ALTER d SET NOT NULL"
    )
    after = snapshot(scratch.connection)
    scratch.cursor.execute("ROLLBACK")
    steps = plan(before, after, fill={"t.c": "'none'", "t.d": "7"})
    scratch.run(*(step.sql for step in steps))
    assert not any(Flag.BACKFILL in step.flags for step in steps)
    assert snapshot(scratch.connection) == after
    assert scratch.ask("SELECT * FROM t") == [(1, "none", 7)]


def test_an_identity_goes_on_behind_the_rows_of_the_serial_column(scratch):
    scratch.reset("CREATE TABLE t (id integer GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY)")
    after = snapshot(scratch.connection)
    scratch.reset("CREATE TABLE t (id serial PRIMARY KEY)")
    scratch.run("INSERT INTO t SELECT FROM generate_series(1, 5)")
    scratch.run(*(step.sql for step in plan(snapshot(scratch.connection), after)))
    assert scratch.ask("INSERT INTO t DEFAULT VALUES RETURNING id") == [(6,)]


@pytest.mark.parametrize("kind", ["text", "varchar(9)", "word"])
def test_a_string_too_long_for_a_narrower_column_is_refused_not_cut(scratch, kind):
    words = "CREATE TYPE word AS ENUM ('four');"
    scratch.reset(f"{words} CREATE TABLE t (c varchar(3))")
    after = snapshot(scratch.connection)
    scratch.reset(f"{words} CREATE TABLE t (c {kind}); INSERT INTO t VALUES ('four')")
    steps = plan(snapshot(scratch.connection), after)
    with pytest.raises(psycopg2.errors.StringDataRightTruncation):
        scratch.run(*(step.sql for step in steps))
