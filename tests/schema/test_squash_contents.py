"""What a squashed file carries beside the schema, and what it asks about."""

from __future__ import annotations

import shutil
import uuid
from contextlib import closing

import psycopg2
import pytest
from migration_files import there, write, write_body
from psycopg2.extensions import make_dsn
from stored import ask, execute, history

from tracker_db.schema import migrate as migrations
from tracker_db.schema import render
from tracker_db.schema.check import Report, check
from tracker_db.schema.consent import ConsentError
from tracker_db.schema.from_models import load_models
from tracker_db.schema.migrate import migrate, migrations_dir, rollback
from tracker_db.schema.squash import Request, squash

#: Rows that are easily spoilt on their way through SQL and Python.
AWKWARD = (
    "CREATE TYPE mood AS ENUM ('so so', 'ok')",
    """CREATE TABLE "Odd %" (
        id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "a ""b" text, at timestamptz,
        raw bytea, bag jsonb, feel mood, many text[], long interval, price numeric,
        twice integer GENERATED ALWAYS AS (2 * 2) STORED, n double precision)""",
    """INSERT INTO "Odd %" ("a ""b", at, raw, bag, feel, many, long, price, n) VALUES
        (E'it''s 100 % \\\\ of "it"\\r\\n\\t end', '2026-01-02 03:04:05.678901+02', '\\x00ff',
         '{"a": "\\\\n %s"}', 'so so', ARRAY['x,"y', NULL], '1 mon -2 days', 'NaN', 0.1),
        (NULL, 'infinity', '', 'null', NULL, '{}', '-1 year', 1.2300, '-infinity')""",
    'INSERT INTO "Odd %" ("a ""b") VALUES (\'three """ quotes \'\'\'), (\'ends with "\')',
)

#: Rows that must not come twice, come in no order that keys allow, or are seen by others.
ENTANGLED = (
    "CREATE TABLE a (id serial PRIMARY KEY, b_id integer)",
    "CREATE TABLE b (id integer PRIMARY KEY, a_id integer REFERENCES a)",
    "ALTER TABLE a ADD FOREIGN KEY (b_id) REFERENCES b",
    "INSERT INTO a (b_id) VALUES (NULL), (NULL); INSERT INTO b VALUES (7, 2)",
    "UPDATE a SET b_id = 7 WHERE id = 1",
    "CREATE TABLE log (line text)",
    """CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS
       $$BEGIN INSERT INTO log VALUES (TG_OP || ' 100 %'); RETURN NEW; END$$""",
    "CREATE TRIGGER noted AFTER INSERT ON a FOR EACH ROW EXECUTE FUNCTION note()",
    "INSERT INTO a DEFAULT VALUES",
    "CREATE MATERIALIZED VIEW seen AS SELECT count(*) FROM a",
    "CREATE INDEX ON seen (count)",
    "CREATE VIEW over AS SELECT * FROM seen",
    "CREATE RULE no_more AS ON INSERT TO log DO INSTEAD NOTHING",
    "CREATE TABLE m (at date) PARTITION BY RANGE (at)",
    "CREATE TABLE m_1 PARTITION OF m FOR VALUES FROM ('2026-01-01') TO ('2026-02-01')",
    "INSERT INTO m VALUES ('2026-01-15')",
    "CREATE TABLE parent (n integer); CREATE TABLE child () INHERITS (parent)",
    "INSERT INTO parent VALUES (1); INSERT INTO child VALUES (2)",
    "ALTER TABLE child ADD z text DEFAULT 'last'; ALTER TABLE parent ADD y text DEFAULT 'later'",
    "CREATE SEQUENCE counter START 5; SELECT nextval('counter'), nextval('counter')",
    "CREATE TABLE gone (n integer); INSERT INTO gone VALUES (1); DROP TABLE gone",
    "CREATE TABLE wide (x integer, y integer); INSERT INTO wide VALUES (1, 2)",
    "ALTER TABLE wide DROP COLUMN x; ALTER TABLE wide ADD COLUMN z integer DEFAULT 3",
)


SEEN = (
    'SELECT * FROM "Odd %" ORDER BY id',
    "SELECT * FROM a ORDER BY id",
    "SELECT * FROM b",
    "SELECT * FROM log ORDER BY line",
    "SELECT * FROM over",
    "SELECT tableoid::regclass::text, * FROM m",
    "SELECT tableoid::regclass::text, n, y FROM parent ORDER BY n",
    "SELECT n, y, z FROM child",
    "SELECT nextval('counter'), nextval('a_id_seq')",
    "SELECT * FROM wide",
)


def test_rows_that_a_policy_hides_from_the_owner_are_carried(
    squashing, folder, empty_database, two
):
    write(
        folder,
        "003_policy",
        "INSERT INTO first VALUES (1), (2)",
        "ALTER TABLE first ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY",
        "CREATE POLICY mine ON first USING (n = 1)",
    )
    with closing(psycopg2.connect(empty_database)) as connection:
        cursor = connection.cursor()
        role = f"owner_{uuid.uuid4().hex}"
        cursor.execute(f"CREATE ROLE {role} LOGIN CREATEDB PASSWORD 'secret'")
        connection.commit()
        try:
            path = squashing(url=make_dsn(empty_database, user=role, password="secret")).path
        finally:
            cursor.execute(f"DROP ROLE {role}")
            connection.commit()
    assert "('1'),\n            ('2')" in path.read_text()


def test_rows_and_positions_of_sequences_are_carried(squashing, folder, empty_database):
    write(folder, "001_awkward", *AWKWARD)
    write(folder, "002_entangled", *ENTANGLED)
    migrate()
    before = _rows(empty_database, SEEN)
    _empty(empty_database)
    squashing()
    assert migrate() == ["002_squashed"]
    assert _rows(empty_database, SEEN) == before
    assert rollback(None) == ["002_squashed"]


def _empty(url):
    with closing(psycopg2.connect(url)) as connection:
        connection.cursor().execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
        connection.commit()


def _rows(url, queries):
    with closing(psycopg2.connect(url)) as connection:
        cursor = connection.cursor()
        cursor.execute("SET bytea_output = hex; SET TIME ZONE 'UTC'")
        found = []
        for query in queries:
            cursor.execute(f"SELECT to_jsonb(each)::text FROM ({query}) AS each")
            found.append(cursor.fetchall())
        return found


@pytest.mark.parametrize("value", ["now()", "gen_random_uuid()", "random()", "current_database()"])
def test_a_value_that_each_replay_makes_anew_is_named_and_carried_by_consent(
    squashing, folder, two, value
):
    write(folder, "003_rows", f"CREATE TABLE t AS SELECT 1 AS a, {value} AS b")
    with pytest.raises(ConsentError, match=r"t\.b, other at each replay\nIf .* --accept-frozen"):
        squashing()
    assert there(folder) == ["001_first.py", "002_second.py", "003_rows.py"]
    text = squashing(accept_frozen=True).path.read_text()
    assert "Frozen, as it was on PostgreSQL" in text
    assert "('1', '" in text


def test_code_is_named_and_its_outcome_frozen_by_consent(squashing, folder, two):
    write_body(folder, "003_code", "database.execute_sql('CREATE TABLE third (n integer)')")
    with pytest.raises(ConsentError, match="\n  003_code: Python that asks the database\n"):
        squashing()
    text = squashing(accept_frozen=True).path.read_text()
    assert "CREATE TABLE third" in text
    assert "003_code: Python that asks the database." in text


def test_an_index_made_concurrently_needs_no_consent(squashing, folder, two):
    create, drop = "CREATE INDEX CONCURRENTLY i ON first (n)", "DROP INDEX CONCURRENTLY i"
    (folder / "003_index.py").write_text(render.concurrent("003_index", create, drop))
    assert '"CREATE INDEX i ON first' in squashing().path.read_text()


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("GRANT SELECT ON first TO PUBLIC", "owner and the privileges of table first"),
        (
            "GRANT UPDATE (n) ON first TO PUBLIC",
            "owner and the privileges of column n of table first",
        ),
        ("GRANT CREATE ON SCHEMA public TO PUBLIC", "owner and the privileges of schema public"),
        ("ALTER TABLE first OWNER TO pg_monitor", "owner and the privileges of table first"),
        (
            "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC",
            "owner and the privileges of default privileges on",
        ),
        (
            """DO $$ BEGIN EXECUTE format(
                'ALTER DATABASE %I SET work_mem = 1024', current_database()); END $$""",
            "settings of the database",
        ),
    ],
)
def test_privileges_are_named_and_not_lost_without_consent(
    squashing, folder, two, statement, named
):
    write(folder, "003_grant", statement)
    with pytest.raises(ConsentError) as caught:
        squashing(accept_data_loss=False, accept_frozen=True)
    assert f"\n  the {named}" in str(caught.value)


def test_data_in_our_own_tables_is_untouched(database, tmp_path, monkeypatch):
    """The database is migrated by the files of this repository, which are then squashed."""
    folder = shutil.copytree(migrations_dir(), tmp_path / "migrations")
    monkeypatch.setattr(migrations, "migrations_dir", lambda: folder)
    execute(
        "INSERT INTO model_pricing (provider, model, input_price_per_1k,"
        " output_price_per_1k) VALUES ('p', 'm', 1, 2)"
    )
    queries = ("SELECT * FROM model_pricing", "SELECT * FROM pricing_revision")
    before = [ask(query) for query in queries]
    (done,) = [
        squash(Request(url=database, folder=folder, accept_frozen=True, accept_data_loss=True))
    ]
    assert migrate() == []
    assert history() == [done.path.stem]
    assert [ask(query) for query in queries] == before
    assert check(database, folder, load_models()) == Report(())
